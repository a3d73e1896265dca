package tariff

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// with is small with more tables in it, which begin in line 43; and settings.
func with(tables, settings string) string {
	const here = "[transfer]\n"
	before, after, _ := strings.Cut(small, here)
	return before + strings.TrimPrefix(tables, "\n") + here + after + settings
}

// told compiles a source and requires exactly these faults; none, and it must compile.
func told(t *testing.T, source string, faults ...string) {
	t.Helper()
	err := faultsOf(source)
	if len(faults) == 0 {
		require.NoError(t, err)
		return
	}
	require.EqualError(t, err, strings.Join(faults, "\n"))
}

func compiled(t *testing.T, source string) *fare.Tariff {
	t.Helper()
	tariff, err := Compile("t.toml", []byte(source), time.LoadLocation)
	require.NoError(t, err)
	return tariff
}

// bandAt is a band of the value ticket in five lines, and one for each row of prices.
func bandAt(when, prices string) string {
	text := "[[value.band]]\nname = { fi = \"a\", sv = \"b\", en = \"c\" }\nassumed = \"a guess\"\n" + when + "\n"
	if strings.HasPrefix(prices, "supplement") {
		return text + prices + "\n"
	}
	return text + "[value.band.prices]\n" + prices + "\n"
}

const adults = `adult = ["1.00", "2.00"]`

// Ensure that a band compiles to what is written, and that what is left out does not bound
// it.
func TestBands(t *testing.T) {
	tariff := compiled(t, with(
		bandAt(`hours = "23:00-04:00"`, `supplement = "1.00"`)+
			bandAt("days = [\"saturday\", \"holiday\"]\nhours = \"17:30-24:00\"", adults)+
			bandAt(`dates = "2026-02-23..2026-03-01"`, adults), ""))
	require.Len(t, tariff.ValueBands, 3)
	night, evening, week := tariff.ValueBands[0], tariff.ValueBands[1], tariff.ValueBands[2]
	require.Equal(t, fare.Hours{From: 23 * 60, To: 4 * 60}, night.Hours)
	require.Equal(t, fare.Daily, night.Days)
	require.EqualValues(t, 100, night.Supplement)
	require.Zero(t, night.Groups)
	require.Equal(t, fare.KindsOfDay(fare.Saturday, fare.Holiday), evening.Days)
	require.Equal(t, fare.Hours{From: 17*60 + 30, To: 24 * 60}, evening.Hours)
	require.True(t, evening.Groups.Has(cardlayout.Adult))
	require.False(t, evening.Groups.Has(cardlayout.Child))
	require.EqualValues(t, 200, evening.Prices[cardlayout.Adult][zones(t, "A-B")])
	require.Zero(t, week.Hours)
	require.Equal(t, "2026-02-23", week.First.String())
	require.Equal(t, "2026-03-01", week.Last.String())
	double := compiled(t, with(bandAt("", `supplement = "100%"`), ""))
	require.EqualValues(t, 100, double.ValueBands[0].Percent)
}

// Ensure that two bands that say different things of one time are told, by the line of
// both; and that those which only meet, or of which one is a campaign, are not.
func TestBandsThatOverlap(t *testing.T) {
	morning := bandAt(`hours = "06:00-09:00"`, adults)
	told(t, with(morning+bandAt(`hours = "08:30-12:00"`, adults), ""),
		`t.toml:49: value.band: a price for adult at 08:30 stands in the band of line 43 already: `+
			`want hours, days or dates that do not overlap`)
	told(t, with(bandAt(`hours = "22:00-02:00"`, adults)+bandAt(`hours = "01:59-06:00"`, adults), ""),
		`t.toml:49: value.band: a price for adult at 01:59 stands in the band of line 43 already: `+
			`want hours, days or dates that do not overlap`)
	told(t, with(bandAt("", `supplement = "1.00"`)+bandAt(`hours = "01:00-02:00"`, `supplement = "50%"`), ""),
		`t.toml:48: value.band: a supplement at 01:00 stands in the band of line 43 already: `+
			`want hours, days or dates that do not overlap`)
	told(t, with(bandAt(`dates = "2026-02-23..2026-03-01"`, adults)+
		bandAt(`dates = "2026-03-01..2026-03-03"`, adults), ""),
		`t.toml:49: value.band: a price for adult at 00:00 stands in the band of line 43 already: `+
			`want hours, days or dates that do not overlap`)
	for _, apart := range []string{
		bandAt(`hours = "09:00-12:00"`, adults),
		bandAt(`days = ["sunday"]`, adults) + bandAt(`days = ["saturday"]`, adults),
		bandAt(`hours = "06:00-09:00"`, `child = ["0.50", "0.50"]`),
		bandAt("", `supplement = "1.00"`),
		bandAt(`dates = "2026-02-23..2026-03-01"`, adults),
	} {
		first := morning
		if strings.Contains(apart, "sunday") {
			first = ""
		}
		told(t, with(first+apart, ""))
	}
}

// Ensure that a group whose prices are all in bands has one at every hour of every kind of
// day, and that the first time without is told.
func TestTimesWithoutAPrice(t *testing.T) {
	text := with("[single]\nname = { fi = \"a\", sv = \"b\", en = \"c\" }\nassumed = \"a guess\"\n"+
		"[single.prices]\nadult = [\"3.00\", \"4.00\"]\n"+
		strings.ReplaceAll(bandAt(`days = ["weekday", "saturday", "sunday", "eve"]`,
			`child = ["1.00", "2.00"]`)+bandAt("days = [\"holiday\"]\nhours = \"06:00-24:00\"",
			`child = ["1.00", "2.00"]`), "value.band", "single.band"), "")
	told(t, text, `t.toml:43: single: no price for child on a holiday at 00:00: `+
		`want a row for child in [single.prices], or a band that holds then`)
	told(t, strings.Replace(text, "06:00-24:00", "00:00-24:00", 1))
	told(t, strings.Replace(text, "06:00-24:00", "05:00-04:59", 1),
		`t.toml:43: single: no price for child on a holiday at 04:59: `+
			`want a row for child in [single.prices], or a band that holds then`)
}

// Ensure that each mistake in a band is told at its line.
func TestMistakesOfBands(t *testing.T) {
	told(t, with("[[value.band]]\nname = { fi = \"a\", sv = \"b\", en = \"c\" }\nassumed = \"a guess\"\n", ""),
		`t.toml:43: value.band: the band changes nothing: want rows of prices, or a supplement`)
	told(t, with(bandAt(`days = ["friday", "eve", "eve"]`, adults), ""),
		`t.toml:46: value.band.days: "friday" is no kind of day: want weekday, saturday, sunday, holiday, eve`,
		`t.toml:46: value.band.days: eve stands here twice: take one away`)
	for _, hours := range []string{"9-14", "09:00", "25:00-26:00", "09:00-09:00", "24:00-06:00", ""} {
		if hours == "" {
			continue
		}
		told(t, with(bandAt(`hours = "`+hours+`"`, adults), ""),
			`t.toml:46: value.band.hours: "`+hours+`": want two times of the day, for example `+
				`"09:00-14:00", "23:00-04:00" or "17:30-24:00"`)
	}
	told(t, with(bandAt(`dates = "2026-03-01"`, adults), ""),
		`t.toml:46: value.band.dates: "2026-03-01": want two days, for example "2025-08-06..2025-12-19"`)
	told(t, with(bandAt(`dates = "2026-03-02..2026-03-01"`, adults), ""),
		`t.toml:46: value.band.dates: 2026-03-02..2026-03-01 ends before it begins: want the earlier day first`)
	told(t, with(bandAt("", `youth = ["1.00", "2.00"]`), ""),
		`t.toml:48: value.band.prices.youth: no customer group of this file: want adult, child`)
	told(t, with(bandAt("", `adult = ["1.00"]`), ""),
		`t.toml:48: value.band.prices.adult: the row has 1 entries: want 2, for 1 zone and more`)
	told(t, with(bandAt("", `supplement = "0%"`), ""),
		`t.toml:47: value.band.supplement: "0": want a whole number from 1 to 1000`)
	told(t, with(strings.Replace(bandAt("", adults), "assumed = \"a guess\"\n", "", 1), ""),
		`t.toml:43: value.band: the figures have no source: want source = "public page, year", `+
			`or assumed = "why" for our own`)
	told(t, with(strings.ReplaceAll(bandAt("", adults), "value.", "season."), ""),
		`t.toml:43: season.band: a season is bought at any hour: want no bands here`)
}

const aged = `[groups.ages]
source = "a page"
[groups.ages.years]
child = "0-16"
adult = "17-"
`

const byAge = `group = { is = "by age", assumed = "a guess" }` + "\n"

// Ensure that the groups of age hold everybody once.
func TestAges(t *testing.T) {
	tariff := compiled(t, with(aged, byAge))
	require.True(t, tariff.ByAge)
	require.Equal(t, fare.Ages{From: 0, To: 16}, tariff.Ages[cardlayout.Child])
	require.Equal(t, fare.Ages{From: 17, To: fare.AnyAge}, tariff.Ages[cardlayout.Adult])
	require.False(t, compiled(t, with(aged, strings.Replace(byAge, "by age", "on the card", 1))).ByAge)

	change := func(old, new string) string { return with(strings.Replace(aged, old, new, 1), byAge) }
	told(t, change("0-16", "7-16"), `t.toml:45: groups.ages.years: people of 0 years belong to no group: `+
		`want years without a gap, from 0`)
	told(t, change("17-", "18-"), `t.toml:45: groups.ages.years: people of 17 years belong to no group: `+
		`want years without a gap, from 0`)
	told(t, change("17-", "16-"), `t.toml:46: groups.ages.years.child: people of 16 years stand in line 47 `+
		`already, as adult: want years that do not overlap`)
	told(t, change("0-16", "16"), `t.toml:46: groups.ages.years.child: "16": want years of life, `+
		`for example "7-16" or "65-"`)
	told(t, change("child", "youth"), `t.toml:45: groups.ages.years.child: "": want years of life, `+
		`for example "7-16" or "65-"`, `t.toml:46: groups.ages.years.youth: no customer group of this file: `+
		`want adult, child`)
	told(t, with("", byAge), `t.toml:57: rules.group.is: nobody knows the ages of the groups: want [groups.ages]`)
	told(t, with(aged, ""), `t.toml:55: rules.group: missing: want is = "…" and where it comes from`)
}

const schools = `[school]
code = { is = 40, assumed = "a guess" }
transfer = { is = "60m", source = "a page" }
[[school.calendar]]
number = 1
name = { fi = "a", sv = "b", en = "c" }
terms = ["2025-08-06..2025-12-19", "2026-01-07..2026-05-30"]
breaks = ["2025-10-13..2025-10-17"]
extra = ["2026-05-30"]
missing = ["2026-05-15"]
assumed = "a guess"
`

// Ensure that school days compile, and that what changes nothing or twice is told (R-161,
//
func TestSchools(t *testing.T) {
	tariff := compiled(t, with(schools, ""))
	require.Equal(t, fare.SchoolRule{Product: 40, Minutes: 60}, tariff.School)
	for text, want := range map[string]bool{
		"2025-08-06": true, "2025-10-15": false, "2026-05-30": true,
		"2026-05-15": false, "2025-12-06": false, "2026-07-01": false,
	} {
		day, err := cardlayout.ParseDay(text)
		require.NoError(t, err)
		require.Equal(t, want, tariff.SchoolDay(1, day), text)
		require.False(t, tariff.SchoolDay(2, day))
	}
	byZones := compiled(t, with(strings.Replace(schools, "60m", "zones", 1), ""))
	require.Zero(t, byZones.School.Minutes)

	change := func(old, new string) string { return with(strings.Replace(schools, old, new, 1), "") }
	told(t, change(`"60m"`, `"an hour"`), `t.toml:45: school.transfer.is: "an hour": want whole minutes from `+
		`"1m" to "1439m", for example "90m" or "2h"`)
	told(t, change("2026-01-07..2026", "2025-12-19..2026"), `t.toml:49: school.calendar.terms: it overlaps `+
		`2025-08-06..2025-12-19: want spans that do not`)
	told(t, change("2025-10-13..2025-10-17", "2025-12-24..2026-01-06"), `t.toml:50: school.calendar.breaks: `+
		`no school day of a term is in it: want a break within a term`)
	told(t, change(`extra = ["2026-05-30"]`, `extra = ["2026-05-29"]`), `t.toml:51: school.calendar.extra: `+
		`2026-05-29 is a school day anyway: take it away`)
	told(t, change(`missing = ["2026-05-15"]`, `missing = ["2026-05-16"]`), `t.toml:52: `+
		`school.calendar.missing: 2026-05-16 is no school day anyway: take it away`)
	told(t, change(`["2026-05-15"]`, `["15.5."]`), `t.toml:52: school.calendar.missing: day "15.5.": `+
		`want year-month-day, for example 2026-03-02`)
	told(t, change("number = 1", "number = 0"), `t.toml:47: school.calendar.number: "0": want a whole `+
		`number from 1 to 255`)
	twice := schools + schools[strings.Index(schools, "[[school.calendar]]"):]
	told(t, with(twice, ""), `t.toml:55: school.calendar.number: calendar 1 stands in line 47 already: `+
		`want another`)
	told(t, with(schools[:strings.Index(schools, "[[school.calendar]]")], ""),
		`t.toml:43: school: no school days: want a [[school.calendar]] for each municipality`)
	told(t, change("is = 40", "is = 3"), `t.toml:44: school.code.is: code 3 stands in line 39 already: want another`)
}

// Ensure that a day ticket has one to sixty days, and that its days must be said.
func TestDayTickets(t *testing.T) {
	day := func(days, rule string) string {
		return changed(t, 1, "days = 30\n", "kind = \"day\"\ndays = "+days+"\n") + rule
	}
	const hours = `day_ticket = { is = "24 hours", assumed = "a guess" }`
	for _, days := range []string{"1", "60"} {
		tariff := compiled(t, day(days, hours))
		require.Equal(t, fare.DayTicket, tariff.Seasons[0].Kind)
		require.True(t, tariff.PeriodsOfDay)
	}
	for _, days := range []string{"0", "61"} {
		told(t, day(days, hours), `t.toml:28: season.days: "`+days+`": want a whole number from 1 to 60`)
	}
	told(t, day("1", ""), `t.toml:51: rules.day_ticket: missing: want is = "…" and where it comes from`)
	require.False(t, compiled(t, day("1", strings.Replace(hours, "24 hours", "calendar days", 1))).PeriodsOfDay)
	told(t, changed(t, 1, "days = 30\n", "kind = \"week\"\ndays = 30\n"),
		`t.toml:27: season.kind: "week": want "season" or "day"`)
}

// Ensure that a day's cap needs to say when the day ends, and that one below a single
// trip's price is a warning.
func TestDayCap(t *testing.T) {
	const limit = "[day_cap]\nassumed = \"a guess\"\n[day_cap.prices]\nadult = [\"5.00\", \"-\"]\nchild = [\"2.50\", \"3.00\"]\n"
	const counts = `day_counts = { is = "from midnight", assumed = "a guess" }`
	tariff := compiled(t, with(limit, counts))
	require.True(t, tariff.MidnightCounts)
	require.EqualValues(t, 500, tariff.DayCap[cardlayout.Adult][zones(t, "A")])
	require.Equal(t, fare.NoPrice, tariff.DayCap[cardlayout.Adult][zones(t, "A-B")])
	require.Empty(t, Warnings(tariff))
	told(t, with(limit, ""), `t.toml:55: rules.day_counts: missing: want is = "…" and where it comes from`)
	require.Equal(t, []string{"day's cap, adult: zones A cost 1.50 for a day and 2.00 for a trip"},
		warningsOf(t, with(strings.Replace(limit, "5.00", "1.50", 1), counts)))
}

// Ensure that the children who travel free are read, and are none where it is not said
//
func TestAccompanied(t *testing.T) {
	const both = "[accompanied]\nfree = 2\nassumed = \"a guess\"\n[accompanied.pram]\nfree = 3\n" +
		"hours = \"09:00-14:00\"\nassumed = \"a guess\"\n"
	require.Equal(t, fare.CompanionRule{
		Free: 2, PramFree: 3, PramDays: fare.Daily,
		PramHours: fare.Hours{From: 540, To: 840},
	}, compiled(t, with(both, "")).Companions)
	require.Zero(t, compiled(t, small).Companions)
	none := compiled(t, with("[accompanied]\nfree = 0\nassumed = \"a guess\"\n", "")).Companions
	require.Equal(t, fare.CompanionRule{Free: fare.NoneFree}, none, "a rule that lets nobody is one")
	told(t, with(strings.Replace(both, "free = 2", `free = "all"`, 1), ""),
		`t.toml:44: accompanied.free: "all": want a whole number from 0 to 10`)
	told(t, with(strings.Replace(both, "09:00-14:00", "9", 1), ""),
		`t.toml:48: accompanied.pram.hours: "9": want two times of the day, for example "09:00-14:00", `+
			`"23:00-04:00" or "17:30-24:00"`)
}

// Ensure that the settings of a trip beyond a season and between zones are read.
func TestSettingsLeftOut(t *testing.T) {
	tariff := compiled(t, small)
	require.False(t, tariff.MissingZones)
	require.False(t, tariff.CheaperZone)
	tariff = compiled(t, small+`season_beyond = { is = "missing zones", assumed = "a guess" }`+"\n"+
		`between_zones = { is = "cheaper", assumed = "a guess" }`)
	require.True(t, tariff.MissingZones)
	require.True(t, tariff.CheaperZone)
	told(t, small+`season_beyond = { is = "never", assumed = "a guess" }`,
		`t.toml:57: rules.season_beyond.is: "never": want "whole trip" or "missing zones"`)
}
