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
	"leima/validator/sim"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// whom the driver lets in without a card leaves an event
// of its own, with the number that was read on a faulty card.
func TestFreeBoardings(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "at 2026-03-02 10:00\nbus line=2 stop=satama zone=B")
	freely(t, bus)
	number := cardlayout.WithCheckDigit(924699_0000_0000_001)
	for reason, rule := range map[fare.Reason]fare.RuleID{
		fare.FreeDevices: 57, fare.FreeCard: 58, fare.FreeTicket: 50, fare.FreeVeteran: 156,
		fare.FreePram: 160,
	} {
		printed := cardlayout.Number(0)
		if reason == fare.FreeCard {
			printed = number
		}
		next := bus.Journal.Next()
		require.NoError(t, bus.Order(terminal.Free{Reason: reason, Persons: 2, Printed: printed}))
		require.Equal(t, validator.Event{
			ID: next, At: bus.Clock.Now().UTC().Truncate(time.Second),
			Place:  validator.Place{Line: "2", Stop: "satama", Vehicle: 42, Trip: 1, Zone: 2},
			UsedIn: 227, Reason: reason, Rules: []fare.RuleID{rule}, Persons: 2, Zones: 2,
			Tariff: "mikkeli-2025", PrintedNumber: printed, Command: "free",
		}, simtest.LastEvent(t, bus))
		require.True(t, reason.Accept())
	}
	next := bus.Journal.Next()
	for _, wrong := range []terminal.Free{
		{Reason: fare.Value, Persons: 1},
		{Reason: fare.FreePram},
		{Persons: 1},
		{Reason: fare.FreePram, Persons: 1, Printed: number},
		{Reason: fare.FreeCard, Persons: 1, Printed: number + 1},
	} {
		require.Error(t, bus.Order(wrong), "%+v", wrong)
	}
	require.Equal(t, next, bus.Journal.Next(), "what is refused leaves nothing")
}

// Ensure that nobody is turned away by an hour that the device does not know.
func TestFreeByAnUnknownTime(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "at 2026-03-02 20:00\ntap Aino")
	freely(t, bus)
	pram := terminal.Free{Reason: fare.FreePram, Persons: 1}
	require.Error(t, bus.Order(pram))
	simtest.Play(t, bus, "clock 2038-01-19 20:00")
	require.NoError(t, bus.Order(pram))
	require.True(t, simtest.LastEvent(t, bus).Estimated)
}

// freely lets in faulty cards, veterans by their tickets, and prams from nine to two.
func freely(t *testing.T, bus *sim.Bus) {
	published, err := bus.Validator.Tariffs(bus.Clock.Now())
	require.NoError(t, err)
	free := *published
	free.Terms.Faulty = fare.FaultyRule{Repeated: 4, Within: 7}
	free.Terms.VeteransShow = true
	free.Companions = fare.CompanionRule{
		PramDays: fare.Daily, PramHours: fare.Hours{From: 9 * 60, To: 14 * 60}, PramFree: 1,
	}
	bus.Validator.Tariffs = func(time.Time) (*fare.Tariff, error) { return &free, nil }
}

// Ensure that nobody is let in against the tariff of the time: with a faulty card where a
// single fare is due, or with a pram where or when it is not free; and that
// without a tariff nobody is left behind.
func TestFreeBoardingsOfTheTariff(t *testing.T) {
	bus := simtest.NewBus(t)
	faultyCard := terminal.Free{Reason: fare.FreeCard, Persons: 1}
	pram := terminal.Free{Reason: fare.FreePram, Persons: 1}
	simtest.Play(t, bus, "at 2026-03-02 10:00")
	next := bus.Journal.Next()
	require.ErrorContains(t, bus.Order(faultyCard), "R-058")
	require.ErrorContains(t, bus.Order(pram), "R-160")
	require.Equal(t, next, bus.Journal.Next(), "what is refused leaves nothing")

	freely(t, bus)
	require.NoError(t, bus.Order(faultyCard))
	require.NoError(t, bus.Order(pram))
	simtest.Play(t, bus, "at 2026-03-02 15:00")
	require.NoError(t, bus.Order(faultyCard))
	require.ErrorContains(t, bus.Order(pram), "R-160")

	bus.Validator.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, tariff.ErrNone }
	require.NoError(t, bus.Order(faultyCard))
	require.NoError(t, bus.Order(pram))
}

// Ensure that a driver's word that a card is lent, and the next stop's zone, come as far as
// the decision and the event.
func TestCircumstancesReachTheDecision(t *testing.T) {
	bus := simtest.NewBus(t)
	const month = "area 227, purse 20.00, season1 area=227 product=30 zones=B days=30 " +
		"from=2026-03-01 to=2026-03-30 terms=1"
	simtest.Play(t, bus, "at 2026-03-02 08:00\ncard Ella  "+month+"\ncard Aino  "+month+
		"\nbus zone=A next=B\ntap Ella")
	event := simtest.LastEvent(t, bus)
	require.Equal(t, fare.Season, event.Reason)
	require.EqualValues(t, 2, event.Place.NextZone)
	simtest.Play(t, bus, "driver lent\ntap Aino")
	event = simtest.LastEvent(t, bus)
	require.Equal(t, fare.Value, event.Reason)
	require.Equal(t, "lent", event.Command)
	simtest.Play(t, bus, "card Leo  area 217, purse 20.00\nbus zone=A\ntap Leo")
	event = simtest.LastEvent(t, bus)
	require.EqualValues(t, 217, event.Area)
	require.EqualValues(t, 227, event.UsedIn)
	require.Error(t, bus.Order(terminal.Move{Place: validator.Place{Trip: 1, Zone: 1, NextZone: 11}}))
}

// Ensure that a paper ticket for the next stop's zone is enough between two zones, as a card's
// right is.
func TestPaperTicketBetweenZones(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	shown := terminal.Free{Reason: fare.FreeTicket, Persons: 1, Paper: sale.PaperTicket{
		Until: cardlayout.Stamp{Day: cardlayout.DayOf(bus.Clock.Now()), Minute: 9 * 60},
		Zones: cardlayout.ZoneRun(2, 2),
	}}
	require.Error(t, bus.Order(shown))
	simtest.Play(t, bus, "bus next=B")
	require.NoError(t, bus.Order(shown))
	shown.Paper.Zones = cardlayout.ZoneRun(3, 3)
	require.Error(t, bus.Order(shown))
}
