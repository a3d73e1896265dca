package upload_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
	"leima/validator/depot/server"
	"leima/validator/journal"
	"leima/validator/upload"
)

var quiet = slog.New(slog.DiscardHandler)

// register has one device.
type register struct {
	device    uint16
	key       ed25519.PublicKey
	withdrawn bool
}

func (r *register) Key(device uint16) (ed25519.PublicKey, bool) {
	return r.key, device == r.device && !r.withdrawn
}

// A theDepot answers without a network.
type theDepot struct {
	store   *embedded.Store
	alarms  []depot.Alarm
	handler http.Handler
	state   tls.ConnectionState // of the device
}

func newDepot(t *testing.T, device *depottest.Device) *theDepot {
	d := &theDepot{}
	var err error
	d.store, err = embedded.Open(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.store.Close()) })
	public := device.Key().Public().(ed25519.PublicKey)
	d.state.PeerCertificates = []*x509.Certificate{{PublicKey: public}}
	d.opens(&register{device: device.Number, key: public}, d.store)
	return d
}

func (d *theDepot) opens(known server.Register, store depot.Store) {
	s := server.Server{
		Receiver: &depot.Receiver{
			Store: store, Now: depottest.Now,
			Alarm: func(a depot.Alarm) { d.alarms = append(d.alarms, a) },
		},
		Register: known, Log: quiet,
	}
	d.handler = s.Handler()
}

// RoundTrip implements http.RoundTripper.
func (d *theDepot) RoundTrip(q *http.Request) (*http.Response, error) {
	q.TLS = &d.state
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, q)
	return w.Result(), nil
}

// roundTripper is a function as one.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

// client sends a device's journal over a way.
func client(device *depottest.Device, way http.RoundTripper) *upload.Client {
	return &upload.Client{
		Device: device.Number, URL: "https://depot", HTTP: &http.Client{Transport: way},
		Journal: device.Journal, Log: quiet, Now: time.Now,
	}
}

// sends sends for a time.
func sends(c *upload.Client, for_ time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), for_)
	defer cancel()
	c.Run(ctx)
}

// hasAll requires that a depot has all of a device, byte for byte, and that the device knows it.
func (d *theDepot) hasAll(t *testing.T, device *depottest.Device) {
	t.Helper()
	extent := device.Journal.Extent()
	require.Equal(t, extent.Last, extent.Acknowledged)
	var kept []byte
	for last := uint64(0); last < extent.Last; {
		b, err := d.store.Holding(t.Context(), device.Number, 0, last+1)
		require.NoError(t, err)
		require.Equal(t, last+1, b.Entries[0].Position)
		kept = append(kept, depottest.Raw(b.Entries)...)
		last = b.Entries[len(b.Entries)-1].Position
	}
	require.True(t, bytes.Equal(depottest.Raw(device.Items(0)), kept))
}

// Ensure that a journal that grows meanwhile arrives, byte for byte, over a link that loses
// requests and answers, doubles and cuts them, at a depot that is full at times; that the device
// hears of it; and that a report ends it.
func TestEverythingArrives(t *testing.T) {
	seeds := uint64(8)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			random, faults := rand.New(rand.NewPCG(seed, 16)), rand.New(rand.NewPCG(seed, 17))
			device := depottest.NewDevice(t, 9)
			device.Record(700, 1)
			there := newDepot(t, device)
			c := client(device, roundTripper(func(q *http.Request) (*http.Response, error) {
				body, err := io.ReadAll(q.Body)
				require.NoError(t, err)
				again := func() *http.Request {
					other := q.Clone(q.Context())
					other.Body = io.NopCloser(bytes.NewReader(body))
					return other
				}
				switch faults.IntN(8) {
				case 0:
					return nil, errors.New("lost on its way")
				case 1:
					_, _ = there.RoundTrip(again())
					return nil, errors.New("the answer is lost")
				case 2:
					_, _ = there.RoundTrip(again())
				case 3:
					w := httptest.NewRecorder()
					w.Header().Set("Retry-After", "7")
					w.WriteHeader(http.StatusServiceUnavailable)
					return w.Result(), nil
				case 4:
					a, err := there.RoundTrip(again())
					a.Body = io.NopCloser(io.LimitReader(a.Body, 10))
					return a, err
				}
				return there.RoundTrip(again())
			}))
			ctx, cancel := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { c.Run(ctx) })
			for range 20 {
				time.Sleep(time.Duration(random.IntN(60)) * time.Second)
				device.Record(random.IntN(40), 2)
			}
			time.Sleep(2 * time.Hour)
			cancel()
			running.Wait()
			there.hasAll(t, device)
			require.Empty(t, there.alarms)
		})
	}
}

// Ensure that nothing but the hash of a position that was sent acknowledges anything.
func TestNothingElseAcknowledges(t *testing.T) {
	zeros := strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		status int
		answer string
	}{
		"another hash":            {200, `{"position":5,"hash":"` + zeros + `"}`},
		"no hash":                 {200, `{"position":5}`},
		"a position not sent":     {200, `{"position":6,"hash":"` + zeros + `"}`},
		"the beginning":           {200, `{"position":0,"hash":"` + zeros + `"}`},
		"nothing":                 {200, ``},
		"a page of a hotel":       {200, `<html>Welcome</html>`},
		"elsewhere":               {302, ``},
		"no content":              {204, ``},
		"created":                 {201, `{"position":5,"hash":"HASH"}`},
		"refused":                 {403, `{"error":"who are you"}`},
		"a gap, and a right hash": {409, `{"position":5,"hash":"HASH","heads":[]}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			device := depottest.NewDevice(t, 9)
			device.Record(5, 1)
			items := device.Items(0)
			answer := strings.ReplaceAll(c.answer, "HASH", depottest.Hex(items[4].Hash))
			asked := 0
			sender := client(device, roundTripper(func(*http.Request) (*http.Response, error) {
				asked++
				w := httptest.NewRecorder()
				w.Header().Set("Location", "https://elsewhere/")
				w.WriteHeader(c.status)
				_, _ = w.WriteString(answer)
				return w.Result(), nil
			}))
			sender.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			}
			failed := 0
			sender.Failed = func(error) { failed++ }
			sender.Sent = func(time.Time) { t.Error(name) }
			sends(sender, time.Hour)
			require.Zero(t, device.Journal.Extent().Acknowledged, name)
			require.Greater(t, asked, 5, name)
			require.NotZero(t, failed, name)
			require.Less(t, asked, 720, "%s: it is asked without a pause", name)
		})
	}
}

// Ensure that a depot that has lost what it had acknowledged is sent it again, also if the device
// has nothing new to say; and that what the device does not have any more is a gap with a name.
func TestLostTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := depottest.NewDevice(t, 9)
		device.Record(600, 1)
		there := newDepot(t, device)
		c := client(device, there)
		sends(c, time.Minute)
		there.hasAll(t, device)

		restored := newDepot(t, device) // from a backup with the first entries
		r := depot.Receiver{Store: restored.store, Now: depottest.Now}
		_, err := r.Receive(t.Context(), 9, device.Items(0)[:100], false)
		require.NoError(t, err)
		c.HTTP.Transport = restored
		sends(c, 3*time.Hour)
		restored.hasAll(t, device)
		require.Empty(t, restored.alarms)
	})
}

// Ensure that a device that has pruned what the depot has lost goes on, and that the gap has a
// name.
func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := depottest.NewDevice(t, 9)
		device.Record(600, 1)
		there := newDepot(t, device)
		pruned := &prunedJournal{device.Journal, 400}
		c := client(device, there)
		c.Journal = pruned
		sends(c, time.Minute)
		device.Record(5, 1)
		sends(c, time.Minute)
		require.Equal(t, []depot.Alarm{{Device: 9, Kind: depot.Gap, First: 1, Last: 400}}, there.alarms)
		chains, err := there.store.Chains(t.Context(), 9)
		require.NoError(t, err)
		require.Len(t, chains, 1)
		require.EqualValues(t, 401, chains[0].First)
		require.EqualValues(t, 605, chains[0].Position)
		require.EqualValues(t, 605, device.Journal.Extent().Acknowledged)
	})
}

// A prunedJournal has only what is after a position.
type prunedJournal struct {
	*journal.Journal
	upTo uint64
}

func (p *prunedJournal) Export(after uint64, each func(uint64, []byte) error) error {
	return p.Journal.Export(max(after, p.upTo), each)
}

// Ensure that only the depot that a device is configured with is sent anything or believed, and
// that a device writes its own journal only, and none once it was withdrawn.
func TestStrangers(t *testing.T) {
	device := depottest.NewDevice(t, 9)
	device.Record(5, 1)
	there := newDepot(t, device)
	known := &register{device: 9, key: device.Key().Public().(ed25519.PublicKey)}
	there.opens(known, there.store)
	serve := func() (address string, trusted *x509.CertPool) {
		s := httptest.NewUnstartedServer(there.handler)
		s.Config.ErrorLog = slog.NewLogLogger(quiet.Handler(), slog.LevelInfo)
		s.StartTLS() // for a certificate
		other := server.TLS(s.TLS.Certificates[0])
		s.TLS.MinVersion, s.TLS.ClientAuth = other.MinVersion, other.ClientAuth
		t.Cleanup(s.Close)
		trusted = x509.NewCertPool()
		trusted.AddCert(s.Certificate())
		return s.URL, trusted
	}
	address, trusted := serve()
	_, foreign, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	for _, c := range []struct {
		name      string
		number    uint16
		key       ed25519.PrivateKey
		trusted   *x509.CertPool
		withdrawn bool
		says      string
	}{
		{"a depot of others", 9, device.Key(), x509.NewCertPool(), false, "not the depot of"},
		{"another device's path", 8, device.Key(), trusted, false, "403"},
		{"another key", 9, foreign, trusted, false, "not the key of device 9"},
		{"withdrawn", 9, device.Key(), trusted, true, "depot device add"},
		{"itself", 9, device.Key(), trusted, false, ""},
	} {
		known.withdrawn = c.withdrawn
		ctx, cancel := context.WithCancel(t.Context())
		heard := ""
		sender := client(device, nil)
		sender.Device, sender.URL = c.number, address
		sender.HTTP, err = upload.NewHTTP(c.number, c.key, c.trusted)
		require.NoError(t, err)
		sender.Failed = func(err error) { heard = err.Error(); cancel() }
		sender.Sent = func(time.Time) { cancel() }
		sender.Run(ctx)
		if c.says == "" {
			require.Empty(t, heard)
			there.hasAll(t, device)
			continue
		}
		require.Contains(t, heard, c.says, c.name)
		require.Zero(t, device.Journal.Extent().Acknowledged, c.name)
		chains, err := there.store.Chains(t.Context(), 9)
		require.NoError(t, err)
		require.Empty(t, chains, c.name)
	}
	bare := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	_, err = bare.Post(address+"/v1/devices/9/journal", "application/cbor-seq", nil)
	require.Error(t, err, "without a key there is no connection")
}

// Ensure that a device which could not say that this is all says it no more once it has more.
func TestReportIsOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := depottest.NewDevice(t, 9)
		device.Record(1, 1)
		there := newDepot(t, device)
		tried := make(chan struct{}, 1)
		reports := 0
		c := client(device, roundTripper(func(q *http.Request) (*http.Response, error) {
			select {
			case tried <- struct{}{}:
				device.Record(1, 1)
				return nil, errors.New("no link")
			default:
			}
			answer, err := there.RoundTrip(q)
			b, missing := there.store.Holding(q.Context(), device.Number, 0, 1)
			require.NoError(t, missing)
			require.Len(t, b.Entries, 2, "it was not all")
			reports++
			return answer, err
		}))
		sends(c, time.Minute)
		require.Equal(t, 1, reports)
		there.hasAll(t, device)
	})
}

// Ensure that a bus which was out of reach for three weeks, and boarded all the while, has tried again
// every five minutes at the latest, has lost nothing, and needs no more requests then than its
// entries fill.
func TestThreeWeeksOffline(t *testing.T) {
	eachDay := 1400 // entries of 700 taps
	if testing.Short() {
		eachDay = 100
	}
	const days = 21
	synctest.Test(t, func(t *testing.T) {
		device := depottest.NewDevice(t, 9)
		there := newDepot(t, device)
		var tried int
		var waiting []int // behind each batch that was sent
		back := make(chan struct{})
		c := client(device, roundTripper(func(q *http.Request) (*http.Response, error) {
			select {
			case <-back:
				waits, err := strconv.Atoi(q.Header.Get("Leima-Waiting"))
				require.NoError(t, err)
				waiting = append(waiting, waits)
				return there.RoundTrip(q)
			default:
				tried++
				return nil, errors.New("no link")
			}
		}))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			c.Run(ctx)
		}()
		for range days {
			device.Record(eachDay, 1)
			time.Sleep(24 * time.Hour)
		}
		synctest.Wait()
		require.Zero(t, device.Journal.Extent().Acknowledged)
		require.Greater(t, tried, days*24*60/5)
		close(back)
		time.Sleep(5*time.Minute + time.Second)
		cancel()
		<-ended
		there.hasAll(t, device)
		require.LessOrEqual(t, len(waiting), days*eachDay/500+2)
		require.Equal(t, days*eachDay-500, waiting[0])
		require.Zero(t, waiting[len(waiting)-1])
		require.Empty(t, there.alarms)
	})
}

// Ensure that a failure is followed by pauses that are never longer than five minutes, and that a
// depot that is back is found by the next.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := depottest.NewDevice(t, 9)
		device.Record(1, 1)
		there := newDepot(t, device)
		gone := true
		var asked []time.Time
		c := client(device, roundTripper(func(q *http.Request) (*http.Response, error) {
			asked = append(asked, time.Now())
			if gone {
				return nil, errors.New("no route")
			}
			return there.RoundTrip(q)
		}))
		const hours = 7 * 24
		sends(c, hours*time.Hour)
		require.Greater(t, len(asked), hours*12)
		require.Less(t, len(asked), hours*12*4)
		for n := 1; n < len(asked); n++ {
			require.LessOrEqual(t, asked[n].Sub(asked[n-1]), 5*time.Minute)
		}
		gone = false
		sends(c, 5*time.Minute)
		there.hasAll(t, device)
	})
}
