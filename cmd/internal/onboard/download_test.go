package onboard

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/device"
	"leima/cmd/internal/program"
	"leima/fare/actionlist"
	"leima/fare/sale"
	"leima/validator/depot/server"
	"leima/validator/depot/shelf"
	"leima/validator/journal"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
	"leima/validator/sim/simtest"
)

// anyDevice is a register of all who have one key.
type anyDevice struct{ key ed25519.PublicKey }

func (r anyDevice) Key(uint16) (ed25519.PublicKey, bool) { return r.key, true }

func written(t *testing.T, raw []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return path
}

// Ensure that a validator with a depot's root takes the lists of that depot into use by itself,
// between two taps, says by which manifest, and does not start with a root that is none.
func TestFetchesFromTheDepot(t *testing.T) {
	bus := simtest.NewBus(t)
	now := bus.Validator.Time().UTC().Truncate(time.Second)
	issuer := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	keys := []bundle.PublicKey{bundle.Public(issuer)}

	on := &shelf.Shelf{Folder: t.TempDir(), Area: 227, Keys: keys}
	role := manifest.Role{Least: 1, Keys: keys}
	raw, err := on.Draft(manifest.Root{Owners: role, Signers: role}, issuer)
	require.NoError(t, err)
	_, err = on.Change(raw)
	require.NoError(t, err)
	tonight, err := actionlist.New(227, 3, now, nil)
	require.NoError(t, err)
	list, err := actionlist.New(227, 4, now, []actionlist.Entry{{
		Card: cardlayout.WithCheckDigit(92469900110000000), Action: sale.Action{
			Leaves: 1, First: cardlayout.DayOf(now), Last: cardlayout.DayOf(now) + 13,
			Kind: sale.ValueAction, Amount: 2000,
		},
	}})
	require.NoError(t, err)
	bought, err := actionlist.NewDelta(tonight, list)
	require.NoError(t, err)
	var bundles []string
	for _, file := range []lists.ActionFile{tonight, bought} {
		var raw bytes.Buffer
		_, err = lists.SignActions(&raw, file, lists.Terms{Expires: now.AddDate(0, 0, 14)}, issuer)
		require.NoError(t, err)
		bundles = append(bundles, written(t, raw.Bytes()))
	}
	_, err = on.Publish(shelf.Terms{
		Keys: []ed25519.PrivateKey{issuer}, Now: now, Good: 24 * time.Hour,
	}, bundles...)
	require.NoError(t, err)

	c := &Config{Tariffs: []string{"jyvaskyla-2018.toml"}}
	c.Path = filepath.Join("..", "..", "..", "testdata", "tariffs", "bus.toml")
	c.State, c.Device, c.Area, c.Bench = t.TempDir(), 9, 227, true
	c.ActionList.Keys, c.ActionList.Largest, c.BlockList.Largest = keys, 1, 1
	require.NoError(t, c.Folder().Commission(io.Discard))
	own, err := journal.DeviceKey(filepath.Join(c.State, device.KeyFile))
	require.NoError(t, err)
	https := httptest.NewUnstartedServer(server.Known(
		anyDevice{own.Public().(ed25519.PublicKey)}, on.Handler()))
	https.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	https.TLS = &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert}
	https.StartTLS()
	defer https.Close()
	c.Depot.URL, c.Depot.Certificate = https.URL, written(t, pem.EncodeToMemory(&pem.Block{
		Type: "CERTIFICATE", Bytes: https.Certificate().Raw,
	}))
	c.Download.Root = written(t, []byte("no root"))
	_, err = c.Open(io.Discard)
	require.True(t, program.IsUsage(err), "%v", err)
	c.Download.Root = filepath.Join(on.Folder, "root-1")

	d, err := c.Open(io.Discard)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	stop := d.keepFresh(hangups(), bus.Validator)
	defer stop()
	require.Eventually(t, func() bool { return d.actions.Version() == 4 }, 20*time.Second,
		time.Millisecond)
	require.Eventually(t, func() bool { return d.downloads.Load().Manifest == 1 }, 20*time.Second,
		time.Millisecond)
	require.EqualValues(t, 4, d.local(nil).Actions())
	require.Empty(t, d.downloads.Load().Trouble)
	require.False(t, d.downloads.Load().Alarm)
}
