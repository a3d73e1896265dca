// Package former reads a journal of the former format: a bbolt database, and beside it a folder of
// archives. It is only for taking such a journal over, and changes nothing.
//
// It knows the buckets and files, and no entry: what is in them it returns as it was written.
//
// The database has these buckets:
//
//	log       position, 8 bytes, big-endian → value
//	open      event number of an open intent, 4 bytes, big-endian → its value in the log
//	archives  position of the first entry, 8 bytes, big-endian → sealed, the archive
//	cards     number of an open intent whose card is sealed → sealed, the hash of its card
//	journal   "head" → sealed, the head; "tail" → sealed, the tail
//	payments  SHA-256 of a benefit's reference → event and time of the load
//
// Sealed is the SHA-256, 32 bytes, of the CBOR that follows it. An archive is a file in the folder
// "journal.archive", named by its first position, 20 digits: a CBOR sequence of byte strings, the
// values of the log.
package former
