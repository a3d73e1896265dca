//go:build !linux

package terminal

import "io"

// blind does nothing here.
func blind(io.Reader) (restore func()) { return func() {} }
