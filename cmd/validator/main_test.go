package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/device"
	"leima/cmd/internal/keyfile"
)

// aBus is the configuration of a bus with a reader of metal that is not there; edit changes
// its text.
func aBus(t *testing.T, edit ...string) (config string) {
	t.Helper()
	root, err := filepath.Abs("../../testdata")
	require.NoError(t, err)
	text, err := os.ReadFile(root + "/reader.toml")
	require.NoError(t, err)
	folder := t.TempDir()
	var keys bytes.Buffer
	require.NoError(t, keyfile.Template(&keys, rand.Reader))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "keys.toml"), keys.Bytes(), 0o600))
	changed := strings.NewReplacer(append(edit, `"../desk"`, `"state"`, `"../test.toml"`, `"keys.toml"`,
		`"tariffs/`, `"`+root+`/tariffs/`, `"1Spam`, `"2Spam`, // any back office but everybody's
		`reader = "pcsc"`, "reader = \"pcsc\"\npattern = \"no such reader\"")...).Replace(string(text))
	config = filepath.Join(folder, "validator.toml")
	require.NoError(t, os.WriteFile(config, []byte(changed), 0o644))
	return config
}

func start(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// Ensure that help is no error and says the exit codes.
func TestHelp(t *testing.T) {
	code, out, _ := start(t, "--help")
	require.Zero(t, code)
	require.Contains(t, out, "Exit codes")
	require.Contains(t, out, "validator run --config testdata/reader.toml")
}

// Ensure that a start that has failed leaves its cause, which the status says together with what
// the journal holds, until the next good start.
func TestFailedStartIsSaid(t *testing.T) {
	config := aBus(t)
	code, _, errs := start(t, "commission", "--config", config)
	require.Zero(t, code, errs)
	code, out, _ := start(t, "status", "--config", config)
	require.Equal(t, 1, code)
	require.Contains(t, out, "validator does not run: start it")

	code, _, _ = start(t, "run", "--config", config)
	require.Equal(t, device.CodeUsage, code)
	code, out, _ = start(t, "status", "--config", config)
	require.Equal(t, 1, code)
	require.Contains(t, out, "with 78\n")
	require.Contains(t, out, "the tariffs are not signed")
	require.Contains(t, out, "0 entries, 0 open, 0 to send")

	_, out, _ = start(t, "status", "--config", config, "--json")
	var status struct {
		Running bool
		Ended   struct{ Code int }
		Journal *struct{ Unacknowledged uint64 }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &status))
	require.False(t, status.Running)
	require.Equal(t, 78, status.Ended.Code)
	require.NotNil(t, status.Journal)
}

// Ensure that a bus takes neither the test keys nor everybody's back office, nor none, nor an
// emulated reader, and says what to do.
func TestWhatABusRefuses(t *testing.T) {
	for says, edit := range map[string][]string{
		"these are the public test keys":        {`keys = "../test.toml"`, `keys = "test"`},
		"back_office is missing":                {"back_office", "# "},
		"back_office is the public test key":    {`"1Spam`, `"1Spam`},
		"bench bus has one; on a bus want pcsc": {`reader = "pcsc"`, `reader = "emulated"`},
		`reader is "magic": want pcsc`:          {`reader = "pcsc"`, `reader = "magic"`},
		"emulated is not a setting":             {"[service]", "[emulated]\nrate = 848\n[service]"},
		"the tariffs are not signed":            {},
		"put the bundle into the inbox":         {`tariffs = ["tariffs/mikkeli-2025.toml"]`, ""},
	} {
		code, _, errs := start(t, "run", "--config", aBus(t, edit...))
		require.Equal(t, device.CodeUsage, code, says)
		require.Contains(t, errs, says)
	}
}

// Ensure that an emulated bus is asked how it is as any other, by its own configuration.
func TestStatusOfAnEmulatedBus(t *testing.T) {
	text, err := os.ReadFile("../../testdata/bus.toml")
	require.NoError(t, err)
	config := filepath.Join(t.TempDir(), "bus.toml")
	text = bytes.Replace(text, []byte("../state/street"), []byte("state"), 1)
	require.NoError(t, os.WriteFile(config, text, 0o600))
	code, out, says := start(t, "status", "--config", config)
	require.Equal(t, 1, code, says)
	require.Contains(t, out, "validator does not run: start it")

	text = bytes.Replace(text, []byte(`language = "en"`), []byte(`language = "de"`), 1)
	require.NoError(t, os.WriteFile(config, text, 0o600))
	code, _, says = start(t, "status", "--config", config)
	require.Equal(t, 78, code)
	require.Contains(t, says, "language") // and not that its [emulated] is no setting
}
