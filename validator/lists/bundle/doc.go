// Package bundle signs the lists that devices are sent, and verifies them on arrival.
//
// A bundle is a file and, before it, a signed statement of what it is. The package
// knows neither what the file holds nor whether a device wants it: the first is for
// package blocklist, the second for package lists.
//
// Its one rule: nothing of a file counts before the whole of it was held to a manifest
// that a pinned key has signed, for this purpose and this area.
//
// # The bundle
//
// A sequence of two things:
//
//	envelope   COSE_Sign1 (RFC 9052, tag 18), at most 1024 bytes
//	file       the rest, whatever it is, byte for byte
//
// The envelope is in the deterministic encoding of CBOR (RFC 8949, 4.2), and only the
// one way of writing it is read:
//
//	protected     {1: -8, 4: key}    EdDSA with Ed25519; key is the first 8 bytes of the
//	                                 SHA-256 of the public key
//	unprotected   {}
//	payload       the manifest
//	signature     64 bytes
//
// External authenticated data is the CBOR array ["leima bundle", purpose, area]. The
// device takes it from its own configuration, so that a list for another town is no
// more valid than a forged one, whatever its manifest says.
//
// The manifest is a CBOR array:
//
//	format    1
//	purpose   text: "blocklist" or "actions"
//	area      whose cards
//	version   of the list, from 1; a later one has a higher
//	base      version of the full list that a delta changes; 0 for a full list
//	made      seconds since 1970
//	expires   seconds since 1970; from then on no device takes the list into use
//	count     of the entries of the list, with the delta laid over it if it is one
//	adding    how many cards the issuer means to add: see package lists
//	digest    of those entries; how it is made, the purpose says
//	size      of the file, in bytes
//	sum       SHA-256 of the file
//	fewer     true: the issuer means the list to have far fewer entries than the one before,
//	          see package lists; else it is not there. A program that does not know it takes
//	          no such bundle, and keeps the list that it has
//
// The purpose "actions" is for lists of what waits to be done to cards. They come in
// the same envelope, and no device takes one for a block list.
//
// # Keys
//
// A device has several public keys pinned and takes what any of them has signed. To
// roll a key, pin the next beside it everywhere, sign with the next, and then take the
// former out.
package bundle
