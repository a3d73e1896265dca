// Package manifest says which bundles there are now. It is the layer above package bundle: a bundle
// is proved by itself on the device, however it came; a manifest tells a device that nothing
// newer is kept from it, and that what it has belongs together.
//
// It follows the idea of The Update Framework (theupdateframework.github.io/specification): with
// its root, and with its timestamp, snapshot and targets in one short-lived statement. It reads no
// clock and no disk.
//
// Its one rule: a manifest counts if as many keys have signed it as the root asks for, and if it is
// not older than any that counted before.
//
// # What is refused
//
//   - rollback: a manifest of a lower version than the last, or of the same version and other
//     content; a root that is not the next;
//   - freeze: a manifest that has expired, at a time that is known (Expired);
//   - mix and match: an object that is not named by its SHA-256 and length. One manifest names all;
//   - a signature too few: of the keys of the role, each counted once.
//
// # A statement
//
// Root and manifest are statements: a CBOR array (RFC 8949, 4.2) of the payload, as a byte string,
// and of the signatures: arrays of the public key and the Ed25519 signature (RFC 8032), by key in
// ascending order, each key once. Signed is the CBOR array [what, area, payload], in which what is
// "leima root" or "leima manifest". The device takes the area from its own configuration.
//
//	root       format 1, version from 1, owners, signers; each of the two an array of how many
//	           must sign, and an array of the public keys
//	manifest   format 1, version from 1, version of the root, made, expires (seconds since 1970),
//	           an array of the objects: purpose, version, base, length in bytes, SHA-256.
//	           Of a purpose there is one full list at most, and one delta: a device's disk holds
//	           them all
//
// # Keys
//
// Owners sign roots, and are kept offline; signers sign manifests, and one may be the running
// depot's. A root is signed by as many owners as the root before it asks for, and as it asks for
// itself. The first one lies on the device from its commission. A manifest goes by one root: with
// the next its versions may begin anew, so that a stolen signer's key with a version of its own
// invention does no lasting harm.
package manifest
