package fare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// paidAt0805 is a value journey for zone A, paid on trip 11 and good for ninety minutes.
const paidAt0805 = "journey start=2026-03-02T06:05:00Z area=227 zones=A adult=1 by=value " +
	"minutes=90 boarded=2026-03-02T06:05:00Z trip=11"

func rules(r ...fare.RuleID) []fare.RuleID { return r }

// aMonth is a season for zones A to C in the whole of March.
const aMonth = "season1 area=227 product=30 zones=A-C days=30 from=2026-03-01 to=2026-03-30"

// what an inspector finds, by what is on the card, where the
// bus is and when.
func TestCheck(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	rows := map[string]struct {
		card, at string
		trip     uint16
		zone     string
		found    fare.Finding
		why      []fare.RuleID
	}{
		"paid on this trip":              {paidAt0805, "08:30", 11, "A", fare.Travels, rules(48)},
		"transfer ended, still aboard":   {paidAt0805, "11:00", 11, "A", fare.Travels, rules(48)},
		"the same trip on the next day":  {paidAt0805, "next day", 11, "A", fare.RightEnded, rules(41, 48)},
		"transfer in time, not stamped":  {paidAt0805, "08:30", 12, "A", fare.NotStamped, rules(40, 48)},
		"transfer in time, trip unknown": {paidAt0805, "08:30", 0, "A", fare.Travels, rules(48)},
		"transfer too late":              {paidAt0805, "11:00", 12, "A", fare.RightEnded, rules(41, 48)},
		"rode on into zone B":            {paidAt0805, "08:30", 11, "B", fare.LeftZones, rules(41, 48)},
		"a value journey and a season for more zones": {
			paidAt0805 + ", " + aMonth, "08:30", 11, "B",
			fare.Travels, rules(65),
		},
		"season, not stamped":       {aMonth, "08:30", 11, "B", fare.NotStamped, rules(40, 65)},
		"season, trip unknown":      {aMonth, "08:30", 0, "B", fare.Travels, rules(65)},
		"season, zone beyond":       {aMonth, "08:30", 0, "D", fare.LeftZones, rules(41, 65)},
		"season of another area":    {"season1 area=217 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30", "08:30", 0, "A", fare.NoRight, rules(41)},
		"season that is over":       {"season1 area=227 product=30 zones=A days=30 from=2026-01-01 to=2026-01-30", "08:30", 0, "A", fare.RightEnded, rules(41, 65)},
		"season not begun":          {"season1 area=227 product=30 zones=A days=30", "08:30", 0, "A", fare.NoRight, rules(41)},
		"value on the card, unpaid": {"purse 20.00", "08:30", 11, "A", fare.NoRight, rules(41)},
		"blocked":                   {paidAt0805 + ", blocked true", "08:30", 11, "A", fare.CardBlocked, rules(103)},
		"bearer marked as blocked": {
			paidAt0805 + ", blocked true, kind bearer", "08:30", 11, "A",
			fare.Travels, rules(48),
		},
		"too old":                           {paidAt0805 + ", valid 2026-03-01", "08:30", 11, "A", fare.CardExpired, rules(32)},
		"paid by a clock ahead of this one": {paidAt0805, "08:00", 11, "A", fare.Travels, rules(48)},
		"three travel together": {
			paidAt0805 + ", journey start=2026-03-02T06:05:00Z area=227 zones=A " +
				"adult=3 by=value minutes=90 boarded=2026-03-02T06:05:00Z trip=11", "08:30", 11, "A",
			fare.Travels, rules(48, 52),
		},
	}
	for name, row := range rows {
		at := "2026-03-02 " + row.at + ":00"
		if row.at == "next day" {
			at = "2026-03-03 08:30:00"
		}
		tap := faretest.Tap(at, onTrip(row.trip), faretest.InZones(row.zone))
		v := fare.Check(faretest.Card(t, row.card), tap, prices)
		require.Equal(t, row.found.String(), v.Finding.String(), name)
		require.Equal(t, row.why, v.Why, name)
		require.Equal(t, row.found == fare.Travels, v.Valid(), name)
	}
}

// Ensure that the verdict names product, persons, zones and times.
func TestCheckTellsTheRight(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	v := fare.Check(faretest.Card(t, paidAt0805), faretest.Tap("2026-03-02 08:30:00"), prices)
	require.Equal(t, fare.Verdict{
		Finding: fare.Travels, Source: cardlayout.ByValue, Product: 1,
		Zones: faretest.Zones("A"), Persons: cardlayout.Persons{cardlayout.Adult: 1},
		Boarded: stamp("2026-03-02T08:05"), Until: stamp("2026-03-02T09:35"),
		Why: rules(48),
	}, v)
	v = fare.Check(faretest.Card(t, aMonth), faretest.Tap("2026-03-02 08:30:00", onTrip(0)), prices)
	require.Equal(t, fare.Verdict{
		Finding: fare.Travels, Source: cardlayout.BySeason, Product: 30,
		Zones: faretest.Zones("A-C"), Persons: cardlayout.Persons{cardlayout.Adult: 1},
		Until: stamp("2026-03-30T23:59"), Why: rules(65),
	}, v)
}

// Ensure that anyone who was let in is found to travel, until the bus has gone on for a
// service day: a passenger who paid is never told otherwise.
func TestWhoIsAcceptedTravels(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	for _, card := range []string{
		"", aMonth, paidAt0805, paidAt0805 + ", " + aMonth,
		"season1 area=227 product=30 zones=A days=30",
	} {
		tap := faretest.Tap("2026-03-02 08:30:00", onTrip(12))
		d := fare.Decide(faretest.Card(t, card), tap, prices)
		require.True(t, d.Accept(), card)
		for _, minutes := range []int{0, 1, 89, 90, 91, 300} {
			later := tap
			later.At = tap.At.Add(time.Duration(minutes) * time.Minute)
			v := fare.Check(asRead(d), later, prices)
			require.True(t, v.Valid(), "%s after %d minutes: %v", card, minutes, v.Finding)
			require.Equal(t, d.Source, v.Source)
		}
	}
}
