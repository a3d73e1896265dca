package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/emulated"
	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/terminal"
	"leima/fare/faretest"
	"leima/fare/tariff"
	"leima/hw/emu"
	"leima/validator/api"
	"leima/validator/console"
	"leima/validator/sim"
)

// screen is what a program writes while it runs.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// aConfig is the demo's configuration with a folder of its own; edit changes its text.
func aConfig(t *testing.T, edit ...string) (path, folder string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "leima") // the path of a socket must be short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	root, err := filepath.Abs("../../../../testdata")
	require.NoError(t, err)
	text, err := os.ReadFile(root + "/console.toml")
	require.NoError(t, err)
	changed := strings.NewReplacer(append(edit, "../state/street", "state", "127.0.0.1:8080",
		"127.0.0.1:0", `"drivers.toml"`, `"`+root+`/drivers.toml"`)...).Replace(string(text))
	path = filepath.Join(folder, "console.toml")
	require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
	return path, folder
}

// start runs the program until stop is called, which tells its exit code.
func start(t *testing.T, config string) (address string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var out, errs screen
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"run", "--config", config}, strings.NewReader(""), &out, &errs)
	}()
	said := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	require.Eventually(t, func() bool {
		address = said.FindString(out.String())
		return address != ""
	}, 10*time.Second, 5*time.Millisecond, "%s", &errs)
	stop = sync.OnceValue(func() int {
		cancel()
		n := <-code
		require.Empty(t, errs.String())
		return n
	})
	t.Cleanup(func() { stop() })
	return address, stop
}

// aBus serves the API of a validator of Jyväskylä, with emulated readers, at the folder's socket.
func aBus(t *testing.T, folder string) (bus *sim.Bus, stop func()) {
	t.Helper()
	bus, err := sim.NewBus(t.TempDir(), sim.Setup{Prices: faretest.Source})
	require.NoError(t, err)
	t.Cleanup(func() { _ = bus.Close() })
	_, err = bus.Play(context.Background(), sim.Parse("test", "tariffs jyvaskyla-2018\n"+
		"at 2026-03-02 08:00\nbus zone=A line=2 stop=Satama\n"+
		"card Aino  kind personal, born 1980-05-17, purse 10.00"), nil)
	require.NoError(t, err)
	prices := filepath.Join(t.TempDir(), "prices")
	source, err := faretest.Source("jyvaskyla-2018")
	require.NoError(t, err)
	require.NoError(t, tariff.Save(prices, []tariff.Source{source}, time.LoadLocation))
	cards := emulated.Cards(folder + "/state/cards")
	require.NoError(t, os.MkdirAll(string(cards), 0o755))
	require.NoError(t, cards.Save("Aino", bus.Cards["Aino"]))

	local := &api.Local{
		Terminal: bus.Terminal, Journal: bus.Journal, Area: 209,
		Reader: "emulated", Boot: "first", Copies: map[string]func() (io.ReadCloser, error){
			"tariffs": func() (io.ReadCloser, error) { return os.Open(prices) },
		},
	}
	bus.Validator.Tapped = local.Tapped
	server := api.NewServer(local, "")
	keys := sim.TestKeys()
	keys.Holder = nil
	mux := http.NewServeMux()
	mux.Handle("/", server.Handler)
	mux.Handle(emulated.Path, emulated.Handler(emulated.LocalControl{
		Keys:   keys,
		Reader: emulated.NewReader(cards, emu.Rate848),
	}))
	server.Handler = mux
	listener, err := net.Listen("unix", folder+"/state/api.sock")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	stop = func() { _ = server.Close() }
	t.Cleanup(stop)
	return bus, stop
}

// A driver is somebody at the page.
type driver struct {
	t       *testing.T
	address string
	client  http.Client
	token   string
}

func (d *driver) ask(method, path string, from, into any) int {
	d.t.Helper()
	text, err := json.Marshal(from)
	require.NoError(d.t, err)
	r, err := http.NewRequest(method, d.address+path, bytes.NewReader(text))
	require.NoError(d.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Leima-Token", d.token)
	answer, err := d.client.Do(r)
	require.NoError(d.t, err)
	defer answer.Body.Close()
	if into != nil && answer.StatusCode == http.StatusOK {
		require.NoError(d.t, json.NewDecoder(answer.Body).Decode(into))
	}
	return answer.StatusCode
}

func signOn(t *testing.T, address string) *driver {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	d := &driver{t: t, address: address, client: http.Client{Jar: jar}}
	var s console.Session
	code := d.ask(http.MethodPost, "/api/sign-on",
		console.SignOnRequest{Driver: 7, PIN: "1234", Line: "2", Departure: 201}, &s)
	require.Equal(t, http.StatusOK, code)
	require.True(t, s.Demo)
	d.token = s.Token
	return d
}

func (d *driver) do(n int, c api.Command) {
	d.t.Helper()
	require.Equal(d.t, http.StatusOK, d.ask(http.MethodPost, "/api/command",
		console.CommandRequest{ID: fmt.Sprintf("press-%04d", n), Device: "own", Command: c}, nil))
}

// Ensure that the program serves its page and a card that is laid on its reader, learns the
// prices from the validator, and goes on with the validator stopped: also when the console
// itself is ended and started again.
func TestRun(t *testing.T) {
	t.Parallel()
	config, folder := aConfig(t)
	_, down := aBus(t, folder)
	address, stop := start(t, config)
	d := signOn(t, address)
	state := func(so func(console.States) bool) {
		t.Helper()
		require.Eventually(t, func() bool {
			var s console.States
			return d.ask(http.MethodGet, "/api/state", nil, &s) == http.StatusOK && so(s)
		}, 10*time.Second, 10*time.Millisecond)
	}
	state(func(s console.States) bool { return s.Link && s.Own.Healthy && s.Bus.Shift != nil })
	down()
	state(func(s console.States) bool { return !s.Link })

	balance := func(reason string) (cents int64) {
		t.Helper()
		require.Eventually(t, func() bool {
			var taps []struct {
				Balance int64
				Reason  string
			}
			require.Equal(t, http.StatusOK, d.ask(http.MethodGet, "/api/taps", nil, &taps))
			if len(taps) > 0 {
				cents = taps[0].Balance
			}
			return len(taps) > 0 && taps[0].Reason == reason
		}, 10*time.Second, 10*time.Millisecond)
		return cents
	}
	act := func(act string) {
		t.Helper()
		var scene console.EmulationState
		require.Equal(t, http.StatusOK, d.ask(http.MethodPost, "/api/emulated",
			console.Operation{Reader: "own", Kind: act, Card: "Aino"}, &scene))
	}
	d.do(1, api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
	d.do(2, api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 1000}})
	act("put")
	require.Equal(t, int64(2000), balance("value loaded"))
	act("take")
	require.Zero(t, stop())

	address, stop = start(t, config)
	d = signOn(t, address)
	act("put")
	require.Equal(t, int64(2000), balance("checked"))
	var report console.Report
	require.Equal(t, http.StatusOK, d.ask(http.MethodGet, "/api/report", nil, &report))
	require.Equal(t, 1, report.Own.Loads, "the shift goes on")
	require.Equal(t, 1, report.Own.Tickets)
	require.NotEmpty(t, report.Missing)
	require.Zero(t, stop())
}

// Ensure that the demo shows both readers, and that a card lies on one of them.
func TestBothReadersAreShown(t *testing.T) {
	t.Parallel()
	config, folder := aConfig(t)
	aBus(t, folder)
	address, _ := start(t, config)
	d := signOn(t, address)
	var scene console.EmulationState
	act := func(reader, act string, want int) {
		t.Helper()
		require.Equal(t, want, d.ask(http.MethodPost, "/api/emulated",
			console.Operation{Reader: reader, Kind: act, Card: "Aino"}, &scene))
	}
	act("bus", "put", http.StatusOK)
	require.Equal(t, "bus", scene.Cards[0].OnReader)
	require.Contains(t, scene.Cards[0].Summary, "10.00")
	act("own", "put", http.StatusUnprocessableEntity)
	act("bus", "take", http.StatusOK)
	require.Empty(t, scene.Cards[0].OnReader)
	act("own", "break", http.StatusOK)
	require.True(t, scene.Readers["own"].Broken)
	require.False(t, scene.Readers["bus"].Broken)
	act("street", "put", http.StatusBadRequest)
	act("own", "fly", http.StatusUnprocessableEntity)
}

// Ensure that what is wrong is told by file and line, with the exit code that says who has to
// do something.
func TestWrong(t *testing.T) {
	t.Parallel()
	once := func(config string) (int, string) {
		var out, errs screen
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return run(ctx, []string{"run", "--config", config}, strings.NewReader(""), &out, &errs), errs.String()
	}
	for _, c := range []struct{ from, to, want string }{
		{"device = 10", "device = 0", "device is 0"},
		{"area = 209", "aera = 209", "aera is not a setting"},
		{`reader = "emulated"`, `reader = "magic"`, `reader is "magic"`},
		{`language = "fi"`, `language = "de"`, "want one of [fi sv en]"},
		{"unix:../state/street", "http://x", "want unix:path or https"},
		{`listen = "127.0.0.1:8080"`, `listen = "8080"`, "want an address"},
		{"rate = 848", "rate = 9600", "want one of"},
		{`idle = "10m"`, `idle = "soon"`, "want a time"},
		{`title = "Linja-auto"`, `certificate = "x"`, "go together"},
	} {
		config, _ := aConfig(t, c.from, c.to)
		code, said := once(config)
		require.Equal(t, exitUsage, code, said)
		require.Contains(t, said, c.want)
		require.Contains(t, said, config)
	}
	config, _ := aConfig(t, `drivers = "drivers.toml"`, `drivers = "nowhere.toml"`)
	code, said := once(config)
	require.Equal(t, exitUsage, code)
	require.Contains(t, said, "nowhere.toml")

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	config, _ = aConfig(t, "127.0.0.1:8080", taken.Addr().String())
	code, said = once(config)
	require.Equal(t, exitFault, code)
	require.Contains(t, said, "end the other program")

	var out, errs screen
	require.Equal(t, exitUsage, run(t.Context(), []string{"fly"}, strings.NewReader(""), &out, &errs))
}

// Ensure that a driver is added to the register, is given a new PIN there, and that the PIN
// stands in nothing.
func TestDriverAdd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "drivers.toml")
	add := func(pin string, more ...string) (int, string) {
		var out, errs screen
		args := append([]string{"driver", "add", "--drivers", path, "--number", "7"}, more...)
		code := run(t.Context(), args, strings.NewReader(pin+"\n"), &out, &errs)
		require.NotContains(t, out.String()+errs.String(), pin)
		return code, errs.String()
	}
	code, why := add("482915")
	require.Equal(t, exitOK, code, why)
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(first), "482915")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	secret := filepath.Join(t.TempDir(), "pin")
	require.NoError(t, os.WriteFile(secret, []byte("550011\n"), 0o600))
	code, why = add("not asked for", "--role", "provider", "--pin-file", secret)
	require.Equal(t, exitOK, code, why)
	drivers, err := terminal.ReadDrivers(path, keyfile.TestPepper[:])
	require.NoError(t, err)
	require.Len(t, drivers, 1)
	require.Equal(t, console.RoleProvider, drivers[0].Role)
	for _, pin := range []string{"123", "12345678901234", "12a4"} {
		code, why = add(pin)
		require.Equal(t, exitUsage, code)
		require.Contains(t, why, "digits")
	}
	code, _ = add("1234", "--role", "king")
	require.Equal(t, exitUsage, code)
	for _, short := range []string{"1234", "12345"} {
		code, why = add(short, "--role", "provider")
		require.Equal(t, exitUsage, code)
		require.Contains(t, why, "a PIN for the role provider: want 6 to 12 digits")
	}
	code, why = add("1234", "--role", "inspector")
	require.Equal(t, exitOK, code, why)
}

// Ensure that PINs are hashed with the pepper of the key file: with another file's, or without
// one as older registers were, the console does not start, names the driver and the remedy, and
// starts when the PIN is set anew.
func TestPepper(t *testing.T) {
	t.Parallel()
	config, folder := aConfig(t, "area = 209", `area = 209`+"\n"+`keys = "keys.toml"`)
	register, keys := filepath.Join(folder, "own.toml"), filepath.Join(folder, "keys.toml")
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	text = regexp.MustCompile(`(?m)^drivers.*$`).ReplaceAll(text, []byte(`drivers = "own.toml"`))
	require.NoError(t, os.WriteFile(config, text, 0o644))
	fresh := func() {
		var file bytes.Buffer
		require.NoError(t, keyfile.Template(&file, rand.Reader))
		require.NoError(t, os.WriteFile(keys, file.Bytes(), 0o600))
	}
	fresh()
	says := func(what string) {
		t.Helper()
		var out, errs screen
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		code := run(ctx, []string{"run", "--config", config}, strings.NewReader(""), &out, &errs)
		if what == "" {
			require.Equal(t, exitOK, code, errs.String())
			return
		}
		require.Equal(t, exitUsage, code)
		for _, part := range []string{what, "driver 7's PIN", "own.toml", "console driver add"} {
			require.Contains(t, errs.String(), part)
		}
	}
	set := func() {
		t.Helper()
		var out, errs screen
		code := run(t.Context(), []string{
			"driver", "add", "--drivers", register, "--number", "7",
			"--keys", keys,
		}, strings.NewReader("482915\n"), &out, &errs)
		require.Equal(t, exitOK, code, errs.String())
	}
	set()
	says("")
	fresh()
	says("another key file")
	set()
	says("")
	older, err := os.ReadFile(register)
	require.NoError(t, err)
	older = regexp.MustCompile("(?m)^pepper.*\n").ReplaceAll(older, nil)
	require.NoError(t, os.WriteFile(register, older, 0o600))
	says("without the pepper")
	set()
	says("")
}
