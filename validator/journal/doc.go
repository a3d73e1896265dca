// Package journal is the device's log: for years, every tap and the result of every change to a
// card.
//
// It decides nothing, sends nothing, and drops nothing that was not acknowledged. It cannot prevent
// changes of its files, but shows them: with a hash of the log one can verify that nothing before
// it was changed.
//
// Its one rule: nil means that the entry is on the disk; after an error the journal is as if the
// call had never been made. Two calls return before that: Begin, whose entry is on the disk when
// Flush returns, and Settle or Void of a boarding.
//
// # Entries and events
//
// There are five kinds of entry. An intent is the event of a tap that is about to change its card;
// settle, void and in doubt are its result; a record is the event of a tap that changed no card.
// Entries are numbered by position, from 1. Events, that is intents and records, have a separate
// series of numbers, also from 1, because these are written to cards. Neither series has a gap.
//
// An intent that none of the three closes is open: it is not known yet whether the card has
// committed.
//
// # What waits for the disk
//
// An intent is flushed beside the card's writes, and the card commits after its flush. Its end only
// says what the card itself says, so nobody waits for it: it is flushed with the next entry, with
// whatever asks what is durable (an export, an extent, an acknowledgement, a signed head), or after
// a second. So a boarding waits for one flush at most. If the power is cut before, the intent is
// open again, and its card's next visit resolves it; if the card was used elsewhere by then, it may
// be presumed or in doubt, and its signature is lost. If the flush fails, the next call of a tap
// returns the error. The end of a driver's load, records and acknowledgements are flushed before
// they are answered.
//
// # In doubt
//
// Open intents are in memory, and at the beginning of each segment, so that a tap finds those
// of its card at once, after any restart and however old they are. The card's next tap at this
// device settles or voids an intent by the card's content (validator/resume.go), before the fare is
// decided. An intent that it cannot resolve stays open: the card was used elsewhere in between.
//
// An intent that is still open when an event comes that is later by Limits.Doubt is closed with an
// entry in doubt. This goes by the times of events, but by no estimated one. From then on this
// device never settles, voids or charges it. The next tap of its card is a tap like any other:
//
//	the card had committed it   it was paid then, and its journey is on the card;
//	                            this tap is charged only for its own journey
//	the card had not            nothing was taken, and nothing is charged later; this tap is
//	                            charged only for its own journey
//
// So no passenger is charged twice for one journey, and none travels free because of another. That
// tap's event carries the counter and the purse that it read. By these reconciliation
// (validator/ledger) settles the intent: presumed, undone, or still in doubt if a load or a missing
// journal hides it.
//
// # Bounds
//
// Limits.Size bounds the bytes of the stored entries. The back office exports entries and
// acknowledges them up to a position; device and position identify an entry, so that sending it
// twice does no harm, and a lost acknowledgement is repeated. Acknowledged segments are dropped
// Limits.Keep after their events, by known times, and once half of the limit is used, the oldest
// first, two in a second; a tap drops one only where it needs the room. Other entries are never
// dropped.
//
// A journal is full when nothing more may be pruned. Begin and Record then return ErrFull, before
// anything is written to a card, and the passenger sees that the device is out of order. The room
// to close every open intent is reserved: an intent can always be settled.
//
// A segment is closed beyond 128 KiB, or when its events are of more than a day. Opening reads the
// newest alone, so it takes as long after ten years as on the first day. A segment begins once
// nothing was written for a second; or after a record, which waits for it; or, if passengers board
// all the time, at twice the size, beside a card's writes. It takes five flushes: of the entries
// (four after that second, which has flushed them), the segment, its name, the zeros in the one
// before, and the signed head. They are not fewer: each of the first four is to be on the disk
// before the next is written, and the head has a file of its own. A tap that comes meanwhile waits
// for them.
//
// # The identity of cards
//
// With the files, and even with the keys of a stolen bus, it must not be possible to read who has
// travelled. SealTo therefore seals the UID, the number, the number that a driver has typed and the
// bytes that the card signs, which include its file of rights and so a birth date, to the back
// office's public key (X25519) with HPKE (RFC 9180, in base mode, with HKDF-SHA256): the context
// exports the key of AES-256-GCM, under "AES-256-GCM". One key exchange serves all entries of a
// segment, until the program restarts or an entry could not be stored. The nonce is four zero bytes
// and the entry's position, 8 bytes, big-endian; the additional data is "leima journal identity",
// which is also HPKE's info, and the device's number, 2 bytes. So no entry can be moved, and each
// can be read separately.
//
// The last four digits of the card's number stay readable for the driver. The device itself finds a
// card's open intents by an HMAC-SHA-256 of its number, cut to 16 bytes, under a secret derived
// from the device's key. With the secret all numbers can be tried, so the HMAC is kept only as long
// as the intent is open: it stands in a slot beside the record, outside its sum and the chain, and
// zeros are written over it with the flush after the one that made the intent's end durable, and
// when the next segment has it; again, if that flush fails, also after a restart. Dropped segments
// are removed. Remains in the flash itself are out of reach.
//
// # The files
//
// The journal is a folder of segments, and a segment is a file that is named by the position of its
// first entry, 20 digits. Other files there are ignored. To copy a journal, copy the folder and
// "journal.heads". The folder is locked while a program has it open.
//
// A segment is a sequence of records, which is only appended to:
//
//	record   head, slots, payload
//	head     4 bytes each, big-endian: length of the payload; number of slots; CRC-32C of these 8
//	         bytes; CRC-32C of the payload
//	slot     HMAC of a card, 16 bytes, and its CRC-32C; or zeros
//	payload  of the first record: the header. Of any other: a value, which is the hash of an
//	         entry, 32 bytes, and the entry in CBOR; or a position acknowledged, 8 bytes
//
// The header is the state at the end of the segment before, so that the newest segment says all
// that a device needs. Verify compares the two. It has a slot for each sealed open intent, in their
// order; the record of a sealed intent has one. A segment is flushed before it gets its name, after
// all that is before it, and the folder before the segment gets an entry.
//
// The hash of an entry is the SHA-256 over the hash before it and the entry's CBOR as stored.
// Before the first entry it is the SHA-256 over "leima journal 1" and the device's number, 2 bytes,
// big-endian. The digest of the open intents is the exclusive or of the SHA-256 of their values.
//
// Libraries for logs in segments (tidwall/wal, etcd's wal) were weighed. They keep numbered bytes
// with a sum, and cut off what is not whole. What is ours to decide is not in them: what is a cut
// and what damage, whose names nobody may give again; a header outside the chain; slots that are
// overwritten; what a failed flush has left. That, not the writing of records, is most of the code.
//
// All CBOR is deterministic, with integers as keys; zero values are left out:
//
//	head     1 format, always 2         2 device         3 position of the last entry
//	         4 number of the last event                  5 hash of the last entry
//	         6 latest time of any event                  7 digest of the open intents
//
//	header   1 format, always 3, and 2 to 7 as in the head
//	         8 size of all entries so far, in bytes      9 position acknowledged
//	        10 values of the open intents, by their numbers
//	        11 payments by a benefit: SHA-256 of the reference, number of the load's event, 4
//	           bytes, and its time, 8 bytes, big-endian: for 400 days, or until the load is void
//	           or taken back
//	        12 time of the last event that has one      13 it was estimated
//	        14 when the time was last kept right
//	        15 first entries of the segments before the last whose hashes of cards could not be
//	           overwritten; no state, and not compared
//
//	entry    1 kind: 1 intent, 2 record, 3 settle, 4 void, 5 in doubt
//	         2 event (intent, record)
//	         3 number of the intent (settle, void, in doubt)
//	         4 TMC and 5 TMV of the card's receipt (settle)
//
//	export   1 device, 2 position, 3 hash, 4 entry
//
//	event  1 device       2 number       3 time          4 estimated
//	       5 line         6 stop         7 vehicle       8 direction
//	       9 trip        10 zone        11 zones there  12 UID
//	      13 card        14 area        15 counter      16 reason
//	      17 rules       18 charge      19 balance      20 persons
//	      21 zones       22 product     23 source       24 tariff
//	      25 list        26 list made   27 list error   28 driver
//	      29 fault       30 what a card with a Transaction MAC signs
//	      31 next zone   32 area of use  33 number that a driver has read on a card
//	      34 actions     35 driver of the shift, and the event that began it: 36 device
//	      37 number      38 receipt      39 added to the purse by a load
//	      40 reference of a benefit's payment
//	      42 the card bore a load before that cannot be told from this one
//	      43 the purse was not read, and the balance says nothing
//	      44 key of the order that the event has carried out
//	      45 number of the employer who has paid, by the reference in 40
//	      46 the time was kept right   47 when it last was, if it was not
//	      49 version of the program
//	      50 other zones where the bus was or may have been, bit 0 for zone 1
//	      51 it was not sure in which   52 source of the place
//	      53 seconds since the source was heard       54 version of the action list
//	      48 in the place of 12, 13, 30 and 33, sealed for the back office: an array of the
//	         encapsulated key, the ciphertext of a map of these four keys, and the last digits
//	         of the card's number
//
// # Signed heads
//
// Anyone who can write the files can write a new chain. So the device signs the head with its own
// key (Ed25519; DeviceKey), at each end of a shift, with each segment, when it starts and when it
// stops; and for a depot whenever entries are sent, which keeps that one. The others are beside the
// journal, in "journal.heads", a CBOR sequence of maps, the oldest first; at 4096 the older half is
// dropped:
//
//	signed   1 the head, as a byte string   2 public key   3 signature
//	export   1 device, 2 position, 3 hash, 5 head, 6 public key, 7 signature
//
// The signature is over "leima journal head", a zero byte, and the head. VerifySigned compares the
// log with them. They are optional, and a program that does not know them ignores them. They do not
// show changes after the last of them, nor that an old journal was restored together with its old
// heads, unless a later head is known, from an export for example; nor anything that was done with
// the device's key.
//
// Times are seconds since 1970. Unknown keys in an entry and in an event are ignored: a later
// program may add keys there, and a key never changes its meaning. Any other addition needs a new
// number of the format.
//
// # Damage
//
// A power cut leaves the last record not whole: the file ends early, or some of the record's
// sectors hold zeros, for a disk writes them in any order. That is cut off at the next opening, and
// Loss says so: no card has committed it, for its flush has not returned. A whole record with a
// wrong sum is damage, also the last one: its number may stand on a card. So is a lost sector that
// two events follow, since each waits for its flush. Damage in the newest segment stops the device.
// In an older one it stops no tap, and goes with its segment once that was acknowledged; until then
// it is found by an export or by Verify, which names the first entry that is not as it was written.
//
// Where a log ends with a whole record, nothing shows that it had more, but for a signed head:
// SignWith looks for one beyond the end, and Loss says so. The entry does not come back, and the
// next has its number: the content of its card is a matter for the back office.
//
// After a write or flush that has failed, the journal reads again what it had flushed, and cuts the
// rest off, durably, before it writes the next record. If it cannot be read, nothing is shown,
// signed or written any more. A program that is killed may have flushed nothing of what is read, so
// opening flushes it first.
//
// # The former format
//
// Until November 2026 the journal was a database of bbolt, "journal", with a folder of archives,
// "journal.archive". A device takes it over at its start: the new folder is made as "journal.new"
// and verified, then the file becomes "journal.former" and the folder "journal", and the file and
// its archives are removed. Entries, hashes and signed heads stay as they were. If one of the two
// meta pages of the database is damaged, its last entry may be missing: then "journal.former" and
// its archives stay, and Loss says so at each opening, until a person removes the file.
package journal
