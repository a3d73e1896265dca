package actionlist_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/fare/actionlist"
)

// version is a list of a version.
func version(t testing.TB, n uint32, entries ...actionlist.Entry) *actionlist.List {
	t.Helper()
	l, err := actionlist.New(area, n, made, entries)
	require.NoError(t, err)
	return l
}

// delta is what leads from a list to another, as it is sent.
func delta(t testing.TB, from, to *actionlist.List) (*actionlist.Delta, []byte) {
	t.Helper()
	d, err := actionlist.NewDelta(from, to)
	require.NoError(t, err)
	raw, err := d.Encode()
	require.NoError(t, err)
	return d, raw
}

// dearer is an entry with another amount in the same place.
func dearer(e actionlist.Entry) actionlist.Entry {
	e.Action.Amount += 100
	return e
}

// Ensure that a delta leads from its list to the later one and to nothing else, whatever was added,
// changed or is gone, and comes back from its encoding.
func TestDelta(t *testing.T) {
	one, two, three := entry(1, 0, 1), season(2, 5, 6), unblock(3, 0, 1)
	second := entry(1, 1, 2)
	type entries []actionlist.Entry
	for name, row := range map[string]struct {
		from, to entries
		changes  int
	}{
		"nothing":            {entries{one, two}, entries{one, two}, 0},
		"the first":          {nil, entries{one}, 1},
		"one more":           {entries{one, three}, entries{one, two, three}, 1},
		"another of a card":  {entries{one}, entries{one, second}, 1},
		"one picked up":      {entries{one, second, two}, entries{second, two}, 1},
		"another amount":     {entries{one, two}, entries{dearer(one), two}, 1},
		"all of it":          {entries{one, second, two}, entries{two, three, dearer(one)}, 3},
		"nothing any more":   {entries{one, two, three}, nil, 3},
		"nothing, and still": {nil, nil, 0},
	} {
		from, to := version(t, 3, row.from...), version(t, 7, row.to...)
		d, raw := delta(t, from, to)
		require.Equal(t, row.changes, d.Changes(), name)
		require.EqualValues(t, 3, d.Base(), name)
		require.Equal(t, to.Edition(), d.Edition(), name)
		back, err := actionlist.DecodeDelta(raw)
		require.NoError(t, err, name)
		again, err := back.Encode()
		require.NoError(t, err)
		require.Equal(t, raw, again, name)
		next, err := back.Over(from)
		require.NoError(t, err, name)
		require.Equal(t, to, next, name)
	}
}

// Ensure that a load bought now costs some hundred bytes, however many wait.
func TestDeltaIsShort(t *testing.T) {
	var many []actionlist.Entry
	for n := range uint64(50_000) {
		many = append(many, entry(n, 0, 1))
	}
	_, raw := delta(t, version(t, 3, many[1:]...), version(t, 7, many...))
	require.Less(t, len(raw), 100)
}

// Ensure that no delta is made between lists that do not follow each other.
func TestNewDeltaRefuses(t *testing.T) {
	abroad, err := actionlist.New(217, 9, made, nil)
	require.NoError(t, err)
	for says, lists := range map[string][2]*actionlist.List{
		"version 7 does not lead to 7":   {version(t, 7), version(t, 7, entry(1, 0, 1))},
		"version 7 does not lead to 3":   {version(t, 7), version(t, 3)},
		"is for area 227, the other for": {version(t, 7), abroad},
	} {
		_, err := actionlist.NewDelta(lists[0], lists[1])
		require.ErrorIs(t, err, actionlist.ErrBase)
		require.ErrorContains(t, err, says)
	}
}

// Ensure that a delta over any list but its own is refused, of the same version too.
func TestDeltaOverAnother(t *testing.T) {
	from := version(t, 3, entry(1, 0, 1), entry(2, 0, 1))
	d, _ := delta(t, from, version(t, 7, entry(2, 0, 1), entry(3, 0, 1)))
	abroad, err := actionlist.New(217, 3, made, nil)
	require.NoError(t, err)
	const another = "for the very list that it was made from"
	for name, row := range map[string]struct {
		base *actionlist.List
		says string
	}{
		"one more":        {version(t, 3, entry(1, 0, 1), entry(2, 0, 1), entry(9, 0, 1)), another},
		"one fewer":       {version(t, 3, entry(1, 0, 1)), another},
		"another amount":  {version(t, 3, entry(1, 0, 1), dearer(entry(2, 0, 1))), another},
		"what it removes": {version(t, 3, entry(2, 0, 1)), another},
		"what it adds":    {version(t, 3, entry(1, 0, 1), entry(2, 0, 1), entry(3, 0, 1)), another},
		"another version": {version(t, 4, entry(1, 0, 1), entry(2, 0, 1)), "the list is version 4"},
		"another area":    {abroad, "of area 217"},
	} {
		_, err := d.Over(row.base)
		require.ErrorIs(t, err, actionlist.ErrBase, name)
		require.ErrorContains(t, err, row.says, name)
	}
}

// Ensure that no bytes but those of Encode are taken for a delta, and that one which leads to a list
// that no device could use, or says more than is needed, leads to nothing.
func TestDecodeDeltaRefuses(t *testing.T) {
	from := version(t, 3, entry(1, 0, 1), entry(2, 0, 1))
	to := version(t, 7, entry(2, 0, 1), entry(3, 0, 1))
	_, raw := delta(t, from, to)
	for n := range raw {
		_, err := actionlist.DecodeDelta(raw[:n])
		require.ErrorIs(t, err, actionlist.ErrMalformed, "cut at %d", n)
	}
	_, err := actionlist.Decode(raw)
	require.ErrorIs(t, err, actionlist.ErrMalformed, "it is no list")
	whole, err := to.Encode()
	require.NoError(t, err)
	_, err = actionlist.DecodeDelta(whole)
	require.ErrorIs(t, err, actionlist.ErrMalformed, "a list is none")

	gone := func(n uint64) actionlist.Entry {
		e := actionlist.Entry{Card: card(n)}
		e.Action.Leaves = 1
		return e
	}
	broken := entry(3, 0, 1)
	broken.Action.Amount = cardlayout.MaxPurse + 1
	digest := to.Edition().Digest
	type changes []actionlist.Entry
	for name, row := range map[string]struct {
		format, base uint32
		digest       []byte
		changes      any
		says         string
	}{
		"good":           {1, 3, digest[:], changes{gone(1), entry(3, 0, 1)}, ""},
		"another format": {2, 3, digest[:], changes{}, "format 2 and not 1"},
		"for none":       {1, 0, digest[:], changes{}, "version 7 changes version 0"},
		"for itself":     {1, 7, digest[:], changes{}, "version 7 changes version 7"},
		"half a digest":  {1, 3, digest[:16], changes{}, "a shorter encoding"},
		"null":           {1, 3, digest[:], nil, "a shorter encoding"},
		"out of order":   {1, 3, digest[:], changes{entry(3, 0, 1), gone(1)}, "not in order"},
		"one twice":      {1, 3, digest[:], changes{gone(1), entry(3, 0, 1), entry(3, 0, 1)}, "not in order"},
		"nothing new":    {1, 3, digest[:], changes{gone(1), entry(2, 0, 1), entry(3, 0, 1)}, "the very list"},
		"gone before":    {1, 3, digest[:], changes{gone(1), entry(3, 0, 1), gone(9)}, "the very list"},
		"another result": {1, 3, digest[:], changes{gone(1), dearer(entry(3, 0, 1))}, "the very list"},
		"no load":        {1, 3, digest[:], changes{gone(1), broken}, "not that of kind value"},
		"another's place": {
			1, 3, digest[:],
			changes{entry(1, 0, 2), entry(3, 0, 1)},
			"waits on the same days",
		},
	} {
		raw, err := canonical.Encode.Marshal([]any{
			row.format, area, 7, made.Unix(), row.base, 2, row.digest, row.changes,
		})
		require.NoError(t, err)
		d, err := actionlist.DecodeDelta(raw)
		if err == nil {
			_, err = d.Over(from)
		}
		if row.says == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, row.says, name)
		require.NotContains(t, err.Error(), card(1).String(), name)
	}
}

// Ensure that whatever the bytes, a delta encodes back to them or is an error, and over a list it
// leads to the one that it names, from which the same delta is made.
func FuzzDelta(f *testing.F) {
	base := version(f, 3, entry(1, 0, 1), season(2, 5, 6))
	for _, entries := range [][]actionlist.Entry{
		nil, {entry(1, 0, 1), season(2, 5, 6)}, {dearer(entry(1, 0, 1)), unblock(3, 0, 1)},
	} {
		_, raw := delta(f, base, version(f, 7, entries...))
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := actionlist.DecodeDelta(raw)
		if err != nil {
			return
		}
		again, err := d.Encode()
		require.NoError(t, err)
		require.Equal(t, raw, again)
		next, err := d.Over(base)
		if err != nil {
			require.Nil(t, next)
			return
		}
		require.Equal(t, d.Edition(), next.Edition())
		_, again = delta(t, base, next)
		require.Equal(t, raw, again)
	})
}
