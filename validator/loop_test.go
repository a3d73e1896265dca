package validator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/messages"
	"leima/validator/sim"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// onTheBench is the bus's validator with a field and a panel of its own, for a bubble
// of virtual time.
func onTheBench(bus *sim.Bus) (*validator.Validator, *emu.Field, *simtest.Panel) {
	field, panel, b := emu.NewField(), &simtest.Panel{}, bus.Validator
	v := &validator.Validator{
		Reader: field, Panel: panel, Language: messages.English, App: b.App, Keys: b.Keys,
		Journal: b.Journal, Blocklist: b.Blocklist, Tariffs: b.Tariffs, Now: b.Now,
		Rand: b.Rand, Log: slog.New(slog.DiscardHandler), Place: b.Place,
	}
	bus.Terminal = terminal.New(v, 0)
	return v, field, panel
}

// Ensure that the loop serves one card after the other, shows that it is ready in
// between, and ends when it is told to.
func TestRun(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "card Leo  purse 10.00")
	synctest.Test(t, func(t *testing.T) {
		v, field, panel := onTheBench(bus)
		waits := 0
		v.Waiting = func() { waits++ }
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- v.Run(ctx) }()
		synctest.Wait()
		require.Equal(t, 1, waits)

		field.Put(bus.Cards["Aino"], emu.Air{})
		time.Sleep(time.Minute) // a card that stays is served once
		field.Take()
		synctest.Wait()
		field.Put(bus.Cards["Leo"], emu.Air{})
		synctest.Wait()
		stop()
		require.NoError(t, <-ended)
		require.Equal(t, []hw.Lamp{hw.LampIdle, hw.LampGreen, hw.LampIdle, hw.LampGreen}, panel.Lamps())
	})
}

// Ensure that a reader that is gone ends the loop with an error, and the panel says it.
func TestRunWithoutReader(t *testing.T) {
	bus := simtest.NewBus(t)
	v, field, panel := onTheBench(bus)
	require.NoError(t, field.Close())
	require.ErrorIs(t, v.Run(context.Background()), hw.ErrReader)
	require.Equal(t, []hw.Lamp{hw.LampIdle, hw.LampBlue}, panel.Lamps())
}

// A troubled reader is a field whose troubles a test makes up.
type troubled struct {
	*emu.Field
	tell func(error)
}

func (r *troubled) OnTrouble(tell func(error)) { r.tell = tell }

// Ensure that a reader that waits for its cable shows the fault until it is there again,
// whatever the driver says meanwhile, and that the log has it; and that a card that cannot
// be used is no fault of the device.
func TestReaderInTrouble(t *testing.T) {
	bus := simtest.NewBus(t)
	synctest.Test(t, func(t *testing.T) {
		v, field, panel := onTheBench(bus)
		var log bytes.Buffer
		v.Log = slog.New(slog.NewTextHandler(&log, nil))
		reader := &troubled{Field: field}
		v.Reader = reader
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- v.Run(ctx) }()
		synctest.Wait()

		reader.tell(nil)
		reader.tell(fmt.Errorf("the card is mute: %w", hw.ErrRemoved))
		reader.tell(fmt.Errorf("look at its cable: %w", hw.ErrReader))
		require.NoError(t, bus.Order(terminal.NextTap{Party: validator.Party{Persons: [7]uint8{3}}}))
		require.NoError(t, bus.Order(terminal.Pause{}))
		require.NoError(t, bus.Order(terminal.Resume{}))
		reader.tell(nil)
		field.Put(bus.Cards["Aino"], emu.Air{})
		synctest.Wait()
		stop()
		require.NoError(t, <-ended)
		require.Equal(t, []hw.Lamp{
			hw.LampIdle, hw.LampBlue, hw.LampBlue, hw.LampBlue,
			hw.LampBlue, hw.LampIdle, hw.LampGreen,
		}, panel.Lamps())
		require.Equal(t, "The reader is out of order", panel.Signals()[1].Lines[0])
		require.Equal(t, 1, strings.Count(log.String(), "look at its cable"))
		require.Contains(t, log.String(), "cards can be found again")
		require.NotContains(t, log.String(), "mute")
		require.Nil(t, reader.tell)
	})
}

// Ensure that a paused validator touches no card.
func TestPause(t *testing.T) {
	bus := simtest.NewBus(t)
	v, _, panel := onTheBench(bus)
	require.NoError(t, bus.Order(terminal.Pause{}))
	before := simtest.Memory(t, bus.Cards["Aino"])
	o := v.Serve(emu.Air{}.Present(bus.Cards["Aino"]))
	require.ErrorIs(t, o.Err, validator.ErrPaused)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Aino"]))
	require.NoError(t, bus.Order(terminal.Resume{}))
	require.Equal(t, validator.Accepted, v.Serve(emu.Air{}.Present(bus.Cards["Aino"])).Ending)
	require.Equal(t, []hw.Lamp{hw.LampBlue, hw.LampBlue, hw.LampIdle, hw.LampGreen}, panel.Lamps())
}

// Ensure that a command which makes no sense changes nothing and says why.
func TestWrongCommands(t *testing.T) {
	bus := simtest.NewBus(t)
	require.ErrorContains(t, bus.Order(terminal.Move{Place: validator.Place{Stop: "kuu", Zone: 11}}),
		`moving to stop "kuu": zone 11 is not 1 to 10`)
	many := terminal.NextTap{}
	many.Persons[0] = 32
	require.ErrorContains(t, bus.Order(many), "32 persons on one card: a card holds at most 31")
	require.Contains(t, simtest.Play(t, bus, "tap Aino"), "charge 2.51")
}

// Ensure that what the driver has said is kept in the event, is used up by the tap it
// was for, survives a torn one, and ends with the trip.
func TestDriversWordIsUsedOnce(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "card Leo  purse 40.00\ndriver 2 adult 1 adult\ndriver 2 persons\n"+
		"tear Leo after 6\ntap Leo\ntear Leo before commit\ntap Leo\ntap Leo")
	require.Equal(t, "2 persons", simtest.LastEvent(t, bus).Command)
	require.EqualValues(t, 2, simtest.LastEvent(t, bus).Persons)
	require.Contains(t, simtest.Play(t, bus, "tap Aino"), "charge 2.51", "it is used up")
	simtest.Play(t, bus, "card Ella  purse 40.00\ndriver zones A-C\nbus trip=2")
	require.Contains(t, simtest.Play(t, bus, "tap Ella"), "charge 2.51", "another trip")
}

// Ensure that a broken panel stops no tap, and that the log tells of it and of the tap,
// without the card's number.
func TestLog(t *testing.T) {
	bus := simtest.NewBus(t)
	v, _, panel := onTheBench(bus)
	panel.Err = errors.New("no such terminal")
	var log bytes.Buffer
	v.Log = slog.New(slog.NewTextHandler(&log, nil))
	require.Equal(t, validator.Accepted, v.Serve(emu.Air{}.Present(bus.Cards["Aino"])).Ending)
	require.Contains(t, log.String(), "the panel does not show")
	require.Contains(t, log.String(), "ending=accepted")
	require.Contains(t, log.String(), "reason=value charge=2.51")
	number := simtest.Held(t, bus, "Aino").Number
	require.Contains(t, log.String(), number.Short())
	require.NotContains(t, log.String(), number.String()[:11])
}

// Ensure that nobody else pays for a party whose card was not heard, and that its own
// card still does after the minute.
func TestDriversWordIsForOneCard(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "card Leo  purse 40.00\ndriver 3 persons\ntear Leo after commit\ntap Leo")
	require.Contains(t, simtest.Play(t, bus, "tap Aino"), "charge 2.51")
	require.Contains(t, simtest.Play(t, bus, "tap Leo"), "unheard  fare 7.53")

	simtest.Play(t, bus,
		"bus trip=2\nat +3h\ndriver 3 persons\ntear Leo before commit\ntap Leo\nat +61s")
	require.Contains(t, simtest.Play(t, bus, "tap Leo"), "charge 7.53")

	simtest.Play(t, bus, "bus trip=3\nat +3h\ndriver 5 persons")
	require.Contains(t, simtest.Play(t, bus, "tap Aino"), "balance low",
		"five do not fit this purse")
	require.Contains(t, simtest.Play(t, bus, "card Ella  purse 40.00\ntap Ella"), "charge 2.51",
		"the next in the queue is no party")
}

// Ensure that the driver is heard also by a device whose clock has lost its time, and
// that the next passenger sees what was said.
func TestDriverAndTheClock(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus,
		"card Leo  purse 40.00\nat 2026-03-02 08:00\ntap Aino\nat 2000-01-01 00:00:00\ndriver 3 persons")
	require.Contains(t, simtest.Play(t, bus, "tap Leo"), "charge 7.53")

	_, _, panel := onTheBench(bus)
	require.NoError(t, bus.Order(terminal.NextTap{Party: validator.Party{Persons: [7]uint8{3}}}))
	require.Equal(t, "3 persons", panel.Signals()[0].Lines[1])
}

// Ensure that commands may come at any moment while the loop runs.
func TestCommandsUnderTheLoop(t *testing.T) {
	bus := simtest.NewBus(t)
	v, field, _ := onTheBench(bus)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- v.Run(ctx) }()
	for n := range 50 {
		require.NoError(t, bus.Order(terminal.Pause{}))
		require.NoError(t, bus.Order(terminal.Resume{}))
		if n%10 == 0 {
			field.Put(bus.Cards["Aino"], emu.Air{})
		}
	}
	stop()
	require.NoError(t, <-ended)
}

// Ensure that a place that no card could hold is refused before it refuses passengers.
func TestWrongPlaces(t *testing.T) {
	right := validator.Place{Stop: "tori", Vehicle: 42, Direction: 1, Trip: 1, Zone: 1}
	require.NoError(t, right.Check())
	for says, change := range map[string]func(*validator.Place){
		"zone 0 is not 1 to 10":             func(p *validator.Place) { p.Zone = 0 },
		"zones with the code 77":            func(p *validator.Place) { p.Zones = 77 },
		"vehicle 20000 does not fit a card": func(p *validator.Place) { p.Vehicle = 20000 },
		"direction 2 is not 0 or 1":         func(p *validator.Place) { p.Direction = 2 },
		"trip 0 is none":                    func(p *validator.Place) { p.Trip = 0 },
	} {
		wrong := right
		change(&wrong)
		require.ErrorContains(t, wrong.Check(), says)
	}
	bus := simtest.NewBus(t)
	err := bus.Order(terminal.NextTap{Party: validator.Party{Zones: 200}})
	require.ErrorContains(t, err, "no such run")
	failed := errors.New("the list is damaged")
	require.ErrorIs(t, bus.Validator.Do(func() error { return failed }), failed)
}
