package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/emulated/fleet"
	"leima/cmd/internal/programs"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot/depottest"
	"leima/validator/journal"
	"leima/validator/ledger"
	"leima/validator/upload"
)

// How large the fleet is; "make fleet-soak" is a city's.
var (
	fleetSize = flag.Int("devices", 20, "devices of the fleet")
	fleetRate = flag.Float64("rate", 60, "entries a second of all devices")
	fleetFor  = flag.Duration("for", 6*time.Second, "how long they go on")
	fleetKill = flag.Duration("kill", 2*time.Second, "how often the depot is killed")
)

// A process is a depot that runs.
type process struct {
	t       *testing.T
	folder  string
	address string
	figures string // where its metrics are
	page    string // where it is, if it is served
	running *exec.Cmd
}

// starts starts a depot, and waits until it answers.
func (p *process) starts() {
	p.t.Helper()
	p.running = exec.Command(filepath.Join(programs.Folder(p.t), "depot"), "serve", p.folder)
	p.running.Stderr = os.Stderr
	out, err := p.running.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, p.running.Start())
	lines := bufio.NewScanner(out)
	for p.address = ""; p.address == ""; {
		require.True(p.t, lines.Scan())
		if at, is := strings.CutPrefix(lines.Text(), "the page is at "); is {
			p.page = at
		}
		if at, is := strings.CutPrefix(lines.Text(), "devices send to "); is {
			p.address = at
		}
	}
}

func (p *process) killed() {
	_ = p.running.Process.Kill()
	_ = p.running.Wait()
}

// ask asks the depot by its socket.
func (p *process) ask(path string) []byte {
	p.t.Helper()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(p.folder, socketFile))
		},
	}}
	a, err := client.Get("http://depot" + path)
	require.NoError(p.t, err)
	defer a.Body.Close()
	require.Equal(p.t, http.StatusOK, a.StatusCode)
	raw, err := io.ReadAll(a.Body)
	require.NoError(p.t, err)
	return raw
}

// measures are the figures that the depot serves.
func (p *process) measures() string {
	p.t.Helper()
	a, err := http.Get("http://" + p.figures + "/metrics")
	require.NoError(p.t, err)
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	require.NoError(p.t, err)
	return string(raw)
}

// newDepot makes a depot with a ledger, at an address that stays.
func newDepot(t *testing.T) (p *process, authorities *x509.CertPool) {
	p = &process{t: t, folder: filepath.Join(t.TempDir(), "depot")}
	code, _, says := start(t, "init", p.folder, "--name", "127.0.0.1")
	require.Zero(t, code, says)
	var free [2]net.Addr
	for n := range free {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		free[n] = l.Addr()
	}
	p.figures = free[1].String()
	newOffice(t, filepath.Join(p.folder, "office.pem"))
	require.NoError(t, os.WriteFile(filepath.Join(p.folder, configFile), fmt.Appendf(nil,
		"listen = %q\n[ledger]\noffice = [\"office.pem\"]\nzone = \"UTC\"\n[metrics]\nlisten = %q\n",
		free[0], free[1]), 0o600))
	certificate, err := os.ReadFile(filepath.Join(p.folder, certificateFile))
	require.NoError(t, err)
	authorities = x509.NewCertPool()
	require.True(t, authorities.AppendCertsFromPEM(certificate))
	return p, authorities
}

// A city is devices that keep and send their journals, and the cards that they meet.
type city struct {
	t       *testing.T
	random  *mathrand.Rand
	devices []*depottest.Device
	cards   []struct {
		number  cardlayout.Number
		counter uint32
		purse   cardlayout.Cents
	}
}

func newCity(t *testing.T, p *process, devices int) *city {
	f := &city{t: t, random: mathrand.New(mathrand.NewPCG(1, 16))}
	var register strings.Builder
	for n := range devices {
		d := depottest.NewDevice(t, uint16(n+1))
		f.devices = append(f.devices, d)
		fmt.Fprintf(&register, "[%d]\nkey = %q\n", n+1, journal.PublicText(d.Key()))
	}
	f.cards = make([]struct {
		number  cardlayout.Number
		counter uint32
		purse   cardlayout.Cents
	}, 10*devices)
	for n := range f.cards {
		f.cards[n].number = cardlayout.WithCheckDigit(92469900110000000 + uint64(n))
		f.cards[n].purse = 100_00
	}
	require.NoError(t, os.WriteFile(filepath.Join(p.folder, registerFile),
		[]byte(register.String()), 0o600))
	return f
}

// tap has some device meet some card, and returns how many entries that makes. Some answers are
// lost, and some loads no journal knows.
func (f *city) tap() int {
	d, c := f.devices[f.random.IntN(len(f.devices))], &f.cards[f.random.IntN(len(f.cards))]
	if f.random.IntN(30) == 0 {
		c.counter, c.purse = c.counter+1, c.purse+1000
	}
	charge := cardlayout.Cents(f.random.IntN(300))
	e := validator.Event{
		ID: d.Journal.Next(), At: time.Now(), Card: c.number, Counter: c.counter,
		Reason: fare.Value, Charge: charge, Balance: c.purse - charge,
	}
	require.NoError(f.t, d.Journal.Begin(e))
	answer := f.random.IntN(30)
	if answer != 1 {
		c.counter, c.purse = c.counter+1, c.purse-charge
	}
	if answer < 2 {
		require.NoError(f.t, d.Journal.Flush())
		return 1
	}
	require.NoError(f.t, d.Journal.Settle(e.ID, desfire.TMAC{}))
	return 2
}

// Ensure that what devices send arrives, byte for byte, while the depot is killed and the links lose
// requests and answers or double them; and that the verdicts are those of the journals' books.
func TestFleet(t *testing.T) {
	p, authorities := newDepot(t)
	f := newCity(t, p, *fleetSize)
	p.starts()
	defer func() { p.killed() }()
	ctx, cancel := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	for n, d := range f.devices {
		link, err := upload.NewHTTP(uint16(n+1), d.Key(), authorities)
		require.NoError(t, err)
		link.Transport = &fleet.Link{Next: link.Transport}
		sender := upload.Client{
			Device: uint16(n + 1), URL: p.address, HTTP: link, Journal: d.Journal,
			Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}
		sending.Go(func() { sender.Run(ctx) })
	}
	entries, kills := f.ride(p)
	t.Logf("%d devices, %d entries in %v, %d kills", len(f.devices), entries, *fleetFor, kills)
	f.arrived()
	cancel()
	sending.Wait()
	for n, d := range f.devices {
		stored := p.ask(fmt.Sprintf("/devices/%d/journal", n+1))
		require.True(t, bytes.Equal(depottest.Raw(d.Items(0)), stored), "device %d", n+1)
	}
	f.settled(p)
}

// ride has the fleet drive, in an open loop, and the depot killed and started again.
func (f *city) ride(p *process) (entries, kills int) {
	begin, killed := time.Now(), time.Now()
	for time.Since(begin) < *fleetFor {
		if time.Since(killed) > *fleetKill {
			p.killed()
			p.starts()
			killed, kills = time.Now(), kills+1
		}
		if due := *fleetRate * time.Since(begin).Seconds(); float64(entries) < due {
			entries += f.tap()
		} else {
			time.Sleep(time.Millisecond)
		}
	}
	return entries, kills
}

// arrived waits until all devices have heard that all has arrived.
func (f *city) arrived() {
	require.Eventually(f.t, func() bool {
		for _, d := range f.devices {
			if e := d.Journal.Extent(); e.Acknowledged < e.Last {
				return false
			}
		}
		return true
	}, 10*time.Minute, 100*time.Millisecond)
}

// settled waits until the settlement says what the books do.
func (f *city) settled(p *process) {
	var books ledger.Ledger
	for _, d := range f.devices {
		require.NoError(f.t, d.Journal.Entries(0, func(e journal.Entry) error {
			books.Add(e)
			return nil
		}))
	}
	type row struct{ verdict, device, event, charged string }
	want, late := map[row]int{}, 0
	for _, line := range books.Lines() {
		for _, e := range line.Events {
			charged := e.Charge
			if line.Verdict != ledger.Settled && line.Verdict != ledger.Presumed {
				charged = 0
			}
			if line.Verdict != ledger.Open {
				want[row{
					line.Verdict.String(), strconv.Itoa(int(e.ID.Device)),
					strconv.Itoa(int(e.ID.Sequence)), strconv.Itoa(int(charged)),
				}]++
			}
		}
		if len(line.Events) == 0 {
			want[row{line.Verdict.String(), "0", "0", "0"}]++
			late++
		}
	}
	require.NotZero(f.t, late, "nothing is missing")
	var got map[row]int
	require.Eventually(f.t, func() bool {
		rows, err := csv.NewReader(bytes.NewReader(p.ask("/settlement"))).ReadAll()
		require.NoError(f.t, err)
		got = map[row]int{}
		for _, r := range rows[1:] {
			key := row{r[6], r[8], r[9], r[10]}
			if n := 1; r[12] != "0" {
				key.charged = strings.TrimPrefix(key.charged, "-")
				got[key] -= n
			} else {
				got[key] += n
			}
			if got[key] == 0 {
				delete(got, key)
			}
		}
		return len(got) == len(want)
	}, time.Minute, time.Second)
	require.Equal(f.t, want, got)
	says := p.measures()
	require.Contains(f.t, says, "\nleima_depot_ledger_behind_batches 0\n")
	require.Contains(f.t, says, fmt.Sprintf("\nleima_depot_devices %d\n", len(f.devices)))
}
