package console_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/tariff"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/console"
	"leima/validator/messages"
	"leima/validator/signon"
	"leima/validator/sim"
)

// A consoleFixture is a bus of Jyväskylä with Aino aboard, who has ten euros, and a driver's console.
type consoleFixture struct {
	*sim.Bus
	t       *testing.T
	folder  string
	console *console.Console
	own     *sim.Bus
	local   *api.Local // the bus' validator, as it is served
	tariffs atomic.Pointer[tariff.Set]
	log     *lockedLog
	socket  string
	server  *http.Server
	page    *httptest.Server
	boots   int
	stop    func()
	machine func() time.Time // the console's, which need not be the bus'

	mu      sync.Mutex
	damaged map[string][]byte // what the bus gives instead of its files
}

// A lockedLog is one that several goroutines write.
type lockedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const scene = "tariffs jyvaskyla-2018\nat 2026-03-02 08:00\nbus zone=A line=2 stop=Satama\n" +
	"card Aino  kind personal, born 1980-05-17, purse 10.00"

func (d *consoleFixture) play(b *sim.Bus, text string) {
	d.t.Helper()
	_, err := b.Play(context.Background(), sim.Parse("test", text), nil)
	require.NoError(d.t, err)
}

// pepper is that of the desk's PINs.
var pepper = signon.Pepper("of the desk")

// register has driver 7, inspector 8 and provider 9, all with the PIN 1234.
var register = sync.OnceValue(func() (all []signon.Person) {
	for number, role := range map[uint32]signon.Role{
		7: console.RoleDriver, 6: console.RoleDriver,
		8: console.RoleInspector, 9: console.RoleProvider,
	} {
		d, err := quickDriver(number, role, "1234", pepper)
		if err != nil {
			panic(err)
		}
		all = append(all, d)
	}
	return all
})

// aConsole is a console whose validator is not started yet; prepare may change it before it opens.
func aConsole(t *testing.T, prepare ...func(*consoleFixture)) *consoleFixture {
	t.Helper()
	folder, err := os.MkdirTemp("", "leima") // the path of a socket must be short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	d := &consoleFixture{t: t, folder: folder, socket: filepath.Join(folder, "s"), log: new(lockedLog)}
	d.machine = func() time.Time { return d.Clock.Now() }
	for name, bus := range map[string]**sim.Bus{"bus": &d.Bus, "own": &d.own} {
		setup := sim.Setup{Prices: faretest.Source, Device: map[string]uint16{"bus": 9, "own": 10}[name]}
		require.NoError(t, os.Mkdir(filepath.Join(folder, name), 0o755))
		*bus, err = sim.NewBus(filepath.Join(folder, name), setup)
		require.NoError(t, err)
		t.Cleanup(func() { _ = (*bus).Close() })
	}
	d.play(d.Bus, scene)
	d.play(d.own, "tariffs jyvaskyla-2018")
	source, err := faretest.Source("jyvaskyla-2018")
	require.NoError(t, err)
	require.NoError(t, tariff.Save(d.folder+"/bus/prices", []tariff.Source{source}, time.LoadLocation))
	d.build()
	for _, change := range prepare {
		change(d)
	}
	d.open()
	return d
}

// build makes the console, of what is in the folder.
func (d *consoleFixture) build() {
	clock, err := console.OpenClock(d.folder+"/clock", d.machine)
	require.NoError(d.t, err)
	local := &api.Local{
		Terminal: d.own.Terminal, Journal: d.own.Journal, Area: 209,
		Reader: "emulated", Boot: "own",
	}
	v := d.own.Validator
	local.Terminal.Own, local.Terminal.Organisation = true, 209
	v.Tapped, v.Now = local.Tapped, clock.Now
	v.Tariffs = func(at time.Time) (*fare.Tariff, error) {
		if set := d.tariffs.Load(); set != nil {
			return set.At(209, at)
		}
		return nil, errors.New("no tariffs yet")
	}
	d.console = &console.Console{
		Own: local, Bus: api.NewClient("unix:"+d.socket, "", nil),
		Drivers: func() ([]signon.Person, error) { return register(), nil },
		Pepper:  pepper,
		Folder:  d.folder, Clock: clock, Hosts: []string{"127.0.0.1"}, Idle: 10 * time.Minute,
		Page:     fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>page</title>")}},
		Language: messages.Finnish, Title: "Linja-auto", Now: d.machine, Rand: rand.Reader,
		Log: slog.New(slog.NewTextHandler(d.log, nil)), Mirror: console.Mirror{
			Tariffs: d.openTariffs, List: d.openList, Largest: 1 << 24,
		},
	}
}

func (d *consoleFixture) openTariffs(path string) (func() error, error) {
	set, err := tariff.Load(path, time.LoadLocation)
	return func() error { d.tariffs.Store(set); return nil }, err
}

func (d *consoleFixture) openList(full, delta string) (func() error, error) {
	list, err := blocklist.Open(full)
	if err != nil {
		return nil, err
	}
	if delta != "" {
		over, err := blocklist.Open(delta)
		if err != nil {
			return nil, err
		}
		if err := list.Overlay(over); err != nil {
			return nil, err
		}
	}
	return func() error { return d.own.Lists.Use(list, nil) }, nil
}

// open opens the console and serves its page.
func (d *consoleFixture) open() {
	d.t.Helper()
	require.NoError(d.t, d.console.Open())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); d.console.Run(ctx) }()
	page := httptest.NewUnstartedServer(nil)
	page.Config = d.console.NewServer()
	page.Start()
	d.page = page
	d.stop = sync.OnceFunc(func() {
		cancel()
		page.CloseClientConnections()
		page.Close()
		<-ended
	})
	d.t.Cleanup(func() { d.stop() })
}

// restart ends the console's program and starts it again.
func (d *consoleFixture) restart() {
	d.stop()
	d.play(d.own, "restart")
	d.tariffs.Store(nil)
	d.build()
	d.open()
}

// up starts the validator's program; it knows of no shift then.
func (d *consoleFixture) up() {
	d.t.Helper()
	d.boots++
	d.local = &api.Local{
		Terminal: d.Bus.Terminal, Journal: d.Bus.Journal, Area: 209,
		Reader: "emulated", Boot: string(rune('a' + d.boots)),
		Copies: map[string]func() (io.ReadCloser, error){
			"tariffs": d.copyOf("prices"), "full": d.copyOf("blocklist"),
		},
	}
	d.Bus.Validator.Tapped = d.local.Tapped
	_ = os.Remove(d.socket)
	listener, err := net.Listen("unix", d.socket)
	require.NoError(d.t, err)
	server := api.NewServer(d.local, "")
	d.server = server
	go func() { _ = server.Serve(listener) }()
	d.t.Cleanup(func() { _ = server.Close() })
	d.await(func(s console.States) bool { return s.Link && s.Own.Tariff != "" })
}

// down stops the validator's program, and what it knew is gone.
func (d *consoleFixture) down() {
	d.t.Helper()
	require.NoError(d.t, d.server.Close())
	d.await(func(s console.States) bool { return !s.Link })
	d.play(d.Bus, "restart")
}

// await waits until the devices are as they should be.
func (d *consoleFixture) await(so func(console.States) bool) {
	d.t.Helper()
	b := d.browser()
	require.Eventually(d.t, func() bool {
		var s console.States
		return b.get("/api/state", &s) == http.StatusOK && so(s)
	}, 10*time.Second, 5*time.Millisecond)
}

// tap presents a card to a device's validator.
func (d *consoleFixture) tap(at *sim.Bus, name string) validator.Outcome {
	return at.Validator.Serve(emu.Air{}.Present(d.Cards[name]))
}

// A browser has a cookie, and the token that it was told.
type browser struct {
	d      *consoleFixture
	client *http.Client
	token  string
	header http.Header
}

func (d *consoleFixture) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{d: d, client: &http.Client{Jar: jar}, header: http.Header{}}
}

func (b *browser) send(method, path string, body io.Reader) (*http.Response, []byte) {
	b.d.t.Helper()
	r, err := http.NewRequest(method, b.d.page.URL+path, body)
	require.NoError(b.d.t, err)
	r.Header.Set("Content-Type", "application/json")
	if b.token != "" {
		r.Header.Set("X-Leima-Token", b.token)
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	if host := b.header.Get("Host"); host != "" {
		r.Host = host
	}
	answer, err := b.client.Do(r)
	require.NoError(b.d.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(b.d.t, err)
	return answer, text
}

func (b *browser) get(path string, into any) int {
	b.d.t.Helper()
	answer, text := b.send(http.MethodGet, path, nil)
	if into != nil && answer.StatusCode == http.StatusOK {
		require.NoError(b.d.t, json.Unmarshal(text, into), "%s", text)
	}
	return answer.StatusCode
}

// post returns the status, and the error's text if there is one.
func (b *browser) post(path string, from, into any) (int, string) {
	b.d.t.Helper()
	text, err := json.Marshal(from)
	require.NoError(b.d.t, err)
	answer, text := b.send(http.MethodPost, path, bytes.NewReader(text))
	var refused struct{ Error string }
	require.NoError(b.d.t, json.Unmarshal(text, &refused), "%s", text)
	if into != nil && answer.StatusCode == http.StatusOK {
		require.NoError(b.d.t, json.Unmarshal(text, into))
	}
	return answer.StatusCode, refused.Error
}

func (b *browser) signOn(who console.SignOnRequest) (int, string) {
	b.d.t.Helper()
	var s console.Session
	code, why := b.post("/api/sign-on", who, &s)
	if code == http.StatusOK {
		b.token = s.Token
	}
	return code, why
}

// driver is a browser at which somebody is signed on.
func (d *consoleFixture) driver(number uint32) *browser {
	d.t.Helper()
	b := d.browser()
	code, why := b.signOn(console.SignOnRequest{Driver: number, PIN: "1234", Line: "2", Departure: 201})
	require.Equal(d.t, http.StatusOK, code, why)
	return b
}

// do gives a command that must succeed.
func (b *browser) do(device string, c api.Command) console.CommandResult {
	b.d.t.Helper()
	var done console.CommandResult
	code, why := b.post("/api/command", pressed(device, c), &done)
	require.Equal(b.d.t, http.StatusOK, code, why)
	return done
}

var presses atomic.Int64

// pressed is a new press.
func pressed(device string, c api.Command) console.CommandRequest {
	return console.CommandRequest{
		ID:     "press-" + time.Unix(presses.Add(1), 0).UTC().Format("150405"),
		Device: device, Command: c,
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
