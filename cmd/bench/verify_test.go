package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that an event which the issuer's key does not prove is called forged, by both
// commands, and that the exit code says it.
func TestForgedEvents(t *testing.T) {
	folder(t, "journal")
	require.Zero(t, tool(t, "", "keys", "new", "other.toml").code)
	text, err := os.ReadFile("other.toml")
	require.NoError(t, err)
	require.NotEmpty(t, text)

	came := tool(t, "", "verify", "journal", "--keys", "other.toml")
	require.Equal(t, exitRefused, came.code, came.err)
	require.Contains(t, came.out, "forged: the card has not signed this")
	came = tool(t, "", "reconcile", "journal", "--keys", "other.toml")
	require.Equal(t, exitRefused, came.code, came.err)
	require.Contains(t, came.out, "forged")

	// Nothing is forged because who asks has not the key.
	require.Zero(t, tool(t, "", "keys", "bus", "other.toml", "--out", "bus.toml").code)
	for _, command := range []string{"verify", "reconcile"} {
		came = tool(t, "", command, "journal", "--keys", "bus.toml")
		require.Equal(t, exitUsage, came.code, came.err)
		require.Contains(t, came.err, "the keys of a bus prove no signature")
		require.NotContains(t, came.out, "forged")
	}

	came = tool(t, "", "reconcile", "none")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "none")
}
