// Package street lets people try a bus without any hardware: emulated cards that lie in a
// folder, and readers on which a browser lays them, one at a time.
//
// The validator and the driver's console are two programs. Each has a reader of its own, and
// both have the same folder: a card that lies on one reader is locked, and the other cannot
// have it. It is kept as it is after every tap, so that a program which is killed takes
// nothing back.
//
// Its one rule: it is for emulated readers alone. Nothing here is reached with a real one.
package street
