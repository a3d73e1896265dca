package tariff

import (
	"os"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/calendar"
)

const folder = "../../testdata/tariffs"

func source(t testing.TB, name string) []byte {
	raw, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return raw
}

func compile(t testing.TB, name string) *fare.Tariff {
	tariff, err := Compile(name, source(t, name), time.LoadLocation)
	require.NoError(t, err)
	return tariff
}

func zones(t testing.TB, text string) cardlayout.Zones {
	z, err := cardlayout.ParseZones(text)
	require.NoError(t, err)
	return z
}

// helsinki is a local time.
func helsinki(t testing.TB, text string) time.Time {
	location, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(t, err)
	at, err := time.ParseInLocation("2006-01-02T15:04:05", text, location)
	require.NoError(t, err)
	return at
}

// requirePrices compares prices with a published table: a row for each group, an
// entry for each number of zones. Whatever is not in the table is not sold.
func requirePrices(t *testing.T, want map[cardlayout.Group][]cardlayout.Cents, got fare.Prices) {
	for group := range got {
		for z := range got[group] {
			count := cardlayout.Zones(z).Count()
			row := want[cardlayout.Group(group)]
			price := fare.NoPrice
			if last := int(cardlayout.Zones(z).Last()); count > 0 && last <= len(row) {
				price = row[count-1]
			}
			require.Equal(t, price, got[group][z], "group %d, zones %s", group, cardlayout.Zones(z))
		}
	}
}

type table = map[cardlayout.Group][]cardlayout.Cents

// Ensure that Mikkeli's tariff has the published figures, for every group and
// every run of zones.
func TestMikkeli(t *testing.T) {
	tariff := compile(t, "mikkeli-2025.toml")
	reduced := []cardlayout.Cents{175, 251, 311, 393, 475, 633, 764}
	requirePrices(t, table{
		cardlayout.Adult:   {251, 338, 415, 524, 644, 840, 1025},
		cardlayout.Child:   {126, 169, 207, 262, 322, 420, 513},
		cardlayout.Youth:   reduced,
		cardlayout.Student: reduced,
		cardlayout.Senior:  reduced,
	}, tariff.Value)
	requirePrices(t, nil, tariff.Single)
	for z := range cardlayout.MaxZones + 1 {
		want := uint16(120)
		switch {
		case z == 0 || z.Last() > 7:
			want = 0
		case z == zones(t, "A"):
			want = 90
		}
		require.Equal(t, want, tariff.Transfer[z], "zones %s", z)
	}
	require.Same(t, calendar.Traffic(), tariff.Calendar)
	tariff.Value, tariff.Single, tariff.Calendar = fare.Prices{}, fare.Prices{}, nil
	tariff.Transfer = [cardlayout.MaxZones + 1]uint16{}
	require.True(t, tariff.Terms.Stated)
	tariff.Terms = fare.Terms{}
	require.Equal(t, &fare.Tariff{
		ID:            "mikkeli-2025",
		PaysAs:        [cardlayout.Groups]cardlayout.Group{cardlayout.Special: cardlayout.Adult},
		Name:          "Mikkelin joukkoliikenne",
		Area:          227,
		Zones:         7,
		From:          helsinki(t, "2025-01-01T00:00:00"),
		Location:      tariff.Location,
		DayStart:      4*60 + 30,
		ValueProduct:  1,
		LimitIncluded: true,
		RepeatWindow:  20 * time.Minute,
		Party:         fare.SameGroup,
		Rank:          [cardlayout.Groups]uint8{0, 3, 1, 2, 2, 2, 3},
		Load:          fare.LoadRule{Least: 500, Most: 15000, BusMultiple: 1000},
		Ages: [cardlayout.Groups]fare.Ages{
			cardlayout.Adult: {From: 20, To: 64},
			cardlayout.Child: {To: 16}, cardlayout.Youth: {From: 17, To: 19},
			cardlayout.Student: {To: fare.AnyAge}, cardlayout.Senior: {From: 65, To: fare.AnyAge},
		},
	}, tariff)
	require.Equal(t, "Europe/Helsinki", tariff.Location.String())
}

// Ensure that Kotka's tariff has the published figures.
func TestKotka(t *testing.T) {
	tariff := compile(t, "kotka-2025.toml")
	rows := func(adult, child, reduced []cardlayout.Cents) table {
		return table{
			cardlayout.Adult: adult, cardlayout.Child: child,
			cardlayout.Student: reduced, cardlayout.Senior: reduced,
		}
	}
	type row = []cardlayout.Cents
	requirePrices(t, rows(row{325, 510}, row{195, 305}, row{225, 355}), tariff.Value)
	requirePrices(t, rows(row{380, 600}, row{250, 350}, row{380, 600}), tariff.Single)

	seasons := []struct {
		days                  uint16
		adult, child, reduced row
	}{
		{30, row{5700, 6200}, row{3400, 3700}, row{4000, 4300}},
		{90, row{16000, 17400}, row{9600, 10400}, row{11200, 12200}},
		{360, row{56000, 61000}, row{33500, 36000}, row{39000, 42000}},
	}
	require.Len(t, tariff.Seasons, len(seasons))
	for n, want := range seasons {
		season := tariff.Seasons[n]
		requirePrices(t, rows(want.adult, want.child, want.reduced), season.Prices)
		require.Equal(t, want.days, season.Days)
		require.Equal(t, want.days, season.Code)
		require.False(t, season.Personal)
	}
	require.Equal(t, "Kausilippu 90 vrk", tariff.Seasons[1].Name)

	require.Equal(t, "kotka-2025", tariff.ID)
	require.EqualValues(t, 217, tariff.Area)
	require.True(t, tariff.From.Equal(helsinki(t, "2025-03-05T00:00:00")))
	require.True(t, tariff.FirstDayCounts)
	require.Zero(t, tariff.Load)
	require.EqualValues(t, 60, tariff.Transfer[zones(t, "A")])
	require.EqualValues(t, 60, tariff.Transfer[zones(t, "B")])
	require.EqualValues(t, 90, tariff.Transfer[zones(t, "A-B")])
	require.Zero(t, tariff.Transfer[zones(t, "B-C")])
}

// Ensure that Jyväskylä's tariff has the terms of its instructions: true groups, seniors
// from nine to two, a supplement at night, school tickets of sixty minutes on 188 days.
func TestInstructionsOfJyvaskyla(t *testing.T) {
	tariff := compile(t, "jyvaskyla-2018.toml")
	require.True(t, tariff.ByAge)
	require.Equal(t, [cardlayout.Groups]fare.Ages{
		cardlayout.Child: {To: 16},
		cardlayout.Youth: {From: 17, To: 24}, cardlayout.Student: {From: 17, To: fare.AnyAge},
		cardlayout.Adult: {From: 25, To: 64}, cardlayout.Senior: {From: 65, To: fare.AnyAge},
	}, tariff.Ages)
	require.Equal(t, fare.SchoolRule{Product: 40, Minutes: 60}, tariff.School)
	require.Equal(t, 188, tariff.SchoolDays[0].Days.Count(0, cardlayout.MaxDay))
	require.Len(t, tariff.ValueBands, 2)
	require.Len(t, tariff.SingleBands, 1)
	require.True(t, tariff.PeriodsOfDay)
	require.True(t, tariff.MissingZones)
	require.Equal(t, fare.CompanionRule{
		Free: 2, PramFree: 2, PramDays: fare.Daily,
		PramHours: fare.Hours{From: 9 * 60, To: 14 * 60},
	}, tariff.Companions)
	for at, want := range map[string]cardlayout.Cents{
		"2026-03-02T10:00:00": 270, "2026-03-02T23:30:00": 370,
	} {
		price, sold := tariff.SinglePrice(cardlayout.Youth, zones(t, "A"), helsinki(t, at))
		require.True(t, sold)
		require.Equal(t, want, price, "R-070: no young person's single")
	}
}

// Ensure that every group a file declares has, for every run of its zones, a price
// above nothing, a rank and a transfer time.
func TestTotal(t *testing.T) {
	for name, count := range map[string]int{
		"mikkeli-2025.toml": 7, "kotka-2025.toml": 2,
		"lappeenranta-2019.toml": 4, "joensuu-2023.toml": 7,
	} {
		tariff := compile(t, name)
		for group := cardlayout.Group(1); group < cardlayout.Groups; group++ {
			declared := tariff.PaysAs[group] == 0
			require.NotZero(t, tariff.Rank[group])
			if !declared {
				require.Equal(t, tariff.Rank[tariff.PaysAs[group]], tariff.Rank[group])
			}
			for z := cardlayout.Zones(1); z <= cardlayout.MaxZones; z++ {
				sold := declared && int(z.Last()) <= count
				require.Equal(t, sold, tariff.Value[group][z] > 0, "%s: %s, %s", name, group, z)
				if sold {
					require.NotZero(t, tariff.Transfer[z])
				}
			}
		}
	}
}

// Ensure that a decision is told what of its price and of its rules is assumed, and nothing that
// is published or that it does not rest on.
func TestAssumptions(t *testing.T) {
	for _, c := range []struct {
		file, card, at string
		persons        uint8
		want           []string
	}{
		{"kotka-2025", "area 217", "2026-03-02T10:00:00", 1, nil},
		{"kotka-2025", "area 217", "2026-03-02T10:00:00", 2, []string{"rules.party", "rules.order"}},
		{"jyvaskyla-2018", "area 209", "2026-03-02T10:00:00", 1, []string{"value"}},
		{
			"jyvaskyla-2018", "area 209, kind personal, born 1950-01-01, group senior",
			"2026-03-02T10:00:00", 1,
			[]string{"value.band[0]"},
		},
		{"jyvaskyla-2018", "area 209", "2026-03-02T23:30:00", 1, []string{"value"}},
		{
			"jyvaskyla-2018", "area 209, season1 area=209 product=30 zones=A days=30",
			"2026-03-02T23:30:00", 1,
			[]string{"season[0]", "rules.season_first_day"},
		},
		{
			"jyvaskyla-2018", "area 209, group child, school trips=2 calendar=1",
			"2026-03-02T10:00:00", 1,
			[]string{"school.calendar[0]"},
		},
		{"lappeenranta-2019", "area 225, blocked true, kind company", "2026-03-02T10:00:00", 1, nil},
	} {
		source, err := os.ReadFile(filepath.Join(folder, c.file+".toml"))
		require.NoError(t, err)
		card := cardlayout.Card{
			Kind: cardlayout.Bearer, Group: cardlayout.Adult, Purse: 5000,
			Number: cardlayout.WithCheckDigit(92469900010000001),
		}
		require.NoError(t, card.ParseCard(c.card))
		prices := compile(t, c.file+".toml")
		tap := fare.Tap{
			At: helsinki(t, c.at), Trip: 1, Zone: 1, Zones: 1,
			Persons: cardlayout.Persons{c.persons},
		}
		d := fare.Decide(card, tap, prices)
		assumed, err := Assumptions(source, prices, &d, fare.Details(card, tap, prices))
		require.NoError(t, err)
		var got []string
		for _, g := range assumed {
			require.NotEmpty(t, g.Assumed)
			got = append(got, g.Path)
		}
		require.Equal(t, c.want, got, "%s, %s: %v", c.file, c.card, d.Reason)
	}
	_, err := Assumptions([]byte("="), nil, &fare.Decision{}, nil)
	require.Error(t, err)
}
