package sale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// Ensure that the night costs more from 23:00:00 to 03:59:59, in double or by an amount,
// and nothing where the area has no supplement (R-059, T-09).
func TestNightOfSingles(t *testing.T) {
	for at, night := range map[string]bool{
		"2026-03-02 22:59:59": false, "2026-03-02 23:00:00": true, "2026-03-03 00:00:00": true,
		"2026-03-03 03:59:59": true, "2026-03-03 04:00:00": false, "2026-03-03 12:00:00": false,
		"2026-10-25 03:30:00": true,
	} {
		for city, supplement := range map[string]cardlayout.Cents{
			"oulu": 330, "jyvaskyla": 100, "lappeenranta": 0, "mikkeli": 0,
		} {
			tariff := faretest.Terms(t, city)
			tariff.LimitIncluded = false // the night ends when the clock shows 04:00
			ticket, err := sale.SellSingle(faretest.Time(at), cardlayout.Adult, zoneA, tariff)
			require.NoError(t, err)
			want := cardlayout.Cents(330)
			if night {
				want += supplement
			}
			require.Equal(t, want, ticket.Lines.Total(), "%s %s", city, at)
			require.Equal(t, want, ticket.Lines.PaidBy(fare.PayerCustomer))
			if night && supplement > 0 {
				require.EqualValues(t, 59, ticket.Lines[1].Rule)
			}
		}
	}
}

// Ensure that a ticket is sold and printed as the area says: by two groups or all, with
// zones or the time alone (R-025, R-060, R-070, D-14).
func TestSingle(t *testing.T) {
	at := faretest.Time("2026-03-02 23:30:00")
	for _, c := range []struct {
		city   string
		group  cardlayout.Group
		zones  cardlayout.Zones
		sold   cardlayout.Group
		price  cardlayout.Cents // with the night's supplement
		until  string
		prints bool
	}{
		{"oulu", cardlayout.Adult, zoneA, cardlayout.Adult, 660, "2026-03-03T00:30", true},
		{"oulu", cardlayout.Youth, zonesAB, cardlayout.Adult, 1160, "2026-03-03T00:50", true},
		{"oulu", cardlayout.Child, zoneA, cardlayout.Child, 340, "2026-03-03T00:30", true},
		{"jyvaskyla", cardlayout.Senior, zoneA, cardlayout.Adult, 430, "2026-03-03T00:30", true},
		{"jyvaskyla", cardlayout.Child, zoneA, cardlayout.Child, 270, "2026-03-03T00:30", true},
		{"lappeenranta", cardlayout.Youth, zoneA, cardlayout.Youth, 250, "2026-03-03T00:30", false},
		{
			"mikkeli", cardlayout.Student, zonesAB, cardlayout.Student, 580, "2026-03-03T00:50",
			false,
		},
	} {
		ticket, err := sale.SellSingle(at, c.group, c.zones, faretest.Terms(t, c.city))
		require.NoError(t, err)
		require.Equal(t, c.sold, ticket.Group, c.city)
		require.Equal(t, c.price, ticket.Lines.Total(), "%s %v", c.city, c.group)
		require.Equal(t, c.until, ticket.Until.String())
		require.Equal(t, "2026-03-02T23:30", ticket.Sold.String())
		require.Equal(t, c.prints, ticket.PrintsZones, c.city)
		require.Equal(t, c.zones, ticket.Zones)
	}
	for _, group := range []cardlayout.Group{0, cardlayout.Special, cardlayout.Groups} {
		_, err := sale.SellSingle(at, group, zoneA, faretest.Terms(t, "mikkeli"))
		requireRule(t, 25, err)
	}
	for _, zones := range []cardlayout.Zones{0, 3, 200} {
		_, err := sale.SellSingle(at, cardlayout.Adult, zones, faretest.Terms(t, "mikkeli"))
		requireRule(t, 25, err)
	}
}

// Ensure that a paper ticket is a transfer to the end that is printed on it, within the
// zones that are (R-050, T-50).
func TestPaperTicketShown(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	paper := sale.PaperTicket{Until: cardlayout.Stamp{
		Day:    faretest.Day("2026-03-02"),
		Minute: 10*60 + 20,
	}}
	for _, c := range []struct {
		at             string
		included, upTo bool
	}{
		{"2026-03-02 10:19:00", true, true},
		{"2026-03-02 10:19:59", true, true},
		{"2026-03-02 10:20:00", true, false},
		{"2026-03-02 10:20:59", true, false},
		{"2026-03-02 10:21:00", false, false},
		{"2026-03-03 00:10:00", false, false},
		{"2026-03-01 23:59:00", true, true},
	} {
		tariff.LimitIncluded = true
		require.Equal(t, c.included, sale.PaperValid(paper, faretest.Time(c.at), cardlayout.ZonesOf(1), tariff), c.at)
		tariff.LimitIncluded = false
		require.Equal(t, c.upTo, sale.PaperValid(paper, faretest.Time(c.at), cardlayout.ZonesOf(1), tariff), c.at)
	}
	at := faretest.Time("2026-03-02 10:00:00")
	require.True(t, sale.PaperValid(paper, at, cardlayout.ZonesOf(9), tariff), "no zones are printed")
	paper.Zones = zonesAB
	for zone := range uint8(12) {
		require.Equal(t, zone == 1 || zone == 2, sale.PaperValid(paper, at, cardlayout.ZonesOf(zone), tariff), zone)
	}
}

// Ensure that every price of a single ticket is that of the group it is sold to, where an
// area has two.
func TestSinglesOfTwoGroups(t *testing.T) {
	at := faretest.Time("2026-03-02 12:00:00")
	for _, city := range faretest.Cities {
		tariff := faretest.Terms(t, city)
		for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
			ticket, err := sale.SellSingle(at, group, zoneA, tariff)
			price, sold := tariff.SinglePrice(group, zoneA, at)
			require.Equal(t, err == nil, sold, "%s %v", city, group)
			_, paid := sale.TravelCosts(1, group, zoneA, tariff)
			require.Equal(t, err == nil, paid == nil, "%s %v", city, group)
			if sold {
				require.Equal(t, ticket.Lines.Total(), price, "%s %v", city, group)
			}
		}
	}
}

// Ensure that a ticket which ends in the hour that comes twice is good to the end of its
// time, whenever it was sold: the passenger is not asked which of the two it is.
func TestPaperTicketInTheAutumnNight(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	night := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC) // 03:00 for the first time
	for minutes := range time.Duration(6 * 60) {
		sold := night.Add((minutes - 120) * time.Minute)
		ticket, err := sale.SellSingle(sold, cardlayout.Adult, zoneA, tariff)
		require.NoError(t, err)
		paper := sale.PaperTicket{Until: ticket.Until}
		for after := range time.Duration(60) {
			require.True(t, sale.PaperValid(paper, sold.Add(after*time.Minute), cardlayout.ZonesOf(1), tariff),
				"sold %v, after %d minutes", sold, after)
		}
		require.False(t, sale.PaperValid(paper, sold.Add(122*time.Minute), cardlayout.ZonesOf(1), tariff), sold)
	}
	paper := sale.PaperTicket{Until: cardlayout.Stamp{
		Day:    faretest.Day("2026-10-25"),
		Minute: 3*60 + 20,
	}}
	for minutes, want := range map[time.Duration]bool{20: true, 21: true, 80: true, 81: false} {
		shown := sale.PaperValid(paper, night.Add(minutes*time.Minute), cardlayout.ZonesOf(1), tariff)
		require.Equal(t, want, shown, minutes)
	}
}
