// Package journal is the device's own memory of what it did: a log that only
// grows, of every tap and of what became of every change to a card.
//
// It decides nothing, sends nothing and deletes nothing. It cannot prevent that
// someone changes its file, only show it: whoever has seen a hash of the log can
// tell that nothing before it was changed since.
//
// Its one rule: nil says that the entry is on the disk; an error says that the
// journal is as if the call had never been made.
//
// # Entries and events
//
// There are four kinds of entry. An intent is the event of a tap that is about to
// change its card; settle and void say what became of it; a record is the event of
// a tap that changed no card. Entries are numbered by position, from 1. Events,
// that is intents and records, carry numbers of their own, from 1 as well, because
// these also stand on cards. Neither series has a gap.
//
// An intent with neither settle nor void is open: nobody knows yet whether the card
// has committed.
//
// # The file
//
// A file is a bbolt database of three buckets:
//
//	log      position, 8 bytes, big-endian → hash, 32 bytes, and the entry in CBOR
//	open     event number of an open intent, 4 bytes, big-endian → its value in the log
//	journal  "head" → SHA-256, 32 bytes, over what follows: the head in CBOR
//
// The hash of an entry is the SHA-256 over the hash before it and the entry's CBOR
// as it is stored. Before the first stands the SHA-256 over "leima journal 1" and
// the device's number, 2 bytes, big-endian. The digest of the open intents is the
// exclusive or of the SHA-256 of their values.
//
// All CBOR is deterministic, with integers for keys; what is zero is left out:
//
//	head   1 format, always 1      2 device      3 position of the last entry
//	       4 number of the last event            5 hash of the last entry
//	       6 latest time of any event            7 digest of the open intents
//
//	entry  1 kind: 1 intent, 2 record, 3 settle, 4 void
//	       2 event (intent, record)
//	       3 number of the intent (settle, void)
//	       4 TMC and 5 TMV of the card's receipt (settle)
//
//	event  1 device       2 number       3 time          4 estimated
//	       5 line         6 stop         7 vehicle       8 direction
//	       9 trip        10 zone        11 zones there  12 UID
//	      13 card        14 area        15 counter      16 reason
//	      17 rules       18 charge      19 balance      20 persons
//	      21 zones       22 product     23 source       24 tariff
//	      25 list        26 list made   27 list error   28 driver
//	      29 fault
//
// Times are seconds since 1970. In an entry and in an event a key that is not known
// is passed over: a later program may add keys there, and a key never changes its
// meaning. A program that adds anything else gives the format a new number.
//
// # Damage
//
// bbolt trusts the pages it maps, and scans all of them on a goroutine of its own
// when a file is opened, where a fault could not be caught. So Open first walks the
// pages itself. Later faults become errors: after one in a write the journal does
// nothing more until it is opened anew. One is out of reach: when a write has failed,
// bbolt scans the pages again, and a page that cannot be read just then ends the
// program. The next Open tells.
package journal
