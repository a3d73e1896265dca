// Package onboard is the program of a validator on a bus, from its configuration to its end: it
// opens the device's folder, serves the API and the display, and keeps lists and tariffs fresh
// while taps continue. The program of the bus uses a PC/SC reader; bench's program, with an
// emulated bus, differs only in its environment.
//
// It parses, opens, wires, runs and closes. It decides nothing.
package onboard
