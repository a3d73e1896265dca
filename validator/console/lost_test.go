package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator/api"
	"leima/validator/console"
)

// A forgetful is a way to a validator on which answers of orders are lost.
type forgetful struct {
	api.Device
	lose  atomic.Int64 // so many more
	busy  atomic.Int64 // then so many are not even heard
	given atomic.Int64
}

func (f *forgetful) Do(ctx context.Context, o api.Order) (api.Answer, error) {
	if f.lose.Load() <= 0 && f.busy.Add(-1) >= 0 {
		return api.Answer{}, &api.Refused{Code: http.StatusServiceUnavailable, Why: "too much to do"}
	}
	answer, err := f.Device.Do(ctx, o)
	f.given.Add(1)
	if f.lose.Add(-1) >= 0 {
		return api.Answer{}, api.ErrLost
	}
	return answer, err
}

// Ensure that an order whose answer is lost is asked for again, and was done once; and that
// where no answer comes the driver is told that nobody knows, until one does.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	way := new(forgetful)
	d := aConsole(t, func(d *consoleFixture) {
		way.Device = d.console.Bus
		d.console.Bus = way
	})
	d.up()
	b := d.driver(7)
	count := func() (told int) {
		for _, e := range events(t, d.Bus, 0) {
			if e.Reason == fare.CommandGiven && e.Command == "2 persons" {
				told++
			}
		}
		return told
	}
	group := api.Command{Kind: "next_tap", NextTap: &api.NextTap{Persons: map[string]uint8{"holder": 2}}}
	way.lose.Store(2)
	b.do("bus", group)
	require.Equal(t, 1, count())

	way.lose.Store(1 << 40)
	press := pressed("bus", group)
	code, why := b.post("/api/command", press, nil)
	require.Equal(t, http.StatusGatewayTimeout, code)
	require.Contains(t, why, "not known")
	require.Greater(t, way.given.Load(), int64(3))
	way.lose.Store(0)
	code, why = b.post("/api/command", press, nil)
	require.Equal(t, http.StatusOK, code, why)
	require.Equal(t, 2, count())
}

// Ensure that an order whose answer was lost is not said to be undone by a validator that has
// too much to do to hear it again: it is asked for until it is known what came of it.
func TestLostAndThenBusy(t *testing.T) {
	t.Parallel()
	way := new(forgetful)
	d := aConsole(t, func(d *consoleFixture) {
		way.Device = d.console.Bus
		d.console.Bus = way
	})
	d.up()
	b := d.driver(7)
	pause := api.Command{Kind: "pause"}
	way.busy.Store(1)
	code, why := b.post("/api/command", pressed("bus", pause), nil)
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, why, "too much to do", "it was never given")
	require.False(t, d.Bus.Terminal.State().Paused)

	way.busy.Store(2)
	way.lose.Store(1)
	code, why = b.post("/api/command", pressed("bus", pause), nil)
	require.Equal(t, http.StatusOK, code, why)
	require.True(t, d.Bus.Terminal.State().Paused)

	way.busy.Store(1 << 40)
	way.lose.Store(1)
	press := pressed("bus", api.Command{Kind: "resume"})
	code, why = b.post("/api/command", press, nil)
	require.Equal(t, http.StatusGatewayTimeout, code)
	require.Contains(t, why, "not known")
	way.busy.Store(0)
	code, why = b.post("/api/command", press, nil)
	require.Equal(t, http.StatusOK, code, why)
}

// Ensure that an order whose answer was lost is not said to be undone when the validator was
// restarted since.
func TestLostInRestart(t *testing.T) {
	t.Parallel()
	way := new(forgetful)
	d := aConsole(t, func(d *consoleFixture) {
		way.Device = d.console.Bus
		d.console.Bus = way
	})
	d.up()
	b := d.driver(7)
	way.lose.Store(1 << 40)
	press := pressed("bus", api.Command{Kind: "pause"})
	code, _ := b.post("/api/command", press, nil)
	require.Equal(t, http.StatusGatewayTimeout, code)
	d.down()
	way.lose.Store(0)
	d.up()
	code, why := b.post("/api/command", press, nil)
	require.Equal(t, http.StatusConflict, code)
	require.Contains(t, why, "not known")
	require.False(t, d.Bus.Terminal.State().Paused)
}

// listen reads the events that a browser is told, until stop is called.
func (b *browser) listen() (heard <-chan map[string]any, stop func()) {
	b.d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.d.page.URL+"/api/events", nil)
	require.NoError(b.d.t, err)
	answer, err := b.client.Do(r)
	require.NoError(b.d.t, err)
	require.Equal(b.d.t, "text/event-stream", answer.Header.Get("Content-Type"))
	events := make(chan map[string]any, 100)
	go func() {
		defer close(events)
		defer answer.Body.Close()
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if data, is := strings.CutPrefix(lines.Text(), "data: "); is {
				var e map[string]any
				if json.Unmarshal([]byte(data), &e) == nil {
					events <- e
				}
			}
		}
	}()
	return events, cancel
}

// next is the next event that has a key, and as what.
func next(t *testing.T, heard <-chan map[string]any, key string) map[string]any {
	t.Helper()
	for {
		select {
		case e, open := <-heard:
			require.True(t, open, "the stream has ended before %s", key)
			if e[key] != nil {
				return e
			}
		case <-time.After(10 * time.Second):
			require.Fail(t, "nothing is heard", key)
		}
	}
}

// Ensure that the page is told first how everything is, and then what happens: taps of both
// devices, the loss of the validator and its coming back, and the session, whose token no
// other browser hears.
func TestEvents(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	mine, stop := b.listen()
	defer stop()
	theirs, stop := d.browser().listen()
	defer stop()
	require.Equal(t, true, next(t, mine, "link")["link"])
	require.Equal(t, "bus", next(t, mine, "state")["device"])
	require.Equal(t, "own", next(t, mine, "state")["device"])
	require.Equal(t, b.token, next(t, mine, "session")["session"].(map[string]any)["token"])
	require.NotContains(t, next(t, theirs, "session")["session"], "token")

	d.tap(d.Bus, "Aino")
	require.Equal(t, "bus", next(t, mine, "tap")["device"])
	d.tap(d.own, "Aino")
	seen := next(t, mine, "tap")
	require.Equal(t, "own", seen["device"])
	require.Contains(t, seen["tap"], "look")
	next(t, theirs, "tap")
	require.NotContains(t, next(t, theirs, "tap")["tap"], "look", "nobody is signed on there")

	d.down()
	require.Equal(t, false, next(t, mine, "link")["link"])
	d.up()
	require.Equal(t, true, next(t, mine, "link")["link"])
	code, _ := b.post("/api/lock", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, true, next(t, mine, "session")["session"].(map[string]any)["locked"])
}

// Ensure that a page that watches from before its driver signed on is told of the session,
// of its locking, and of what is on a card; and nobody else is.
func TestEventsBeforeSigningOn(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b, other := d.browser(), d.browser()
	for _, each := range []*browser{b, other} {
		require.Equal(t, http.StatusOK, each.get("/", nil))
	}
	mine, stop := b.listen()
	defer stop()
	theirs, stop := other.listen()
	defer stop()
	signed := func(heard <-chan map[string]any) map[string]any {
		return next(t, heard, "session")["session"].(map[string]any)
	}
	require.Equal(t, false, signed(mine)["signed_on"])
	require.Equal(t, false, signed(theirs)["signed_on"])
	code, why := b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201})
	require.Equal(t, http.StatusOK, code, why)
	session := signed(mine)
	require.Equal(t, true, session["signed_on"])
	require.NotContains(t, session, "token")
	require.Equal(t, false, signed(theirs)["signed_on"])
	d.tap(d.own, "Aino")
	require.Contains(t, next(t, mine, "tap")["tap"], "look")
	require.NotContains(t, next(t, theirs, "tap")["tap"], "look")
	code, _ = b.post("/api/lock", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, true, signed(mine)["locked"])
}

// Ensure that a browser that does not read is cut off, and that nobody waits for it.
func TestStalledBrowser(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	for range 20 { // which watch, and read nothing
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.page.URL+"/api/events", nil)
		require.NoError(t, err)
		answer, err := b.client.Do(r)
		require.NoError(t, err)
		t.Cleanup(func() { _ = answer.Body.Close() })
	}
	for range 200 {
		d.tap(d.own, "Aino")
	}
	b.do("own", single)
	var taps []map[string]any
	require.Equal(t, http.StatusOK, b.get("/api/taps", &taps))
	require.NotEmpty(t, taps)
	require.Equal(t, http.StatusOK, b.get("/api/session", new(console.Session)))
}
