package tariff

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// Ensure that a change of tariff takes effect at its instant, and not a nanosecond
// before.
func TestSetAtTheInstant(t *testing.T) {
	change := helsinki(t, "2025-03-05T00:00:00")
	before := &fare.Tariff{ID: "before", Area: 217, From: change.AddDate(-1, 0, 0)}
	after := &fare.Tariff{ID: "after", Area: 217, From: change}
	other := &fare.Tariff{ID: "other", Area: 227, From: change.AddDate(0, 1, 0)}
	set, err := newSet(other, after, before)
	require.NoError(t, err)
	require.Equal(t, []*fare.Tariff{before, after, other}, set.All())

	for _, test := range []struct {
		area cardlayout.Area
		at   time.Time
		want *fare.Tariff
	}{
		{217, before.From.Add(-1), nil},
		{217, before.From, before},
		{217, change.Add(-1), before},
		{217, change, after},
		{217, change.UTC(), after},
		{217, change.AddDate(50, 0, 0), after},
		{227, other.From.Add(-1), nil},
		{227, other.From, other},
		{209, change, nil},
		{255, change, nil},
	} {
		got, err := set.At(test.area, test.at)
		require.Same(t, test.want, got)
		require.Equal(t, test.want == nil, err == ErrNone, "%v", err)
	}
	require.Zero(t, testing.AllocsPerRun(100, func() { set.At(217, change) }))
}

// Ensure that two tariffs of one area for one instant are refused, also when they
// are written in different time zones.
func TestSetTwice(t *testing.T) {
	from := helsinki(t, "2025-01-01T00:00:00")
	_, err := newSet(&fare.Tariff{ID: "a", Area: 227, From: from},
		&fare.Tariff{ID: "b", Area: 227, From: from.UTC()})
	require.EqualError(t, err, "tariffs a and b of area 227 both begin at "+
		"2025-01-01T00:00:00+02:00: leave one out, or give one a later valid_from")
}

// Ensure that an empty set covers nothing.
func TestSetEmpty(t *testing.T) {
	set, err := newSet()
	require.NoError(t, err)
	_, err = set.At(227, time.Unix(0, 0))
	require.ErrorIs(t, err, ErrNone)
}

// Ensure that the search finds what looking at every tariff finds.
func TestSetLikeLooking(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var tariffs []*fare.Tariff
	for area := range cardlayout.Area(5) {
		for n := range int64(random.IntN(9)) {
			tariffs = append(tariffs, &fare.Tariff{Area: area, From: time.Unix(10*n, 0)})
		}
	}
	random.Shuffle(len(tariffs), func(i, j int) { tariffs[i], tariffs[j] = tariffs[j], tariffs[i] })
	set, err := newSet(tariffs...)
	require.NoError(t, err)
	for range 1000 {
		area, at := cardlayout.Area(random.IntN(6)), time.Unix(random.Int64N(120)-10, 0)
		var want *fare.Tariff
		for _, tariff := range tariffs {
			if tariff.Area == area && !tariff.From.After(at) &&
				(want == nil || tariff.From.After(want.From)) {
				want = tariff
			}
		}
		got, _ := set.At(area, at)
		require.Same(t, want, got)
	}
}

func BenchmarkSetAt(b *testing.B) {
	set, err := newSet(compile(b, "mikkeli-2025.toml"), compile(b, "kotka-2025.toml"))
	require.NoError(b, err)
	at := helsinki(b, "2026-01-01T08:00:00")
	b.ReportAllocs()
	for b.Loop() {
		set.At(227, at)
	}
}
