// Package console is the logic of the driver's console: the driver's session, the commands to the
// bus, and the HTTP interface of its one page.
//
// There are two devices: the validator of the bus, which may be down, and the console's own, which
// is always there and has a reader, a journal and copies of the tariffs and the block list, so that
// cards are checked and loaded, and tickets sold, without the validator. It decides no
// fare, and never talks to a card.
//
// Its one rule: nothing is done without a session, and none while it is locked. It writes no PIN;
// the register of drivers has the hash of a PIN, made with a pepper that is only in the key file.
//
// # The shift
//
// A shift is that of the console's own device, whose journal gives it its number. It is registered
// on the bus whenever the validator is there without it, and signed off when the validator is there
// with one that has ended; so it does not matter when the validator comes and goes. The driver
// signs on once.
//
// # Wrong PINs
//
// Package signon counts them. Every wrong PIN is in the log, and every wait in the journal.
//
// # The clock
//
// The own device uses the time of the bus, which has better sources. It takes it when the bus
// reports it as synchronized, and is then synchronized itself; and when it is plausible, and then
// is plausible. An unknown time of the bus it does not take: it continues from the last one by its
// own measure. Package clock says what depends on this.
//
// # Saved files
//
// In the state folder, each replaced as a whole:
//
//	book      the open shift, and the place of the bus
//	attempts  the wrong PINs, which survive a restart, and the hashes of
//	          the browsers that have signed on, eight for a driver at most
//	clock     how far the clock of the bus is from the machine's
//	tariffs, list, delta
//	          the copies, which prove themselves when they are opened
package console
