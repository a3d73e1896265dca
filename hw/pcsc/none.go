//go:build !pcsc

package pcsc

// system answers nothing: Open and Readers never come so far.
var system daemon

func built() error { return ErrNotBuilt }
