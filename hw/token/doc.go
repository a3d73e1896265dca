// Package token uses keys in a token, such as a secure element or a hardware module, through
// PKCS#11 (OASIS PKCS #11 2.40) and the package github.com/miekg/pkcs11.
//
// It needs a C library and has the build tag pkcs11. Without the tag the same functions return an
// error that says how to build. It knows neither what the keys open nor how a card's keys are
// derived.
//
// Its one rule: no key that was loaded into a token can be read. Keys are loaded as sensitive and
// not extractable, and allow only CKM_AES_CMAC: no encryption, no wrapping.
//
// # What leaves the token
//
// The AES-CMAC of a message: for a card, the card's own keys (NXP AN10922), which are in this
// program's memory during a tap. An attacker who controls a running device can have the token
// derive the keys of any card with a known serial number, as long as they have device and PIN;
// they do not get the master keys, and get nothing more once the token is out of reach. An attacker
// with the token but without the PIN has nothing.
//
// # The URI of a token
//
// A token is named by a URI (RFC 7512):
//
//	pkcs11:token=bus-9?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:pin
//
// The path may have token and serial, the query module-path and pin-source. A PIN itself,
// pin-value, is refused, because many people read a configuration. Other attributes are refused
// because they might mean another token.
//
// # Objects on the token
//
// A data object labelled "leima" describes in its owner's words what the keys are for; beside it
// are the keys, each with its label. Load replaces all of them, the description last: a token
// without a description was loaded only in part.
//
// # Errors
//
// A call that fails is tried once more in a new session, in case the token was unplugged for a
// moment. PKCS#11 cannot be interrupted: a module that hangs keeps its caller waiting.
package token
