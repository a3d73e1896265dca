package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
	"leima/validator/sim"
)

// testKeyFile is a key file with the test keys but for the holder's.
func testKeyFile() string {
	k := sim.TestKeys()
	hex := func(key [16]byte) string { return fmt.Sprintf("%x", key) }
	return fmt.Sprintf("system = %q\naid = \"0010AB\"\nversion = 0\n[bus]\ntransport = %q\n"+
		"rights = [%q, %q]\n[issuer]\npicc = %q\nmaster = %q\nholder_read = %q\n"+
		"holder_write = %q\ntmac = %q\nholder = %q\n",
		k.Scheme.System, hex(k.Transport), hex(k.Rights[0]), hex(k.Rights[1]), hex(k.PICC),
		hex(k.Master), strings.Repeat("12", 16), hex(k.HolderWrite), hex(k.TMAC),
		strings.Repeat("34", 16))
}

// blankCard is a card as it comes from the factory.
func blankCard(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, saveCard(path, emu.New(emu.Config{UID: [7]byte{4, 1, 2, 3, 4, 5, 6}})))
}

// Ensure that all of the project's scenarios come out as they are written, in whatever
// frames the cards speak, and from whatever folder they are played.
func TestScenarios(t *testing.T) {
	taps, err := filepath.Glob(filepath.Join(repository, "testdata/taps/*.tap"))
	require.NoError(t, err)
	require.NotEmpty(t, taps)
	folder(t)
	frames := []string{"64", "128", "256"}
	if testing.Short() {
		frames = frames[:1]
	}
	for _, frame := range frames {
		out := done(t, append([]string{"run", "--frame", frame}, taps...)...)
		require.Contains(t, out, fmt.Sprintf("%d scenarios: %d ok\n", len(taps), len(taps)))
	}
	require.NoError(t, os.Remove("testdata"))
	require.Contains(t, done(t, "run", taps[0]), "ok ", "the tariffs beside the scenario")
	came := tool(t, "", "run", taps[0], "--tariffs", ".")
	require.Equal(t, exitFailed, came.code)
}

// Ensure that updating keeps the rights of a scenario, and touches none that is right.
func TestUpdate(t *testing.T) {
	folder(t, "good.tap", "differs.tap")
	require.NoError(t, os.Chmod("differs.tap", 0o644))
	before, err := os.Stat("good.tap")
	require.NoError(t, err)
	done(t, "run", "good.tap", "differs.tap", "--update")
	after, err := os.Stat("good.tap")
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
	require.Equal(t, goodTap, read(t, "differs.tap"))
	info, err := os.Stat("differs.tap")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode())
}

// patched applies a comparison to the first text, which must be as it says.
func patched(t *testing.T, text, diff string) string {
	t.Helper()
	old, out, at := linesOf(text), []string{}, 0
	for line := range strings.Lines(diff) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		case strings.HasPrefix(line, "@@ "):
			var first, olds, newFirst, news int
			_, err := fmt.Sscanf(line, "@@ -%d,%d +%d,%d @@", &first, &olds, &newFirst, &news)
			require.NoError(t, err)
			out = append(out, old[at:first-1]...)
			at = first - 1
			require.Len(t, out, newFirst-1)
		case line[0] == '+':
			out = append(out, line[1:])
		default:
			require.Equal(t, old[at], line[1:])
			if at++; line[0] == ' ' {
				out = append(out, line[1:])
			}
		}
	}
	out = append(out, old[at:]...)
	return strings.Join(out, "\n")
}

// Ensure that a comparison makes the second text of the first, whatever they are, and
// shows nothing of two that are the same.
func TestUnified(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		var b strings.Builder
		for range r.IntN(40) {
			fmt.Fprintf(&b, "line %d\n", r.IntN(12))
		}
		return b.String()
	}
	for range 500 {
		before, after := text(), text()
		diff := unified("a", "b", before, after)
		require.Equal(t, strings.Join(linesOf(after), "\n"), patched(t, before, diff))
		require.Equal(t, "--- a\n+++ b\n", unified("a", "b", before, before))
	}
	require.Equal(t, "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n",
		unified("a", "b", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n"))
	require.Equal(t, "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-x\n+x (no end of line)\n",
		unified("a", "b", "x\n", "x"))
}
