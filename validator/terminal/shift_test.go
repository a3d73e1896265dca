package terminal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// Ensure that every event of a shift says whose it is, from signing on to signing off, and
// that nobody else's command is carried out meanwhile.
func TestShift(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	require.Equal(t, validator.Shift{Driver: 7, Begun: simtest.LastEvent(t, bus).ID}, shift)
	require.Equal(t, fare.ShiftBegun, simtest.LastEvent(t, bus).Reason)
	require.Equal(t, shift, simtest.Tap(bus).Event.Shift)
	require.Equal(t, shift, simtest.LastEvent(t, bus).Shift)

	pause := terminal.ShiftCommand{Shift: shift, Command: terminal.Pause{}}
	require.NoError(t, bus.Order(pause))
	told := simtest.LastEvent(t, bus)
	require.Equal(t, fare.CommandGiven, told.Reason)
	require.Equal(t, "paused", told.Command)
	require.Equal(t, shift, told.Shift)
	require.NoError(t, bus.Order(terminal.ShiftCommand{Shift: shift, Command: terminal.Resume{}}))

	other := validator.Shift{Driver: 8, Begun: cardlayout.EventID{Device: 3, Sequence: 1}}
	pause.Shift = other
	require.ErrorIs(t, bus.Order(pause), terminal.ErrShift)
	require.ErrorIs(t, bus.Order(terminal.ShiftCommand{Command: terminal.Pause{}}), terminal.ErrShift)
	require.ErrorIs(t, bus.Order(terminal.SignOn{Shift: other}), terminal.ErrTaken)
	require.NoError(t, bus.Order(terminal.SignOn{Shift: shift}), "the same again is nothing")

	late := terminal.ShiftCommand{
		Shift: shift, Until: bus.Clock.Now().Add(-time.Second),
		Command: terminal.Pause{},
	}
	require.ErrorIs(t, bus.Order(late), terminal.ErrLate)

	require.NoError(t, bus.Order(terminal.SignOn{Shift: other, TakeOver: true}))
	require.Equal(t, other, simtest.LastEvent(t, bus).Shift)
	require.NoError(t, bus.Order(terminal.SignOff{}))
	require.Equal(t, fare.ShiftEnded, simtest.LastEvent(t, bus).Reason)
	require.Equal(t, other, simtest.LastEvent(t, bus).Shift)
	simtest.Play(t, bus, "bus trip=2")
	require.Zero(t, simtest.Tap(bus).Event.Shift)
	require.Error(t, bus.Order(terminal.SignOn{}), "nobody signs on")
}

// Ensure that what a driver has asked of the next card goes with the shift.
func TestSigningOffTakesItBack(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	require.NoError(t, bus.Order(terminal.ShiftCommand{
		Shift:   shift,
		Command: terminal.Load{Amount: 2000},
	}))
	require.NoError(t, bus.Order(terminal.SignOff{}))
	require.Equal(t, fare.Value, simtest.Tap(bus).Decision.Reason)
}

// a load leaves an event that tells what was sold, who paid and how.
func TestLoadLeavesItsReceipt(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	require.NoError(t, bus.Order(terminal.Load{Amount: 2000}))
	simtest.Play(t, bus, "tap Liisa")
	event := simtest.LastEvent(t, bus)
	require.Equal(t, fare.ValueLoaded, event.Reason)
	require.EqualValues(t, 2000, event.Added)
	require.EqualValues(t, 2000, event.ValueAdded())
	require.EqualValues(t, 3000, event.Balance)
	require.EqualValues(t, 2000, event.Receipt.PaidBy(fare.PayerCustomer))
	require.Zero(t, event.Charge)
	require.Equal(t, shift, event.Shift)
	require.EqualValues(t, 3000, simtest.Held(t, bus, "Liisa").Purse)
	require.Equal(t, event.ID, simtest.Held(t, bus, "Liisa").Last)

	require.NoError(t, bus.Order(terminal.TakeBack{By: sale.Driver}))
	simtest.Play(t, bus, "tap Liisa")
	event = simtest.LastEvent(t, bus)
	require.EqualValues(t, -2000, event.Added)
	require.EqualValues(t, -2000, event.Receipt.PaidBy(fare.PayerCustomer))
	require.Error(t, bus.Order(terminal.TakeBack{By: sale.Driver}), "it was taken back")
	require.Error(t, bus.Order(terminal.Load{}))
	require.Error(t, bus.Order(terminal.Load{
		Amount: 2000,
		Season: sale.SeasonOrder{Product: 30, Zones: 1},
	}))
}

// Ensure that a journal which cannot keep the load leaves the card alone, and that the
// event which tells of the fault claims no cash.
func TestFaultSellsNothing(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	before := simtest.Memory(t, bus.Cards["Liisa"])
	require.NoError(t, bus.Order(terminal.Load{Amount: 2000}))
	bus.Validator.Journal = &simtest.FailingJournal{Journal: bus.Journal, FailBegin: true}
	require.Equal(t, validator.Fault, simtest.Present(bus, "Liisa").Ending)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Liisa"]))
	event := simtest.LastEvent(t, bus)
	require.Zero(t, event.ValueAdded())
	require.Empty(t, event.Receipt)
	require.EqualValues(t, 1000, event.Balance)
}

// the driver types the birth date on the ID, and hears only whether it matches; the
// date is in no event and in nothing that is shown, and cannot be found by trying.
func TestWhoseCardIsIt(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	birth, err := cardlayout.ParseDay("1980-05-17")
	require.NoError(t, err)
	ask := func(day cardlayout.Day) (matches bool, err error) {
		r, err := bus.Do(terminal.ShiftCommand{Shift: shift, Command: terminal.Identify{Birth: day}})
		return r.Matches != nil && *r.Matches, err
	}
	_, err = ask(birth)
	require.Error(t, err, "no card was looked at")

	simtest.Play(t, bus, "driver check")
	o := simtest.Present(bus, "Liisa")
	require.Zero(t, o.Decision.Look.Card.Birth)
	require.Zero(t, o.Decision.After.Birth)
	for _, row := range []struct {
		day  cardlayout.Day
		want bool
	}{{birth + 1, false}, {birth, true}, {birth - 1, false}} {
		matches, err := ask(row.day)
		require.NoError(t, err)
		require.Equal(t, row.want, matches)
		require.NotContains(t, simtest.LastEvent(t, bus).Command, "19")
	}
	_, err = ask(birth)
	require.Error(t, err, "a fourth date")

	simtest.Play(t, bus, "driver check\ntap Liisa\nat +2m")
	_, err = ask(birth)
	require.Error(t, err, "the holder has left")
	simtest.Play(t, bus, "driver check\ntap Aino")
	_, err = ask(birth)
	require.Error(t, err, "a bearer card is nobody's own")
}

// Ensure that what was looked at is told by what is on the card, and that the card is as it
// was.
func TestLook(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "tap Liisa\nat +5m")
	before := simtest.Memory(t, bus.Cards["Liisa"])
	simtest.Play(t, bus, "driver check")
	look := simtest.Present(bus, "Liisa").Decision.Look
	require.NotNil(t, look)
	require.Equal(t, fare.Travels, look.Verdict.Finding)
	require.Len(t, look.History, 1)
	require.EqualValues(t, 210, look.History[0].Fare)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Liisa"]))
	require.Equal(t, fare.Checked, simtest.LastEvent(t, bus).Reason)
	require.Zero(t, simtest.LastEvent(t, bus).Charge)

	bus.Terminal.Own = true // on the driver's own device no card pays
	simtest.Play(t, bus, "bus trip=9\nat +2h")
	require.Equal(t, fare.Checked, simtest.Present(bus, "Liisa").Decision.Reason)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Liisa"]))
	simtest.Play(t, bus, "driver load 20.00\ntap Liisa")
	require.EqualValues(t, 1000-210+2000, simtest.Held(t, bus, "Liisa").Purse)
}

// the driver marks an event of the history of the card that was just looked at.
func TestMarkError(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	mark := terminal.ShiftCommand{Shift: shift, Command: terminal.MarkError{Event: 1, Said: "paid twice"}}
	require.Error(t, bus.Order(mark))
	simtest.Play(t, bus, "tap Aino\ndriver check\ntap Aino")
	require.NoError(t, bus.Order(mark))
	event := simtest.LastEvent(t, bus)
	require.Equal(t, fare.ErrorMarked, event.Reason)
	require.Equal(t, simtest.Held(t, bus, "Aino").Number, event.Card)
	require.Contains(t, event.Command, "2026-03-02T08:00: paid twice")
	for _, n := range []int{-1, 0, 2} {
		mark.Command = terminal.MarkError{Event: n}
		require.Error(t, bus.Order(mark), n)
	}
}

// a driver charges and takes what the area's table lets, never more.
func TestReportMisuse(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	lent := sale.CardUse{Kind: cardlayout.Personal, Other: true, Personal: true, Age: sale.EqualGroup}
	bearer := sale.CardUse{Kind: cardlayout.Bearer, Age: sale.UpperGroup}
	var until cardlayout.Day
	do := func(j terminal.ReportMisuse) error {
		r, err := bus.Do(terminal.ShiftCommand{Shift: shift, Command: j})
		until = max(until, r.Held)
		return err
	}
	require.NoError(t, do(terminal.ReportMisuse{
		Use: lent, Card: number, Group: cardlayout.Adult,
		Charge: true, Confiscate: true,
	}))
	event := simtest.LastEvent(t, bus)
	require.Equal(t, fare.CardTaken, event.Reason)
	require.Equal(t, number, event.PrintedNumber)
	require.EqualValues(t, 270, event.Receipt.PaidBy(fare.PayerCustomer))
	require.Contains(t, event.Rules, fare.RuleID(81))
	require.GreaterOrEqual(t, until, cardlayout.DayOf(bus.Clock.Now()))

	require.NoError(t, do(terminal.ReportMisuse{Use: lent}), "the driver may always do less")
	require.Equal(t, fare.Misused, simtest.LastEvent(t, bus).Reason)
	next := bus.Journal.Next()
	require.Error(t, do(terminal.ReportMisuse{Use: bearer, Card: number, Confiscate: true}), "R-083")
	require.Error(t, do(terminal.ReportMisuse{Use: lent, Confiscate: true}), "without its number")
	require.Error(t, do(terminal.ReportMisuse{
		Use:   sale.CardUse{Kind: cardlayout.Bearer, Age: sale.EqualGroup},
		Group: cardlayout.Adult, Charge: true,
	}), "R-055: the use is in order")
	require.Equal(t, next, bus.Journal.Next())
}

// single tickets are sold for cash, with the night's supplement.
func TestSell(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	two := terminal.Sell{Group: cardlayout.Adult, Persons: 2}
	r, err := bus.Do(terminal.ShiftCommand{Shift: shift, Command: two})
	require.NoError(t, err)
	event := simtest.LastEvent(t, bus)
	require.Equal(t, fare.SingleSold, event.Reason)
	require.EqualValues(t, 2, event.Persons)
	require.EqualValues(t, 540, event.Receipt.PaidBy(fare.PayerCustomer))
	require.Equal(t, "09:00", r.Ticket.Until.Clock())

	simtest.Play(t, bus, "at 23:30")
	require.NoError(t, bus.Order(two))
	require.EqualValues(t, 740, simtest.LastEvent(t, bus).Receipt.PaidBy(fare.PayerCustomer))
	for _, wrong := range []terminal.Sell{
		{Group: cardlayout.Adult},
		{Persons: 1},
		{Group: cardlayout.Adult, Persons: 255},
		{Group: 99, Persons: 1},
	} {
		require.Error(t, bus.Order(wrong), "%+v", wrong)
	}
}

// a paper ticket is a transfer until its end, and then a new one is due.
func TestPaperTicketHasAnEnd(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	end, err := cardlayout.ParseStamp("2026-03-02T08:30")
	require.NoError(t, err)
	shown := terminal.Free{Reason: fare.FreeTicket, Persons: 1, Paper: sale.PaperTicket{Until: end}}
	require.NoError(t, bus.Order(shown))
	simtest.Play(t, bus, "at 08:31")
	require.ErrorContains(t, bus.Order(shown), "R-050")
}
