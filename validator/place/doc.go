// Package place knows where the bus is: its trip, its stop and the zones there, and how far that is
// sure.
//
// Sources on the bus say things: the on-board computer, a satellite receiver, the driver. Each is
// an adapter that makes reports of what it hears. The arbiter makes one record of them, by one
// table of precedence, age and contradiction. It is pure: time comes with each call, as the span
// since the machine started, sleep included (CLOCK_BOOTTIME). The wall clock of a bus may be wrong
// by years.
//
// Its rules:
//
//   - What a broker kept, and what is repeated, makes nothing younger. After a start nothing is
//     fresh until something live has come.
//   - No passenger is refused because the place is not sure. The zones in question, of which the
//     cheapest is charged, are those of the stops that the bus can have reached since the last sure
//     one.
//   - A trip goes forward. A source that starts again does not take the bus back.
package place
