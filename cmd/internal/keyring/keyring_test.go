package keyring_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/keyring"
	"leima/validator/journal"
	"leima/validator/oncard"
	"leima/validator/sim"
)

// written puts a key file into a folder of the test.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// testFile is the test keys as a file that says what they are.
func testFile(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, keyfile.Write(&text, sim.TestKeys()))
	return text.String()
}

// Ensure that the test keys meet a reader of metal only in a file that says what they are, by
// whatever name and in whatever part they come, and that it is said aloud then.
func TestTestKeysAndMetal(t *testing.T) {
	marked := testFile(t)
	unmarked := strings.Replace(marked, "test = true", "#", 1)
	require.NotEqual(t, marked, unmarked)
	var fresh bytes.Buffer
	require.NoError(t, keyfile.Template(&fresh, rand.Reader))
	bus, err := keyfile.Bus("keys", []byte(unmarked))
	require.NoError(t, err)
	rolled, err := keyfile.Roll("keys", []byte(unmarked), rand.Reader)
	require.NoError(t, err)
	rolledBus, err := keyfile.Bus("keys", rolled)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		keys    string
		refused bool // on metal
		warned  bool
	}{
		"none":                     {"", true, false},
		"test":                     {"test", true, false},
		"a marked file":            {written(t, marked), false, true},
		"a file that keeps silent": {written(t, unmarked), true, true},
		"a bus's part of it":       {written(t, string(bus)), true, true},
		"a roll of it":             {written(t, string(rolledBus)), true, true},
		"a file of one's own":      {written(t, fresh.String()), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			source := keyring.Source{Keys: c.keys, Test: new(sim.TestKeys()), File: func(name string) string { return name }}
			ring, err := keyring.Open(source)
			require.NoError(t, err)
			require.Equal(t, c.warned, ring.Warning != "")
			require.Nil(t, ring.EmulatedKeys.Holder)
			source.RealReader = true
			ring, err = keyring.Open(source)
			if c.refused {
				require.ErrorIs(t, err, keyring.ErrTestKeys)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.warned, ring.Warning != "")
		})
	}
}

// Ensure that the file of the test keys holds the very keys, and stays marked when it is rolled,
// or cut to a bus's part.
func TestFileOfTheTestKeys(t *testing.T) {
	text := testFile(t)
	keys, err := keyfile.Read(written(t, text), "")
	require.NoError(t, err)
	require.True(t, keys.Test)
	test := sim.TestKeys()
	require.True(t, keys.Transport == test.Transport && keys.Rights == test.Rights &&
		keys.PICC == test.PICC && *keys.Holder == *test.Holder && keys.Scheme == test.Scheme)
	for name, of := range map[string]func() ([]byte, error){
		"bus":  func() ([]byte, error) { return keyfile.Bus("keys", []byte(text)) },
		"roll": func() ([]byte, error) { return keyfile.Roll("keys", []byte(text), rand.Reader) },
	} {
		made, err := of()
		require.NoError(t, err)
		said, err := keyfile.Describe(name, made)
		require.NoError(t, err)
		require.True(t, said.Test, name)
	}
}

// Ensure that passengers' journeys are not sealed to the test key, and that a bench's may be.
func TestTestOfficeAndMetal(t *testing.T) {
	var fresh bytes.Buffer
	require.NoError(t, keyfile.Template(&fresh, rand.Reader))
	own := written(t, fresh.String())
	open := func(keys string, metal bool, office journal.BackOfficeKey) error {
		_, err := keyring.Open(keyring.Source{
			Keys: keys, RealReader: metal, BackOffice: office,
			File: func(name string) string { return name },
		})
		return err
	}
	test := journal.BackOfficePublic(sim.TestBackOffice())
	require.ErrorIs(t, open(own, true, test), keyring.ErrTestBackOffice)
	require.NoError(t, open(own, true, journal.BackOfficeKey{9}))
	require.NoError(t, open(own, false, test))
	require.NoError(t, open(written(t, testFile(t)), true, test))
}

// Ensure that a bus never has the key to anybody's name, also with a key file that has it.
func TestNoHolderKeyOnTheBus(t *testing.T) {
	test := sim.TestKeys()
	require.NotNil(t, test.Holder)
	for _, keys := range []string{"test", written(t, testFile(t))} {
		ring, err := keyring.Open(keyring.Source{Keys: keys, Test: &test})
		require.NoError(t, err)
		require.Nil(t, ring.EmulatedKeys.Holder)
		require.Nil(t, ring.Seals.(cardlayout.Keys).Holder)
	}
}

// Ensure that what the programs of a bus know of the test keys is of these.
func TestTestKeysAreKnown(t *testing.T) {
	test := sim.TestKeys()
	known := func(change func(*oncard.Keys)) bool {
		var text bytes.Buffer
		require.NoError(t, keyfile.Template(&text, rand.Reader))
		keys, err := keyring.Source{Keys: written(t, text.String())}.Read()
		require.NoError(t, err)
		change(&keys)
		keys.Test = false
		text.Reset()
		require.NoError(t, keyfile.Write(&text, keys))
		_, err = keyring.Source{
			Keys:       written(t, strings.Replace(text.String(), "test = true", "", 1)),
			RealReader: true,
		}.Read()
		return errors.Is(err, keyring.ErrTestKeys)
	}
	require.False(t, known(func(*oncard.Keys) {}))
	for name, change := range map[string]func(*oncard.Keys){
		"transport":      func(k *oncard.Keys) { k.Transport = test.Transport },
		"PICC":           func(k *oncard.Keys) { k.PICC = test.PICC },
		"master":         func(k *oncard.Keys) { k.Master = test.Master },
		"holder read":    func(k *oncard.Keys) { k.HolderRead = test.HolderRead },
		"holder write":   func(k *oncard.Keys) { k.HolderWrite = test.HolderWrite },
		"TMAC":           func(k *oncard.Keys) { k.TMAC = test.TMAC },
		"rights seal":    func(k *oncard.Keys) { k.Rights[0] = test.Rights[0] },
		"rights content": func(k *oncard.Keys) { k.Rights[1] = test.Rights[1] },
	} {
		require.True(t, known(change), name)
	}
}
