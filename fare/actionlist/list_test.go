package actionlist_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/actionlist"
	"leima/fare/sale"
)

const area = 227

var made = time.Date(2026, time.March, 2, 4, 0, 0, 0, time.UTC)

func card(n uint64) cardlayout.Number { return cardlayout.WithCheckDigit(92469900110000000 + n) }

// entry is twenty euros for the n-th card, which wait for two weeks.
func entry(n uint64, expects, leaves uint32) actionlist.Entry {
	first := cardlayout.DayOf(made)
	return actionlist.Entry{Card: card(n), Action: sale.Action{
		Expects: expects, Leaves: leaves, First: first, Last: first + sale.ActionDays - 1,
		Kind: sale.ValueAction, Amount: 2000, Organisation: 55, Device: 77,
	}}
}

func season(n uint64, expects, leaves uint32) actionlist.Entry {
	e := entry(n, expects, leaves)
	e.Action.Kind, e.Action.Amount, e.Action.Funder = sale.SeasonAction, 5700, sale.Employer
	e.Action.Product, e.Action.Zones, e.Action.Days = 30, 1, 30
	return e
}

func unblock(n uint64, expects, leaves uint32) actionlist.Entry {
	e := entry(n, expects, leaves)
	e.Action.Kind, e.Action.Amount = sale.UnblockAction, 0
	return e
}

func list(t testing.TB, entries ...actionlist.Entry) *actionlist.List {
	t.Helper()
	l, err := actionlist.New(area, 7, made, entries)
	require.NoError(t, err)
	return l
}

// Ensure that a card finds its own actions in the order of their counters, in whatever
// order they were given, and that a card without any finds none.
func TestLookup(t *testing.T) {
	l := list(t, season(3, 1, 2), entry(2, 5, 6), unblock(3, 0, 1), entry(3, 2, 9))
	require.Equal(t, 4, l.Len())
	for n, want := range [][][2]uint32{0: nil, 1: nil, 2: {{5, 6}}, 3: {{0, 1}, {1, 2}, {2, 9}}, 4: nil} {
		found, err := l.Lookup(card(uint64(n)))
		require.NoError(t, err)
		var got [][2]uint32
		for _, a := range found {
			got = append(got, [2]uint32{a.Expects, a.Leaves})
		}
		require.Equal(t, want, got, "card %d", n)
	}
	found, err := l.Lookup(card(2))
	require.NoError(t, err)
	require.Equal(t, []sale.Action{entry(2, 5, 6).Action}, found)
}

// Ensure that a list in which something cannot be done, or takes another's place, is
// refused, and that the error says what and names no whole card number.
func TestNewRefuses(t *testing.T) {
	changed := func(change func(*sale.Action)) []actionlist.Entry {
		e := entry(1, 0, 1)
		change(&e.Action)
		return []actionlist.Entry{e}
	}
	nobody := entry(1, 0, 1)
	nobody.Card++
	later := entry(1, 0, 2)
	later.Action.First, later.Action.Last = later.Action.Last, later.Action.Last+13
	after := later
	after.Action.First++
	for name, row := range map[string]struct {
		entries []actionlist.Entry
		says    string
	}{
		"counter back":    {changed(func(a *sale.Action) { a.Expects = 1 }), "want a higher one"},
		"ends before":     {changed(func(a *sale.Action) { a.Last = a.First - 1 }), "it waits from"},
		"no value":        {changed(func(a *sale.Action) { a.Amount = 0 }), "not that of kind value"},
		"negative":        {changed(func(a *sale.Action) { a.Amount = -1 }), "not that of kind value"},
		"more than fits":  {changed(func(a *sale.Action) { a.Amount = cardlayout.MaxPurse + 1 }), "not that"},
		"unknown kind":    {changed(func(a *sale.Action) { a.Kind = 9 }), "action kind 9"},
		"unblock money":   {changed(func(a *sale.Action) { a.Kind = sale.UnblockAction }), "not that of kind"},
		"season of value": {changed(func(a *sale.Action) { a.Kind = sale.SeasonAction }), "not that of kind"},
		"funder":          {changed(func(a *sale.Action) { a.Funder = 3 }), "funder 3"},
		"seller":          {changed(func(a *sale.Action) { a.Device = 1 << 14 }), "more than 14 bits"},
		"no card":         {[]actionlist.Entry{nobody}, "no card has this number"},
		"twice":           {[]actionlist.Entry{entry(1, 0, 1), entry(1, 0, 1)}, "not behind"},
		"same base":       {[]actionlist.Entry{entry(1, 0, 1), entry(1, 0, 2)}, "waits on the same days"},
		"same last day":   {[]actionlist.Entry{entry(1, 0, 1), later}, "waits on the same days"},
	} {
		_, err := actionlist.New(area, 7, made, row.entries)
		require.ErrorContains(t, err, row.says, name)
		require.NotContains(t, err.Error(), card(1).String(), name)
	}
	list(t, entry(1, 0, 1), after)          // the base again, once the first has expired
	list(t, entry(1, 0, 1), entry(2, 0, 1)) // another card's counter is another
	_, err := actionlist.New(0, 7, made, nil)
	require.ErrorContains(t, err, "want an area")
	_, err = actionlist.New(area, 0, made, nil)
	require.ErrorContains(t, err, "a version")
	_, err = actionlist.New(area, 7, made, make([]actionlist.Entry, actionlist.MostEntries+1))
	require.ErrorContains(t, err, "at most")
}

// Ensure that a list comes back from its encoding, and that its order is no part of it.
func TestEncoding(t *testing.T) {
	entries := []actionlist.Entry{season(3, 1, 2), entry(2, 5, 6), unblock(3, 0, 1)}
	l := list(t, entries...)
	raw, err := l.Encode()
	require.NoError(t, err)
	back, err := actionlist.Decode(raw)
	require.NoError(t, err)
	require.Equal(t, l, back)
	require.EqualValues(t, area, back.Area())
	require.EqualValues(t, 7, back.Version())
	require.Equal(t, made, back.Made())

	entries[0], entries[2] = entries[2], entries[0]
	again, err := list(t, entries...).Encode()
	require.NoError(t, err)
	require.Equal(t, raw, again)
}

// Ensure that no bytes but those of Encode are taken for a list: cut anywhere, with
// something behind, or with any bit flipped into another list than a good one.
func TestDecodeRefuses(t *testing.T) {
	raw, err := list(t, season(3, 1, 2), entry(2, 5, 6)).Encode()
	require.NoError(t, err)
	for n := range raw {
		_, err := actionlist.Decode(raw[:n])
		require.ErrorIs(t, err, actionlist.ErrMalformed, "cut at %d", n)
	}
	_, err = actionlist.Decode(append(raw[:len(raw):len(raw)], 0))
	require.ErrorIs(t, err, actionlist.ErrMalformed)
	newer := append([]byte(nil), raw...)
	newer[1] = 2 // the format, behind the head of the array
	_, err = actionlist.Decode(newer)
	require.ErrorContains(t, err, "format 2 and not 1")
	swapped := []byte{0x85, 0x01, 0x18, area, 0x07, 0x00, 0x80}
	_, err = actionlist.Decode(swapped)
	require.NoError(t, err, "an empty list")
	long := []byte{0x85, 0x01, 0x18, area, 0x18, 0x07, 0x00, 0x80}
	_, err = actionlist.Decode(long)
	require.ErrorContains(t, err, "shorter encoding")
}

// Ensure that whatever the bytes, decoding answers with a list that encodes back to them,
// or with an error.
func FuzzDecode(f *testing.F) {
	for _, entries := range [][]actionlist.Entry{
		nil, {entry(1, 0, 1)}, {season(3, 1, 2), entry(2, 5, 6), unblock(3, 0, 1)},
	} {
		raw, err := list(f, entries...).Encode()
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := actionlist.Decode(raw)
		if err != nil {
			require.Nil(t, l)
			return
		}
		again, err := l.Encode()
		require.NoError(t, err)
		require.Equal(t, raw, again)
	})
}
