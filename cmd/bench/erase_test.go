package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that an erased card can be issued again, and that no card with other keys than
// those of the tests is erased unasked.
func TestErase(t *testing.T) {
	folder(t, "aino.img", "aino.txt")
	require.Contains(t, done(t, "erase", "aino.img"), "aino.img: uid ")
	require.Contains(t, tool(t, "", "inspect", "aino.img").err, "it is blank")
	done(t, "erase", "aino.img")

	done(t, "keys", "new", "keys.toml")
	done(t, "issue", "aino.txt", "--keys", "keys.toml", "--out", "b.img")
	before := read(t, "b.img")
	came := tool(t, "", "erase", "b.img", "--keys", "keys.toml")
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, "add --yes")
	came = tool(t, "", "erase", "b.img")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "a card of ours needs its key file")
	require.Equal(t, before, read(t, "b.img"))
	done(t, "erase", "b.img", "--keys", "keys.toml", "--yes")
}
