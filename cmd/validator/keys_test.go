package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/keyfile"
)

// Ensure that a validator opens a sealed key file with the passphrase of its
// configuration; that after a roll of the transport key the cards of the generation before
// go on travelling as if nothing had happened; and that after another roll they do not.
func TestTwoGenerations(t *testing.T) {
	const passphrase = "correct horse battery"
	config := aDevice(t, "device = 9", "device = 9\nkeys = \"keys\"\npassphrase = \"passphrase\"")
	path := func(name string) string { return filepath.Join(filepath.Dir(config), name) }
	require.NoError(t, os.WriteFile(path("passphrase"), []byte(passphrase), 0o400))
	var text bytes.Buffer
	require.NoError(t, keyfile.Template(&text, rand.Reader))
	day := func() (code int, out, errs string) {
		sealed, err := keyfile.Seal("keys", text.Bytes(), []byte(passphrase), rand.Reader)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path("keys"), sealed, 0o600))
		return start(t, context.Background(), "run", "--config", config)
	}
	roll := func() {
		rolled, err := keyfile.Roll("keys", text.Bytes(), rand.Reader)
		require.NoError(t, err)
		text = *bytes.NewBuffer(rolled)
	}
	want := func(name string) string {
		golden, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return string(golden)
	}
	code, out, errs := day()
	require.Zero(t, code, errs)
	require.Equal(t, want("monday.txt"), out)
	roll()
	// Another generation is tried first, which takes two exchanges more and their time.
	code, out, errs = day()
	require.Zero(t, code, errs)
	require.Equal(t, withoutTimes(want("tuesday.txt")), withoutTimes(out))
	roll()
	_, out, errs = day()
	require.NotContains(t, out, "GREEN", "three generations")
	require.Contains(t, errs, "not authentic")

	require.NoError(t, os.Chmod(path("passphrase"), 0o600))
	require.NoError(t, os.WriteFile(path("passphrase"), []byte("another passphrase"), 0o600))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "the passphrase is another one")
}

// withoutTimes leaves out how long taps took.
func withoutTimes(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if n := len(words); n > 1 && words[n-1] == "ms" {
			words = words[:n-2]
		}
		fmt.Fprintln(&b, strings.Join(words, " "))
	}
	return b.String()
}
