// Package journal is the device's own memory of what it did: a log, for years, of every
// tap and of what became of every change to a card.
//
// It decides nothing and sends nothing, and drops nothing that was not acknowledged. It
// cannot prevent that someone changes its files, only show it: whoever has seen a hash of
// the log can tell that nothing before it was changed since.
//
// Its one rule: nil says that the entry is on the disk; an error says that the
// journal is as if the call had never been made.
//
// # Entries and events
//
// There are five kinds of entry. An intent is the event of a tap that is about to
// change its card; settle, void and in doubt say what became of it; a record is the event
// of a tap that changed no card. Entries are numbered by position, from 1. Events,
// that is intents and records, carry numbers of their own, from 1 as well, because
// these also stand on cards. Neither series has a gap.
//
// An intent that none of the three closes is open: nobody knows yet whether the card
// has committed.
//
// # In doubt
//
// Open intents are kept in a table of their own, on the disk and in memory, so that a tap
// finds those of its card at once, after any restart and however old they are. The card's
// next tap at this device settles an intent or voids it by what the card says of itself
// (validator/resume.go), before the fare is decided. What it cannot resolve stays open: the
// card was used elsewhere meanwhile.
//
// An intent that is still open when an event comes that is later than it by Limits.Doubt
// is given up with an entry in doubt. It goes by the times of events, never by one that the
// device had to estimate. From then on this device never settles, voids or charges it. The
// next tap of its card is a tap like any other:
//
//	the card had committed it   it was paid then, and its journey stands on the card;
//	                            this tap is charged for its own journey alone
//	the card had not            nothing was taken, and nothing is made good; this tap is
//	                            charged for its own journey alone
//
// So nobody is charged twice for one journey, and nobody travels free because of another.
// That tap's event carries the counter and the purse that it read, and by these
// reconciliation (validator/ledger) settles what was given up: presumed, undone, or in
// doubt still where a load or a missing journal hides it.
//
// # Bounds
//
// Limits.Size bounds the bytes of all entries that are kept. Whoever keeps them for good
// exports them and acknowledges up to a position; device and position name an entry for
// ever, so that sending it twice does no harm, and an acknowledgement that is lost is
// repeated. Once half of the limit is used, acknowledged entries are pruned, the oldest
// first, in whole archives. Others never are.
//
// A journal is full when nothing more may be pruned. Begin and Record then fail with
// ErrFull, before anything is written to a card, and the passenger sees that the device is
// out of order. For every open intent the room to close it is kept: what was begun can
// always be settled.
//
// Beyond a segment, 256 KiB, the database lets go of its oldest entries: they move
// into a file in the folder of archives, which does not change any more. So a commit
// and an opening take as long after ten years as on the first day. The entry after which
// that happens takes longer than others by writing one file.
//
// # The files
//
// The database is bbolt's, with these buckets:
//
//	log       position, 8 bytes, big-endian → hash, 32 bytes, and the entry in CBOR
//	open      event number of an open intent, 4 bytes, big-endian → its value in the log
//	archives  position of the first entry, 8 bytes, big-endian → sealed, the archive
//	journal   "head" → sealed, the head; "tail" → sealed, the tail
//	payments  SHA-256 of a benefit's reference → number of the load's event, 4 bytes, and
//	          its time, 8 bytes, big-endian: for 400 days, or until the load is void or
//	          taken back; there from the first such load on
//
// Sealed is the SHA-256, 32 bytes, of the CBOR that follows it.
//
// The hash of an entry is the SHA-256 over the hash before it and the entry's CBOR
// as it is stored. Before the first stands the SHA-256 over "leima journal 1" and
// the device's number, 2 bytes, big-endian. The digest of the open intents is the
// exclusive or of the SHA-256 of their values.
//
// An archive is named by the position of its first entry, 20 digits, in the folder
// "journal.archive" beside "journal". It is a CBOR sequence (RFC 8742) of byte strings,
// the values that the log had. A file there that the database does not name is none: it is
// written again, or was pruned. To copy a journal is to copy the file and the folder.
//
// All CBOR is deterministic, with integers for keys; what is zero is left out:
//
//	head     1 format, always 2         2 device         3 position of the last entry
//	         4 number of the last event                  5 hash of the last entry
//	         6 latest time of any event                  7 digest of the open intents
//
//	tail     1 mark of the last entry that was pruned    2 position acknowledged
//
//	archive  the keys 3 to 6 of the mark of its last entry, and 8 size of its values in bytes
//
//	mark     3 to 6, as in the head
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
//
// # Signed heads
//
// Whoever can write the files can write the whole chain anew. So the device signs the head with
// a key of its own (Ed25519; DeviceKey), at each shift's end, with each archive, at each export
// and when it starts and stops. The heads are beside the journal, in "journal.heads", a CBOR
// sequence of maps, the oldest first; of the oldest ones the half goes when there are 4096:
//
//	signed   1 the head, as a byte string   2 public key   3 signature
//	export   1 device, 2 position, 3 hash, 5 head, 6 public key, 7 signature
//
// The signature is over "leima journal head", a zero byte, and the head. VerifySigned holds the
// log to them. A journal without them is one all the same, and a program that does not know
// them passes them over. They do not show what was changed behind the last of them, nor that
// an old journal was put back together with its old heads, unless a later head was seen, in an
// export for example; nor anything that was done with the device's key.
//
// Times are seconds since 1970. In an entry and in an event a key that is not known
// is passed over: a later program may add keys there, and a key never changes its
// meaning. A program that adds anything else gives the format a new number.
//
// # Damage
//
// bbolt trusts the pages it maps, and scans all of them on a goroutine of its own
// when a file is opened, where a fault could not be caught. So Open first walks the
// pages itself. Of archives it reads nothing: one that is damaged or gone stops no tap, and
// is found by who reads it, by an export or by Verify, which names the first entry that is
// not as it was written. Later faults become errors: after one in a write the journal does
// nothing more until it is opened anew. One is out of reach: when a write has failed,
// bbolt scans the pages again, and a page that cannot be read just then ends the
// program. The next Open tells.
//
// Where the newest of the two pages at which bbolt begins is damaged, bbolt falls back to the
// one before it, without its last transaction, and says nothing. Open looks for the head of
// that transaction in the pages that are not in use, and SignWith for a head that was signed
// behind the end; Loss tells, and the device raises an alarm and keeps an event of it. The
// entry itself does not come back, and the next has its number: what its card knows of is for
// the back office. A last entry of which the pages themselves are gone, too, is missed by a
// signed head alone.
package journal
