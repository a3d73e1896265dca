//go:build !pcsc

package pcsc

import (
	"fmt"

	"leima/hw"
)

// errNotBuilt means that the program was built without PC/SC.
var errNotBuilt = fmt.Errorf("pcsc: this program was built without PC/SC: %w: "+
	"apt install pcscd libpcsclite-dev pkg-config gcc, and build with -tags pcsc", hw.ErrReader)

// system is never called: Open and Readers return before.
var system service

func built() error { return errNotBuilt }
