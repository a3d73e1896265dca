// Package upload sends a device's journal to the depot, over HTTPS, as the depot is reached: for
// weeks it may not be.
//
// Its one rule: an entry is acknowledged in the journal only if the depot, proved by its
// certificate, has answered with the hash that this journal has of a position that was sent. Any
// other answer prunes nothing.
//
// # The link
//
//	POST /v1/devices/9/journal      Content-Type: application/cbor-seq, Content-Encoding: gzip
//
// The body is a CBOR sequence (RFC 8742) of exported entries that follow each other (package
// journal), at most 500 or 128 KiB before compression, oldest first; one request is under way. If
// they reach the end of the journal the signed head follows: this is all. It is also sent alone, at
// the start and every hour. With "?oldest" the device says that it has nothing before the first.
//
//	200 {"position": 139, "hash": "…"}    all up to there is durable; the hash in hex
//	409 {"heads": [{"position": …}]}      this follows nothing that the depot has: go on after
//	                                      the last of these that is the journal's, or else from
//	                                      the oldest entry, with "?oldest"
//	400, 403, 413                         a person has to look: said, and tried again later
//	429, 503 with Retry-After             later
//
// Device and depot know each other by TLS 1.3: the depot by a certificate that the device is
// configured with, the device by its own key, with which it signs its journal's heads; the
// certificate that carries the key says nothing else.
//
// After a failure it waits up to a second, then up to two, and so on to five minutes, each time for
// a random part of it: a city's buses come back at once.
package upload
