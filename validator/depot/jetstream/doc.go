// Package jetstream keeps what devices have sent in a stream of NATS JetStream: a depot whose store
// is several machines, of which one may be lost.
//
// Each batch is one message, of the subject "leima.journal.DEVICE.CHAIN", and is kept once most of
// the machines have it. A publication names the message of its subject that it follows, so that
// none is kept twice or beside another: not because its answer was lost, nor however late it comes.
// (The window in which JetStream itself finds duplicates is minutes long; a bus may be away for
// weeks.)
//
// The servers must flush before they answer ("sync_interval: always" in their configuration), which
// a client cannot see: without it a power cut at most of them at once loses what they had
// acknowledged.
//
// # What was acknowledged and is gone
//
// A replicated log may lose its end for all that (a disk's damage, a restore, a stream made anew).
// So the ends that devices were told are also kept here, in a file beside the stream: a chain that
// ends before what was acknowledged is an alarm, and its device is asked for the rest, which it
// keeps for 30 days. A stream that has grown again since is told by its message in the place of
// the last that was acknowledged. If a device has pruned what is gone, what follows is a chain
// after a gap (package depot).
//
// # Cursors
//
// A cursor is the number of a message in the stream, and what came before in former streams: if the
// stream begins anew or goes back, who follows is given all of it again, with greater cursors.
//
//	heads    device, 2, and chain, 1: position, 8, and hash, 32, that were acknowledged last
//	epochs   base, 8: when the stream was made, 8, in nanoseconds; the cursor of its message n
//	         is base + n
//	meta     "last": the greatest number of a message that was acknowledged, 8; "sum": the SHA-256
//	         of its data
//
// # Strangers
//
// All programs that may publish in the account may publish here. A message that is no batch of its
// subject is passed over, and an alarm, said once: it stops no device and no follower.
package jetstream
