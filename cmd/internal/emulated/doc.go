// Package emulated is for trying a bus without any hardware: emulated cards in a folder, and
// readers on which a browser puts them, one at a time.
//
// The validator and the driver's console are two programs. Each has its own reader, and both use
// the same folder: a card that is on one reader is locked for the other. It is stored after every
// tap, so that a program which is killed undoes nothing.
//
// Its one rule: it is only for emulated readers. Nothing here can be used with a real one.
package emulated
