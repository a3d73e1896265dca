package server_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
	"leima/validator/depot/server"
)

// register has each device with one key.
type register struct{ key ed25519.PublicKey }

func (r register) Key(uint16) (ed25519.PublicKey, bool) { return r.key, true }

// asked tells when a body is asked for.
type asked struct {
	io.Reader
	once  sync.Once
	begun chan struct{}
}

func (a *asked) Read(p []byte) (int, error) {
	a.once.Do(func() { a.begun <- struct{}{} })
	return a.Reader.Read(p)
}

// Ensure that a device that sends many bodies at once, slowly, holds few of them in the depot's
// memory, keeps no other device waiting, and is answered again once they are over.
func TestManyAtOnce(t *testing.T) {
	store, err := embedded.Open(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	defer store.Close()
	device := depottest.NewDevice(t, 9)
	key := device.Key().Public().(ed25519.PublicKey)
	s := server.Server{
		Receiver: &depot.Receiver{Store: store, Now: depottest.Now}, Register: register{key},
		Log: slog.New(slog.DiscardHandler),
	}
	handler := s.Handler()
	sends := func(number uint16, body io.Reader) *http.Response {
		q := httptest.NewRequestWithContext(t.Context(), http.MethodPost,
			fmt.Sprintf("/v1/devices/%d/journal", number), body)
		q.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{PublicKey: key}}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, q)
		return w.Result()
	}
	var slow sync.WaitGroup
	begun := make(chan struct{})
	var ends []io.Closer
	for range 4 {
		body, end := io.Pipe()
		ends = append(ends, end)
		slow.Go(func() { sends(9, &asked{Reader: body, begun: begun}) })
		<-begun
	}
	refused := sends(9, nil)
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
	require.Equal(t, "5", refused.Header.Get("Retry-After"))
	report := device.Report().Raw
	other := depottest.NewDevice(t, 10).Report().Raw
	require.Equal(t, http.StatusOK, sends(10, bytes.NewReader(other)).StatusCode)
	for _, end := range ends {
		require.NoError(t, end.Close())
	}
	slow.Wait()
	require.Equal(t, http.StatusOK, sends(9, bytes.NewReader(report)).StatusCode)
}

// Ensure that the log names the device that is refused and why, and that a stranger does not fill
// it.
func TestRefusalIsSaid(t *testing.T) {
	now := depottest.Now()
	var log bytes.Buffer
	s := server.Server{
		Receiver: &depot.Receiver{Now: func() time.Time { return now }},
		Register: register{depottest.NewDevice(t, 9).Key().Public().(ed25519.PublicKey)},
		Log:      slog.New(slog.NewTextHandler(&log, nil)),
	}
	stranger := depottest.NewDevice(t, 9).Key().Public()
	sends := func(path string) {
		q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil)
		q.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{PublicKey: stranger}}}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, q)
		require.Equal(t, http.StatusForbidden, w.Code)
	}
	sends("/v1/devices/9/journal")
	require.Contains(t, log.String(), "not the key of device 9")
	for n := range 1000 {
		sends(fmt.Sprintf("/v1/devices/%d/journal", n))
	}
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	now = now.Add(time.Minute)
	sends("/v1/devices/x%0Ay/journal")
	require.Equal(t, 2, strings.Count(log.String(), "\n"))
	require.Contains(t, log.String(), "others=1000")
}

// Ensure that a device of the register that sends what is no journal, again and again, does not fill
// the log either, which says that it does.
func TestLiarDoesNotFillTheLog(t *testing.T) {
	store, err := embedded.Open(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	defer store.Close()
	liar := depottest.NewDevice(t, 9)
	liar.Record(2, 1)
	key := liar.Key().Public().(ed25519.PublicKey)
	var log bytes.Buffer
	s := server.Server{
		Receiver: &depot.Receiver{Store: store, Now: depottest.Now}, Register: register{key},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	for range 100 {
		q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/devices/8/journal",
			bytes.NewReader(depottest.Raw(liar.Items(0))))
		q.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{PublicKey: key}}}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, q)
		require.Equal(t, http.StatusBadRequest, w.Code)
	}
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	require.Contains(t, log.String(), "what is no journal")
}
