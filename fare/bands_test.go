package fare_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/tariff"
)

// town is a small tariff to which a test adds what it is about.
const town = `id = "town"
name = { fi = "Kylä", sv = "By", en = "Town" }
area = 227
zones = 3
time_zone = "Europe/Helsinki"
valid_from = "2020-01-01T00:00"
assumed = "a test"
[groups]
assumed = "a test"
[groups.names]
adult = { fi = "Aikuinen", sv = "Vuxen", en = "Adult" }
child = { fi = "Lapsi", sv = "Barn", en = "Child" }
[transfer]
times = ["60m", "80m", "120m"]
assumed = "a test"
[value]
name = { fi = "Arvolippu", sv = "Värdebiljett", en = "Value ticket" }
assumed = "a test"
code = { is = 1, assumed = "a test" }
[value.prices]
adult = ["2.00", "3.00", "4.50"]
child = ["1.00", "1.50", "2.25"]
[single]
name = { fi = "Kertalippu", sv = "Enkelbiljett", en = "Single ticket" }
assumed = "a test"
[single.prices]
adult = ["3.30", "5.80", "8.30"]
child = ["1.70", "2.90", "4.20"]
[[season]]
name = { fi = "Kuukausi", sv = "Månad", en = "Month" }
days = 30
holder = "any"
assumed = "a test"
code = { is = 30, assumed = "a test" }
[season.prices]
adult = ["50.00", "60.00", "70.00"]
child = ["25.00", "30.00", "35.00"]
`

const townRules = `
[groups.as]
assumed = "a test"
[groups.as.pay]
youth = "adult"
student = "adult"
senior = "adult"
special = "adult"
[rules]
service_day_starts = { is = "04:30", assumed = "a test" }
again = { is = "20m", assumed = "a test" }
limit = { is = "LIMIT", assumed = "a test" }
party = { is = "lower groups", assumed = "a test" }
order = { is = [["child"], ["adult"]], assumed = "a test" }
season_first_day = { is = "counted", assumed = "a test" }
`

// aTown is the town's tariff with more in it. Its limits are as they are given.
func aTown(t testing.TB, limit, more string) *fare.Tariff {
	t.Helper()
	tables, settings, _ := strings.Cut(more, "[rules]\n")
	text := town + tables + strings.Replace(townRules, "LIMIT", limit, 1) + settings
	compiled, err := tariff.Compile("town.toml", []byte(text), time.LoadLocation)
	require.NoError(t, err)
	return compiled
}

// T-22: a senior pays less daily from nine to two, and whether the last
// instant belongs to it is the tariff's limit.
func TestSeniorHours(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := faretest.Card(t, "area 209, group senior, born 1955-11-30")
	rows := []struct {
		at       string
		included bool
		charge   string
	}{
		{"2026-03-02 08:59:59", true, "2.10"},
		{"2026-03-02 09:00:00", true, "1.05"},
		{"2026-03-02 09:00:00", false, "1.05"},
		{"2026-03-02 13:59:59", false, "1.05"},
		{"2026-03-02 14:00:00", false, "2.10"},
		{"2026-03-02 14:00:00", true, "1.05"},
		{"2026-03-02 14:00:01", true, "2.10"},
		{"2026-03-07 12:00:00", true, "1.05"}, // a Saturday
		{"2026-04-03 12:00:00", true, "1.05"}, // Good Friday
		{"2026-04-05 12:00:00", true, "1.05"}, // Easter Sunday
	}
	for _, row := range rows {
		prices.LimitIncluded = row.included
		d := fare.Decide(card, faretest.Tap(row.at), prices)
		require.Equal(t, row.charge, d.Charge.String(), "%v", row)
	}
	adult := faretest.Card(t, "area 209")
	require.Equal(t, "2.10", fare.Decide(adult, faretest.Tap("2026-03-02 12:00:00"),
		prices).Charge.String())

	card = asRead(fare.Decide(card, faretest.Tap("2026-03-02 13:30:00"), prices))
	d := fare.Decide(card, faretest.Tap("2026-03-02 14:10:00", onTrip(12)), prices)
	require.Equal(t, fare.Transfer, d.Reason, "what began in the hours costs nothing more")
}

// Oulu's night supplement, from 23 to 4, is on single tickets and not on value.
const ouluNight = `
[[single.band]]
name = { fi = "Yölisä", sv = "Nattillägg", en = "Night supplement" }
hours = "23:00-04:00"
supplement = "SUPPLEMENT"
assumed = "a test"
`

// R-059, T-08, T-09: the night supplement to the second, across midnight.
func TestNightSupplement(t *testing.T) {
	rows := []struct {
		at     string
		single string // with the limit excluded
		last   string // and included
	}{
		{"2026-03-02 22:59:59", "3.30", "3.30"},
		{"2026-03-02 23:00:00", "4.30", "4.30"},
		{"2026-03-03 00:00:00", "4.30", "4.30"},
		{"2026-03-03 03:59:59", "4.30", "4.30"},
		{"2026-03-03 04:00:00", "3.30", "3.30"}, // never against the passenger
		{"2026-03-03 04:00:01", "3.30", "3.30"},
	}
	more := strings.Replace(ouluNight, "SUPPLEMENT", "1.00", 1)
	excluded, included := aTown(t, "excluded", more), aTown(t, "included", more)
	for _, row := range rows {
		single, sold := excluded.SinglePrice(cardlayout.Adult, faretest.Zones("A"),
			faretest.Time(row.at))
		require.True(t, sold)
		require.Equal(t, row.single, single.String(), row.at)
		single, _ = included.SinglePrice(cardlayout.Adult, faretest.Zones("A"),
			faretest.Time(row.at))
		require.Equal(t, row.last, single.String(), row.at)
		value, _ := included.ValuePrice(cardlayout.Adult, faretest.Zones("A"),
			faretest.Time(row.at))
		require.Equal(t, "2.00", value.String(), "T-08: none on value")
		require.Equal(t, value, fare.Decide(faretest.Card(t, ""), faretest.Tap(row.at),
			included).Charge)
	}
	double := aTown(t, "excluded", strings.Replace(ouluNight, "SUPPLEMENT", "100%", 1))
	single, _ := double.SinglePrice(cardlayout.Child, faretest.Zones("A-B"),
		faretest.Time("2026-03-02 23:30:00"))
	require.Equal(t, "5.80", single.String(), "Oulu's double price of later years")
	_, sold := double.SinglePrice(cardlayout.Senior, faretest.Zones("A"),
		faretest.Time("2026-03-02 23:30:00"))
	require.False(t, sold)
	_, sold = double.SinglePrice(cardlayout.Adult, faretest.Zones("D"),
		faretest.Time("2026-03-02 23:30:00"))
	require.False(t, sold)
	for _, z := range []cardlayout.Zones{0, cardlayout.MaxZones + 1} {
		_, sold = double.ValuePrice(cardlayout.Adult, z, faretest.Time("2026-03-02 23:30:00"))
		require.False(t, sold)
	}
}

// T-09: no tariff that we have asks the night supplement in the last instant of its hours.
func TestNightSupplementEnds(t *testing.T) {
	for name, end := range map[string]string{
		jyvaskyla: "04:00:00", "oulu-2024-12": "04:30:00",
	} {
		prices := faretest.Published(t, name)
		at := faretest.Time("2026-03-03 " + end)
		night, _ := prices.SinglePrice(cardlayout.Adult, faretest.Zones("A"), at.Add(-time.Second))
		last, _ := prices.SinglePrice(cardlayout.Adult, faretest.Zones("A"), at)
		day, _ := prices.SinglePrice(cardlayout.Adult, faretest.Zones("A"), at.Add(time.Hour))
		require.Greater(t, night, last, name)
		require.Equal(t, day, last, name)
	}
}

// Jyväskylä's of 2018 is on value as well, once for every person.
func TestNightSupplementOnValue(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := faretest.Card(t, "area 209")
	require.Equal(t, "3.10", fare.Decide(card, faretest.Tap("2026-03-02 23:30:00"),
		prices).Charge.String())
	require.Equal(t, "6.20",
		fare.Decide(card, faretest.Tap("2026-03-02 23:30:00", party(2)), prices).Charge.String())
}

// Lappeenranta's off-peak price of a value ticket: weekends, midweek holidays, and
// weekdays after 17.30 until the service day ends (some.lappeenranta.fi, about 2021).
const offPeak = `
[[value.band]]
name = { fi = "Hiljainen aika", sv = "Lågtrafik", en = "Off-peak" }
days = ["saturday", "sunday", "holiday"]
assumed = "a test"
[value.band.prices]
adult = ["1.50", "2.50", "3.50"]
[[value.band]]
name = { fi = "Ilta", sv = "Kväll", en = "Evening" }
days = ["weekday", "eve"]
hours = "17:30-04:30"
assumed = "a test"
[value.band.prices]
adult = ["1.50", "2.50", "3.50"]
`

// Ensure that bands keep to the kind of the service day.
func TestOffPeak(t *testing.T) {
	prices := aTown(t, "excluded", offPeak)
	for at, want := range map[string]string{
		"2026-03-02 17:29:59": "2.00", // Monday
		"2026-03-02 17:30:00": "1.50",
		"2026-03-03 00:30:00": "1.50", // Monday's night
		"2026-03-03 04:29:59": "1.50",
		"2026-03-03 04:30:00": "2.00",
		"2026-03-07 12:00:00": "1.50", // Saturday
		"2026-03-08 12:00:00": "1.50", // Sunday
		"2026-03-09 04:29:59": "1.50", // Sunday's night
		"2026-03-09 04:30:00": "2.00",
		"2026-05-14 12:00:00": "1.50", // Ascension Day, an arkipyhä
		"2026-06-19 12:00:00": "2.00", // Midsummer Eve is no holiday here
		"2026-06-20 12:00:00": "1.50",
		"2024-12-06 12:00:00": "1.50", // Independence Day, a Friday
		"2026-12-06 12:00:00": "1.50", // … and a Sunday
	} {
		require.Equal(t, want, fare.Decide(faretest.Card(t, ""), faretest.Tap(at),
			prices).Charge.String(), at)
		child := faretest.Card(t, "group child")
		require.Equal(t, "1.00", fare.Decide(child, faretest.Tap(at), prices).Charge.String(), at)
	}
}

// A campaign goes before what is usual: Oulu's school holiday weeks of 2018, half a euro
// for children from 7 to 20, whatever the zones (kaleva.fi).
const campaign = `
[[value.band]]
name = { fi = "Talviloma", sv = "Sportlov", en = "Winter holiday" }
dates = "2026-02-23..2026-03-01"
hours = "07:00-20:00"
assumed = "a test"
[value.band.prices]
child = ["0.50", "0.50", "0.50"]
[[value.band]]
name = { fi = "Päivä", sv = "Dag", en = "Day" }
hours = "09:00-15:00"
assumed = "a test"
[value.band.prices]
child = ["0.80", "-", "1.80"]
[[value.band]]
name = { fi = "Aamu", sv = "Morgon", en = "Morning" }
hours = "06:00-09:00"
assumed = "a test"
[value.band.prices]
child = ["1.20", "1.80", "2.40"]
`

// Ensure that a campaign is for its days only, and that of two bands which meet the one
// that ends has the common instant, if it has it at all.
func TestCampaign(t *testing.T) {
	rows := []struct{ at, zones, excluded, included string }{
		{"2026-02-22 08:00:00", "A", "1.20", "1.20"},
		{"2026-02-23 08:00:00", "A-C", "0.50", "0.50"},
		{"2026-02-23 06:59:59", "A", "1.20", "1.20"},
		{"2026-03-01 19:59:59", "A-C", "0.50", "0.50"},
		{"2026-03-01 20:00:00", "A-C", "2.25", "0.50"},
		{"2026-03-02 09:00:00", "A", "0.80", "1.20"},
		{"2026-03-02 09:00:01", "A", "0.80", "0.80"},
		{"2026-03-02 16:00:00", "A", "1.00", "1.00"},
		{"2026-03-02 10:00:00", "A-B", "0.00", "0.00"}, // not sold at that hour
	}
	excluded, included := aTown(t, "excluded", campaign), aTown(t, "included", campaign)
	for _, row := range rows {
		card := faretest.Card(t, "group child")
		tap := faretest.Tap(row.at, faretest.InZones(row.zones))
		require.Equal(t, row.excluded, fare.Decide(card, tap, excluded).Charge.String(), "%v", row)
		require.Equal(t, row.included, fare.Decide(card, tap, included).Charge.String(), "%v", row)
	}
	tap := faretest.Tap("2026-03-02 10:00:00", faretest.InZones("A-B"))
	require.Equal(t, fare.NoFare, fare.Decide(faretest.Card(t, "group child"), tap,
		excluded).Reason)
}

const dayCap = `
[day_cap]
assumed = "a test"
[day_cap.prices]
adult = ["5.00", "7.00", "-"]
child = ["2.50", "3.50", "5.00"]
[[value.band]]
name = { fi = "Yölisä", sv = "Nattillägg", en = "Night supplement" }
hours = "21:00-04:30"
supplement = "1.00"
assumed = "a test"
[rules]
`

// A day's cap: the holder pays no more than it, the others pay in full, and a
// supplement comes on top. When the day ends is a setting.
func TestDayCap(t *testing.T) {
	fromServiceDay := aTown(t, "excluded", dayCap+
		"day_counts = { is = \"from the service day\", assumed = \"a test\" }\n")
	fromMidnight := aTown(t, "excluded", dayCap+
		"day_counts = { is = \"from midnight\", assumed = \"a test\" }\n")
	steps := []struct {
		at, zones      string
		persons        uint8
		service, clock string // charged
	}{
		{"2026-03-02 06:00:00", "A", 1, "2.00", "2.00"},
		{"2026-03-02 08:00:00", "A", 3, "6.00", "6.00"},
		{"2026-03-02 10:00:00", "A", 1, "1.00", "1.00"},
		{"2026-03-02 12:00:00", "A", 1, "0.00", "0.00"},
		{"2026-03-02 14:00:00", "A-B", 1, "2.00", "2.00"},
		{"2026-03-02 17:00:00", "A", 2, "2.00", "2.00"},
		{"2026-03-02 19:00:00", "A-C", 1, "4.50", "4.50"}, // no cap for three zones
		{"2026-03-02 22:00:00", "A", 1, "1.00", "1.00"},   // the supplement
		{"2026-03-03 00:30:00", "A", 1, "1.00", "3.00"},
		{"2026-03-03 05:00:00", "A", 1, "2.00", "2.00"},
	}
	byService, byClock := faretest.Card(t, "purse 50.00"), faretest.Card(t, "purse 50.00")
	for _, step := range steps {
		tap := faretest.Tap(step.at, faretest.InZones(step.zones), party(step.persons))
		d := fare.Decide(byService, tap, fromServiceDay)
		require.Equal(t, fare.Value, d.Reason)
		require.Equal(t, step.service, d.Charge.String(), "%v", step)
		require.Equal(t, d.Charge > 0, d.After.Record.Debit)
		byService = asRead(d)
		d = fare.Decide(byClock, tap, fromMidnight)
		require.Equal(t, step.clock, d.Charge.String(), "%v", step)
		byClock = asRead(d)
	}
}

// Ensure that anyone who cannot pay up to the cap is refused, and nothing is counted.
func TestDayCapAndALowBalance(t *testing.T) {
	prices := aTown(t, "excluded", dayCap+
		"day_counts = { is = \"from the service day\", assumed = \"a test\" }\n")
	card := faretest.Card(t, "purse 0.00, today day=2026-03-02 spent=4.00")
	d := fare.Decide(card, faretest.Tap("2026-03-02 12:00:00"), prices)
	require.Equal(t, fare.BalanceLow, d.Reason)
	require.Equal(t, "1.00", d.Paid.String())
	require.Equal(t, card, d.After)
	lent := fare.Decide(faretest.Card(t, "today day=2026-03-02 spent=4.00"),
		faretest.Tap("2026-03-02 12:00:00", party(0, 0, 1)), prices)
	require.Equal(t, "2.00", lent.Charge.String(), "the holder is not aboard")
	require.EqualValues(t, 400, lent.After.Today.Spent)
	card = faretest.Card(t, "purse 0.00, today day=2026-03-02 spent=5.00")
	require.Equal(t, fare.Value, fare.Decide(card, faretest.Tap("2026-03-02 12:00:00"),
		prices).Reason)
}
