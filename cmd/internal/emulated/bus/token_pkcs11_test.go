//go:build pkcs11

package bus

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/keyring"
	"leima/hw/token/tokentest"
)

// onToken makes a key file, whose cards travel a day, and loads its bus's part onto a token.
// What is left for the next day is the token alone.
func onToken(t *testing.T) (config, uri string, text []byte) {
	t.Helper()
	text = templateOf(t)
	config = withKeys(t, text)
	day(t, config)
	uri = tokentest.New(t)
	loadToken(t, uri, text)
	require.NoError(t, os.Remove(filepath.Join(filepath.Dir(config), "keys")))
	configure(t, config, `keys = "keys"`, `keys = "`+uri+`"`)
	return config, uri, text
}

// withKeys is a device with a key file. No emulated card asks what is on a card, which only
// masters in memory could tell.
func withKeys(t *testing.T, text []byte) (config string) {
	t.Helper()
	config = aDevice(t, "device = 9", "device = 9\nkeys = \"keys\"", `"taps/demo.tap"`,
		`"street.tap"`)
	script, err := os.ReadFile("../../../../testdata/taps/demo.tap")
	require.NoError(t, err)
	script = regexp.MustCompile(`(?m)^block.*\n`).ReplaceAll(script, nil)
	folder := filepath.Dir(config)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "street.tap"), script, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "keys"), text, 0o600))
	return config
}

// day runs a device for a day.
func day(t *testing.T, config string) (out string) {
	t.Helper()
	code, out, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	require.Contains(t, out, "GREEN")
	return out
}

func loadToken(t *testing.T, uri string, text []byte) {
	t.Helper()
	part, err := keyfile.Bus("keys", text)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "bus.toml")
	require.NoError(t, os.WriteFile(path, part, 0o600))
	keys, err := keyring.Source{Keys: path, RealReader: true}.Read()
	require.NoError(t, err)
	opened := tokentest.Open(t, uri)
	require.NoError(t, keyring.Load(opened, &keys))
	require.NoError(t, opened.Close())
}

func configure(t *testing.T, config, from, to string) {
	t.Helper()
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	require.Contains(t, string(text), from)
	text = []byte(strings.Replace(string(text), from, to, 1))
	require.NoError(t, os.WriteFile(config, text, 0o644))
}

// Ensure that a token serves all keys of a day's taps, no key being on the device, and that
// they come out as with a key file in memory; also after a roll, for the cards of before.
func TestTokenServesTaps(t *testing.T) {
	config, uri, text := onToken(t)
	beside := withKeys(t, text)
	day(t, beside)
	require.Equal(t, day(t, beside), day(t, config))
	require.NoError(t, filepath.WalkDir(filepath.Dir(config), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(filepath.Dir(path)) == "cards" {
			return err
		}
		held, err := os.ReadFile(path)
		for _, key := range regexp.MustCompile(`[0-9a-f]{32}`).FindAllString(string(text), -1) {
			require.NotContains(t, string(held), key, path)
		}
		return err
	}))

	rolled := rollOf(t, text)
	loadToken(t, uri, rolled)
	day(t, config)
	loadToken(t, uri, rollOf(t, rolled))
	_, out, _ := start(t, context.Background(), "run", "--config", config)
	require.NotContains(t, out, "GREEN", "three generations")
	logged(t, config, "not authentic")
}

// Ensure that a device whose token does not answer says at its start what to do, and that its
// PIN stands in no message.
func TestTokenThatCannotBeUsed(t *testing.T) {
	config, uri, _ := onToken(t)
	pin := regexp.MustCompile(`file:(.*)$`).FindStringSubmatch(uri)[1]
	run := func() string {
		code, _, errs := start(t, context.Background(), "run", "--config", config)
		require.Equal(t, exitUsage, code)
		require.Equal(t, 1, strings.Count(errs, "\n"), errs)
		require.NotContains(t, errs, tokentest.PIN)
		return errs
	}
	require.NoError(t, os.Chmod(pin, 0o644))
	require.Contains(t, run(), "chmod 600")
	require.NoError(t, os.Chmod(pin, 0o600))
	require.NoError(t, os.WriteFile(pin, []byte("wrong"), 0o600))
	require.Contains(t, run(), "the PIN is wrong")
	require.NoError(t, os.Remove(pin))
	require.Contains(t, run(), "PIN file")
	configure(t, config, "&pin-source=file:"+pin, "")
	require.Contains(t, run(), "the credential leima-pin")
	folder := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", folder)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "leima-pin"), []byte(tokentest.PIN), 0o400))
	day(t, config)
	opened := tokentest.Open(t, uri)
	said, err := opened.Description()
	require.NoError(t, err)
	for want, description := range map[string]string{
		"is not understood: load them again (bench keys token)": "system = 'x'\n",
		`it has 0 keys "leima rights seal 0": load them again`:  string(said),
	} {
		require.NoError(t, opened.Load([]byte(description), nil))
		require.Contains(t, run(), want)
		opened = tokentest.Open(t, uri) // the device has ended the library for this process
	}
}
