package api_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/faretest"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/sim"
)

// A busFixture is a bus in service and a way to its validator.
type busFixture struct {
	*sim.Bus
	way   api.Device
	local *api.Local
	shift *api.Shift
	ids   int
}

// newBusFixture is a bus of Jyväskylä with Aino aboard, who has ten euros.
func newBusFixture(t *testing.T) *busFixture {
	t.Helper()
	bus, err := sim.NewBus(t.TempDir(), sim.Setup{
		Prices: faretest.Source,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = bus.Close() })
	d := &busFixture{Bus: bus}
	d.play(t, "tariffs jyvaskyla-2018\nat 2026-03-02 08:00\nbus zone=A line=2 stop=Satama\n"+
		"card Aino  kind personal, born 1980-05-17, purse 10.00")
	d.local = &api.Local{
		Terminal: bus.Terminal, Journal: bus.Journal, Area: 209,
		Reader: "emulated", Boot: "first", Copies: map[string]func() (io.ReadCloser, error){
			"tariffs": func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("prices")), nil },
			"delta":   func() (io.ReadCloser, error) { return nil, fs.ErrNotExist },
		},
	}
	played := bus.Validator.Tapped
	bus.Validator.Tapped = func(o validator.Outcome) {
		d.local.Tapped(o)
		played(o)
	}
	d.way = d.local
	return d
}

func (d *busFixture) play(t *testing.T, text string) string {
	t.Helper()
	played, err := d.Play(context.Background(), sim.Parse("test", text), nil)
	require.NoError(t, err)
	return played.String()
}

// tap is Aino's.
func (d *busFixture) tap() validator.Outcome {
	return d.Bus.Validator.Serve(emu.Air{}.Present(d.Cards["Aino"]))
}

// order is one that is good for a minute.
func (d *busFixture) order(c api.Command) api.Order {
	d.ids++
	return api.Order{
		ID: fmt.Sprintf("order-%05d", d.ids), Boot: "first",
		Expires: d.Clock.Now().Add(time.Minute), Shift: d.shift, Command: c,
	}
}

func (d *busFixture) do(t *testing.T, c api.Command) api.Answer {
	t.Helper()
	a, err := d.way.Do(t.Context(), d.order(c))
	require.NoError(t, err)
	return a
}

// signOn puts driver 7 to work.
func (d *busFixture) signOn(t *testing.T) {
	t.Helper()
	d.shift = d.do(t, api.Command{Kind: "sign_on", SignOn: &api.SignOn{Shift: api.Shift{Driver: 7}}}).Shift
	require.NotNil(t, d.shift)
}

// ways are how a console reaches a validator.
var ways = map[string]func(t *testing.T, d *busFixture) api.Device{
	"in the same program": func(_ *testing.T, d *busFixture) api.Device { return d.local },
	"over a Unix socket": func(t *testing.T, d *busFixture) api.Device {
		folder, err := os.MkdirTemp("", "leima")
		require.NoError(t, err)
		t.Cleanup(func() { _ = os.RemoveAll(folder) })
		path := filepath.Join(folder, "s")
		listener, err := net.Listen("unix", path)
		require.NoError(t, err)
		server := api.NewServer(d.local, "")
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(func() { _ = server.Close() })
		return api.NewClient("unix:"+path, "", nil)
	},
	"with TLS and a token": func(t *testing.T, d *busFixture) api.Device {
		server := httptest.NewUnstartedServer(nil)
		server.Config = api.NewServer(d.local, "the token")
		server.StartTLS()
		t.Cleanup(server.Close)
		trusted := x509.NewCertPool()
		trusted.AddCert(server.Certificate())
		return api.NewClient(server.URL, "the token", &tls.Config{RootCAs: trusted})
	},
}

// everyWay runs a test over each of them.
func everyWay(t *testing.T, test func(t *testing.T, d *busFixture)) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			d := newBusFixture(t)
			d.way = way(t, d)
			test(t, d)
		})
	}
}

// Ensure that the state tells where the bus is, who drives, what is asked of the next card
// and what is wrong, however it is asked for.
func TestState(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		s, err := d.way.State(t.Context())
		require.NoError(t, err)
		require.True(t, s.Healthy)
		require.Equal(t, "first", s.Boot)
		require.Equal(t, api.Place{Line: "2", Stop: "Satama", Vehicle: 42, Trip: 1, Zone: "A", Zones: "A"}, s.Place)
		require.Equal(t, "jyvaskyla-2018", s.Tariff)
		require.Nil(t, s.Shift)

		d.signOn(t)
		d.do(t, api.Command{Kind: "next_tap", NextTap: &api.NextTap{Persons: map[string]uint8{"holder": 3}}})
		s, err = d.way.State(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 7, s.Shift.Driver)
		require.Equal(t, "3 henkilöä", s.Order.What.Finnish)
		require.Equal(t, "3 persons", s.Order.What.English)

		d.do(t, api.Command{Kind: "pause"})
		s, err = d.way.State(t.Context())
		require.NoError(t, err)
		require.False(t, s.Healthy)
		require.NotEmpty(t, s.Cause)
	})
}

// Ensure that a command changes the next tap, that the tap tells of it, and that the shift
// adds up.
func TestOrders(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		d.signOn(t)
		d.do(t, api.Command{Kind: "next_tap", NextTap: &api.NextTap{Persons: map[string]uint8{"holder": 3}}})
		require.EqualValues(t, 630, d.tap().Decision.Charge)
		d.do(t, api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 2000}})
		d.tap()
		answer := d.do(t, api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 2}})
		require.EqualValues(t, 540, answer.Ticket.Total)
		require.Equal(t, "2026-03-02T09:00", answer.Ticket.Until)
		d.do(t, api.Command{Kind: "free", Free: &api.Free{Reason: "ticket", Persons: 1}})
		d.do(t, api.Command{Kind: "next_tap", NextTap: &api.NextTap{Check: true}})
		d.tap()
		answer = d.do(t, api.Command{Kind: "identify", Birth: "1980-05-17"})
		require.True(t, *answer.Matches)
		d.do(t, api.Command{Kind: "mark_error", Mark: &api.Mark{Event: 1, Said: "twice"}})
		d.do(t, api.Command{Kind: "take_back", TakeBack: "driver"})
		d.tap()

		taps, err := d.way.Taps(t.Context())
		require.NoError(t, err)
		require.Len(t, taps, 4)
		require.Equal(t, "load taken back", taps[0].Reason)
		require.Equal(t, "checked", taps[1].Reason)
		require.Equal(t, "travels", taps[1].Look.Verdict.Finding)
		require.Len(t, taps[1].Look.History, 1)
		require.EqualValues(t, 2000, taps[2].Added)
		require.Equal(t, []string{"green", "accepted", "value"}, []string{taps[3].Lamp, taps[3].Ending, taps[3].Reason})
		require.EqualValues(t, 630, taps[3].Charge)
		require.Equal(t, "R-004", taps[3].Why[0].ID)
		require.NotEmpty(t, taps[3].Why[0].Finnish)

		tally, err := d.way.Tally(t.Context(), *d.shift)
		require.NoError(t, err)
		require.EqualValues(t, 540, tally.Cash)
		require.Equal(t, 2, tally.Tickets)
		require.Zero(t, tally.Loads)
		require.EqualValues(t, 630, tally.Charged)
		require.Equal(t, 3+1, tally.Persons)
		require.Equal(t, 1, tally.Taps["value"])
	})
}

// Ensure that an order is carried out once, however often it is given, and that another by
// the same id, one that is too old, and one for the time before a restart are not.
func TestOrdersAreCarriedOutOnce(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		d.signOn(t)
		sale := d.order(api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
		first, err := d.way.Do(t.Context(), sale)
		require.NoError(t, err)
		next := d.Journal.Next()
		again, err := d.way.Do(t.Context(), sale)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, next, d.Journal.Next(), "sold once")

		other := sale
		other.Command.Sell = &api.TicketSale{Group: "child", Persons: 1}
		require.Equal(t, http.StatusConflict, code(d.way.Do(t.Context(), other)))

		restarted := d.order(sale.Command)
		restarted.Boot = "second"
		require.Equal(t, http.StatusConflict, code(d.way.Do(t.Context(), restarted)))

		d.play(t, "at +5m")
		again, err = d.way.Do(t.Context(), sale)
		require.NoError(t, err)
		require.Equal(t, first, again, "it is known for as long as its shift")
		late := d.order(sale.Command)
		late.Expires = d.Clock.Now().Add(-time.Second)
		require.Equal(t, http.StatusGone, code(d.way.Do(t.Context(), late)))
		far := d.order(sale.Command)
		far.Expires = d.Clock.Now().Add(time.Hour)
		require.Equal(t, http.StatusBadRequest, code(d.way.Do(t.Context(), far)))
		require.Equal(t, next, d.Journal.Next())
	})
}

// code is the status of a refusal; 0 if there was none.
func code(_ api.Answer, err error) int {
	if refused := (*api.Refused)(nil); errors.As(err, &refused) {
		return refused.Code
	}
	return 0
}

// Ensure that nothing is commanded without a shift that is on, and nothing in another's.
func TestNoCommandWithoutADriver(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		commands := []api.Command{
			{Kind: "pause"},
			{Kind: "resume"},
			{Kind: "sign_off"},
			{Kind: "move", Move: &api.Place{Line: "2", Zone: "A", Trip: 9}},
			{Kind: "next_tap", NextTap: &api.NextTap{Lent: true}},
			{Kind: "load", Load: &api.LoadOrder{Amount: 2000}},
			{Kind: "take_back", TakeBack: "driver"},
			{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}},
			{Kind: "free", Free: &api.Free{Reason: "devices", Persons: 1}},
			{Kind: "judge", Misuse: &api.MisuseReport{CardUse: api.CardUse{Kind: "bearer", Age: "upper"}}},
			{Kind: "mark_error", Mark: &api.Mark{Event: 1}},
			{Kind: "identify", Birth: "1980-05-17"},
		}
		next := d.Journal.Next()
		for _, c := range commands {
			require.Equal(t, http.StatusForbidden, code(d.way.Do(t.Context(), d.order(c))), c.Kind)
		}
		require.Equal(t, next, d.Journal.Next())

		d.signOn(t)
		mine := d.shift
		d.shift = &api.Shift{Driver: 8, Device: 3, Number: 1}
		for _, c := range commands {
			require.Equal(t, http.StatusForbidden, code(d.way.Do(t.Context(), d.order(c))), c.Kind)
		}
		on := api.Command{Kind: "sign_on", SignOn: &api.SignOn{Shift: *d.shift}}
		require.Equal(t, http.StatusForbidden, code(d.way.Do(t.Context(), d.order(on))), "a second console")
		on.SignOn.TakeOver = true
		d.do(t, on)
		d.shift = mine
		require.Equal(t, http.StatusForbidden, code(d.way.Do(t.Context(), d.order(commands[0]))), "handed over")
	})
}

// Ensure that what a validator refuses comes with its reason and what to do, and that
// nothing was done.
func TestRefusals(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		d.signOn(t)
		next := d.Journal.Next()
		for _, c := range []api.Command{
			{},
			{Kind: "fly"},
			{Kind: "sell"},
			{Kind: "load", Load: &api.LoadOrder{}},
			{Kind: "sell", Sell: &api.TicketSale{Group: "emperor", Persons: 1}},
			{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Zones: "Ä", Persons: 1}},
			{Kind: "free", Free: &api.Free{Reason: "smile", Persons: 1}},
			{Kind: "free", Free: &api.Free{Reason: "card", Persons: 1, Printed: "924699001123456788"}},
			{Kind: "take_back", TakeBack: "passenger"},
			{Kind: "take_back", TakeBack: "driver"},
			{Kind: "identify", Birth: "1980-05-17"},
			{Kind: "identify", Birth: "17.5.1980"},
			{Kind: "load", Load: &api.LoadOrder{Amount: 1<<32 + 2000}},
			{Kind: "load", Load: &api.LoadOrder{Amount: -1}},
			{Kind: "move", Move: &api.Place{Line: "2", Zone: "A-B", Trip: 1}},
			{Kind: "move", Move: &api.Place{Line: "2", Stop: strings.Repeat("x", 200), Zone: "A", Trip: 1}},
			{Kind: "move", Move: &api.Place{Line: "2", Zone: "Z", Trip: 1}},
			{Kind: "move", Move: &api.Place{Line: "2", Zone: "A"}},
			{Kind: "mark_error", Mark: &api.Mark{Event: 1, Said: strings.Repeat("x", 300)}},
			{Kind: "mark_error", Mark: &api.Mark{Event: 1, Said: "wrong\x1b[2J"}},
			{Kind: "mark_error", Mark: &api.Mark{Event: 1, Said: "card 924699 0011 2345 6787"}},
			{Kind: "load", Load: &api.LoadOrder{Amount: 2000, Funding: &api.Funding{
				By:      "benefit",
				Benefit: api.Benefit{Reference: "REF-1 / 924699001123456787"},
			}}},
			{Kind: "move", Move: &api.Place{Line: "924699001123456787", Zone: "A", Trip: 1}},
			{Kind: "move", Move: &api.Place{Line: "2", Stop: "924699001123456787", Zone: "A", Trip: 1}},
			{Kind: "move", Move: &api.Place{Line: "2\u202e", Stop: "Tori", Zone: "A", Trip: 1}},
			{Kind: "move", Move: &api.Place{Line: "2", Stop: "Tori\x9b31m\u009b", Zone: "A", Trip: 1}},
			{Kind: "move", Move: &api.Place{Line: "2", Stop: "Tori\nGREEN", Zone: "A", Trip: 1}},
			{Kind: "load", Load: &api.LoadOrder{Amount: 2000, Funding: &api.Funding{
				By:      "benefit",
				Benefit: api.Benefit{Reference: "\x1b]0;x\a"},
			}}},
			{Kind: "next_tap", NextTap: &api.NextTap{Persons: map[string]uint8{"adult": 200}}},
		} {
			_, err := d.way.Do(t.Context(), d.order(c))
			refused := (*api.Refused)(nil)
			require.ErrorAs(t, err, &refused, "%+v", c)
			require.NotEmpty(t, refused.Why)
			require.NotContains(t, refused.Why, "1980")
			require.NotContains(t, refused.Why, "924699")
		}
		require.Equal(t, next, d.Journal.Next())
	})
}

// Ensure that what a rule refuses is told in the three languages, whether a card was presented
// for it or not.
func TestRefusalsInWords(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		d.signOn(t)
		_, err := d.way.Do(t.Context(), d.order(api.Command{Kind: "take_back", TakeBack: "driver"}))
		refused := (*api.Refused)(nil)
		require.ErrorAs(t, err, &refused)
		require.Equal(t, api.Words{
			Finnish: "latauksen peruutus: tämä laite ei ole ladannut korttia käynnistyksensä jälkeen " +
				"(R-125): ohjaa asiakas palvelupisteeseen kuitin kanssa",
			Swedish: "återtagande av laddningen: den här apparaten har inte laddat något kort sedan den " +
				"startades (R-125): hänvisa kunden till servicestället med kvittot",
			English: refused.Why,
		}, refused.Said)

		d.do(t, api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 100}})
		d.tap()
		taps, err := d.way.Taps(t.Context())
		require.NoError(t, err)
		require.Equal(t, "not loaded", taps[0].Reason)
		require.Equal(t, &api.Words{
			Finnish: "lataus 1,00 €: pienin ladattava summa on 5,00 € (R-004): pyydä suurempi summa",
			Swedish: "laddning 1,00 €: det minsta belopp som kan laddas är 5,00 € (R-004): " +
				"be om ett större belopp",
			English: "loading 1.00 €: the least that may be loaded is 5.00 € (R-004): ask for more",
		}, taps[0].Refused)
	})
}

// Ensure that a watcher hears of a tap and of a change, and that the end of the device is
// told.
func TestWatch(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		ctx, cancel := context.WithCancel(t.Context())
		heard := make(chan api.Message, 100)
		ended := make(chan error, 1)
		go func() { ended <- d.way.Watch(ctx, func(m api.Message) { heard <- m }) }()
		require.NotNil(t, (<-heard).State)
		d.tap()
		for m := range heard {
			if m.Tap != nil {
				require.Equal(t, "value", m.Tap.Reason)
				break
			}
		}
		d.signOn(t)
		for m := range heard {
			if m.State != nil && m.State.Shift != nil {
				break
			}
		}
		cancel()
		require.Error(t, <-ended)
	})
}

// Ensure that nobody who does not read holds up a tap, or another watcher.
func TestWhoDoesNotReadDelaysNoTap(t *testing.T) {
	d := newBusFixture(t)
	server := httptest.NewServer(api.NewServer(d.local, "").Handler)
	defer server.Close()
	for range 20 { // more than may watch
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
	}
	var watching sync.WaitGroup
	stuck, stop := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	watching.Go(func() { // in the same program, too
		once := sync.OnceFunc(func() { close(stuck) })
		_ = d.local.Watch(ctx, func(api.Message) { once(); <-stop })
	})
	<-stuck
	for range 300 {
		d.tap()
	}
	taps, err := d.way.Taps(t.Context())
	require.NoError(t, err)
	require.Len(t, taps, 40, "the last ones are kept")
	close(stop)
	cancel()
	watching.Wait()
}

// Ensure that what is asked changes nothing.
func TestQuestions(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		next := d.Journal.Next()
		a, err := d.way.Ask(t.Context(), api.Question{Companions: &api.Companions{Infants: 3, Paying: true}})
		require.NoError(t, err)
		require.Equal(t, 1, a.Fares)
		require.Equal(t, "R-158", a.Why[0].ID)
		a, err = d.way.Ask(t.Context(), api.Question{Use: &api.CardUse{Kind: "bearer", Age: "upper"}})
		require.NoError(t, err)
		require.True(t, a.Charge)
		require.False(t, a.Confiscate)
		for _, q := range []api.Question{
			{},
			{Companions: &api.Companions{}},
			{Use: &api.CardUse{Kind: "x"}},
			{Companions: &api.Companions{Infants: 1, InPram: 2}},
		} {
			_, err = d.way.Ask(t.Context(), q)
			require.Error(t, err, "%+v", q)
		}
		offer, err := d.way.Offer(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"adult", "child"}, offer.Groups)
		require.EqualValues(t, 270, offer.Singles["adult"]["A"])
		require.NotEmpty(t, offer.Seasons)
		require.Equal(t, next, d.Journal.Next())
	})
}

// Ensure that whatever is mirrored arrives as it is.
func TestMirror(t *testing.T) {
	everyWay(t, func(t *testing.T, d *busFixture) {
		copied, err := d.way.Mirror(t.Context(), "tariffs")
		require.NoError(t, err)
		text, err := io.ReadAll(copied)
		require.NoError(t, err)
		require.NoError(t, copied.Close())
		require.Equal(t, "prices", string(text))
		for _, none := range []string{"delta", "journal"} {
			_, err = d.way.Mirror(t.Context(), none)
			require.ErrorIs(t, err, fs.ErrNotExist)
		}
	})
}

// neither a birth date nor a whole card number is in anything that is told.
func TestNoIdentityPasses(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	d.tap()
	d.do(t, api.Command{Kind: "next_tap", NextTap: &api.NextTap{Check: true}})
	d.tap()
	server := httptest.NewServer(api.NewServer(d.local, "").Handler)
	defer server.Close()
	contents, err := d.Inspect("Aino")
	require.NoError(t, err)
	number := contents.Card.Number.String()
	for _, path := range []string{"/v1/taps", "/v1/state", "/v1/offer"} {
		response, err := http.Get(server.URL + path)
		require.NoError(t, err)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		_ = response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode)
		for _, secret := range []string{"1980", number, strings.ReplaceAll(number, " ", "")} {
			require.NotContains(t, string(text), secret, path)
		}
	}
	require.Equal(t, "1980-05-17", contents.Card.Birth.String(), "which is on the card")
	require.NotEqual(t, cardlayout.Day(0), contents.Card.Birth)
}

// Ensure that anyone who has not the token sees and does nothing, and that requests which are
// no orders are refused.
func TestRequestsThatAreNone(t *testing.T) {
	d := newBusFixture(t)
	closed := httptest.NewServer(api.NewServer(d.local, "the token").Handler)
	defer closed.Close()
	for _, token := range []string{"", "the toke", "the token!"} {
		_, err := api.NewClient(closed.URL, token, nil).State(t.Context())
		refused := (*api.Refused)(nil)
		require.ErrorAs(t, err, &refused)
		require.Equal(t, http.StatusUnauthorized, refused.Code)
	}
	open := httptest.NewServer(api.NewServer(d.local, "").Handler)
	defer open.Close()
	good, err := json.Marshal(d.order(api.Command{Kind: "pause"}))
	require.NoError(t, err)
	rows := []struct {
		kind, body string
		code       int
	}{
		{"application/json", string(good), http.StatusForbidden},
		{"application/json", "", http.StatusBadRequest},
		{"application/json", "{", http.StatusBadRequest},
		{"application/json", "[]", http.StatusBadRequest},
		{"application/json", `{"id":7}`, http.StatusBadRequest},
		{"application/json", `{"unknown":1}`, http.StatusBadRequest},
		{"application/json", string(good) + string(good), http.StatusBadRequest},
		{"application/json", `{"id":"` + strings.Repeat("x", 1<<20) + `"}`, http.StatusRequestEntityTooLarge},
		{"text/plain", string(good), http.StatusUnsupportedMediaType},
		{"application/x-www-form-urlencoded", string(good), http.StatusUnsupportedMediaType},
	}
	for _, row := range rows {
		response, err := http.Post(open.URL+"/v1/orders", row.kind, bytes.NewBufferString(row.body))
		require.NoError(t, err)
		_ = response.Body.Close()
		require.Equal(t, row.code, response.StatusCode, "%.60s", row.body)
	}
	for path, want := range map[string]int{"/": 404, "/v1/orders": 405, "/v1/shifts/1/x/3": 400, "/v1/mirror/..": 404} {
		response, err := http.Get(open.URL + path)
		require.NoError(t, err)
		_ = response.Body.Close()
		require.Equal(t, want, response.StatusCode, path)
	}
}

// Ensure that too many orders in a short time are refused, that it passes, and that anyone who
// may give none takes nobody's place.
func TestTooManyOrders(t *testing.T) {
	d := newBusFixture(t)
	last := 0
	for range 600 {
		last = code(d.way.Do(t.Context(), d.order(api.Command{Kind: "pause"})))
	}
	require.Equal(t, http.StatusForbidden, last)
	d.signOn(t)
	given := 1 // signing on
	for last = 0; last == 0; given++ {
		last = code(d.way.Do(t.Context(), d.order(api.Command{Kind: "resume"})))
	}
	require.Equal(t, http.StatusTooManyRequests, last)
	require.Equal(t, 480+1, given)
	d.play(t, "at +4m")
	d.do(t, api.Command{Kind: "resume"})
}

// Ensure that an order whose answer was lost is answered for as long as anybody asks, also
// after its time, and that it was done once.
func TestLostAnswer(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	sale := d.order(api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
	first, err := d.way.Do(t.Context(), sale)
	require.NoError(t, err)
	next := d.Journal.Next()
	d.play(t, "at +2m")
	again, err := d.way.Do(t.Context(), sale)
	require.NoError(t, err, "its time is over, and it was carried out")
	require.Equal(t, first, again)
	require.Equal(t, next, d.Journal.Next())
}

// Ensure that the report goes on over a restart, counts one shift alone, and tells what was
// never heard of apart from what was.
func TestTally(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	shift := d.shift
	d.do(t, api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 2}})
	other := api.Shift{Driver: 8, Device: 3, Number: 1}
	d.do(t, api.Command{Kind: "sign_on", SignOn: &api.SignOn{Shift: other, TakeOver: true}})
	d.shift = &other
	d.do(t, api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
	d.do(t, api.Command{Kind: "sign_on", SignOn: &api.SignOn{Shift: *shift, TakeOver: true}})
	d.shift = shift
	d.do(t, api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 2000}})
	d.play(t, "tear Aino before commit\ntap Aino")

	restarted := &api.Local{Terminal: d.Bus.Terminal, Journal: d.Journal, Boot: "second"}
	for _, device := range []*api.Local{d.local, restarted} {
		tally, err := device.Tally(t.Context(), *shift)
		require.NoError(t, err)
		require.EqualValues(t, 540, tally.Cash)
		require.Equal(t, 2, tally.Tickets)
		require.Zero(t, tally.Loads)
		require.Equal(t, 1, tally.Open)
		require.EqualValues(t, 2000, tally.OpenCash)
	}
	d.play(t, "tap Aino") // it was not committed, and now it is
	tally, err := restarted.Tally(t.Context(), *shift)
	require.NoError(t, err)
	require.EqualValues(t, 2540, tally.Cash)
	require.Zero(t, tally.Open)
	require.Equal(t, 1, tally.Loads)
}

// Ensure that a clock which has lost its time keeps nobody from driving.
func TestOrdersByAnEstimate(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	d.tap()
	d.play(t, "card Firma  kind company\nblock Firma\nsync on")
	state, err := d.way.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, api.ClockSynchronized, state.Clock)
	d.play(t, "at 2000-01-01 00:00")
	state, err = d.way.State(t.Context())
	require.NoError(t, err)
	require.True(t, state.Estimated)
	require.Equal(t, api.ClockUnknown, state.Clock)
	require.Equal(t, "absurd", state.Fault)
	sale := d.order(api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
	sale.Expires = state.Now.Add(time.Minute)
	_, err = d.way.Do(t.Context(), sale)
	require.NoError(t, err)
	_, err = d.way.Offer(t.Context())
	require.NoError(t, err)
}

// Ensure that of more streams than are served the newest is heard, no matter who else never reads.
func TestNewestWatcherIsHeard(t *testing.T) {
	d := newBusFixture(t)
	server := httptest.NewServer(api.NewServer(d.local, "").Handler)
	defer server.Close()
	for range 40 {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		_, err = conn.Read(make([]byte, 1)) // it watches, and reads no more
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	heard := make(chan api.Message, 100)
	go func() { _ = api.NewClient(server.URL, "", nil).Watch(ctx, func(m api.Message) { heard <- m }) }()
	require.NotNil(t, (<-heard).State)
	d.tap()
	for m := range heard {
		if m.Tap != nil {
			break
		}
	}
	cancel()
}

// Ensure that taps which left no event are told apart.
func TestTapsAreToldApart(t *testing.T) {
	d := newBusFixture(t)
	d.play(t, "tear Aino before 2\ntap Aino\ntap Aino")
	taps, err := d.way.Taps(t.Context())
	require.NoError(t, err)
	require.Len(t, taps, 2)
	require.Equal(t, []uint64{2, 1}, []uint64{taps[0].Serial, taps[1].Serial})
}
