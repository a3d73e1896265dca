//go:build !linux

package guard

import (
	"os"
	"syscall"
)

// Memory does nothing here: buses run Linux.
func Memory() error { return nil }

// Ends are the signals that ask a program to end.
var Ends = []os.Signal{os.Interrupt, syscall.SIGTERM}
