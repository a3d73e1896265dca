package terminal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/fare/tariff"
	"leima/validator"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// what is sold stands in its event line by line, with the rules that it rests
// on and the number on the faulty card that should have paid.
func TestSaleLeavesItsReceipt(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	require.NoError(t, bus.Order(terminal.Sell{
		Group: cardlayout.Adult, Persons: 2,
		Printed: number, Zones: cardlayout.ZoneRun(1, 2),
	}))
	event := simtest.LastEvent(t, bus)
	require.Equal(t, []fare.RuleID{58, 25}, event.Rules)
	require.Equal(t, number, event.PrintedNumber)
	require.Equal(t, cardlayout.ZoneRun(1, 2), event.Zones)
	require.Equal(t, "jyvaskyla-2018", event.Tariff)
	require.Len(t, event.Receipt, 1)

	require.NoError(t, bus.Order(terminal.Sell{
		Group:   cardlayout.Adult,
		Persons: cardlayout.MaxPersons,
	}))
	require.NotContains(t, simtest.LastEvent(t, bus).Rules, fare.RuleID(58), "no card was faulty")
	next := bus.Journal.Next()
	for _, wrong := range []terminal.Sell{
		{Group: cardlayout.Adult, Persons: cardlayout.MaxPersons + 1},
		{Group: cardlayout.Groups, Persons: 1},
		{Group: cardlayout.Adult, Persons: 1, Printed: number + 1},
		{Group: cardlayout.Adult, Persons: 1, Zones: cardlayout.ZoneRun(9, 10)}, // not sold
	} {
		require.Error(t, bus.Order(wrong), "%+v", wrong)
	}
	require.Equal(t, next, bus.Journal.Next(), "what is refused leaves nothing")
}

// Ensure that nothing is sold and nobody is charged without a tariff, and that the driver is
// told that it is the device's fault.
func TestNothingIsSoldWithoutATariff(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	bus.Validator.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, tariff.ErrNone }
	next := bus.Journal.Next()
	for _, c := range []terminal.Command{
		terminal.Sell{Group: cardlayout.Adult, Persons: 1}, terminal.ReportMisuse{},
	} {
		err := bus.Order(c)
		require.ErrorIs(t, err, terminal.ErrUnable, "%T", c)
		require.ErrorIs(t, err, tariff.ErrNone, "%T", c)
	}
	require.Equal(t, next, bus.Journal.Next())
}

// who is charged gets a receipt, and who is charged for zones that nobody sells is
// not charged at all.
func TestChargeLeavesItsReceipt(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	charge := terminal.ReportMisuse{
		Charge: true, Confiscate: true, Card: number, Group: cardlayout.Adult,
		Use: sale.CardUse{Kind: cardlayout.Personal, Other: true, Personal: true},
	}
	r, err := bus.Do(charge)
	require.NoError(t, err)
	require.EqualValues(t, 270, r.Charged.PaidBy(fare.PayerCustomer))
	require.Equal(t, simtest.LastEvent(t, bus).Receipt, r.Charged)

	wrong := charge
	wrong.Card++
	require.ErrorContains(t, bus.Order(wrong), "number")
	simtest.Play(t, bus, "bus zone=H")
	next := bus.Journal.Next()
	require.Error(t, bus.Order(charge), "no ticket is sold there")
	require.Equal(t, next, bus.Journal.Next())
}

// Ensure that an order which was carried out before the device was switched off is answered
// as it was then, and nothing is done again; without its tariff the receipt is an error.
func TestRecall(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	begun := simtest.LastEvent(t, bus)

	sell := terminal.Sell{Group: cardlayout.Adult, Persons: 1}
	ticket, err := bus.Do(sell)
	require.NoError(t, err)
	sold := simtest.LastEvent(t, bus)

	judge := terminal.ReportMisuse{
		Charge: true, Confiscate: true, Card: number, Group: cardlayout.Adult,
		Use: sale.CardUse{Kind: cardlayout.Personal, Other: true, Personal: true},
	}
	judged, err := bus.Do(judge)
	require.NoError(t, err)
	taken, next := simtest.LastEvent(t, bus), bus.Journal.Next()

	simtest.Play(t, bus, "at +20m")
	recalled := func(want terminal.Result, c terminal.Command, e validator.Event) {
		t.Helper()
		got, err := bus.Terminal.Recall(c, &e)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	recalled(terminal.Result{Shift: shift}, terminal.SignOn{}, begun)
	recalled(ticket, sell, sold)
	recalled(judged, judge, taken)
	require.Equal(t, next, bus.Journal.Next())

	bus.Validator.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, tariff.ErrNone }
	_, err = bus.Terminal.Recall(sell, &sold)
	require.ErrorIs(t, err, tariff.ErrNone)
	_, err = bus.Terminal.Recall(judge, &taken)
	require.ErrorIs(t, err, tariff.ErrNone)
	recalled(terminal.Result{Shift: shift}, terminal.SignOn{}, begun)
	recalled(terminal.Result{}, terminal.Pause{}, sold) // it has no answer of its own
}

// any event of the card's history can be marked, the oldest too, as one of a card
// whose purse was not read.
func TestMarkTheOldestError(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "tap Liisa\nat +2h\nbus trip=2\ntap Liisa\ndriver check\ntap Liisa")
	require.NoError(t, bus.Order(terminal.MarkError{Event: 2, Said: "twice"}))
	event := simtest.LastEvent(t, bus)
	require.Equal(t, "2026-03-02T08:00: twice", event.Command)
	require.True(t, event.BalanceUnknown)
	require.Equal(t, []fare.RuleID{130}, event.Rules)
	require.Equal(t, simtest.Held(t, bus, "Liisa").Area, event.Area)
	require.Equal(t, simtest.Held(t, bus, "Liisa").Counter, event.Counter)
	require.Error(t, bus.Order(terminal.MarkError{Event: 3}))
}

// Ensure that a full bus may be let in, and nobody more; and that what is let in says by
// which tariff, where there is one.
func TestFreeOfAFullBus(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "at 2026-03-02 10:00")
	devices := terminal.Free{Reason: fare.FreeDevices, Persons: 150}
	require.NoError(t, bus.Order(devices))
	require.EqualValues(t, 150, simtest.LastEvent(t, bus).Persons)
	devices.Persons++
	require.Error(t, bus.Order(devices))
	veteran := terminal.Free{Reason: fare.FreeVeteran, Persons: 1}
	require.ErrorContains(t, bus.Order(veteran), "R-156", "the area's terms know none")
	require.NoError(t, bus.Order(terminal.Free{Reason: fare.FreeTicket, Persons: 1}),
		"a ticket on which nothing was typed")
}

// Ensure that a ticket which is printed again after a restart tells what was paid for it, also
// where the prices are others by now.
func TestRecalledTicketIsTheOneSold(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "at 2026-03-02 23:30") // with the night's supplement
	v := bus.Validator
	sell := terminal.Sell{Group: cardlayout.Adult, Persons: 2}
	sold, err := bus.Do(sell)
	require.NoError(t, err)
	event, former := simtest.LastEvent(t, bus), v.Tariffs
	v.Tariffs = func(at time.Time) (*fare.Tariff, error) {
		tariff, err := former(at)
		dearer := *tariff
		dearer.Single[cardlayout.Adult][1] += 100
		return &dearer, err
	}
	again, err := bus.Terminal.Recall(sell, &event)
	require.NoError(t, err)
	require.Equal(t, sold, again)
}
