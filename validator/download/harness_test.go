package download_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/depot/server"
	"leima/validator/depot/shelf"
	"leima/validator/download"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
	"leima/validator/upload"
)

const area = 227

var (
	quiet  = slog.New(slog.DiscardHandler)
	made   = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)
	issuer = key(1)
)

// key is one of a number.
func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func privates(keys []byte) (all []ed25519.PrivateKey) {
	for _, n := range keys {
		all = append(all, key(n))
	}
	return all
}

func role(least uint, keys ...byte) (r manifest.Role) {
	r.Least = least
	for _, n := range keys {
		r.Keys = append(r.Keys, bundle.Public(key(n)))
	}
	return r
}

// device9 is a register of one device.
type device9 struct{ withdrawn bool }

func (r *device9) Key(device uint16) (ed25519.PublicKey, bool) {
	return key(9).Public().(ed25519.PublicKey), device == 9 && !r.withdrawn
}

// A theDepot is a shelf behind HTTPS, on a link that fails as a test wants it.
type theDepot struct {
	t     *testing.T
	shelf *shelf.Shelf
	known device9
	now   time.Time
	https *httptest.Server

	mu        sync.Mutex
	gone      bool // nothing is answered
	asked     []*http.Request
	unchanged atomic.Int32 // answers that a manifest is the last
	// answers, if not nil, may answer in place of the shelf.
	answers func(w http.ResponseWriter, q *http.Request) (answered bool)
}

// newDepot has a shelf with a root of owners 1 and 2, both needed, and the signer 11.
func newDepot(t *testing.T) *theDepot {
	d := &theDepot{t: t, now: made, shelf: &shelf.Shelf{
		Folder: t.TempDir(), Area: area, Keys: []bundle.PublicKey{bundle.Public(issuer)},
	}}
	err := changed(d.shelf, manifest.Root{Owners: role(2, 1, 2), Signers: role(1, 11)}, key(1), key(2))
	require.NoError(t, err)
	shelves := server.Known(&d.known, d.shelf.Handler())
	d.https = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		d.mu.Lock()
		d.asked = append(d.asked, q)
		gone, answers := d.gone, d.answers
		d.mu.Unlock()
		if gone {
			panic(http.ErrAbortHandler)
		}
		if answers == nil || !answers(w, q) {
			shelves.ServeHTTP(&watched{w, &d.unchanged}, q)
		}
	}))
	d.https.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	d.https.TLS = &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert}
	d.https.StartTLS()
	t.Cleanup(d.https.Close)
	return d
}

// watched counts answers without content.
type watched struct {
	http.ResponseWriter
	unchanged *atomic.Int32
}

func (w *watched) WriteHeader(status int) {
	if status == http.StatusNotModified {
		w.unchanged.Add(1)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answer has a function answer what it wants to.
func (d *theDepot) answer(f func(w http.ResponseWriter, q *http.Request) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers = f
}

func (d *theDepot) goes(gone bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = gone
}

// heard are the requests since the last call, as path and range.
func (d *theDepot) heard() (all []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, q := range d.asked {
		all = append(all, strings.TrimSpace(q.URL.Path+" "+q.Header.Get("Range")))
	}
	d.asked = nil
	return all
}

// publish publishes bundles, and returns the manifest.
func (d *theDepot) publish(bundles ...[]byte) manifest.Manifest {
	d.t.Helper()
	var files []string
	for _, raw := range bundles {
		file := filepath.Join(d.t.TempDir(), "a.bundle")
		require.NoError(d.t, os.WriteFile(file, raw, 0o600))
		files = append(files, file)
	}
	m, err := d.shelf.Publish(d.terms(), files...)
	require.NoError(d.t, err)
	return m
}

func (d *theDepot) terms() shelf.Terms {
	return shelf.Terms{Keys: []ed25519.PrivateKey{key(11)}, Now: d.now, Good: 24 * time.Hour}
}

func (d *theDepot) root(version string) []byte {
	d.t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.shelf.Folder, "root-"+version))
	require.NoError(d.t, err)
	return raw
}

// signed is a bundle of some size of a purpose and a version, with a content of its own.
func signed(t testing.TB, purpose bundle.Purpose, version, base uint32, size int) []byte {
	t.Helper()
	file := make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(version), byte(base), purpose[0]})
	_, _ = random.Read(file)
	var raw bytes.Buffer
	_, err := bundle.Write(&raw, bundle.Manifest{
		Purpose: purpose, Area: area, Version: version, Base: base, Made: made,
		Expires: made.AddDate(0, 0, 14),
	}, bytes.NewReader(file), issuer)
	require.NoError(t, err)
	return raw.Bytes()
}

// A bus downloads. Its pauses end when a test says so.
type bus struct {
	*download.Client
	t       *testing.T
	have    map[bundle.Purpose]uint32 // versions in use
	now     time.Time
	known   bool
	arrived int
	status  download.Status

	wake chan struct{}
	ends chan time.Time
	asks chan time.Duration
	stop func()
}

// newBus has the depot's first root from its commission.
func newBus(d *theDepot) *bus {
	b := &bus{t: d.t, now: made.Add(time.Minute), known: true, have: map[bundle.Purpose]uint32{}}
	authorities := x509.NewCertPool()
	authorities.AddCert(d.https.Certificate())
	link, err := upload.NewHTTP(9, key(9), authorities)
	require.NoError(d.t, err)
	b.Client = &download.Client{
		URL: d.https.URL, HTTP: link, Area: area, Root: d.root("1"),
		Folder:  filepath.Join(d.t.TempDir(), "downloads"),
		Lacks:   func(o manifest.Object) bool { return o.Version > b.have[o.Purpose] },
		Largest: func(bundle.Purpose) int64 { return 1 << 20 },
		Has:     func(of bundle.Purpose) uint32 { return b.have[of] },
		Time:    func() (time.Time, bool) { return b.now, b.known },
		Arrived: func() { b.arrived++ },
		Tell:    func(s download.Status) { b.status = s }, Log: quiet,
	}
	return b
}

// starts starts the bus, and waits until its first round is over. It ends with the test.
func (b *bus) starts() time.Duration {
	b.t.Helper()
	b.wake, b.ends, b.asks = make(chan struct{}), make(chan time.Time), make(chan time.Duration)
	ends, asks := b.ends, b.asks
	ctx, cancel := context.WithCancel(context.Background())
	b.Wake = b.wake
	b.After = func(wait time.Duration) <-chan time.Time {
		select {
		case asks <- wait:
		case <-ctx.Done():
		}
		return ends
	}
	require.NoError(b.t, b.Open())
	var running sync.WaitGroup
	running.Go(func() { b.Run(ctx) })
	b.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	b.t.Cleanup(b.stop)
	return <-b.asks
}

// restarts ends the bus's program and starts it again.
func (b *bus) restarts() time.Duration {
	b.t.Helper()
	b.stop()
	again := *b.Client
	b.Client = &download.Client{
		URL: again.URL, HTTP: again.HTTP, Area: again.Area, Root: again.Root, Folder: again.Folder,
		Lacks: again.Lacks, Largest: again.Largest, Has: again.Has, Time: again.Time, Arrived: again.Arrived,
		Tell: again.Tell, Log: again.Log,
	}
	return b.starts()
}

// polls ends the pause, and waits for the end of the next round. It returns the pause after it.
func (b *bus) polls() time.Duration {
	b.ends <- time.Time{}
	return <-b.asks
}

// holds requires that just these bundles wait, whole, and no part of another.
func (b *bus) holds(want ...[]byte) {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.Folder, strings.Repeat("?", 64)+".*"))
	require.NoError(b.t, err)
	got := map[string]bool{}
	for _, file := range files {
		require.True(b.t, strings.HasSuffix(file, ".bundle"), file)
		raw, err := os.ReadFile(file)
		require.NoError(b.t, err)
		got[string(raw)] = true
	}
	require.Len(b.t, got, len(want))
	for _, raw := range want {
		require.True(b.t, got[string(raw)])
	}
}

// changed makes a root the one that counts.
func changed(s *shelf.Shelf, next manifest.Root, keys ...ed25519.PrivateKey) error {
	raw, err := s.Draft(next, keys...)
	if err == nil {
		_, err = s.Change(raw)
	}
	return err
}
