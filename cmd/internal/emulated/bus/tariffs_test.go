package bus

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/onboard"
	"leima/fare/tariff"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
)

// tariffKey is the key under which tariffs are signed, and no list.
var tariffKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))

// withSignedTariffs is a configuration that takes signed tariffs alone.
func withSignedTariffs() []string {
	return []string{
		`tariffs = ["tariffs/mikkeli-2025.toml"]`, "",
		"[service]", fmt.Sprintf("[tariff_list]\nkeys = [%q]\n[service]", bundle.Public(tariffKey)),
	}
}

// sendTariffs puts Mikkeli's tariff into a device's inbox, perhaps changed.
func sendTariffs(t *testing.T, config string, version uint32, key ed25519.PrivateKey, edit ...string) {
	t.Helper()
	text, err := os.ReadFile("../../../../testdata/tariffs/mikkeli-2025.toml")
	require.NoError(t, err)
	if len(edit) > 0 {
		require.Contains(t, string(text), edit[0])
		text = bytes.ReplaceAll(text, []byte(edit[0]), []byte(edit[1]))
	}
	var raw bytes.Buffer
	made := time.Unix(1772400000, 0)
	_, err = lists.SignTariffs(&raw, []tariff.Source{{File: "mikkeli.toml", TOML: text}},
		bundle.Manifest{Version: version, Area: 227, Made: made, Expires: made.AddDate(1, 0, 0)},
		time.LoadLocation, key)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "part")
	require.NoError(t, os.WriteFile(path, raw.Bytes(), 0o600))
	post(t, config, path, fmt.Sprintf("t%d.bundle", version))
}

// Ensure that a device takes its tariffs from its inbox, drives its day by them as by plain
// ones, and finds them again at the next start.
func TestSignedTariffs(t *testing.T) {
	t.Parallel()
	config := aDevice(t, withSignedTariffs()...)
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Equal(t, exitState, code)
	require.Contains(t, errs, "there are no tariffs: put the bundle of area 227's")
	require.Equal(t, 1, bytes.Count([]byte(errs), []byte("\n")))

	sendTariffs(t, config, 3, tariffKey)
	code, out, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	golden(t, "monday.txt", out)
	code, out, errs = start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	golden(t, "tuesday.txt", out)
	set, err := tariff.Load(state(config, onboard.TariffFile), time.LoadLocation)
	require.NoError(t, err, "the console's copy")
	require.Len(t, set.All(), 1)
}

// Ensure that tariffs which are forged, older, of another purpose or plain change nothing while
// a device serves, and are told; and that good ones are then taken between two taps.
func TestForgedTariffs(t *testing.T) {
	t.Parallel()
	config := aDevice(t, append(append(withSignedTariffs(), pinned(`poll = "0s"`)...),
		`pace = "1s"`, `pace = "1h"`)...)
	sendTariffs(t, config, 3, tariffKey)
	stop := working(t, config)
	logged(t, config, "version=3 tariffs=1")
	sendTariffs(t, config, 4, issuer, `"2.51"`, `"0.01"`)
	hangup(t)
	logged(t, config, "bundle t4.bundle: the bundle is signed with an unknown key")
	sendTariffs(t, config, 2, tariffKey)
	hangup(t)
	logged(t, config, "t2.bundle: it is older than the one in use: version 2, and this device has had 3")
	logged(t, config, `"in use"=3`)
	require.FileExists(t, state(config, "refused/t4.bundle"))
	sendTariffs(t, config, 5, tariffKey, `"2.51"`, `"2.61"`)
	hangup(t)
	logged(t, config, "version=5 tariffs=1")
	require.Zero(t, stop())
}
