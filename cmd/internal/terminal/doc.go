// Package terminal is the program of the driver's console, from its configuration to its end: it
// opens the device's folder, reads the register of drivers and serves the page. Bench's console
// differs only in its reader.
//
// It parses, opens, wires, runs and closes. It decides nothing.
package terminal
