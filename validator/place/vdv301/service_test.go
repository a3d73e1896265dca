package vdv301_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/dnssd"
	"leima/validator/place/dnssd/dnssdtest"
	"leima/validator/place/drive"
	"leima/validator/place/drive/computer"
	"leima/validator/place/subscription"
	"leima/validator/place/vdv301"
)

// soon is how long a test waits for what must come.
const soon = 20 * time.Second

var trip = place.Trip{ID: "t-9", Line: "9", Calls: []place.Call{
	{Stop: place.Stop{ID: "a", Name: "Tori", Zones: []uint8{1}}},
	{Stop: place.Stop{ID: "b", Name: "Utra", Zones: []uint8{1, 2}}, Planned: 2 * time.Minute},
	{Stop: place.Stop{ID: "a", Name: "Tori", Zones: []uint8{1}}, Planned: 4 * time.Minute},
	{Stop: place.Stop{ID: "c", Name: "Noljakka", Zones: []uint8{3}}, Planned: 7 * time.Minute},
}}

// A bus is what hears a service, and what it makes of it, by a time of its own.
type bus struct {
	mu      sync.Mutex
	arbiter place.Arbiter
	now     time.Duration
	heard   int
	lost    int
}

func (b *bus) elapsed() time.Duration { b.mu.Lock(); defer b.mu.Unlock(); return b.now }

func (b *bus) hear(r place.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard++
	b.arbiter.Hear(r)
}

func (b *bus) lose(s place.Source) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost++
	b.arbiter.Lose(s)
}

func (b *bus) where() place.Record { b.mu.Lock(); defer b.mu.Unlock(); return b.arbiter.Where(b.now) }

func (b *bus) times() (heard, lost int) { b.mu.Lock(); defer b.mu.Unlock(); return b.heard, b.lost }

func (b *bus) pass(to time.Duration) { b.mu.Lock(); defer b.mu.Unlock(); b.now = to }

// board has a bus hear what a function finds, until the test ends, and look for it again in such an
// interval.
func board(t *testing.T, find func(context.Context) ([]subscription.Offer, error),
	renew time.Duration,
) *bus {
	t.Helper()
	b := &bus{arbiter: place.Arbiter{Expected: true}, now: time.Hour}
	c := &subscription.Client{
		Source: place.VDV301, Find: find, Elapsed: b.elapsed, Log: slog.New(slog.DiscardHandler),
		Renew: renew, Poll: 20 * time.Millisecond,
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Listen(ctx, b.hear, b.lose) }()
	t.Cleanup(func() { cancel(); require.ErrorIs(t, <-ended, context.Canceled) })
	return b
}

// says is what a computer says at a moment of the trip after another.
func says(c *computer.Computer, m, last drive.Moment, now time.Time) {
	for _, said := range drive.VDV301(trip, m, last, 7, now) {
		c.Say(context.Background(), said)
	}
}

// often is in the place of a minute.
const often = 200 * time.Millisecond

var (
	first = drive.Moment{Call: -1}
	noon  = time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)
)

func moment(call int, at place.At) drive.Moment {
	return drive.Moment{Call: call, At: at, Door: place.DoorsClosed, After: 5 * time.Second}
}

// serve serves a computer, with what a test does to its answers.
func serve(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// is waits until a bus is sure that it is at a stop of the trip.
func (b *bus) is(t *testing.T, m drive.Moment) {
	t.Helper()
	require.Eventually(t, func() bool {
		r := b.where()
		return r.Sure() && r.Trip.ID == trip.ID && r.Trip.Line == trip.Line && r.At == m.At &&
			r.Stop.ID == trip.Calls[m.Call].ID && r.Door == m.Door &&
			(m.Call+1 == len(trip.Calls) || r.Next.ID == trip.Calls[m.Call+1].ID)
	}, soon, time.Millisecond, "%+v", m)
}

// Ensure that a bus that hears a real service, by HTTP, and nothing else, knows at each moment
// where it is, by what is sent as by what is only answered.
func TestServiceIsFollowed(t *testing.T) {
	t.Parallel()
	for name, deaf := range map[string]string{
		"sent": "", "asked for": "/TicketValidationService/Subscribe",
		"the other service": "/TicketValidationService/",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := new(computer.Computer)
			says(c, moment(0, place.AtStop), first, noon)
			b := board(t, new(vdv301.Dialect).Find(serve(t, http.HandlerFunc(
				func(w http.ResponseWriter, q *http.Request) {
					if deaf != "" && strings.HasPrefix(q.URL.Path, deaf) {
						http.NotFound(w, q)
						return
					}
					c.ServeHTTP(w, q)
				}))), often)
			last := first
			drive.Moments(trip, 10*time.Second, func(m drive.Moment) bool {
				b.pass(m.After + time.Hour)
				says(c, m, last, noon.Add(m.After))
				b.is(t, m)
				last = m
				return true
			})
		})
	}
}

// Ensure that a service that was started again is subscribed to again, at once if its time goes
// back; and that one that has gone is said to be lost, and heard when it is back.
func TestServiceStartsAgain(t *testing.T) {
	t.Parallel()
	c, gone := new(computer.Computer), atomic.Bool{}
	says(c, moment(0, place.AtStop), first, noon)
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if gone.Load() {
			panic(http.ErrAbortHandler)
		}
		c.ServeHTTP(w, q)
	}))
	b := board(t, new(vdv301.Dialect).Find(address), time.Hour)
	subscribed := func() bool { // the last of the subscriptions
		return len(c.Subscribers("TicketValidationService/GetCurrentTariffStop")) > 0
	}
	b.is(t, moment(0, place.AtStop))
	require.Eventually(t, subscribed, soon, time.Millisecond)
	c.Restart()
	says(c, moment(1, place.AtStop), first, time.Unix(5, 0)) // its clock, too
	b.is(t, moment(1, place.AtStop))
	require.Eventually(t, subscribed, soon, time.Millisecond)
	gone.Store(true)
	require.Eventually(t, func() bool { _, lost := b.times(); return lost > 0 }, soon, time.Millisecond)
	gone.Store(false)
	c.Restart()
	says(c, moment(2, place.AtStop), first, noon)
	b.is(t, moment(2, place.AtStop))
}

// Ensure that a service that answers, but nothing of use any more, is left for another one.
func TestServiceIsOfNoUse(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"not found": "", "cut short": "1000",
		"only errors": "<r><OperationErrorMessage><Value>gone</Value></OperationErrorMessage></r>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, useless := new(computer.Computer), atomic.Bool{}
			says(c, moment(0, place.AtStop), first, noon)
			b := board(t, new(vdv301.Dialect).Find(serve(t, http.HandlerFunc(
				func(w http.ResponseWriter, q *http.Request) {
					switch {
					case !useless.Load() || !strings.HasPrefix(q.URL.Path, "/TicketValidation"):
						c.ServeHTTP(w, q)
					case answer == "":
						http.NotFound(w, q)
					default:
						if answer == "1000" {
							w.Header().Set("Content-Length", answer)
						}
						_, _ = io.WriteString(w, answer)
					}
				}))), often)
			b.is(t, moment(0, place.AtStop))
			useless.Store(true)
			c.Restart()
			says(c, moment(1, place.AtStop), first, noon)
			b.is(t, moment(1, place.AtStop))
		})
	}
}

// Ensure that whatever a service answers or sends, half or hostile, what it has said stays, and
// what it says properly afterwards is heard.
func TestServiceSaysNonsense(t *testing.T) {
	t.Parallel()
	c, nonsense := new(computer.Computer), atomic.Value{}
	nonsense.Store("")
	says(c, moment(0, place.AtStop), first, noon)
	b := board(t, new(vdv301.Dialect).Find(serve(t, http.HandlerFunc(
		func(w http.ResponseWriter, q *http.Request) {
			switch text, _ := nonsense.Load().(string); text {
			case "":
				c.ServeHTTP(w, q)
			case "elsewhere":
				http.Redirect(w, q, "http://192.0.2.1/", http.StatusFound)
			case "cut short":
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, "<a>")
			default:
				_, _ = io.WriteString(w, text)
			}
		}))), often)
	b.is(t, moment(0, place.AtStop))
	const path = "TicketValidationService/GetCurrentTariffStop"
	for _, text := range []string{
		"elsewhere", "<a>", strings.Repeat("<a>", 1<<16), strings.Repeat("x", 1<<20), "\xff\xfe<\x00",
		"<r><OperationErrorMessage><Value>no trip</Value></OperationErrorMessage></r>",
		"<r><CurrentTariffStopData><CurrentTariffStop><StopRef/></CurrentTariffStop>" +
			"</CurrentTariffStopData></r>",
	} {
		nonsense.Store(text)
		c.Say(t.Context(), drive.Message{Topic: path, Payload: []byte(text)})
		r := b.where()
		require.Equal(t, "a", r.Stop.ID)
	}
	nonsense.Store("")
	c.Restart()
	says(c, moment(1, place.AtStop), first, noon)
	b.is(t, moment(1, place.AtStop))
}

// Ensure that nobody but the service can send, that it cannot send too much, and that a flood of it
// is heard with its newest.
func TestWhoMaySend(t *testing.T) {
	t.Parallel()
	c := new(computer.Computer)
	says(c, moment(0, place.AtStop), first, noon)
	b := board(t, new(vdv301.Dialect).Find(serve(t, c)), often)
	b.is(t, moment(0, place.AtStop))
	const path = "TicketValidationService/GetCurrentTariffStop"
	require.Eventually(t, func() bool { return len(c.Subscribers(path)) == 1 }, soon, time.Millisecond)
	to := c.Subscribers(path)[0]
	post := func(from string, text []byte) (*http.Response, error) {
		dialer := &net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from + ":0"))}
		client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
		defer client.CloseIdleConnections()
		return client.Post(to, "text/xml", bytes.NewReader(text))
	}
	var wrong []byte
	for _, said := range drive.VDV301(trip, moment(3, place.AtStop), first, 7, noon) {
		if said.Topic == path {
			wrong = said.Payload
		}
	}
	_, err := post("127.0.0.2", wrong)
	require.Error(t, err)
	answer, err := post("127.0.0.1", bytes.Repeat([]byte("<a>"), 1<<17))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusRequestEntityTooLarge, answer.StatusCode)
	answer, err = http.Get(to)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusMethodNotAllowed, answer.StatusCode)
	b.is(t, moment(0, place.AtStop))
	before, _ := b.times()
	const flood = 3000
	for range flood {
		says(c, moment(1, place.AtStop), moment(0, place.AtStop), noon)
	}
	b.is(t, moment(1, place.AtStop))
	after, _ := b.times()
	require.Less(t, after-before, flood)
}

// Ensure that of two computers that are found the one of this bus is heard, and no service that
// only looks like one.
func TestStrangers(t *testing.T) {
	if !dnssdtest.Alone(t) {
		return
	}
	ours, theirs := new(computer.Computer), new(computer.Computer)
	says(ours, moment(1, place.AtStop), first, noon)
	for _, said := range drive.VDV301(trip, moment(3, place.AtStop), first, 8, noon) {
		theirs.Say(t.Context(), said)
	}
	var all []dnssd.Announcement
	for _, one := range []struct {
		name string
		h    http.Handler
	}{
		{"TicketValidationService of another", theirs},
		{"TicketValidationService", http.NotFoundHandler()},
		{"TicketValidationService.zz", ours},
		{"PassengerCountingService", theirs},
	} {
		at := netip.MustParseAddrPort(serve(t, one.h))
		all = append(all, dnssd.Announcement{Name: one.name, Type: vdv301.Type, Port: at.Port()})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = dnssd.Announce(ctx, func() []dnssd.Announcement { return all }) }()
	b := board(t, (&vdv301.Dialect{Vehicle: 7}).Find(dnssd.Anywhere), often)
	b.is(t, moment(1, place.AtStop))
}

// Ensure that a service that announces another address is heard there.
func TestServiceMoves(t *testing.T) {
	t.Parallel()
	c := []*computer.Computer{new(computer.Computer), new(computer.Computer)}
	says(c[0], moment(0, place.AtStop), first, noon)
	says(c[1], moment(1, place.AtStop), first, noon)
	finds := []func(context.Context) ([]subscription.Offer, error){
		new(vdv301.Dialect).Find(serve(t, c[0])), new(vdv301.Dialect).Find(serve(t, c[1])),
		func(context.Context) ([]subscription.Offer, error) { return nil, errors.New("no network") },
		func(context.Context) ([]subscription.Offer, error) {
			return []subscription.Offer{{Name: "another", Base: "http://192.0.2.1/"}}, nil
		},
	}
	at, asked := atomic.Int32{}, atomic.Int32{}
	b := board(t, func(ctx context.Context) ([]subscription.Offer, error) {
		asked.Add(1)
		return finds[at.Load()](ctx)
	}, often)
	b.is(t, moment(0, place.AtStop))
	for _, nothing := range []int32{2, 3} { // that it is not found ends nothing
		at.Store(nothing)
		before := asked.Load()
		require.Eventually(t, func() bool { return asked.Load() > before+2 }, soon, time.Millisecond)
	}
	_, lost := b.times()
	require.Zero(t, lost)
	at.Store(1)
	b.is(t, moment(1, place.AtStop))
	require.Eventually(t, func() bool {
		return len(c[0].Subscribers("TicketValidationService/GetCurrentTariffStop")) == 0
	}, soon, time.Millisecond, "it has unsubscribed")
}
