// Package blocklist tells which cards are blocked from paying.
//
// A list is written by people as text (see Parse), built once into a file of its
// own (Build) and never changed afterwards. A validator opens the file and looks
// cards up in it (Open); Store is the list in use, exchanged for a newer one
// between two lookups.
//
// The package fetches nothing, verifies no signature and decides nothing: whether
// a card that is listed may travel is for package fare, and which list a device may
// take into use for package blocklist/shelf. The check sum of a file tells damage, not
// forgery.
//
// Its one rule: whatever the bytes of a file, the answer is right or it is an
// error, and the list that worked stays in use.
//
// # Full lists and deltas
//
// A full list names every blocked card. A delta (BuildDelta) says what leads from one
// full list to a later one: cards that are added, changed or removed. It is laid over
// the full list (Overlay) and never worked into it, so that a device needs neither the
// memory nor the time to build a list. Deltas do not build on each other: each leads
// from a full list straight to its own version, and a device that was parked for a week
// needs only the last.
//
// # The file
//
// A file is a bbolt database, cut behind its last page, and behind that a mark and
// a seal:
//
//	bucket cards   number of a block's last card, 8 bytes, big-endian → the block
//	bucket list    "header" → CBOR array {version, area, made, count, digest, base, changes}
//	               "filter" → CBOR array {seed, segment length, segments, fingerprints}
//	mark           "LEIMABL" and the number of this format, "2"
//	seal           SHA-256 of all that stands before it
//
// A block holds some 300 cards in the order of their numbers, each as an unsigned
// varint and, if the card is listed, a byte with its unblocking number. The varint is
// twice the difference to the number before it (for the first: twice its own number),
// plus one if a delta removes the card. Ten million cards take 31 MB, a third of what
// they take side by side, and a bus pays for every byte it is sent; the filter takes 11.
//
// The database is searched in place, from a mapping of the file, where bbolt
// trusts every page it meets. So the seal is verified before bbolt sees the file
// at all. The digest is the SHA-256 of all entries in order, each as its number in 8
// bytes and its unblocking number in one: two lists with the same digest name the same
// cards. Count and digest of a delta are those of the list that it leads to.
//
// The filter is a binary fuse filter: about nine bits a card, made when the list is
// built and kept in memory. It answers for nearly all cards that are not listed, so
// that the common tap reads no page. One card in 256 passes it by chance and is then
// looked for in the database.
package blocklist
