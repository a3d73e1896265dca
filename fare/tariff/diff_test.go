package tariff

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// Ensure that every figure of a published tariff is found with what it rests on, at its
// line.
func TestGrounds(t *testing.T) {
	grounds, err := Grounds(source(t, "kotka-2025.toml"))
	require.NoError(t, err)
	lines := strings.Split(string(source(t, "kotka-2025.toml")), "\n")
	byPath := map[string]Ground{}
	for _, g := range grounds {
		byPath[g.Path] = g
		require.NotEmpty(t, g.Source+g.Assumed)
		require.LessOrEqual(t, g.Line, len(lines))
	}
	require.Contains(t, byPath[""].Source, "jonnejaminne.fi")
	require.Contains(t, byPath["season[1]"].Source, "2025")
	again := byPath["rules.again"]
	require.Equal(t, "20m", again.Is)
	require.Contains(t, again.Assumed, "no page gives it")
	require.Equal(t, "[rules.again]", lines[again.Line-1])
	require.Equal(t, "30", byPath["season[0].code"].Is)
	_, err = Grounds([]byte("a ="))
	require.Error(t, err)
}

// Ensure that a tariff does not differ from itself, and that whatever is made dearer,
// cheaper, new or no longer sold is told with who pays it.
func TestDiff(t *testing.T) {
	before := compile(t, "kotka-2025.toml")
	same := Diff(before, before)
	require.Empty(t, same.Changes)
	require.Zero(t, same.Dearer+same.Cheaper)
	require.Equal(t, 4*(3*(5*48+6*3)+48), same.Alike, "four trips begin at 5, 8 and 12 o'clock; "+
		"a season of one zone has but A-B beyond it, and no child is for an adult's card")

	change := func(old, new string) []Change {
		text := strings.Replace(string(source(t, "kotka-2025.toml")), old, new, 1)
		require.NotEqual(t, string(source(t, "kotka-2025.toml")), text)
		after, err := Compile("after", []byte(text), time.LoadLocation)
		require.NoError(t, err)
		return Diff(before, after).Changes
	}
	require.Equal(t, []Change{
		{Ticket: "value ticket", Group: cardlayout.Adult, Zones: zones(t, "A"), Before: 325, After: 335},
		{Ticket: "value ticket", Group: cardlayout.Adult, Zones: zones(t, "B"), Before: 325, After: 335},
	}, change(`adult = ["3.25", "5.10"]`, `adult = ["3.35", "5.10"]`))
	require.Equal(t, []Change{{
		Ticket: "single ticket", Group: cardlayout.Child,
		Zones: zones(t, "A-B"), Before: 350, After: fare.NoPrice,
	}},
		change(`child = ["2.50", "3.50"]`, `child = ["2.50", "-"]`))
	gone := change(`fi = "Kausilippu 90 vrk"`, `fi = "Kausi 90"`)
	require.Len(t, gone, 2*4*3, "not sold any more, and new, to four groups")
	require.Equal(t, fare.NoPrice, gone[0].After)
	require.Equal(t, fare.NoPrice, gone[len(gone)-1].Before)
}

// Ensure that the corpus holds what a first trip does not show: changes, parties, days with
// a cap, holders of seasons, nights, weekends, public holidays and eves; and that it says so.
func TestDiffOfJourneys(t *testing.T) {
	before := compile(t, "kotka-2025.toml")
	with := func(change func(*fare.Tariff)) Comparison {
		after := *before
		change(&after)
		return Diff(before, &after)
	}
	adults := func(c Comparison, in string) (told []string) {
		for _, change := range c.Changes {
			if change.Group == cardlayout.Adult && change.Zones == zones(t, in) {
				told = append(told, strings.TrimSpace(fmt.Sprintf("%s %v %v %s", change.Ticket,
					change.Before, change.After, change.When)))
			}
		}
		return told
	}
	require.Equal(t, []string{"value, changing after 75 min 6.50 3.25"},
		adults(with(func(a *fare.Tariff) { a.Transfer[zones(t, "A")] = 80 }), "A"))
	require.Equal(t, []string{"value, with a child -0.01 6.50"},
		adults(with(func(a *fare.Tariff) { a.Party = fare.LowerGroups }), "A"))
	require.Equal(t, []string{"value beyond a season 5.10 3.25"},
		adults(with(func(a *fare.Tariff) { a.MissingZones = !a.MissingZones }), "A-B"))
	require.Equal(t, []string{
		"value, changing after 75 min 6.50 5.10",
		"value, changing after 105 min 6.50 5.10", "value, four trips of a day 13.00 5.10",
	},
		adults(with(func(a *fare.Tariff) {
			limit := a.Value
			limit[cardlayout.Adult][zones(t, "A")] = 510
			a.DayCap = &limit
		}), "A"))
	dearer := func(days fare.DayKindSet, from, to uint16) fare.Band {
		return fare.Band{Days: days, Hours: fare.Hours{From: from, To: to}, Supplement: 100}
	}
	weekend := fare.KindsOfDay(fare.Saturday, fare.Sunday, fare.Holiday)
	eve := fare.KindsOfDay(fare.Eve)
	for want, bands := range map[string][]fare.Band{
		"daily 23 night":                   {dearer(fare.Daily, 22*60, 4*60)},
		"Saturday Sunday holiday":          {dearer(weekend, 0, 0)},
		"holiday 5":                        {dearer(fare.KindsOfDay(fare.Holiday), 5*60, 6*60)},
		"Monday Friday 12 15, eve 5 12 15": {dearer(^weekend, 700, 1000), dearer(eve, 240, 360)},
	} {
		told := with(func(a *fare.Tariff) { a.ValueBands = bands })
		require.Equal(t, "value ticket 3.25 4.25 "+want, adults(told, "A")[0])
		text := strings.Join(told.Corpus, "; ")
		for _, part := range []string{
			"4 customer groups in 3 runs of zones at 48 moments",
			"Monday 2025-09-01", "Sunday 2025-09-07", "holiday 2025-11-01", "eve 2025-12-24", "night",
			"changing after 75 min", "two persons", "with a child", "beyond a season",
		} {
			require.Contains(t, text, part)
		}
	}
}
