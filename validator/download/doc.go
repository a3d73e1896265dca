// Package download fetches a device's lists from the depot, over HTTPS, while it is reached: what
// is new is there within a minute, and at once when the depot is reached again.
//
// It trusts neither depot nor link: package manifest says which bundles there are, and each bundle
// is proved once more, by its own signature, when its list is taken into use.
//
// Its one rule: what lies in the folder under a bundle's name is whole, and is what a manifest
// names that as many keys have signed as the root asks for. Whatever else comes changes nothing but
// the alarm.
//
// # The link
//
//	GET /v1/manifest          If-None-Match: "SHA-256 of the last"; every 20 to 40 seconds
//	GET /v1/roots/2           when a manifest goes by a later root: each one that follows
//	GET /v1/objects/SHA-256   If-Range and Range, if a part of it is there
//
// A download that is cut goes on where it was, after a restart too. It is cut after a minute, so
// that a long block list on a slow link keeps no action list waiting. After a failure the device
// waits as for uploads (package backoff), at most a minute.
//
// # The folder
//
//	manifest         the root and the last manifest that counted: none before it counts again
//	SHA-256.part     a bundle that is being downloaded
//	SHA-256.bundle   one that package inbox has not taken yet
//
// Nothing else stays in it, so it holds no more than one manifest names. A file that cannot be
// written is given up at once: the journal needs the room.
package download
