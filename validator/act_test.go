package validator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/tariff"
	"leima/validator"
)

// what is sold stands in its event line by line, with the rules that it rests
// on and the number on the faulty card that should have paid.
func TestSaleLeavesItsReceipt(t *testing.T) {
	bus, _ := signedOn(t)
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	require.NoError(t, bus.Validator.Do(validator.Sell{Group: cardlayout.Adult, Persons: 2,
		Printed: number, Zones: cardlayout.ZoneRun(1, 2)}))
	event := lastEvent(t, bus)
	require.Equal(t, []fare.RuleID{58, 25}, event.Rules)
	require.Equal(t, number, event.Printed)
	require.Equal(t, cardlayout.ZoneRun(1, 2), event.Zones)
	require.Equal(t, "jyvaskyla-2018", event.Tariff)
	require.Len(t, event.Receipt, 1)

	require.NoError(t, bus.Validator.Do(validator.Sell{Group: cardlayout.Adult,
		Persons: cardlayout.MaxPersons}))
	require.NotContains(t, lastEvent(t, bus).Rules, fare.RuleID(58), "no card was faulty")
	next := bus.Journal.Next()
	for _, wrong := range []validator.Sell{
		{Group: cardlayout.Adult, Persons: cardlayout.MaxPersons + 1},
		{Group: cardlayout.Groups, Persons: 1},
		{Group: cardlayout.Adult, Persons: 1, Printed: number + 1},
		{Group: cardlayout.Adult, Persons: 1, Zones: cardlayout.ZoneRun(9, 10)}, // not sold
	} {
		require.Error(t, bus.Validator.Do(wrong), "%+v", wrong)
	}
	require.Equal(t, next, bus.Journal.Next(), "what is refused leaves nothing")
}

// Ensure that nothing is sold and nobody is charged without a tariff, and that the driver is
// told that it is the device's fault.
func TestNothingIsSoldWithoutATariff(t *testing.T) {
	bus, _ := signedOn(t)
	bus.Validator.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, tariff.ErrNone }
	next := bus.Journal.Next()
	for _, c := range []validator.Command{
		validator.Sell{Group: cardlayout.Adult, Persons: 1}, validator.Judge{},
	} {
		err := bus.Validator.Do(c)
		require.ErrorIs(t, err, validator.ErrUnable, "%T", c)
		require.ErrorIs(t, err, tariff.ErrNone, "%T", c)
	}
	require.Equal(t, next, bus.Journal.Next())
}

// who is charged gets a receipt, and who is charged for zones that nobody sells is
// not charged at all.
func TestChargeLeavesItsReceipt(t *testing.T) {
	bus, _ := signedOn(t)
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	var charged fare.Lines
	charge := validator.Judge{Charge: true, Take: true, Card: number, Group: cardlayout.Adult,
		Charged: &charged, Use: fare.Use{Kind: cardlayout.Personal, Other: true, Personal: true}}
	require.NoError(t, bus.Validator.Do(charge))
	require.EqualValues(t, 270, charged.PaidBy(fare.TheCustomer))
	require.Equal(t, lastEvent(t, bus).Receipt, charged)

	wrong := charge
	wrong.Card++
	require.ErrorContains(t, bus.Validator.Do(wrong), "number")
	play(t, bus, "bus zone=H")
	next := bus.Journal.Next()
	require.Error(t, bus.Validator.Do(charge), "no ticket is sold there")
	require.Equal(t, next, bus.Journal.Next())
}

// Ensure that an order which was carried out before the device was switched off is answered
// as it was then, and nothing is done again; without its tariff the receipt is an error.
func TestRecall(t *testing.T) {
	bus, shift := signedOn(t)
	v := bus.Validator
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	begun := lastEvent(t, bus)

	sell := func(ticket *fare.SingleTicket) validator.Command {
		return validator.Sell{Group: cardlayout.Adult, Persons: 1, Ticket: ticket}
	}
	var ticket fare.SingleTicket
	require.NoError(t, v.Do(sell(&ticket)))
	sold := lastEvent(t, bus)

	judge := func(charged *fare.Lines, until *cardlayout.Day) validator.Command {
		return validator.Judge{Charge: true, Take: true, Card: number, Group: cardlayout.Adult,
			Charged: charged, Held: until,
			Use: fare.Use{Kind: cardlayout.Personal, Other: true, Personal: true}}
	}
	var lines fare.Lines
	var until cardlayout.Day
	require.NoError(t, v.Do(judge(&lines, &until)))
	taken, next := lastEvent(t, bus), bus.Journal.Next()

	play(t, bus, "at +20m")
	var again validator.Shift
	require.NoError(t, v.Recall(validator.SignOn{Signed: &again}, &begun))
	require.Equal(t, shift, again)
	var ticketAgain fare.SingleTicket
	require.NoError(t, v.Recall(sell(&ticketAgain), &sold))
	require.Equal(t, ticket, ticketAgain)
	var linesAgain fare.Lines
	var untilAgain cardlayout.Day
	require.NoError(t, v.Recall(judge(&linesAgain, &untilAgain), &taken))
	require.Equal(t, lines, linesAgain)
	require.Equal(t, until, untilAgain)
	require.Equal(t, next, bus.Journal.Next())

	v.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, tariff.ErrNone }
	require.ErrorIs(t, v.Recall(sell(&ticketAgain), &sold), tariff.ErrNone)
	require.ErrorIs(t, v.Recall(judge(&linesAgain, &untilAgain), &taken), tariff.ErrNone)
	require.NoError(t, v.Recall(validator.SignOn{Signed: &again}, &begun))
	require.NoError(t, v.Recall(validator.Pause{}, &sold), "it has no answer of its own")
}

// any event of the card's history can be marked, the oldest too, as one of a card
// whose purse was not read.
func TestMarkTheOldestError(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "tap Liisa\nat +2h\nbus trip=2\ntap Liisa\ndriver check\ntap Liisa")
	require.NoError(t, bus.Validator.Do(validator.MarkError{Event: 2, Said: "twice"}))
	event := lastEvent(t, bus)
	require.Equal(t, "2026-03-02T08:00: twice", event.Driver)
	require.True(t, event.Unread)
	require.Equal(t, []fare.RuleID{130}, event.Rules)
	require.Equal(t, held(t, bus, "Liisa").Area, event.Area)
	require.Equal(t, held(t, bus, "Liisa").Counter, event.Counter)
	require.Error(t, bus.Validator.Do(validator.MarkError{Event: 3}))
}

// Ensure that a full bus may be let in, and nobody more; and that what is let in says by
// which tariff, where there is one.
func TestFreeOfAFullBus(t *testing.T) {
	bus := aBus(t)
	play(t, bus, "at 2026-03-02 10:00")
	devices := validator.Free{Reason: fare.FreeDevices, Persons: 150}
	require.NoError(t, bus.Validator.Do(devices))
	require.EqualValues(t, 150, lastEvent(t, bus).Persons)
	devices.Persons++
	require.Error(t, bus.Validator.Do(devices))
	veteran := validator.Free{Reason: fare.FreeVeteran, Persons: 1}
	require.ErrorContains(t, bus.Validator.Do(veteran), "R-156", "the area's terms know none")
	require.NoError(t, bus.Validator.Do(validator.Free{Reason: fare.FreeTicket, Persons: 1}),
		"a ticket on which nothing was typed")
}
