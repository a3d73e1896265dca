package journal

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// long makes a journal of several segments with sealed cards, open intents and an entry of many
// sectors; and returns its files by their names, the newest last, and its entries.
func long(t testing.TB) (files map[string][]byte, names []string, list []Entry) {
	path := filepath.Join(memory(t), "journal")
	require.NoError(t, Create(path, testDevice))
	j := openSmall(t, path)
	sealing(t, j)
	j.limits.segment = 1 << 10
	for n := uint32(1); n <= 20; n++ {
		event := passenger(n, int(n%testCards))
		if n == 15 {
			event.Fault = strings.Repeat("long", 500)
		}
		require.NoError(t, j.Begin(event))
		if n%3 != 0 {
			require.NoError(t, j.Settle(id(n), testReceipt))
		}
	}
	require.NoError(t, j.Acknowledge(3))
	list = entries(t, j)
	require.NoError(t, j.Close())
	files = filesIn(t, j.path)
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	require.Greater(t, len(names), 2)
	return files, names, list
}

func filesIn(t testing.TB, path string) map[string][]byte {
	files := map[string][]byte{}
	entries, err := os.ReadDir(path)
	require.NoError(t, err)
	for _, entry := range entries {
		files[entry.Name()], err = os.ReadFile(filepath.Join(path, entry.Name()))
		require.NoError(t, err)
	}
	return files
}

// put makes the folder of a journal.
func put(t testing.TB, path string, files map[string][]byte) {
	require.NoError(t, os.RemoveAll(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	for name, raw := range files {
		require.NoError(t, os.WriteFile(filepath.Join(path, name), raw, 0o600))
	}
}

// survive opens and uses a damaged journal: it is damaged, or all that can be read of it is right.
// loss is what Loss says, or why it was not opened. Where something is cut off that was durable, an
// intent may be open whose card is known no more.
func survive(t testing.TB, path string, list []Entry, cutOff bool) (
	damaged bool, left int, loss error,
) {
	j, err := openJournal(path, path, small, true, noFlush)
	if err != nil {
		require.ErrorIs(t, err, ErrDamaged)
		return true, 0, err
	}
	defer j.Close()
	sealing(t, j)
	pending := 0
	for n := range testCards {
		pending += len(j.Pending(card(n)))
	}
	if !cutOff {
		require.Equal(t, j.Unresolved(), pending, "each is found by its card")
	}
	if err := j.Verify(nil); err != nil {
		requireDamaged(t, err, "")
		damaged = true
	} else {
		found := entries(t, j)
		require.Equal(t, list[:len(found)], found)
		left = len(found)
	}
	require.NoError(t, j.Record(tap(j.Next().Sequence, 1)))
	return damaged, left, j.Loss()
}

// Ensure that one changed byte anywhere is found and named as damage, or changes nothing; and that
// no entry is ever dropped for it.
func TestFlipped(t *testing.T) {
	t.Parallel()
	files, names, list := long(t)
	path := filepath.Join(memory(t), "journal")
	step := 1
	if testing.Short() {
		step = 11
	}
	found, harmless := 0, 0
	for _, name := range names {
		for at := 0; at < len(files[name]); at += step {
			put(t, path, files)
			raw := bytes.Clone(files[name])
			raw[at] ^= 1 << (at % 8)
			require.NoError(t, os.WriteFile(filepath.Join(path, name), raw, 0o600))
			damaged, left, loss := survive(t, path, list, false)
			if damaged {
				found++
				continue
			}
			require.NoError(t, loss, "%s at %d", name, at)
			require.Equal(t, len(list), left, "%s at %d", name, at)
			harmless++
		}
	}
	t.Logf("%d of %d were found", found, found+harmless)
	require.Greater(t, found, harmless*5)
}

// Ensure that where a file ends early its last record is cut off, and said, wherever that is; that
// an older segment is damaged by it; and that the newest without its header cannot be opened.
func TestTruncated(t *testing.T) {
	t.Parallel()
	files, names, list := long(t)
	path := filepath.Join(memory(t), "journal")
	for n, name := range names {
		raw, newest := files[name], n == len(names)-1
		ends := map[int]bool{}
		for _, r := range records(t, raw) {
			ends[int(r.at)+len(r.slots)+len(r.payload)] = true
		}
		_, header, _ := recordAt(raw, 0)
		for length := 0; length < len(raw); length += 1 + length%13 {
			put(t, path, files)
			require.NoError(t, os.WriteFile(filepath.Join(path, name), raw[:length], 0o600))
			damaged, _, loss := survive(t, path, list, true)
			switch {
			case !newest || length < int(header):
				require.True(t, damaged, "%s cut to %d", name, length)
			case damaged:
				require.NoError(t, loss)
			case ends[length]:
				require.NoError(t, loss)
			default:
				require.ErrorContains(t, loss, "the last record was not whole")
			}
		}
	}
}

// Ensure that zeros in the place of any sector are what a power cut has left of the last record,
// and that they are damage where two events follow, or where they are less.
func TestZeros(t *testing.T) {
	t.Parallel()
	value := bytes.Repeat([]byte{7}, 3*sector)
	before := recorded(value[:100])
	at := int64(len(before))
	whole := append(before, recorded(value)...)
	entry, err := nameless(testDevice, 1)
	require.NoError(t, err)
	event := recorded(entry)
	two := slices.Concat(event, event)
	for name, row := range map[string]struct {
		raw  []byte
		want bool
	}{
		"nothing of it":       {append(bytes.Clone(whole[:at]), make([]byte, 3*sector)...), true},
		"from a sector on":    {zeroed(whole, 2*sector, len(whole)), true},
		"all but a head":      {zeroed(whole, sector, len(whole)), true},
		"within a sector":     {zeroed(whole, len(whole)-9, len(whole)), false},
		"the first part":      {zeroed(whole, int(at), sector), true},
		"a middle sector":     {zeroed(whole, sector, 2*sector), true},
		"an event follows":    {append(zeroed(whole, sector, 2*sector), event...), true},
		"two events follow":   {append(zeroed(whole, sector, 2*sector), two...), false},
		"of the head a part":  {zeroed(whole, int(at)+8, int(at)+10), false},
		"a turned bit":        {zeroed(whole, 2*sector+3, 2*sector+4), false},
		"a head without more": {whole[:at+recordHead], true},
		"part of a head":      {whole[:at+3], true},
	} {
		_, _, ok := recordAt(row.raw, at)
		require.False(t, ok, name)
		require.Equal(t, row.want, torn(row.raw, at), name)
	}
}

func zeroed(raw []byte, from, to int) []byte {
	raw = bytes.Clone(raw)
	copy(raw[from:to], make([]byte, to-from))
	return raw
}

// Ensure that a torn record is told once, that its number is given again, and that reading alone
// cuts nothing off.
func TestTornTail(t *testing.T) {
	t.Parallel()
	path := filled(t)
	j := open(t, path)
	longer := tap(6, 1)
	longer.Fault = strings.Repeat("x", 2000)
	require.NoError(t, j.Begin(longer))
	require.NoError(t, j.Close())
	name, raw := newestOf(t, path)
	require.NoError(t, os.WriteFile(name, raw[:len(raw)-1], 0o600))
	read, err := OpenToRead(path)
	require.NoError(t, err)
	require.ErrorContains(t, read.Loss(), "the newest entry may be missing")
	require.Len(t, entries(t, read), 7)
	require.NoError(t, read.Verify(nil))
	require.NoError(t, read.Close())
	_, same := newestOf(t, path)
	require.Len(t, same, len(raw)-1)

	j = open(t, path)
	require.EqualError(t, j.Loss(), "journal "+path+": opening: the last record was not whole: the "+
		"newest entry may be missing: a power cut leaves that, and then no card has committed it; "+
		"if there was none, call for service")
	require.Equal(t, id(6), j.Next())
	require.NoError(t, j.Record(tap(6, 2)))
	j = reopen(t, j)
	require.NoError(t, j.Loss())
	require.Len(t, entries(t, j), 8)
	require.NoError(t, j.Verify(nil))
}

// Ensure that a segment in the place of another, one that is missing or has more than it should
// have is found by Verify and by reading, and stops no tap.
func TestSegmentDamaged(t *testing.T) {
	t.Parallel()
	files, names, _ := long(t)
	path := filepath.Join(memory(t), "journal")
	second, third := files[names[1]], files[names[2]]
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"missing":   {nil, "no such file"},
		"empty":     {[]byte{}, "its header is not as it was written"},
		"prolonged": {append(bytes.Clone(second), 0), "more follows its last entry"},
		"followed":  {append(bytes.Clone(second), third...), "more follows its last entry"},
		"another":   {third, "it begins with entry"},
	} {
		t.Run(name, func(t *testing.T) {
			put(t, path, files)
			place := filepath.Join(path, names[1])
			require.NoError(t, os.WriteFile(place, test.content, 0o600))
			j, err := openJournal(path, path, small, true, noFlush)
			require.NoError(t, err)
			defer j.Close()
			if test.content == nil {
				require.NoError(t, os.Remove(place))
			}
			requireDamaged(t, j.Verify(nil), test.want)
			require.ErrorContains(t, j.Verify(nil), names[1])
			requireDamaged(t, j.Entries(1, func(Entry) error { return nil }), test.want)
			require.NoError(t, j.Record(tap(j.Next().Sequence, 1)))
		})
	}
}

// Ensure that the oldest segment cannot be taken away before it was acknowledged, nor the order of
// those that are there.
func TestOldestSegmentTaken(t *testing.T) {
	t.Parallel()
	files, names, _ := long(t)
	path := filepath.Join(memory(t), "journal")
	put(t, path, files)
	require.NoError(t, os.Remove(filepath.Join(path, names[0])))
	requireDamaged(t, verdict(path), "is missing")
	put(t, path, files)
	require.NoError(t, os.Remove(filepath.Join(path, names[1])))
	requireDamaged(t, verdict(path), "entry ")
}

// Ensure that what is no journal is damaged, and stays as it is.
func TestGarbage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	for _, size := range []int{0, 1, 4095, 4096, 8192, 16384, 40000} {
		for _, fill := range []byte{0, 0xA5, 0xFF} {
			raw := bytes.Repeat([]byte{fill}, size)
			require.NoError(t, os.WriteFile(path, raw, 0o600))
			_, err := Open(path)
			requireDamaged(t, err, "former format")
			require.ErrorContains(t, err, "if it is another kind of file, name the right one")
			_, err = OpenToRead(path)
			requireDamaged(t, err, "opening")
			left, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, raw, left)
		}
	}
	_, err := Open(filepath.Dir(path))
	requireDamaged(t, err, "it has no segment")
}

// Ensure that a damaged header of an old segment stops no tap, and nothing from being pruned that
// was acknowledged: the journal is not full for it.
func TestDamagedHeaderFillsNothing(t *testing.T) {
	t.Parallel()
	for n := range 2 {
		path := filepath.Join(t.TempDir(), "journal")
		require.NoError(t, Create(path, testDevice))
		j := openSmall(t, path)
		for range 10 {
			settled(t, j, 60)
			require.NoError(t, j.Acknowledge(j.Extent().Last))
		}
		require.Greater(t, j.base, j.limits.Size)
		require.Greater(t, len(j.segments), 2)
		name := segmentFile(path, j.segments[n])
		require.NoError(t, j.Close())
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		raw[recordHead+8] ^= 1
		require.NoError(t, os.WriteFile(name, raw, 0o600))
		j = openSmall(t, path)
		require.ErrorIs(t, j.Verify(nil), ErrDamaged)
		for range 10 {
			settled(t, j, 60)
			require.NoError(t, j.Acknowledge(j.Extent().Last))
		}
		require.NoError(t, j.Extent().Trouble)
		require.NoError(t, j.Verify(nil), "the damaged one has gone")
	}
}
