package validator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
	"leima/validator/sim"
)

// signedOn is a bus with driver 7 at work.
func signedOn(t *testing.T) (bus *sim.Bus, shift validator.Shift) {
	t.Helper()
	bus = aBus(t)
	play(t, bus, "tariffs jyvaskyla-2018\nat 2026-03-02 08:00\nbus zone=A\n"+
		"card Liisa  kind personal, born 1980-05-17, purse 10.00")
	require.NoError(t, bus.Validator.Do(validator.SignOn{
		Shift: validator.Shift{Driver: 7}, Signed: &shift}))
	return bus, shift
}

// Ensure that every event of a shift says whose it is, from signing on to signing off, and
// that nobody else's command is carried out meanwhile.
func TestShift(t *testing.T) {
	bus, shift := signedOn(t)
	require.Equal(t, validator.Shift{Driver: 7, Begun: lastEvent(t, bus).ID}, shift)
	require.Equal(t, fare.ShiftBegun, lastEvent(t, bus).Reason)
	require.Equal(t, shift, tap(bus).Event.Shift)
	require.Equal(t, shift, lastEvent(t, bus).Shift)

	pause := validator.Driven{Shift: shift, Command: validator.Pause{}}
	require.NoError(t, bus.Validator.Do(pause))
	told := lastEvent(t, bus)
	require.Equal(t, fare.Told, told.Reason)
	require.Equal(t, "paused", told.Driver)
	require.Equal(t, shift, told.Shift)
	require.NoError(t, bus.Validator.Do(validator.Driven{Shift: shift, Command: validator.Resume{}}))

	other := validator.Shift{Driver: 8, Begun: cardlayout.EventID{Device: 3, Sequence: 1}}
	pause.Shift = other
	require.ErrorIs(t, bus.Validator.Do(pause), validator.ErrShift)
	require.ErrorIs(t, bus.Validator.Do(validator.Driven{Command: validator.Pause{}}), validator.ErrShift)
	require.ErrorIs(t, bus.Validator.Do(validator.SignOn{Shift: other}), validator.ErrTaken)
	require.NoError(t, bus.Validator.Do(validator.SignOn{Shift: shift}), "the same again is nothing")

	late := validator.Driven{Shift: shift, Until: bus.Clock.Now().Add(-time.Second),
		Command: validator.Pause{}}
	require.ErrorIs(t, bus.Validator.Do(late), validator.ErrLate)

	require.NoError(t, bus.Validator.Do(validator.SignOn{Shift: other, Over: true}))
	require.Equal(t, other, lastEvent(t, bus).Shift)
	require.NoError(t, bus.Validator.Do(validator.SignOff{}))
	require.Equal(t, fare.ShiftEnded, lastEvent(t, bus).Reason)
	require.Equal(t, other, lastEvent(t, bus).Shift)
	play(t, bus, "bus trip=2")
	require.Zero(t, tap(bus).Event.Shift)
	require.Error(t, bus.Validator.Do(validator.SignOn{}), "nobody signs on")
}

// Ensure that what a driver has asked of the next card goes with the shift.
func TestSigningOffTakesItBack(t *testing.T) {
	bus, shift := signedOn(t)
	require.NoError(t, bus.Validator.Do(validator.Driven{Shift: shift,
		Command: validator.Load{Amount: 2000}}))
	require.NoError(t, bus.Validator.Do(validator.SignOff{}))
	require.Equal(t, fare.Value, tap(bus).Decision.Reason)
}

// a load leaves an event that tells what was sold, who paid and how.
func TestLoadLeavesItsReceipt(t *testing.T) {
	bus, shift := signedOn(t)
	require.NoError(t, bus.Validator.Do(validator.Load{Amount: 2000}))
	play(t, bus, "tap Liisa")
	event := lastEvent(t, bus)
	require.Equal(t, fare.ValueLoaded, event.Reason)
	require.EqualValues(t, 2000, event.Added)
	require.EqualValues(t, 2000, event.Loaded())
	require.EqualValues(t, 3000, event.Balance)
	require.EqualValues(t, 2000, event.Receipt.PaidBy(fare.TheCustomer))
	require.Zero(t, event.Charge)
	require.Equal(t, shift, event.Shift)
	require.EqualValues(t, 3000, held(t, bus, "Liisa").Purse)
	require.Equal(t, event.ID, held(t, bus, "Liisa").Last)

	require.NoError(t, bus.Validator.Do(validator.TakeBack{By: fare.Driver}))
	play(t, bus, "tap Liisa")
	event = lastEvent(t, bus)
	require.EqualValues(t, -2000, event.Added)
	require.EqualValues(t, -2000, event.Receipt.PaidBy(fare.TheCustomer))
	require.Error(t, bus.Validator.Do(validator.TakeBack{By: fare.Driver}), "it was taken back")
	require.Error(t, bus.Validator.Do(validator.Load{}))
	require.Error(t, bus.Validator.Do(validator.Load{Amount: 2000,
		Season: fare.SeasonOrder{Product: 30, Zones: 1}}))
}

// Ensure that a journal which cannot keep the load leaves the card alone, and that the
// event which tells of the fault claims no cash.
func TestFaultSellsNothing(t *testing.T) {
	bus, _ := signedOn(t)
	before := memory(t, bus.Cards["Liisa"])
	require.NoError(t, bus.Validator.Do(validator.Load{Amount: 2000}))
	bus.Validator.Journal = &failing{Journal: bus.Journal, begin: true}
	require.Equal(t, validator.Fault, present(bus, "Liisa").Ending)
	require.Equal(t, before, memory(t, bus.Cards["Liisa"]))
	event := lastEvent(t, bus)
	require.Zero(t, event.Loaded())
	require.Empty(t, event.Receipt)
	require.EqualValues(t, 1000, event.Balance)
}

// the driver types the birth date on the ID, and hears only whether it matches; the
// date is in no event and in nothing that is shown, and cannot be found by trying.
func TestWhoseCardIsIt(t *testing.T) {
	bus, shift := signedOn(t)
	birth, err := cardlayout.ParseDay("1980-05-17")
	require.NoError(t, err)
	ask := func(day cardlayout.Day) (matches bool, err error) {
		err = bus.Validator.Do(validator.Driven{Shift: shift,
			Command: validator.Identify{Birth: day, Matches: &matches}})
		return matches, err
	}
	_, err = ask(birth)
	require.Error(t, err, "no card was looked at")

	play(t, bus, "driver check")
	o := present(bus, "Liisa")
	require.Zero(t, o.Look.Card.Birth)
	require.Zero(t, o.Decision.After.Birth)
	for _, row := range []struct {
		day  cardlayout.Day
		want bool
	}{{birth + 1, false}, {birth, true}, {birth - 1, false}} {
		matches, err := ask(row.day)
		require.NoError(t, err)
		require.Equal(t, row.want, matches)
		require.NotContains(t, lastEvent(t, bus).Driver, "19")
	}
	_, err = ask(birth)
	require.Error(t, err, "a fourth date")

	play(t, bus, "driver check\ntap Liisa\nat +2m")
	_, err = ask(birth)
	require.Error(t, err, "the holder has left")
	play(t, bus, "driver check\ntap Aino")
	_, err = ask(birth)
	require.Error(t, err, "a bearer card is nobody's own")
}

// Ensure that what was looked at is told by what is on the card, and that the card is as it
// was.
func TestLook(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "tap Liisa\nat +5m")
	before := memory(t, bus.Cards["Liisa"])
	play(t, bus, "driver check")
	look := present(bus, "Liisa").Look
	require.NotNil(t, look)
	require.Equal(t, fare.Travels, look.Verdict.Finding)
	require.Len(t, look.History, 1)
	require.EqualValues(t, 210, look.History[0].Fare)
	require.Equal(t, before, memory(t, bus.Cards["Liisa"]))
	require.Equal(t, fare.Checked, lastEvent(t, bus).Reason)
	require.Zero(t, lastEvent(t, bus).Charge)

	bus.Validator.Desk = true // on the driver's own device no card pays
	play(t, bus, "bus trip=9\nat +2h")
	require.Equal(t, fare.Checked, present(bus, "Liisa").Decision.Reason)
	require.Equal(t, before, memory(t, bus.Cards["Liisa"]))
	play(t, bus, "driver load 20.00\ntap Liisa")
	require.EqualValues(t, 1000-210+2000, held(t, bus, "Liisa").Purse)
}

// the driver marks an event of the history of the card that was just looked at.
func TestMarkError(t *testing.T) {
	bus, shift := signedOn(t)
	mark := validator.Driven{Shift: shift, Command: validator.MarkError{Event: 1, Said: "paid twice"}}
	require.Error(t, bus.Validator.Do(mark))
	play(t, bus, "tap Aino\ndriver check\ntap Aino")
	require.NoError(t, bus.Validator.Do(mark))
	event := lastEvent(t, bus)
	require.Equal(t, fare.ErrorMarked, event.Reason)
	require.Equal(t, held(t, bus, "Aino").Number, event.Card)
	require.Contains(t, event.Driver, "2026-03-02T08:00: paid twice")
	for _, n := range []int{-1, 0, 2} {
		mark.Command = validator.MarkError{Event: n}
		require.Error(t, bus.Validator.Do(mark), n)
	}
}

// a driver charges and takes what the area's table lets, never more.
func TestJudge(t *testing.T) {
	bus, shift := signedOn(t)
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	lent := fare.Use{Kind: cardlayout.Personal, Other: true, Personal: true, Age: fare.EqualGroup}
	bearer := fare.Use{Kind: cardlayout.Bearer, Age: fare.UpperGroup}
	var until cardlayout.Day
	do := func(j validator.Judge) error {
		j.Held = &until
		return bus.Validator.Do(validator.Driven{Shift: shift, Command: j})
	}
	require.NoError(t, do(validator.Judge{Use: lent, Card: number, Group: cardlayout.Adult,
		Charge: true, Take: true}))
	event := lastEvent(t, bus)
	require.Equal(t, fare.CardTaken, event.Reason)
	require.Equal(t, number, event.Printed)
	require.EqualValues(t, 270, event.Receipt.PaidBy(fare.TheCustomer))
	require.Contains(t, event.Rules, fare.RuleID(81))
	require.GreaterOrEqual(t, until, cardlayout.DayOf(bus.Clock.Now()))

	require.NoError(t, do(validator.Judge{Use: lent}), "the driver may always do less")
	require.Equal(t, fare.Misused, lastEvent(t, bus).Reason)
	next := bus.Journal.Next()
	require.Error(t, do(validator.Judge{Use: bearer, Card: number, Take: true}), "R-083")
	require.Error(t, do(validator.Judge{Use: lent, Take: true}), "without its number")
	require.Error(t, do(validator.Judge{Use: fare.Use{Kind: cardlayout.Bearer, Age: fare.EqualGroup},
		Group: cardlayout.Adult, Charge: true}), "R-055: the use is in order")
	require.Equal(t, next, bus.Journal.Next())
}

// single tickets are sold for cash, with the night's supplement.
func TestSell(t *testing.T) {
	bus, shift := signedOn(t)
	var ticket fare.SingleTicket
	sale := validator.Sell{Group: cardlayout.Adult, Persons: 2, Ticket: &ticket}
	require.NoError(t, bus.Validator.Do(validator.Driven{Shift: shift, Command: sale}))
	event := lastEvent(t, bus)
	require.Equal(t, fare.SingleSold, event.Reason)
	require.EqualValues(t, 2, event.Persons)
	require.EqualValues(t, 540, event.Receipt.PaidBy(fare.TheCustomer))
	require.Equal(t, "09:00", ticket.Until.Clock())

	play(t, bus, "at 23:30")
	require.NoError(t, bus.Validator.Do(sale))
	require.EqualValues(t, 740, lastEvent(t, bus).Receipt.PaidBy(fare.TheCustomer))
	for _, wrong := range []validator.Sell{{Group: cardlayout.Adult}, {Persons: 1},
		{Group: cardlayout.Adult, Persons: 255}, {Group: 99, Persons: 1}} {
		require.Error(t, bus.Validator.Do(wrong), "%+v", wrong)
	}
}

// a paper ticket is a transfer until its end, and then a new one is due.
func TestPaperTicketHasAnEnd(t *testing.T) {
	bus, _ := signedOn(t)
	end, err := cardlayout.ParseStamp("2026-03-02T08:30")
	require.NoError(t, err)
	shown := validator.Free{Reason: fare.FreeTicket, Persons: 1, Paper: fare.PaperTicket{Until: end}}
	require.NoError(t, bus.Validator.Do(shown))
	play(t, bus, "at 08:31")
	require.ErrorContains(t, bus.Validator.Do(shown), "R-050")
}
