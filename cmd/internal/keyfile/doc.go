// Package keyfile reads the keys of a travel card system from a file, and writes files with new
// ones.
//
// It knows the form of a key file and who may read one. It knows neither what the keys open nor how
// they are derived for a card.
//
// Its one rule: no error shows any part of a key, not even of a mistyped one. So errors name the
// line and the field, and never their content.
//
// # The file
//
// In TOML, every key as 32 hexadecimal digits:
//
//	system = "leima travel"   # the system identifier, at most 21 bytes
//	aid = "0010AB"        # the application, its bytes in the order they are sent
//	version = 0           # the generation of these keys, 0 to 15
//
//	[bus]                 # what a validator needs
//	transport = "…"       # application key 1
//	former = ["…"]        # transport keys of earlier generations, the newest first
//	rights = ["…", "…"]   # the seal of the rights, and their content
//	former_rights = [["…", "…"]]   # of earlier generations, the newest first
//	pepper = "…"          # for hashing the drivers' PINs; older files have none
//
//	[issuer]              # left out on a bus
//	picc = "…"            # the card's own key
//	master = "…"          # application key 0
//	holder_read = "…"     # application key 2
//	holder_write = "…"    # application key 3
//	tmac = "…"            # the Transaction MAC
//	holder = "…"          # seals the holder file
//
// All but the pepper are master keys, from which each card's own keys are derived. No key may occur
// twice: every card would then have the same key twice.
//
// A bus has a file without the issuer's part, and so can neither read a name nor make a card.
//
// # Access
//
// Only the owner may read the file, since with it one can make cards. A file with any right for its
// group or for others (mode & 077) is refused, and the error says
//
//	chmod 600 keys.toml
//
// # Sealing
//
// A key file may be sealed with a passphrase, and must be on a bus's disk: a thief of the disk then
// has no keys. It is PEM (RFC 1421 as encoding/pem reads it), of type LEIMA SEALED KEYS, and holds
// a nonce of 12 bytes and the file in AES-256-GCM (NIST SP 800-38D) under a key that PBKDF2 with
// HMAC-SHA-256 (RFC 8018) derives from the passphrase by the headers Iterations and Salt. The
// passphrase is in a separate file that only its owner may read: one from a service manager, or
// released by the machine's security module.
//
// # Rolling
//
// A set holds two generations of a bus's keys, of transport and of the rights: that of new cards,
// and the one before. Send the bus part of the rolled file to every bus first, and only then issue
// cards and write them at service points with it: before, no bus could open them. The rights' keys
// of a card are renewed at its next visit to a service point, the transport key by "bench rekey".
// The pepper stays: no driver needs another PIN.
//
// If others could read the file, its keys may be known to them: then only new keys help.
package keyfile
