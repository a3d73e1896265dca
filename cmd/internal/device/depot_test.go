package device_test

import (
	"crypto/ed25519"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/device"
	"leima/cmd/internal/program"
	"leima/validator"
	"leima/validator/depot"
	"leima/validator/depot/embedded"
	"leima/validator/depot/server"
	"leima/validator/journal"
)

// register has one device, once it is let in.
type register struct {
	key atomic.Pointer[ed25519.PublicKey]
}

func (r *register) Key(uint16) (ed25519.PublicKey, bool) {
	if key := r.key.Load(); key != nil {
		return *key, true
	}
	return nil, false
}

// Ensure that a device with a depot sends its journal by itself, and says why that does not go, and
// when it has last gone.
func TestDepot(t *testing.T) {
	store, err := embedded.Open(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	defer store.Close()
	quiet, known := slog.New(slog.DiscardHandler), &register{}
	there := server.Server{
		Receiver: &depot.Receiver{Store: store, Now: time.Now}, Register: known, Log: quiet,
	}
	listening := httptest.NewUnstartedServer(there.Handler())
	listening.StartTLS()
	defer listening.Close()
	listening.TLS.ClientAuth = server.TLS(listening.TLS.Certificates[0]).ClientAuth
	certificate := filepath.Join(t.TempDir(), "depot.pem")
	require.NoError(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{
		Type: "CERTIFICATE", Bytes: listening.Certificate().Raw,
	}), 0o644))

	folder := device.Folder{
		Path: t.TempDir(), Number: 9, Bench: true,
		Depot: device.Depot{URL: listening.URL, Certificate: filepath.Join(t.TempDir(), "none")},
	}
	_, err = folder.Open(io.Discard)
	require.True(t, program.IsUsage(err), "%v", err)
	folder.Depot.Certificate = certificate
	d, err := folder.Open(io.Discard)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	require.NoError(t, d.Journal.Record(validator.Event{ID: d.Journal.Next()}))
	require.Eventually(t, func() bool { return d.Upload().Trouble != "" }, 20*time.Second,
		10*time.Millisecond)
	require.Contains(t, d.Upload().Trouble, http.StatusText(http.StatusForbidden))
	require.True(t, d.Upload().Last.IsZero())

	key, err := journal.DeviceKey(filepath.Join(folder.Path, device.KeyFile))
	require.NoError(t, err)
	public := key.Public().(ed25519.PublicKey)
	known.key.Store(&public)
	require.Eventually(t, func() bool { return d.Journal.Extent().Acknowledged == 1 },
		20*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return d.Upload().Trouble == "" }, 20*time.Second,
		10*time.Millisecond)
	require.False(t, d.Upload().Last.IsZero())
	<-d.Link.Again // the depot is reached again: who fetches lists need not wait
}
