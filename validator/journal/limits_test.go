package journal

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
)

// small limits make a few hundred entries an old journal.
var small = Limits{Size: leastSize, Doubt: 24 * time.Hour, segment: 2 << 10}

// openSmall opens a journal that is soon old. Nothing in it has to last.
func openSmall(t testing.TB, path string) *Journal {
	j, err := OpenWithin(path, small)
	require.NoError(t, err)
	j.db.db.NoSync, j.flush = true, func(*os.File) error { return nil }
	t.Cleanup(func() { _ = j.Close() }) // some are closed earlier
	return j
}

// settled taps so many times, each a settled intent of its own card.
func settled(t testing.TB, j *Journal, taps int) {
	for range taps {
		n := j.Next().Sequence
		require.NoError(t, j.Begin(tap(n, int(n%testCards))))
		require.NoError(t, j.Settle(id(n), testReceipt))
	}
}

// archives are the files beside a journal, by name.
func archives(t testing.TB, path string) (names []string) {
	files, err := os.ReadDir(folder(path))
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	for _, file := range files {
		names = append(names, file.Name())
	}
	return names
}

// Ensure that what was archived is read as if it had stayed, from any position, before
// and after reopening, and that the database stays small meanwhile.
func TestArchives(t *testing.T) {
	j := openSmall(t, created(t))
	settled(t, j, 80)
	require.Greater(t, len(archives(t, j.path)), 3)
	require.NoError(t, j.Verify(nil))
	before := entries(t, j)
	require.Len(t, before, 160)
	for range 2 {
		require.Less(t, j.logSize, 2*j.limits.segment)
		require.Less(t, j.size(), j.limits.Size)
		for from := uint64(0); from <= 162; from += 7 {
			var got []Entry
			require.NoError(t, j.Entries(from, func(e Entry) error {
				got = append(got, e)
				return nil
			}))
			require.Equal(t, len(before)-int(max(from, 1))+1, len(got))
			if len(got) > 0 {
				require.Equal(t, before[max(from, 1)-1:], got)
			}
		}
		require.NoError(t, j.Close())
		j = openSmall(t, j.path)
	}
}

// Ensure that entries are dropped only once they were acknowledged, whatever was
// acknowledged and when, that the rest hangs together, and that the size is bounded.
func TestPrunesOnlyAcknowledged(t *testing.T) {
	for seed := range uint64(4) {
		j := openSmall(t, created(t))
		random := rand.New(rand.NewPCG(seed, 1))
		dropped := false
		for range 150 {
			settled(t, j, 1+random.IntN(4))
			x := j.Extent()
			require.LessOrEqual(t, x.First, x.Acknowledged+1)
			require.LessOrEqual(t, x.Size, x.Limit)
			require.NoError(t, x.Trouble)
			list := entries(t, j)
			require.Equal(t, x.First, list[0].Position)
			require.Equal(t, x.Last, list[len(list)-1].Position)
			dropped = dropped || x.First > 1
			if behind := x.Last - x.Acknowledged; random.IntN(5) == 0 || behind > 60 {
				require.NoError(t, j.Acknowledge(x.Acknowledged+random.Uint64N(behind+1)))
			}
			if random.IntN(20) == 0 {
				require.NoError(t, j.Verify(nil))
				require.NoError(t, j.Close())
				j = openSmall(t, j.path)
			}
		}
		require.True(t, dropped)
		require.NoError(t, j.Verify(nil))
	}
}

// Ensure that an acknowledgement may come again and late, that it lasts, and that one of
// entries that are not there is refused: it is another journal's.
func TestAcknowledge(t *testing.T) {
	j := openSmall(t, created(t))
	settled(t, j, 5)
	require.NoError(t, j.Acknowledge(6))
	for _, again := range []uint64{6, 3, 0} {
		require.NoError(t, j.Acknowledge(again))
		require.EqualValues(t, 6, j.Extent().Acknowledged)
	}
	require.EqualError(t, j.Acknowledge(11), "journal "+j.path+": acknowledging entry 11: the "+
		"last is 10: this is said of another journal")
	require.NoError(t, j.Close())
	j = openSmall(t, j.path)
	require.EqualValues(t, 6, j.Extent().Acknowledged)
	require.Len(t, entries(t, j), 10, "nothing is dropped without need")
}

// Ensure that a full journal refuses what is new before anything is written, that each
// intent it has taken can still be closed, and that an acknowledgement makes room.
func TestFull(t *testing.T) {
	j := openSmall(t, created(t))
	var err error
	for n := uint32(1); err == nil; n++ {
		err = j.Begin(tap(n, int(n%testCards)))
	}
	require.ErrorIs(t, err, ErrFull)
	require.ErrorContains(t, err, "all of it waits to be acknowledged, so no tap can be recorded")
	before := stateOf(t, j)
	require.ErrorIs(t, j.Begin(tap(before.Next.Sequence, 1)), ErrFull)
	long := tap(before.Next.Sequence, 1)
	long.Fault = strings.Repeat("x", 1000)
	require.ErrorIs(t, j.Record(long), ErrFull)
	require.Equal(t, before, stateOf(t, j))
	require.NoError(t, j.Close())
	j = openSmall(t, j.path)
	require.Equal(t, before, stateOf(t, j))
	require.ErrorIs(t, j.Record(long), ErrFull)

	require.Greater(t, before.Unresolved, 100)
	largest := desfire.Receipt{TMC: 1<<32 - 1, TMV: [8]byte{255, 255, 255, 255, 255, 255, 255, 255}}
	for n := uint32(1); n < before.Next.Sequence; n++ {
		require.NoError(t, j.Settle(id(n), largest))
	}
	x := j.Extent()
	require.LessOrEqual(t, x.Size, x.Limit)
	require.NoError(t, j.Verify(nil))

	require.NoError(t, j.Acknowledge(x.Last))
	require.LessOrEqual(t, j.Extent().Size, x.Limit/2+2*j.limits.segment)
	settled(t, j, 20)
	require.NoError(t, j.Verify(nil))
}

// Ensure that a journal that is always acknowledged is never full, however old it is.
func TestNeverFull(t *testing.T) {
	j := openSmall(t, created(t))
	for range 40 {
		settled(t, j, 50)
		require.NoError(t, j.Acknowledge(j.Extent().Last))
	}
	require.NoError(t, j.Verify(nil))
	require.Less(t, len(archives(t, j.path)), 40)
	info, err := os.Stat(j.path)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(512<<10))
}

// Ensure that what closes an intent is never larger than the room that is kept for it.
func TestClosingSize(t *testing.T) {
	raw, err := encMode.Marshal(&entry{Kind: Settle, Of: 1<<32 - 1, TMC: 1<<32 - 1,
		TMV: [8]byte{1, 255, 255, 255, 255, 255, 255, 255}})
	require.NoError(t, err)
	require.LessOrEqual(t, len(raw)+len(head{}.Hash), closingSize)
}

// Ensure that limits that cannot be are refused.
func TestLimitsRefused(t *testing.T) {
	path := created(t)
	for _, wrong := range []Limits{{Size: 1}, {Doubt: -1}} {
		_, err := OpenWithin(path, wrong)
		require.ErrorContains(t, err, "want 65536 bytes at least, and a time")
	}
}

// Ensure that an intent that nobody resolves is given up after the limit, and not before,
// also across reopening; and that it can be neither settled nor void afterwards.
func TestExpires(t *testing.T) {
	j := openSmall(t, created(t))
	at := func(n uint32, hours int) func() error {
		event := tap(n, int(n%testCards))
		event.At = testTime.Add(time.Duration(hours) * time.Hour)
		return func() error { return j.Record(event) }
	}
	require.NoError(t, j.Begin(tap(1, 1)))
	require.NoError(t, j.Begin(tap(2, 2)))
	require.NoError(t, at(3, 24)())
	require.Equal(t, 2, j.Unresolved(), "a minute is left")
	require.NoError(t, j.Close())
	j = openSmall(t, j.path)
	require.NoError(t, at(4, 26)())
	require.Zero(t, j.Unresolved())
	require.Empty(t, j.Pending(card(1)))
	list := entries(t, j)
	require.Equal(t, []Kind{Intent, Intent, Record, Doubt, Doubt, Record}, kindsOf(list))
	require.Equal(t, []cardlayout.EventID{id(1), id(2)},
		[]cardlayout.EventID{list[3].Of, list[4].Of})
	require.ErrorIs(t, j.Settle(id(1), testReceipt), ErrNotOpen)
	require.ErrorIs(t, j.Void(id(2)), ErrNotOpen)
	require.NoError(t, j.Verify(nil))
}

func kindsOf(list []Entry) (kinds []Kind) {
	for _, e := range list {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// Ensure that no time that the device had to guess gives up an intent, that none waits
// for many that are given up, and that in the end all are.
func TestExpiresGently(t *testing.T) {
	j := openSmall(t, created(t))
	for n := uint32(1); n <= 10; n++ {
		require.NoError(t, j.Begin(tap(n, int(n%testCards))))
	}
	guessed := tap(11, 1)
	guessed.At, guessed.Estimated = testTime.AddDate(10, 0, 0), true
	require.NoError(t, j.Record(guessed))
	none := tap(12, 1)
	none.At = time.Time{}
	require.NoError(t, j.Record(none))
	require.Equal(t, 10, j.Unresolved())
	for n, left := range []int{6, 2, 0, 0} {
		later := tap(13+uint32(n), 1)
		later.At = testTime.AddDate(0, 0, 2)
		require.NoError(t, j.Record(later))
		require.Equal(t, left, j.Unresolved())
	}
	oldest := uint32(0)
	for _, e := range entries(t, j) {
		if e.Kind == Doubt {
			oldest++
			require.Equal(t, id(oldest), e.Of, "the oldest first")
		}
	}
	require.NoError(t, j.Verify(nil))
}

// Ensure that intents outlive what was pruned: they stay open, are given to a tap, and
// can be closed, and the journal verifies all the while.
func TestOpenIntentsOutliveTheirEntry(t *testing.T) {
	j := openSmall(t, created(t))
	for n := uint32(1); n <= 3; n++ {
		require.NoError(t, j.Begin(tap(n, 3)))
	}
	for j.Extent().First <= 3 {
		n := j.Next().Sequence
		e := tap(n, 1)
		e.At = testTime.Add(time.Hour)
		require.NoError(t, j.Record(e))
		require.NoError(t, j.Acknowledge(j.Extent().Last))
	}
	require.NoError(t, j.Close())
	j = openSmall(t, j.path)
	require.Len(t, j.Pending(card(3)), 3)
	require.Equal(t, tap(2, 3), j.Pending(card(3))[1])
	require.NoError(t, j.Verify(nil))
	require.NoError(t, j.Settle(id(2), testReceipt))
	require.NoError(t, j.Void(id(1)))
	require.ErrorIs(t, j.Void(id(1)), ErrNotOpen)
	require.NoError(t, j.Verify(nil))

	edit(t, closed(t, j), func(b buckets) { flip(t, b.open, openKey(3), -1) })
	requireDamaged(t, verdict(j.path), "its open intents are not those that were kept")
	edit(t, j.path, func(b buckets) { flip(t, b.open, openKey(3), -1) })
}

func closed(t testing.TB, j *Journal) (path string) {
	require.NoError(t, j.Close())
	return j.path
}

// Ensure that whatever happens to an archive is found, with the first entry that is not
// as it was; that taps go on; and that nothing is said to be read that was not.
func TestArchiveDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, Create(path, testDevice))
	j := openSmall(t, path)
	settled(t, j, 40)
	second := j.archives[1]
	require.NoError(t, j.Close())
	whole, err := os.ReadFile(second.file(path))
	require.NoError(t, err)
	other, err := os.ReadFile(j.archives[2].file(path))
	require.NoError(t, err)
	flipped := func(at int) []byte {
		raw := append([]byte(nil), whole...)
		raw[(at+len(raw))%len(raw)] ^= 4
		return raw
	}
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"missing":       {nil, "no such file"},
		"empty":         {[]byte{}, "cannot be read"},
		"cut off":       {whole[:len(whole)-1], "cannot be read"},
		"prolonged":     {append(flipped(0), other...), "want at most"},
		"another":       {other, "its hash does not follow from the entry before it"},
		"last byte":     {flipped(-1), "entry "},
		"in its middle": {flipped(len(whole) / 2), "entry "},
		"first hash":    {flipped(4), "entry "},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.Remove(second.file(path)))
			if test.content != nil {
				require.NoError(t, os.WriteFile(second.file(path), test.content, 0o600))
			}
			j := openSmall(t, path)
			requireDamaged(t, j.Verify(nil), test.want)
			require.ErrorContains(t, j.Verify(nil), second.file(path))
			requireDamaged(t, j.Entries(second.First, func(Entry) error { return nil }), test.want)
			settled(t, j, 1)
			require.NoError(t, j.Close())
			require.NoError(t, os.WriteFile(second.file(path), whole, 0o600))
			require.NoError(t, verdict(path))
		})
	}
}

// Ensure that the place where the log begins cannot be moved to hide what was before.
func TestTailForged(t *testing.T) {
	for name, test := range map[string]struct {
		change func(t *testing.T, b buckets)
		want   string
	}{
		"an archive dropped": {func(t *testing.T, b buckets) {
			key, _ := b.archives.Cursor().First()
			require.NoError(t, b.archives.Delete(key))
		}, "entry 1 is missing"},
		"an archive changed": {func(t *testing.T, b buckets) {
			key, _ := b.archives.Cursor().First()
			flip(t, b.archives, key, 40)
		}, "what it says of an archive was changed"},
		"the last archive dropped": {func(t *testing.T, b buckets) {
			key, _ := b.archives.Cursor().Last()
			require.NoError(t, b.archives.Delete(key))
		}, "is missing"},
		"pruned and not": {func(t *testing.T, b buckets) {
			tail, err := b.readTail(testDevice)
			require.NoError(t, err)
			tail.Pruned.Position++
			require.NoError(t, b.writeTail(tail))
		}, "is missing"},
		"one byte": {func(t *testing.T, b buckets) {
			require.NoError(t, b.writeTail(tail{}))
			flip(t, b.head, tailKey, 40)
		}, "its tail was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal")
			require.NoError(t, Create(path, testDevice))
			j := openSmall(t, path)
			settled(t, j, 40)
			require.NoError(t, j.Close())
			edit(t, path, func(b buckets) { test.change(t, b) })
			requireDamaged(t, verdict(path), test.want)
		})
	}
}

// Ensure that what is open is looked at once an hour of events, and at the end of the hour, and
// that four which were too old at once leave the next ones to the next look.
func TestExpiresByTheHour(t *testing.T) {
	j := openSmall(t, created(t))
	begin := func(n int, after time.Duration) {
		event := tap(uint32(n), n%testCards)
		event.At = testTime.Add(after)
		require.NoError(t, j.Begin(event))
	}
	record := func(after time.Duration) int {
		event := tap(j.Next().Sequence, 1)
		event.At = testTime.Add(after)
		require.NoError(t, j.Record(event))
		return j.Unresolved()
	}
	const day = 24 * time.Hour
	for n := 1; n <= 4; n++ {
		begin(n, 0)
	}
	begin(5, time.Hour)
	looked := day - 10*time.Second
	require.Equal(t, 5, record(looked))
	require.Equal(t, 5, record(looked+time.Hour-time.Second), "they are too old, and not looked at")
	require.Equal(t, 1, record(looked+time.Hour))
	require.Equal(t, 1, record(looked+time.Hour+time.Minute))
	require.Zero(t, record(looked+2*time.Hour))
	require.Empty(t, j.open.ofCard, "nothing is remembered of them")
}

// Ensure that an event is in time to the very second.
func TestExpiresToTheSecond(t *testing.T) {
	for after, left := range map[time.Duration]int{0: 1, time.Second: 0} {
		j := openSmall(t, created(t))
		event := tap(1, 1)
		event.At = testTime
		require.NoError(t, j.Begin(event))
		later := tap(2, 2)
		later.At = testTime.Add(small.Doubt + after)
		require.NoError(t, j.Record(later))
		require.Equal(t, left, j.Unresolved())
	}
}

// Ensure that a journal takes an event as long as all that it must keep has room, to the
// byte: the event, and what closes each open intent and its own.
func TestRoomToTheByte(t *testing.T) {
	record := tap(2, 2)
	size := func(kind Kind, e validator.Event) uint64 {
		raw, err := encMode.Marshal(&entry{Kind: kind, Event: stored(e)})
		require.NoError(t, err)
		return uint64(len(head{}.Hash) + len(raw))
	}
	for _, kind := range []Kind{Record, Intent} {
		for missing, want := range []error{nil, ErrFull} {
			j := open(t, created(t))
			require.NoError(t, j.Begin(tap(1, 1)))
			j.limits.Size = j.size() + size(kind, record) + closingSize - uint64(missing)
			if kind == Intent {
				j.limits.Size += closingSize
			}
			require.ErrorIs(t, j.note(kind, record), want, kind.String())
			require.NoError(t, j.Settle(id(1), testReceipt), "there is always room for it")
		}
	}
}
