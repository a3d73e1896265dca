// Package blocklist tells which cards are blocked from paying.
//
// A list is written by people as text (see Parse), built once into a file of its
// own (Build) and never changed afterwards. A validator opens the file and looks
// cards up in it (Open); Store is the list in use, swapped for a newer one
// between two lookups.
//
// The package fetches nothing, verifies no signature and decides nothing: whether
// a card that is listed may travel is for package fare. The check sum of a file
// tells damage, not forgery.
//
// Its one rule: whatever the bytes of a file, the answer is right or it is an
// error, and the list that worked stays in use.
//
// # The file
//
// A file is a bbolt database, cut behind its last page, and behind that a mark and
// a seal:
//
//	bucket cards   card number, 8 bytes, big-endian → unblocking number, 1 byte
//	bucket list    "header" → CBOR array {version, area, made, count, digest}
//	               "filter" → CBOR array {seed, segment length, segments, fingerprints}
//	mark           "LEIMABL" and the number of this format, "1"
//	seal           SHA-256 of all that stands before it
//
// The database is searched in place, from a mapping of the file, where bbolt
// trusts every page it meets. So the seal is verified before bbolt sees the file
// at all. The digest is the SHA-256 of all entries in order: two lists with the
// same digest name the same cards.
//
// The filter is a binary fuse filter: about nine bits a card, kept in memory. It
// answers for nearly all cards that are not listed, so that the common tap reads
// no page. One card in 256 passes it by chance and is then looked for in the
// database.
package blocklist
