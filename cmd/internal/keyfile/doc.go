// Package keyfile reads the keys of a travel card system from a file, and writes a
// file with new ones.
//
// It knows how a key file is written and who may read one. It knows neither what the
// keys open nor how they are derived for a card.
//
// Its one rule: no error tells any of a key, not even of one that is mistyped. So
// errors name the line and the field, and repeat nothing of what stands there.
//
// # The file
//
// In TOML, every key as 32 hexadecimal digits:
//
//	system = "leima"      # the system identifier, at most 21 bytes
//	aid = "0010AB"        # the application, its bytes in the order they are sent
//	version = 0           # the generation of these keys, 0 to 15
//
//	[bus]                 # what a validator needs
//	transport = "…"       # application key 1
//	former = ["…"]        # transport keys of earlier generations, the newest first
//	rights = ["…", "…"]   # the seal of the rights, and their content
//
//	[issuer]              # left out on a bus
//	picc = "…"            # the card's own key
//	master = "…"          # application key 0
//	holder_read = "…"     # application key 2
//	holder_write = "…"    # application key 3
//	tmac = "…"            # the Transaction MAC
//	holder = "…"          # seals what the card says of its holder
//
// All of them are masters, from which each card's own keys are derived. No key may
// stand in two places: every card would then have the same key twice.
//
// A bus has a file without the issuer's part, and so cannot read a name, and cannot
// make a card.
//
// # Who may read it
//
// Its owner alone: whoever has the file can make cards. A file that has any right for
// its group or for others (mode & 077) is refused, and the answer is
//
//	chmod 600 keys.toml
//
// # Sealed
//
// A key file may be sealed with a passphrase, and lies on a bus's disk no other way: who
// takes the disk has no keys. It is PEM then (RFC 1421 as encoding/pem reads it), of type
// LEIMA SEALED KEYS, and holds a nonce of 12 bytes and the file in AES-256-GCM (NIST SP
// 800-38D) under a key that PBKDF2 with HMAC-SHA-256 (RFC 8018) derives from the passphrase;
// the headers Iterations and Salt say how. The passphrase stands in a file of its own, which
// its owner alone may read: one that a service manager provides, or that the machine's
// own security module releases.
//
// # Rolling
//
// A set holds two generations of the transport key: the one that new cards get, and the one
// before. Send the rolled file's bus part to every bus first, and issue cards with it
// then: until that, no bus could open them.
//
// As long as others could read it, its keys may be known to them: where that matters,
// new keys are the only remedy.
package keyfile
