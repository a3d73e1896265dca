// Package depot receives the journals of devices: what follows what, what is kept, and what a
// device is answered. It knows no network, no disk and no clock; it is linked into no bus.
//
// # Chains
//
// Entries of a device that follow each other are a chain. Each entry's hash is that of all before
// it (package journal), so that what follows is not believed but computed. A device has one chain.
// It has a second one if it is not what it says, or if something is lost:
//
//	a fork   two entries have the same position: a disk was copied, or somebody lies. Both
//	         are kept, and an alarm says so. The second chain begins where the two part.
//	a gap    the device has sent what follows entries that are not here any more, and has
//	         not got them any more either: what comes after the gap is kept in a chain of its
//	         own, and an alarm names the gap.
//
// Only a device that has said that it has nothing older begins a chain after a gap; any other is
// told where the chains end, and goes on from there.
//
// Device, position and hash name an entry: one that comes twice is kept once, however late it comes
// again. Nothing is answered before it is on the disk. An answer names the last entry that was sent
// and its hash, as computed here; the device takes nothing else for an acknowledgement.
//
// # Reports
//
// A batch may end with a head that the device has signed: this is all that it has. A report tells
// the ledger how long it has to wait for a device. When it came is by the depot's clock: a device
// whose clock is wrong moves nothing.
package depot
