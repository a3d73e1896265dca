//go:build !pcsc

package pcsc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
)

// Ensure that a program without PC/SC says what to install and how to build.
func TestNotBuilt(t *testing.T) {
	_, err := Open(Options{})
	require.ErrorIs(t, err, errNotBuilt)
	_, err = Readers()
	require.ErrorIs(t, err, errNotBuilt)
	require.ErrorIs(t, err, hw.ErrReader)
	require.ErrorContains(t, err, "apt install")
	require.ErrorContains(t, err, "-tags pcsc")
}
