// Package console is the logic of the driver's device: who drives, what the driver may tell
// the bus, and the HTTP that one page speaks with it.
//
// Behind it are two devices: the validator of the bus, which may be down, and the driver's
// own, which is always there and has a reader, a journal and a copy of the tariffs and the
// block list of its own, so that cards are checked and loaded, and tickets sold, without the
// validator. It decides no fare, and never speaks to a card.
//
// Its one rule: nobody who is not signed on, and not there, has anything done. A PIN is in
// nothing that it writes.
//
// # The shift
//
// A shift is that of the driver's own device, whose journal gives it its number. On the bus
// it is registered whenever the validator is there without it, and signed off when it is
// there with one that has ended; so it makes no difference when the validator comes and goes.
// The driver is asked once.
//
// # The clock
//
// The own device goes by the time of the bus, which knows more of satellites and servers than
// what a driver carries. It takes it whenever the bus says that it is kept, and is then kept
// itself; and when it is plausible, and then is no more than that. A time that the bus does not
// know it does not take: it goes on by what it was told last and by its own measure. See
// package clock for what is decided by which.
//
// # What is kept
//
// In the state folder, each written anew and renamed:
//
//	book      the shift that is on, and where the bus is
//	attempts  the wrong PINs, which are not forgotten by switching off
//	clock     how far the clock of the bus is from the machine's
//	tariffs, list, delta
//	          the copies, which prove themselves when they are opened
package console
