package main

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/keyfile"
	"leima/hw/desfire"
	"leima/validator"
)

// Ensure that the depot proves the signatures of cards with the issuer's key file, and says what is
// wrong with another one.
func TestGenuine(t *testing.T) {
	t.Parallel()
	f := folder(t.TempDir())
	var file bytes.Buffer
	require.NoError(t, keyfile.Template(&file, rand.Reader))
	require.NoError(t, os.WriteFile(f.file("keys.toml"), file.Bytes(), 0o600))
	keys, err := keyfile.Read(f.file("keys.toml"), "")
	require.NoError(t, err)
	var c config
	genuine, err := f.genuine(&c)
	require.NoError(t, err)
	require.Nil(t, genuine, "without a key nothing is proved")
	c.Ledger.Keys = "keys.toml"
	genuine, err = f.genuine(&c)
	require.NoError(t, err)
	e := validator.Event{UID: [7]byte{4, 1, 2, 3, 4, 5, 6}, TMI: []byte("what the card signs")}
	uid := desfire.UID(e.UID)
	own := keys.Own(keys.TMAC, uid)
	signed := desfire.TMAC{TMC: 7, TMV: own.TransactionMAC(uid, 7, e.TMI)}
	require.True(t, genuine(e, signed))
	signed.TMV[0] ^= 1
	require.False(t, genuine(e, signed))

	for name, says := range map[string]string{
		"none.toml": "ledger.keys: ", "test": "ledger.keys: ",
	} {
		c.Ledger.Keys = name
		_, err := f.genuine(&c)
		require.ErrorContains(t, err, says)
	}
}

// Ensure that persons are added and removed by commands, of which each mistake says what to do; and
// that no PIN stands in the folder.
func TestPersons(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "init", at, "--name", "depot.example")
	require.Zero(t, code, says)
	pin, short := filepath.Join(t.TempDir(), "pin"), filepath.Join(t.TempDir(), "short")
	require.NoError(t, os.WriteFile(pin, []byte("550011\n"), 0o600))
	require.NoError(t, os.WriteFile(short, []byte("55001\n"), 0o600))
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"add", at, "--number", "7", "--role", "finance", "--pin-file", pin}, 0, "finance 7 may sign on"},
		{[]string{"add", at, "--number", "7", "--role", "operator", "--pin-file", pin}, 0, "operator 7 may sign on"},
		{[]string{"add", at, "--number", "8", "--role", "king", "--pin-file", pin}, 78, "operator"},
		{[]string{"add", at, "--number", "8", "--role", "service", "--pin-file", short}, 78, "6 to 12 digits"},
		{[]string{"add", at, "--number", "0", "--role", "service", "--pin-file", pin}, 78, "nobody's number"},
		{[]string{"add", at + "x", "--number", "8", "--role", "service", "--pin-file", pin}, 78, "depot init"},
		{[]string{"remove", at, "--number", "8"}, 78, "there is no person 8"},
		{[]string{"remove", at, "--number", "7"}, 0, "7 may sign on no more"},
		{[]string{"remove", at, "--number", "7"}, 78, "there is no person 7"},
	} {
		code, out, says := start(t, append([]string{"person"}, c.args...)...)
		require.Equal(t, c.code, code, "%v: %s", c.args, says)
		require.Contains(t, out+says, c.says, "%v", c.args)
	}
	for _, name := range []string{personsFile, pepperFile} {
		raw, err := os.ReadFile(filepath.Join(at, name))
		require.NoError(t, err)
		require.NotContains(t, string(raw), "550011")
		info, err := os.Stat(filepath.Join(at, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	require.NoError(t, os.WriteFile(filepath.Join(at, pepperFile), []byte("x"), 0o600))
	code, _, says = start(t, "person", "add", at, "--number", "7", "--role", "finance",
		"--pin-file", pin)
	require.Equal(t, 78, code)
	require.Contains(t, says, "give each person a new PIN")
}
