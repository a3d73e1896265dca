package bus

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/keyfile"
	"leima/validator"
	"leima/validator/journal"
)

// Ensure that a validator opens a sealed key file with the passphrase of its
// configuration; that after a roll of the transport key and those of the rights the cards of the generation
// before go on travelling as if nothing had happened; and that after another roll they do not.
func TestTwoGenerations(t *testing.T) {
	t.Parallel()
	const passphrase = "correct horse battery"
	config := aDevice(t, "device = 9", "device = 9\nkeys = \"keys\"\npassphrase = \"passphrase\"")
	path := func(name string) string { return filepath.Join(filepath.Dir(config), name) }
	require.NoError(t, os.WriteFile(path("passphrase"), []byte(passphrase), 0o400))
	text := templateOf(t)
	first := transportOf(t, text)
	day := func() (code int, out, errs string) {
		sealed, err := keyfile.Seal("keys", text, []byte(passphrase), rand.Reader)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path("keys"), sealed, 0o600))
		return start(t, context.Background(), "run", "--config", config)
	}
	want := func(name string) string {
		golden, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return string(golden)
	}
	code, out, errs := day()
	require.Zero(t, code, errs)
	require.Equal(t, want("monday.txt"), out)
	text = rollOf(t, text)
	// Another generation is tried first, which takes two exchanges more and their time.
	code, out, errs = day()
	require.Zero(t, code, errs)
	require.Equal(t, withoutTimes(want("tuesday.txt")), withoutTimes(out))
	text = rollOf(t, text)
	_, out, errs = day()
	require.NotContains(t, out, "GREEN", "three generations")
	require.Contains(t, errs, "not authentic")
	// Nor does the transport key help, once the rights are of two generations back.
	text = bytes.Replace(text, transportOf(t, text), first, 1)
	_, out, errs = day()
	require.NotContains(t, out, "GREEN", "three generations of the rights")
	require.Contains(t, errs, "file 7: the card's content is not authentic")

	require.NoError(t, os.Chmod(path("passphrase"), 0o600))
	require.NoError(t, os.WriteFile(path("passphrase"), []byte("another passphrase"), 0o600))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "the passphrase is another one")
}

// templateOf is a new key file.
func templateOf(t *testing.T) []byte {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, keyfile.Template(&text, rand.Reader))
	return text.Bytes()
}

// rollOf is the key file of the next generation.
func rollOf(t *testing.T, text []byte) []byte {
	t.Helper()
	rolled, err := keyfile.Roll("keys", text, rand.Reader)
	require.NoError(t, err)
	return rolled
}

// transportOf is the transport key of a key file as it is written there.
func transportOf(t *testing.T, text []byte) []byte {
	t.Helper()
	found := regexp.MustCompile(`transport = "(\w+)"`).FindSubmatch(text)
	require.NotNil(t, found)
	return bytes.Clone(found[1])
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

// Ensure that who has a device's state folder signs a journal of their own as that device, and
// that nobody does who has its public key alone, or another device's folder.
func TestStolenDeviceSignsAsItself(t *testing.T) {
	t.Parallel()
	config, other := aDevice(t), aDevice(t)
	for _, path := range []string{config, other} {
		code, _, errs := start(t, context.Background(), "commission", "--config", path)
		require.Zero(t, code, errs)
	}
	known, err := journal.DeviceKey(state(config, keyFile))
	require.NoError(t, err)
	for path, passes := range map[string]bool{config: true, other: false} {
		key, err := journal.DeviceKey(state(path, keyFile))
		require.NoError(t, err)
		own := filepath.Join(t.TempDir(), "journal")
		require.NoError(t, journal.Create(own, 9))
		j, err := journal.Open(own)
		require.NoError(t, err)
		require.NoError(t, j.Record(validator.Event{ID: j.Next()}))
		require.NoError(t, j.SignWith(key))
		_, err = j.VerifySigned(known.Public().(ed25519.PublicKey))
		require.Equal(t, passes, err == nil, "%v", err)
		require.NoError(t, j.Close())
	}
}
