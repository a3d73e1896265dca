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
	"leima/validator/sim/simtest"
)

// The rows of "When something is missing", in doc.go.

// faulty taps a device that cannot serve: the card stays as it is, and the event says
// why.
func faulty(t *testing.T, bus *sim.Bus, says string) error {
	t.Helper()
	before := simtest.Memory(t, bus.Cards["Aino"])
	o := simtest.Tap(bus)
	require.Equal(t, validator.Fault, o.Ending)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Aino"]))
	require.Contains(t, simtest.LastEvent(t, bus).Fault, says)
	return o.Err
}

func TestNoBlockList(t *testing.T) {
	bus := simtest.NewBus(t)
	require.Equal(t, validator.Accepted, simtest.Tap(bus).Ending, "as if no card were listed")
	require.Zero(t, simtest.LastEvent(t, bus).List)

	bus = simtest.NewBus(t)
	bus.Validator.RequireList = true
	require.ErrorIs(t, faulty(t, bus, "block list"), validator.ErrNoList)
}

func TestOldBlockList(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "card Leo  kind company\nblock Leo\nat +73h")
	bus.Validator.ListLimit = 72 * time.Hour
	require.Equal(t, validator.Accepted, simtest.Tap(bus).Ending)
	event := simtest.LastEvent(t, bus)
	require.EqualValues(t, 1, event.List)
	require.Equal(t, 73*time.Hour, event.At.Sub(event.ListMade))

	bus.Validator.RequireList = true
	require.ErrorIs(t, simtest.Tap(bus).Err, validator.ErrNoList)
}

// broken is a block list whose disk has failed.
type broken struct{ validator.Blocklist }

func (broken) Lookup(cardlayout.Number) (uint8, bool, error) {
	return 0, false, errors.New("reading page 7: input/output error")
}

func TestLookupFails(t *testing.T) {
	bus := simtest.NewBus(t)
	bus.Validator.Blocklist = broken{bus.Lists}
	require.Error(t, faulty(t, bus, "input/output error"))
}

// provisionalList is a block list that may be wrong about all of its cards.
type provisionalList struct{ validator.Blocklist }

func (provisionalList) Provisional(cardlayout.Number) (bool, error) { return true, nil }

// Ensure that a card is refused and not marked where its list may be wrong, so that a
// better list lets it travel again.
func TestHeldCardIsNotMarked(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "card Leo  kind company, purse 10.00\nblock Leo")
	bus.Validator.Blocklist = provisionalList{bus.Lists}
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
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "at 2026-03-02 08:00")
	require.Equal(t, validator.Accepted, simtest.Tap(bus).Ending)
	simtest.Play(t, bus, "at 1970-01-01 00:10\nbus trip=2")
	require.True(t, simtest.Tap(bus).Event.Estimated)
	simtest.Play(t, bus, "at 2026-03-02 07:30\nbus trip=3")
	o := simtest.Tap(bus)
	require.Equal(t, validator.Accepted, o.Ending, "%v", o.Decision.Reason)
	require.True(t, o.Event.Estimated)
	require.Equal(t, 2026, o.Event.At.Year())
}

func TestNoTariff(t *testing.T) {
	bus := simtest.NewBus(t)
	bus.Validator.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, tariff.ErrNone }
	require.ErrorIs(t, faulty(t, bus, "no tariff covers"), tariff.ErrNone)
}

// A battery that went flat puts the clock back by years: time goes on from the last
// event, and nobody is charged for it.
func TestClockLosesItsTime(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "at 2026-03-02 08:00")
	require.Equal(t, validator.Accepted, simtest.Tap(bus).Ending)

	simtest.Play(t, bus, "at 2000-01-01 00:00:00\nbus trip=2")
	o := simtest.Tap(bus)
	require.Equal(t, fare.Transfer, o.Decision.Reason)
	require.True(t, o.Event.Estimated)
	simtest.Play(t, bus, "at +91m\nbus trip=3")
	o = simtest.Tap(bus)
	require.Equal(t, fare.Value, o.Decision.Reason, "the estimated time goes on")
	require.True(t, simtest.LastEvent(t, bus).Estimated)

	simtest.Play(t, bus, "at 2026-03-02 12:00\nbus trip=4")
	o = simtest.Tap(bus)
	require.False(t, o.Event.Estimated, "the clock has been set")
	require.Equal(t, bus.Clock.Now().UTC(), o.Event.At)
}

// Ensure that nothing is written to a card of which nothing can be recorded.
func TestJournalCannotBeWritten(t *testing.T) {
	bus := simtest.NewBus(t)
	full := &simtest.FailingJournal{Journal: bus.Journal, FailBegin: true, FailRecord: true}
	bus.Validator.Journal = full
	before := simtest.Memory(t, bus.Cards["Aino"])
	o := simtest.Tap(bus)
	require.Equal(t, validator.Fault, o.Ending)
	require.ErrorIs(t, o.Err, simtest.ErrDisk)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Aino"]))
	require.Equal(t, validator.Fault, bus.Validator.Serve(stranger{answer: []byte{0x6D, 0}}).Ending,
		"not even a refusal goes unrecorded")

	full.FailBegin, full.FailRecord = false, false
	require.Equal(t, validator.Accepted, simtest.Tap(bus).Ending, "the disk has room again")
	require.NoError(t, bus.Journal.Verify(nil))
}

// Ensure that a card whose intent does not reach the disk is not committed, although it was written
// by then: it is a fault, the card is as it was, and its number is given again.
func TestIntentIsLost(t *testing.T) {
	bus := simtest.NewBus(t)
	bus.Validator.Journal = &simtest.FailingJournal{Journal: bus.Journal, FailFlush: true}
	before := simtest.Memory(t, bus.Cards["Aino"])
	o := simtest.Tap(bus)
	require.Equal(t, validator.Fault, o.Ending)
	require.ErrorIs(t, o.Err, simtest.ErrDisk)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Aino"]))
}

// A card that has committed and said so is green even if the journal cannot note it:
// its intent is durable, and the next visit settles it.
func TestSettleFails(t *testing.T) {
	bus := simtest.NewBus(t)
	bus.Validator.Journal = &simtest.FailingJournal{Journal: bus.Journal, FailSettle: true}
	o := simtest.Tap(bus)
	require.Equal(t, validator.Accepted, o.Ending)
	require.ErrorIs(t, o.Err, simtest.ErrDisk)
	require.Equal(t, 1, bus.Journal.Unresolved())

	bus.Validator.Journal = bus.Journal
	o = simtest.Tap(bus)
	require.Equal(t, fare.Recovered, o.Decision.Reason)
	require.Zero(t, bus.Journal.Unresolved())
	require.Equal(t, cardlayout.Cents(749), simtest.Held(t, bus, "Aino").Purse)
}

// An intent that others have written over stays open: only the back office, which has
// everybody's counters, can tell.
func TestInDoubt(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus,
		"card Leo  purse 10.00\ntear Leo before commit\ntap Leo\nload Leo value 10.00")
	require.Equal(t, 1, bus.Journal.Unresolved())
	require.Contains(t, simtest.Play(t, bus, "tap Leo"),
		"accepted  value  charge 2.51  balance 17.49")
	require.Equal(t, 1, bus.Journal.Unresolved())

	simtest.Play(t, bus,
		"card Ella  purse 10.00\ntear Ella after commit\ntap Ella\nload Ella value 10.00")
	require.Contains(t, simtest.Play(t, bus, "tap Ella"),
		"accepted  unheard  fare 2.51  balance 17.49",
		"its last event is ours, no matter who has loaded since")
	require.Equal(t, 1, bus.Journal.Unresolved())
}

// A clock that once was years ahead must not spoil the device for ever: when it is right
// again, it is younger than the block list, and that is believed.
func TestClockWasAhead(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "card Leo  kind company, purse 10.00\nat 2026-03-02 08:00\nblock Leo\n"+
		"at 2036-01-01 00:00:00\ntap Leo\nat 2026-03-02 09:00\nbus trip=2")
	o := simtest.Tap(bus)
	require.Equal(t, validator.Accepted, o.Ending)
	require.False(t, o.Event.Estimated)
	require.Equal(t, bus.Clock.Now().UTC(), o.Event.At)
}

// Ensure that an event of a fault claims no money.
func TestFaultClaimsNothing(t *testing.T) {
	bus := simtest.NewBus(t)
	bus.Validator.Journal = &simtest.FailingJournal{Journal: bus.Journal, FailBegin: true}
	require.Equal(t, validator.Fault, simtest.Tap(bus).Ending)
	event := simtest.LastEvent(t, bus)
	require.Zero(t, event.Charge)
	require.Equal(t, cardlayout.Cents(1000), event.Balance)
	require.Contains(t, event.Fault, "no space left")
}

// Ensure that an event tells all that was decided, and what by: also the areas of the card
// and of its use, where both registers want it (R-043, T-47).
func TestEventTellsAll(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus,
		"at 2026-03-02 08:00\ncard Ella  area 217, purse 20.00\ncard Leo  kind company\nblock Leo\n"+
			"bus line=2 stop=satama vehicle=7 direction=1 trip=5 zone=B\ndriver 2 persons zones A-B\ntap Ella")
	card := simtest.Held(t, bus, "Ella")
	event := simtest.LastEvent(t, bus)
	require.NotEmpty(t, event.TMI)
	event.TMI = nil
	require.Equal(t, validator.Event{
		ID: card.Last, At: bus.Clock.Now().UTC().Truncate(time.Second),
		Place: validator.Place{Line: "2", Stop: "satama", Vehicle: 7, Direction: 1, Trip: 5, Zone: 2},
		UID:   bus.Cards["Ella"].UID(), Card: card.Number, Area: 217, UsedIn: 227,
		Reason: fare.Value, Rules: []fare.RuleID{4, 42, 51}, Charge: 676, Balance: 1324, Persons: 2,
		Zones: 11, Product: 1, Source: cardlayout.ByValue, Tariff: "mikkeli-2025",
		List: 1, ListMade: bus.Lists.Made(), Command: "2 persons, zones A-B",
	}, event)
	require.NoError(t, bus.Entries(0, func(e journal.Entry) error {
		if e.Kind == journal.Settle {
			require.EqualValues(t, 1, e.TMAC.TMC)
			require.NotZero(t, e.TMAC.TMV)
		}
		return nil
	}))
	contents, err := bus.Inspect("Ella")
	require.NoError(t, err)
	require.Equal(t, uint16(7), contents.Card.Ticket.Boarding.Vehicle)
	require.Equal(t, uint8(1), contents.Card.Ticket.Boarding.Direction)
}
