package tariff

import (
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
	require.Empty(t, Diff(before, before))

	change := func(old, new string) []Change {
		text := strings.Replace(string(source(t, "kotka-2025.toml")), old, new, 1)
		require.NotEqual(t, string(source(t, "kotka-2025.toml")), text)
		after, err := Compile("after", []byte(text), time.LoadLocation)
		require.NoError(t, err)
		return Diff(before, after)
	}
	require.Equal(t, []Change{
		{Ticket: "value ticket", Group: cardlayout.Adult, Zones: zones(t, "A"), Before: 325, After: 335},
		{Ticket: "value ticket", Group: cardlayout.Adult, Zones: zones(t, "B"), Before: 325, After: 335},
	}, change(`adult = ["3.25", "5.10"]`, `adult = ["3.35", "5.10"]`))
	require.Equal(t, []Change{{Ticket: "single ticket", Group: cardlayout.Child,
		Zones: zones(t, "A-B"), Before: 350, After: fare.NoPrice}},
		change(`child = ["2.50", "3.50"]`, `child = ["2.50", "-"]`))
	gone := change(`fi = "Kausilippu 90 vrk"`, `fi = "Kausi 90"`)
	require.Len(t, gone, 2*4*3, "not sold any more, and new, to four groups")
	require.Equal(t, fare.NoPrice, gone[0].After)
	require.Equal(t, fare.NoPrice, gone[len(gone)-1].Before)
}
