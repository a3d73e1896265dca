// Package blocklist knows which cards are blocked from paying.
//
// People write a list as text (Parse); it is built once into its own file (Build) and never
// changed. A validator opens the file and looks cards up in it (Open); Store is the list in use,
// which can be exchanged for a newer one between two lookups.
//
// The package fetches nothing, verifies no signature and decides nothing: package fare decides
// whether a listed card may travel, and package validator/lists which list a device may use. A
// file's checksum finds damage, not forgery.
//
// Its one rule: whatever the bytes of a file, the answer is right or an error, and the list that
// worked stays in use.
//
// # Full lists and deltas
//
// A full list names every blocked card. A delta (BuildDelta) leads from one full list to a later
// one: cards that are added, changed or removed. It is laid over the full list (Overlay) and never
// merged into it, so that a device needs neither the memory nor the time to build a list. Deltas do
// not build on each other: each leads from a full list directly to its own version, and a device
// that was parked for a week needs only the last.
//
// # The file
//
// A file is a bbolt database, cut after its last page, followed by a mark and a seal:
//
//	bucket cards   number of a block's last card, 8 bytes, big-endian → the block
//	bucket list    "header" → CBOR array {version, area, made, count, digest, base, changes}
//	               "filter" → CBOR array {seed, segment length, segments, fingerprints}
//	mark           "LEIMABL" and the number of this format, "2"
//	seal           SHA-256 of all before it
//
// A block holds some 300 cards in the order of their numbers, each as an unsigned
// varint and, if the card is listed, a byte with its unblocking number. The varint is
// twice the difference to the number before it (for the first: twice its own number),
// plus one if a delta removes the card. Ten million cards take 31 MB, a third of what
// they take side by side, and a bus pays for every byte it is sent; the filter takes 11.
//
// The database is searched in a mapping of the file, where bbolt trusts every page. The seal is
// therefore verified before bbolt sees the file. The digest is the SHA-256 of all entries in order,
// each as its number in 8 bytes and its unblocking number in one: two lists with the same digest
// name the same cards. Count and digest of a delta are those of the list that it leads to.
//
// The filter is a binary fuse filter of about nine bits a card, made when the list is built and
// kept in memory. It answers for nearly all cards that are not listed, so that most taps read no
// page. One card in 256 passes it by chance and is then looked up in the database.
package blocklist
