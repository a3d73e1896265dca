package validator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/tariff"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/sim"
)

// The rows of "When something is missing", in doc.go.

func tap(bus *sim.Bus) validator.Outcome { return present(bus, "Aino") }

func present(bus *sim.Bus, name string) validator.Outcome {
	return bus.Validator.Serve(emu.Air{}.Present(bus.Cards[name]))
}

// lastEvent is the newest event of the journal.
func lastEvent(t *testing.T, bus *sim.Bus) (last validator.Event) {
	t.Helper()
	require.NoError(t, bus.Journal.Entries(0, func(e journal.Entry) error {
		if e.Kind == journal.Intent || e.Kind == journal.Record {
			last = e.Event
		}
		return nil
	}))
	return last
}

// faulty taps a device that cannot serve: the card stays as it is, and the event says
// why.
func faulty(t *testing.T, bus *sim.Bus, says string) error {
	t.Helper()
	before := memory(t, bus.Cards["Aino"])
	o := tap(bus)
	require.Equal(t, validator.Fault, o.Ending)
	require.Equal(t, before, memory(t, bus.Cards["Aino"]))
	require.Contains(t, lastEvent(t, bus).Fault, says)
	return o.Err
}

func TestNoBlockList(t *testing.T) {
	bus := aBus(t)
	require.Equal(t, validator.Accepted, tap(bus).Ending, "as if no card were listed")
	require.Zero(t, lastEvent(t, bus).List)

	bus = aBus(t)
	bus.Validator.RequireList = true
	require.ErrorIs(t, faulty(t, bus, "block list"), validator.ErrNoList)
}

func TestOldBlockList(t *testing.T) {
	bus := aBus(t)
	play(t, bus, "card Leo  kind company\nblock Leo\nat +73h")
	bus.Validator.ListLimit = 72 * time.Hour
	require.Equal(t, validator.Accepted, tap(bus).Ending)
	event := lastEvent(t, bus)
	require.EqualValues(t, 1, event.List)
	require.Equal(t, 73*time.Hour, event.At.Sub(event.ListMade))

	bus.Validator.RequireList = true
	require.ErrorIs(t, tap(bus).Err, validator.ErrNoList)
}

// broken is a block list whose disk has failed.
type broken struct{ validator.Blocklist }

func (broken) Lookup(cardlayout.Number) (uint8, bool, error) {
	return 0, false, errors.New("reading page 7: input/output error")
}

func TestLookupFails(t *testing.T) {
	bus := aBus(t)
	bus.Validator.Blocklist = broken{bus.Lists}
	require.Error(t, faulty(t, bus, "input/output error"))
}

// doubted is a block list that may be wrong about all of its cards.
type doubted struct{ validator.Blocklist }

func (doubted) Held(cardlayout.Number) (bool, error) { return true, nil }

// Ensure that a card is refused and not marked where its list may be wrong, so that a
// better list lets it travel again.
func TestHeldCardIsNotMarked(t *testing.T) {
	bus := aBus(t)
	play(t, bus, "card Leo  kind company, purse 10.00\nblock Leo")
	bus.Validator.Blocklist = doubted{bus.Lists}
	o := bus.Validator.Serve(emu.Air{}.Present(bus.Cards["Leo"]))
	require.Equal(t, fare.Blocked, o.Decision.Reason)
	contents, err := bus.Inspect("Leo")
	require.NoError(t, err)
	require.False(t, contents.Card.Blocked)
	require.Zero(t, contents.Card.Counter)

	bus.Validator.Blocklist = bus.Lists
	o = bus.Validator.Serve(emu.Air{}.Present(bus.Cards["Leo"]))
	require.Equal(t, fare.Blocked, o.Decision.Reason)
	contents, err = bus.Inspect("Leo")
	require.NoError(t, err)
	require.True(t, contents.Card.Blocked)
}

// Ensure that a clock that was in 1970 and is then set, still behind the last event, does
// not carry the device decades ahead.
func TestClockIsSetTooEarly(t *testing.T) {
	bus := aBus(t)
	play(t, bus, "at 2026-03-02 08:00")
	require.Equal(t, validator.Accepted, tap(bus).Ending)
	play(t, bus, "at 1970-01-01 00:10\nbus trip=2")
	require.True(t, tap(bus).Event.Estimated)
	play(t, bus, "at 2026-03-02 07:30\nbus trip=3")
	o := tap(bus)
	require.Equal(t, validator.Accepted, o.Ending, "%v", o.Decision.Reason)
	require.True(t, o.Event.Estimated)
	require.Equal(t, 2026, o.Event.At.Year())
}

func TestNoTariff(t *testing.T) {
	bus := aBus(t)
	bus.Validator.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, tariff.ErrNone }
	require.ErrorIs(t, faulty(t, bus, "no tariff covers"), tariff.ErrNone)
}

// A battery that went flat puts the clock back by years: time goes on from the last
// event, and nobody is charged for it.
func TestClockLosesItsTime(t *testing.T) {
	bus := aBus(t)
	play(t, bus, "at 2026-03-02 08:00")
	require.Equal(t, validator.Accepted, tap(bus).Ending)

	play(t, bus, "at 2000-01-01 00:00:00\nbus trip=2")
	o := tap(bus)
	require.Equal(t, fare.Transfer, o.Decision.Reason)
	require.True(t, o.Event.Estimated)
	play(t, bus, "at +91m\nbus trip=3")
	o = tap(bus)
	require.Equal(t, fare.Value, o.Decision.Reason, "the estimated time goes on")
	require.True(t, lastEvent(t, bus).Estimated)

	play(t, bus, "at 2026-03-02 12:00\nbus trip=4")
	o = tap(bus)
	require.False(t, o.Event.Estimated, "the clock has been set")
	require.Equal(t, bus.Clock.Now().UTC(), o.Event.At)
}

// Ensure that nothing is written to a card of which nothing can be recorded.
func TestJournalCannotBeWritten(t *testing.T) {
	bus := aBus(t)
	full := &failing{Journal: bus.Journal, begin: true, record: true}
	bus.Validator.Journal = full
	before := memory(t, bus.Cards["Aino"])
	o := tap(bus)
	require.Equal(t, validator.Fault, o.Ending)
	require.ErrorIs(t, o.Err, errDisk)
	require.Equal(t, before, memory(t, bus.Cards["Aino"]))
	require.Equal(t, validator.Fault, bus.Validator.Serve(stranger{answer: []byte{0x6D, 0}}).Ending,
		"not even a refusal goes unrecorded")

	full.begin, full.record = false, false
	require.Equal(t, validator.Accepted, tap(bus).Ending, "the disk has room again")
	require.NoError(t, bus.Journal.Verify(nil))
}

// A card that has committed and said so is green even if the journal cannot note it:
// its intent is durable, and the next visit settles it.
func TestSettleFails(t *testing.T) {
	bus := aBus(t)
	bus.Validator.Journal = &failing{Journal: bus.Journal, settle: true}
	o := tap(bus)
	require.Equal(t, validator.Accepted, o.Ending)
	require.ErrorIs(t, o.Err, errDisk)
	require.Equal(t, 1, bus.Journal.Unresolved())

	bus.Validator.Journal = bus.Journal
	o = tap(bus)
	require.Equal(t, fare.Unheard, o.Decision.Reason)
	require.Zero(t, bus.Journal.Unresolved())
	require.Equal(t, cardlayout.Cents(749), held(t, bus, "Aino").Purse)
}

// An intent that others have written over stays open: only the back office, which has
// everybody's counters, can tell.
func TestInDoubt(t *testing.T) {
	bus := aBus(t)
	play(t, bus, "card Leo  purse 10.00\ntear Leo before commit\ntap Leo\nload Leo value 10.00")
	require.Equal(t, 1, bus.Journal.Unresolved())
	require.Contains(t, play(t, bus, "tap Leo"), "accepted  value  charge 2.51  balance 17.49")
	require.Equal(t, 1, bus.Journal.Unresolved())

	play(t, bus, "card Ella  purse 10.00\ntear Ella after commit\ntap Ella\nload Ella value 10.00")
	require.Contains(t, play(t, bus, "tap Ella"), "accepted  unheard  fare 2.51  balance 17.49",
		"its last event is ours, whoever has loaded since")
	require.Equal(t, 1, bus.Journal.Unresolved())
}

// A clock that once was years ahead must not spoil the device for ever: when it is right
// again, it is younger than the block list, and that is believed.
func TestClockWasAhead(t *testing.T) {
	bus := aBus(t)
	play(t, bus, "card Leo  kind company, purse 10.00\nat 2026-03-02 08:00\nblock Leo\n"+
		"at 2036-01-01 00:00:00\ntap Leo\nat 2026-03-02 09:00\nbus trip=2")
	o := tap(bus)
	require.Equal(t, validator.Accepted, o.Ending)
	require.False(t, o.Event.Estimated)
	require.Equal(t, bus.Clock.Now().UTC(), o.Event.At)
}

// Ensure that an event of a fault claims no money.
func TestFaultClaimsNothing(t *testing.T) {
	bus := aBus(t)
	bus.Validator.Journal = &failing{Journal: bus.Journal, begin: true}
	require.Equal(t, validator.Fault, tap(bus).Ending)
	event := lastEvent(t, bus)
	require.Zero(t, event.Charge)
	require.Equal(t, cardlayout.Cents(1000), event.Balance)
	require.Contains(t, event.Fault, "no space left")
}

// Ensure that an event tells all that was decided, and what by: also the areas of the card
// and of its use, where both registers want it (R-043, T-47).
func TestEventTellsAll(t *testing.T) {
	bus := aBus(t)
	play(t, bus, "at 2026-03-02 08:00\ncard Ella  area 217, purse 20.00\ncard Leo  kind company\nblock Leo\n"+
		"bus line=2 stop=satama vehicle=7 direction=1 trip=5 zone=B\ndriver 2 persons zones A-B\ntap Ella")
	card := held(t, bus, "Ella")
	event := lastEvent(t, bus)
	require.NotEmpty(t, event.Signed)
	event.Signed = nil
	require.Equal(t, validator.Event{
		ID: card.Last, At: bus.Clock.Now().UTC().Truncate(time.Second),
		Place: validator.Place{Line: "2", Stop: "satama", Vehicle: 7, Direction: 1, Trip: 5, Zone: 2},
		UID:   bus.Cards["Ella"].UID(), Card: card.Number, Area: 217, UsedIn: 227,
		Reason: fare.Value, Rules: []fare.RuleID{4, 42, 51}, Charge: 676, Balance: 1324, Persons: 2,
		Zones: 11, Product: 1, Source: cardlayout.ByValue, Tariff: "mikkeli-2025",
		List: 1, ListMade: bus.Lists.Made(), Driver: "2 persons, zones A-B",
	}, event)
	require.NoError(t, bus.Journal.Entries(0, func(e journal.Entry) error {
		if e.Kind == journal.Settle {
			require.EqualValues(t, 1, e.Receipt.TMC)
			require.NotZero(t, e.Receipt.TMV)
		}
		return nil
	}))
	contents, err := bus.Inspect("Ella")
	require.NoError(t, err)
	require.Equal(t, uint16(7), contents.Card.Ticket.Boarding.Vehicle)
	require.Equal(t, uint8(1), contents.Card.Ticket.Boarding.Direction)
}
