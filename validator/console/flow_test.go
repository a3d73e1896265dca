package console_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator"
	"leima/validator/api"
	"leima/validator/console"
	"leima/validator/sim"
)

var single = api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 2}}

var tenEuros = api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 1000}}

// Ensure that signing on begins one shift on both devices, and takes the bus to its
// departure; that both record what is done in it, and that signing off ends it on both.
func TestShift(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	var s console.Session
	require.Equal(t, http.StatusOK, b.get("/api/session", &s))
	require.Equal(t, api.Shift{Driver: 7, Device: 10, Number: 1}, *s.Shift)
	shift := validator.Shift{Driver: 7}
	shift.Begun.Device, shift.Begun.Sequence = 10, 1
	for _, at := range []*sim.Bus{d.Bus, d.own} {
		state := at.Terminal.State()
		require.Equal(t, shift, state.Shift)
		require.Equal(t, uint16(201), state.Place.Trip)
		require.Equal(t, "Satama", state.Place.Stop)
	}

	b.do("bus", api.Command{Kind: "next_tap", NextTap: &api.NextTap{Persons: map[string]uint8{"adult": 2}}})
	d.tap(d.Bus, "Aino")
	require.Len(t, d.Cards, 1)
	done := b.do("own", single)
	require.NotNil(t, done.Receipt)
	require.Equal(t, done.Answer.Ticket.Total, done.Receipt.Total)

	var report console.Report
	require.Equal(t, http.StatusOK, b.get("/api/report", &report))
	require.Empty(t, report.Missing)
	require.Equal(t, 2, report.Bus.Persons)
	require.Equal(t, 2, report.Own.Tickets)
	require.Equal(t, done.Answer.Ticket.Total, report.Total.Cash)
	require.Equal(t, report.Bus.Charged, report.Total.Charged)

	code, why := b.post("/api/sign-off", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code, why)
	require.Zero(t, d.Bus.Terminal.State().Shift)
	require.Zero(t, d.own.Terminal.State().Shift)
	require.Equal(t, http.StatusUnauthorized, b.get("/api/report", nil))
}

// Ensure that nobody's last departure is taken for a new one: who signs on says which it is, but
// for who goes on with the shift on its line, and an inspector, who moves no bus.
func TestSignsOnForADeparture(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	d.driver(7)
	again := d.browser()
	code, why := d.browser().signOn(console.SignOnRequest{Driver: 6, PIN: "1234", Line: "2", TakeOver: true})
	require.Equal(t, http.StatusBadRequest, code)
	require.Contains(t, why, "departure")
	require.Equal(t, uint32(7), d.Bus.Terminal.State().Shift.Driver, "nothing has changed")
	code, _ = d.browser().signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Line: "5", TakeOver: true})
	require.Equal(t, http.StatusBadRequest, code, "another line")
	code, why = again.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Line: "2", TakeOver: true})
	require.Equal(t, http.StatusOK, code, why)
	require.Equal(t, uint16(201), d.Bus.Terminal.State().Place.Trip, "it goes on")

	code, why = again.post("/api/sign-off", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code, why)
	code, _ = d.browser().signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Line: "2"})
	require.Equal(t, http.StatusBadRequest, code, "a new shift")
	inspector := d.browser()
	code, why = inspector.signOn(console.SignOnRequest{Driver: 8, PIN: "1234"})
	require.Equal(t, http.StatusOK, code, why)
	code, why = inspector.post("/api/sign-off", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code, why)
	b := d.browser()
	code, why = b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Line: "5", Departure: 201})
	require.Equal(t, http.StatusOK, code, why)
	place := d.Bus.Terminal.State().Place
	require.Equal(t, "5", place.Line)
	require.Equal(t, uint16(201), place.Trip)
}

// Ensure that with the validator stopped the driver goes on: signs on, sells, loads and
// checks at the own reader; that what the bus missed is told to it when it is back, and a
// shift that has ended meanwhile ends there.
func TestGoesOnWithoutTheValidator(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	before := d.own.Terminal.State().Shift
	d.down()
	require.Zero(t, d.Bus.Terminal.State().Shift, "a validator that was restarted knows of no shift")

	code, why := b.post("/api/command", pressed("bus", api.Command{Kind: "pause"}), nil)
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, why, "use the own reader")
	b.do("own", single)
	b.do("own", tenEuros)
	loaded := d.tap(d.own, "Aino")
	require.Equal(t, validator.Accepted, loaded.Ending)
	looked := d.tap(d.own, "Aino")
	require.NotNil(t, looked.Decision.Look, "a card is checked without being asked for")
	b.do("both", api.Command{Kind: "move", Move: &api.Place{
		Line: "2", Stop: "Kortepohja", Vehicle: 42,
		Trip: 202, Zone: "B", Zones: "B",
	}})
	b.do("own", api.Command{Kind: "free", Free: &api.Free{Reason: "devices", Persons: 3}})
	var report console.Report
	require.Equal(t, http.StatusOK, b.get("/api/report", &report))
	require.Nil(t, report.Bus)
	require.NotEmpty(t, report.Missing)
	require.Equal(t, 1, report.Total.Loads)

	d.up()
	d.await(func(s console.States) bool { return s.Bus.Shift != nil && s.Bus.Place.Stop == "Kortepohja" })
	require.Equal(t, before, d.Bus.Terminal.State().Shift, "the same shift, registered again")

	d.down()
	d.play(d.Bus, "bus stop=Varikko trip=1") // what a validator says that has just started
	d.up()
	d.await(func(s console.States) bool { return s.Bus.Shift != nil && s.Bus.Place.Stop == "Kortepohja" })

	d.down()
	code, why = b.post("/api/sign-off", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code, why)
	d.up()
	require.Zero(t, d.Bus.Terminal.State().Shift)
}

// Ensure that a shift that ended while the validator was out of reach, but not switched off,
// is signed off there.
func TestSignsOffLater(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	require.NoError(t, d.server.Close())
	d.await(func(s console.States) bool { return !s.Link })
	code, why := b.post("/api/sign-off", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code, why)
	require.NotZero(t, d.Bus.Terminal.State().Shift)
	d.up()
	d.await(func(s console.States) bool { return s.Link && s.Bus.Shift == nil })
	require.Zero(t, d.Bus.Terminal.State().Shift)
}

// Ensure that the driver reads why the validator has ended, if it has left that.
func TestWhyTheValidatorHasEnded(t *testing.T) {
	t.Parallel()
	d := aConsole(t, func(d *consoleFixture) {
		d.console.Ended = func() string { return "the disk is gone" }
	})
	d.up()
	require.NoError(t, d.server.Close())
	d.await(func(s console.States) bool {
		return !s.Link && s.Cause.Finnish == "validaattori on pysähtynyt: the disk is gone"
	})
}
