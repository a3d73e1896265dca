package cmd_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/hw/desfire"
	"leima/validator/oncard"
	"leima/validator/sim"
)

// window is so many bytes of a key that nobody would take them for chance.
const window = 6

// traces are the ways in which a stretch of a key may stand in a text or a file.
func traces(k oncard.Keys) (all [][]byte) {
	keys := append([]cardlayout.Key{
		k.PICC, k.Master, k.Transport, k.HolderRead, k.HolderWrite,
		k.TMAC, k.Rights[0], k.Rights[1],
	}, k.Former...)
	if k.Holder != nil {
		keys = append(keys, *k.Holder)
	}
	for _, key := range keys {
		if key == (cardlayout.Key{}) {
			continue
		}
		raw := key[:]
		for n := range len(raw) - window + 1 {
			part := raw[n : n+window]
			for _, format := range []string{"%x", "%X", "% x", "% X"} {
				all = append(all, fmt.Appendf(nil, format, part))
			}
			numbers := strings.Trim(fmt.Sprint(part), "[]")
			all = append(all, part, []byte(numbers), []byte(strings.ReplaceAll(numbers, " ", ",")),
				[]byte(strings.ReplaceAll(numbers, " ", ", ")))
		}
		for n := range 3 { // a key may begin anywhere in a group of base64
			all = append(all, []byte(base64.RawStdEncoding.EncodeToString(raw[n:])[:8]))
		}
	}
	return all
}

// shows tells which trace stands in a text; nil if none does.
func shows(text []byte, all [][]byte) []byte {
	for _, trace := range all {
		if bytes.Contains(text, trace) {
			return trace
		}
	}
	return nil
}

// Ensure that a key prints as REDACTED in every format, alone and in whatever holds it.
func TestKeysPrintAsRedacted(t *testing.T) {
	t.Parallel()
	keys := sim.TestKeys()
	keys.Former = []cardlayout.Key{keys.PICC}
	all := traces(keys)
	own := desfire.Key(keys.Transport)
	values := []any{
		keys, &keys, keys.Keys, keys.Transport, &keys.Transport, keys.Former, own, &own,
		map[string]any{"key": keys.Transport, "own": own},
		struct{ K cardlayout.Key }{keys.PICC},
		oncard.App(keys.Scheme, keys.Transport),
	}
	encoders := map[string]func(any) ([]byte, error){
		"JSON": json.Marshal, "CBOR": cbor.Marshal, "TOML": toml.Marshal,
		"gob": func(v any) ([]byte, error) {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(v)
			return b.Bytes(), err
		},
		"log as text": func(v any) ([]byte, error) {
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("told", "value", v)
			return b.Bytes(), nil
		},
		"log as JSON": func(v any) ([]byte, error) {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).Info("told", "value", v)
			return b.Bytes(), nil
		},
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%c", "%U", "%b"} {
		encoders[verb] = func(v any) ([]byte, error) { return fmt.Appendf(nil, verb, v), nil }
	}
	for name, encode := range encoders {
		for _, v := range values {
			text, _ := encode(v) // what cannot be encoded tells nothing
			require.Nil(t, shows(text, all), "%s of %T", name, v)
		}
		for _, v := range []any{keys.Transport, own} {
			if text, err := encode(v); err == nil {
				require.Contains(t, string(text), "REDACTED", "%s of %T", name, v)
			}
		}
	}
}

// Ensure that nothing which the programs say, log or keep shows any of a system's own keys,
// whatever goes wrong: but for the images of emulated cards, which hold them as cards do,
// and the key files themselves.
func TestNoKeyIsTold(t *testing.T) {
	t.Parallel()
	folder := aFolder(t)
	said := &bytes.Buffer{}
	call := func(program string, args ...string) {
		command := exec.Command(filepath.Join(folder, "bin", program), args...)
		command.Dir = folder
		command.Env = append(os.Environ(), "LEIMA_PASSPHRASE="+filepath.Join(folder, "passphrase"))
		output, _ := command.CombinedOutput() // some are meant to fail
		fmt.Fprintf(said, "$ %s %v\n%s", program, args, output)
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	write("passphrase", "correct horse battery\n")
	call("bench", "keys", "new", "first.toml")
	call("bench", "keys", "roll", "first.toml", "--out", "keys.toml")
	call("bench", "keys", "seal", "keys.toml", "--out", "sealed")
	call("bench", "keys", "show", "sealed")
	demo, err := os.ReadFile("../testdata/demo.toml")
	require.NoError(t, err)
	for name, keys := range map[string]string{"good": "sealed", "bad": "first.toml", "none": "passphrase"} {
		write(name+".toml", strings.NewReplacer(`device = 9`, "device = 9\nkeys = \""+keys+`"`,
			`"../state/day"`, `"state"`, `"tariffs/`, `"testdata/tariffs/`, `"taps/`, `"testdata/taps/`,
			`pace = "1s"`, `pace = "0s"`).Replace(string(demo)))
	}
	call("bench", "bus", "validator", "--config", "good.toml")
	call("bench", "bus", "validator", "--config", "none.toml")
	for _, keys := range []string{"sealed", "keys.toml", "first.toml", "passphrase"} {
		call("bench", "issue", "testdata/cards/aino.txt", "--out", keys+".img", "--keys", keys)
		for _, command := range []string{"inspect %s --raw --json", "check %s --zone A --tariff " +
			"testdata/tariffs/mikkeli-2025.toml", "tear %s", "probe %s"} {
			words := strings.Fields(fmt.Sprintf(command, "sealed.img"))
			call("bench", append(words, "--keys", keys)...)
		}
	}
	call("bench", "reconcile", "state/journal", "--all", "--json", "--keys", "keys.toml")
	call("bench", "verify", "state/journal", "--keys", "keys.toml")
	call("bench", "bus", "validator", "--config", "bad.toml")

	require.Contains(t, said.String(), "Value ticket", "the demo did run")
	require.Contains(t, said.String(), `"924699`, "a card was inspected")
	for _, set := range []string{"first.toml", "keys.toml"} {
		keys, err := keyfile.Read(filepath.Join(folder, set), "")
		require.NoError(t, err)
		all := append(traces(keys), []byte("horse"))
		require.NotNil(t, shows([]byte(fmt.Sprintf("%X", keys.Transport[:])), all))
		require.Nil(t, shows(said.Bytes(), all))
		looked := 0
		require.NoError(t, filepath.WalkDir(folder+"/state", func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			if filepath.Ext(path) == ".img" {
				return nil
			}
			text, err := os.ReadFile(path)
			require.Nil(t, shows(text, all), path)
			looked++
			return err
		}))
		require.Greater(t, looked, 2)
	}
}

// Ensure that the tests themselves show no key, whose output is kept by anyone who runs them.
func TestTestsTellNoKey(t *testing.T) {
	if testing.Short() {
		t.Skip("the tests of three packages: make exhaustive runs them")
	}
	t.Parallel()
	command := exec.Command("go", "test", "-count=1", "-v", "../validator", "../validator/servicepoint",
		"./internal/keyfile")
	output, err := command.CombinedOutput()
	require.NoError(t, err)
	require.Contains(t, string(output), "--- PASS: TestNoSecretInErrors")
	require.Nil(t, shows(output, traces(sim.TestKeys())))
}
