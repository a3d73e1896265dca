package journal

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/hw/desfire"
	"leima/validator"
)

// small limits make a few hundred entries an old journal.
var small = Limits{Size: leastSize, Doubt: 24 * time.Hour, segment: 2 << 10}

// openSmall opens a journal that is soon old. Nothing in it has to last.
func openSmall(t testing.TB, path string) *Journal {
	j, err := openJournal(path, path, small, true, noFlush)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() }) // some are closed earlier
	still(j)
	return j
}

func noFlush(*os.File) error { return nil }

// settled taps so many times, each a settled intent of its own card.
func settled(t testing.TB, j *Journal, taps int) {
	for range taps {
		n := j.Next().Sequence
		require.NoError(t, j.Begin(tap(n, int(n%testCards))))
		require.NoError(t, j.Settle(id(n), testReceipt))
	}
}

// Ensure that what is in older segments is read as if all were in one, from any position, before
// and after reopening, and that no segment becomes large.
func TestSegments(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	settled(t, j, 80)
	require.Greater(t, len(j.segments), 3)
	require.NoError(t, j.Verify(nil))
	before := entries(t, j)
	require.Len(t, before, 160)
	for range 2 {
		require.Less(t, j.end, 3*int64(j.limits.segment))
		require.Less(t, j.stored(), j.limits.Size)
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
	j := openSmall(t, created(t))
	var err error
	for n := uint32(1); err == nil; n++ {
		err = j.Begin(tap(n, int(n%testCards)))
	}
	require.ErrorIs(t, err, ErrFull)
	require.ErrorContains(t, err, "all of it waits to be acknowledged, so no tap can be recorded")
	before := answersOf(t, j)
	require.ErrorIs(t, j.Begin(tap(before.Next.Sequence, 1)), ErrFull)
	long := tap(before.Next.Sequence, 1)
	long.Fault = strings.Repeat("x", 1000)
	require.ErrorIs(t, j.Record(long), ErrFull)
	require.Equal(t, before, answersOf(t, j))
	require.NoError(t, j.Close())
	j = openSmall(t, j.path)
	require.Equal(t, before, answersOf(t, j))
	require.ErrorIs(t, j.Record(long), ErrFull)

	require.Greater(t, before.Unresolved, 100)
	largest := desfire.TMAC{TMC: 1<<32 - 1, TMV: [8]byte{255, 255, 255, 255, 255, 255, 255, 255}}
	for n := uint32(1); n < before.Next.Sequence; n++ {
		require.NoError(t, j.Settle(id(n), largest))
	}
	x := j.Extent()
	require.LessOrEqual(t, x.Size, x.Limit)
	require.NoError(t, j.Verify(nil))

	require.NoError(t, j.Acknowledge(x.Last))
	idle(j)
	require.LessOrEqual(t, j.Extent().Size, x.Limit/2+2*j.limits.segment)
	settled(t, j, 20)
	require.NoError(t, j.Verify(nil))
}

// Ensure that a journal that is always acknowledged is never full, however old it is.
func TestNeverFull(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	for range 40 {
		settled(t, j, 50)
		require.NoError(t, j.Acknowledge(j.Extent().Last))
	}
	require.NoError(t, j.Verify(nil))
	require.Less(t, len(j.segments), 40)
	size := 0
	for _, raw := range filesIn(t, j.path) {
		size += len(raw)
	}
	require.Less(t, size, leastSize*11/10)
}

// Ensure that what closes an intent is never larger than the room that is kept for it.
func TestClosingSize(t *testing.T) {
	t.Parallel()
	raw, err := canonical.Encode.Marshal(&entry{
		Kind: Settle, Of: 1<<32 - 1, TMC: 1<<32 - 1,
		TMV: [8]byte{1, 255, 255, 255, 255, 255, 255, 255},
	})
	require.NoError(t, err)
	require.LessOrEqual(t, len(raw)+len(head{}.Hash), closingSize)
}

// Ensure that limits that cannot be are refused.
func TestLimitsRefused(t *testing.T) {
	t.Parallel()
	path := created(t)
	for want, wrong := range map[string]Limits{
		"a limit of 1 bytes: want 65536 at least": {Size: 1},
		"a commit is given up before it is made":  {Doubt: -1},
		"want a day at least":                     {Keep: time.Hour},
	} {
		_, err := OpenWithin(path, wrong)
		require.ErrorContains(t, err, want)
	}
	j, err := OpenWithin(path, Limits{Keep: day})
	require.NoError(t, err)
	require.NoError(t, j.Close())
}

// Ensure that an intent that nobody resolves is given up after the limit, and not before,
// also across reopening; and that it can be neither settled nor void afterwards.
func TestExpires(t *testing.T) {
	t.Parallel()
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
	require.Equal(t, []Kind{Intent, Intent, Record, InDoubt, InDoubt, Record}, kindsOf(list))
	require.Equal(t, []cardlayout.EventID{id(1), id(2)},
		[]cardlayout.EventID{list[3].Of, list[4].Of})
	require.ErrorIs(t, j.Settle(id(1), testReceipt), errNotOpen)
	require.ErrorIs(t, j.Void(id(2)), errNotOpen)
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
	t.Parallel()
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
		if e.Kind == InDoubt {
			oldest++
			require.Equal(t, id(oldest), e.Of, "the oldest first")
		}
	}
	require.NoError(t, j.Verify(nil))
}

// Ensure that intents outlive what was pruned: they stay open, are given to a tap, and
// can be closed, and the journal verifies all the while.
func TestOpenIntentsOutliveTheirEntry(t *testing.T) {
	t.Parallel()
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
	require.ErrorIs(t, j.Void(id(1)), errNotOpen)
	require.NoError(t, j.Verify(nil))
}

// Ensure that what is open is looked at once an hour of events, and at the end of the hour, and
// that four which were too old at once leave the next ones to the next look.
func TestExpiresByTheHour(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
	record := tap(2, 2)
	size := func(kind Kind, e validator.Event) uint64 {
		raw, err := canonical.Encode.Marshal(&entry{Kind: kind, Event: stored(e)})
		require.NoError(t, err)
		return uint64(len(head{}.Hash) + len(raw))
	}
	for _, kind := range []Kind{Record, Intent} {
		for missing, want := range []error{nil, ErrFull} {
			j := open(t, created(t))
			require.NoError(t, j.Begin(tap(1, 1)))
			require.NoError(t, j.Flush())
			j.using.Lock()
			j.limits.Size = j.stored() + size(kind, record) + closingSize - uint64(missing)
			if kind == Intent {
				j.limits.Size += closingSize
			}
			require.ErrorIs(t, j.append(kind, record), want, kind.String())
			j.using.Unlock()
			require.NoError(t, j.Settle(id(1), testReceipt), "there is always room for it")
		}
	}
}

// Ensure that an acknowledgement after a long time drops a few segments at a time, that the rest
// goes later, and that a tap's own call drops none that it needs no room of.
func TestDropsFewAtOnce(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	j.limits.Size *= 8
	for j.Extent().Size < j.limits.Size*3/4 {
		settled(t, j, 50)
	}
	before := len(j.segments)
	require.NoError(t, j.Acknowledge(j.Extent().Last))
	require.Equal(t, before-dropsAtOnce, len(j.segments))
	oldest := j.segments[0]
	require.NoError(t, j.Record(tap(j.Next().Sequence, 1)))
	require.Equal(t, oldest, j.segments[0])
	require.True(t, tick(j))
	require.Equal(t, oldest, j.segments[0], "an event came since")
	require.True(t, tick(j))
	require.Equal(t, before-2*dropsAtOnce, len(j.segments))
	idle(j)
	require.LessOrEqual(t, j.Extent().Size, j.limits.Size/2)
	require.NoError(t, j.Verify(nil))
}

// Ensure that a segment begins with any number of open intents.
func TestManyOpenIntents(t *testing.T) {
	t.Parallel()
	s := newState(testDevice)
	for n := uint32(1); n <= 1<<17+1; n++ {
		value, err := nameless(testDevice, n)
		require.NoError(t, err)
		event := &event{Device: testDevice, Sequence: n}
		s.head.Open = toggled(s.head.Open, value)
		s.open.add(event, value, &record{}, 0)
		s.Sequence, s.Position = n, uint64(n)
	}
	j := &Journal{place: t.TempDir(), flush: noFlush, state: s}
	begun, _, file, err := j.begin(s.Position + 1)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.Len(t, begun.open.numbered, 1<<17+1)
	begun, err = j.headerOf(s.Position + 1)
	require.NoError(t, err)
	require.Equal(t, s.head, begun.head)
}

// Ensure that a header that could not be read again is not written, and changes nothing.
func TestHeaderIsReadBack(t *testing.T) {
	t.Parallel()
	j := open(t, filled(t))
	before := answersOf(t, j)
	j.using.Lock()
	right := j.head.Open
	j.head.Open[0] ^= 1
	require.ErrorIs(t, j.roll(), ErrDamaged)
	j.head.Open = right
	j.using.Unlock()
	require.Len(t, filesIn(t, j.path), 1)
	require.Equal(t, before, answersOf(t, j))
	require.Equal(t, before, answersOf(t, reopen(t, j)))
}

// Ensure that an acknowledgement of what is not there, or that goes back, is damage.
func TestAcknowledgedIsThere(t *testing.T) {
	t.Parallel()
	for upTo, damaged := range map[uint64]bool{2: true, 3: false, 7: false, 8: true, 1 << 62: true} {
		path := filled(t)
		j := open(t, path)
		require.NoError(t, j.Acknowledge(3))
		require.NoError(t, j.Close())
		name, raw := newestOf(t, path)
		raw = append(raw, recorded(binary.BigEndian.AppendUint64(nil, upTo))...)
		require.NoError(t, os.WriteFile(name, raw, 0o600))
		j, err := Open(path)
		if damaged {
			requireDamaged(t, err, "is acknowledged")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, upTo, j.Extent().Acknowledged)
		require.NoError(t, j.Close())
	}
}

// Ensure that no segment begins while passengers board one after another, unless it is twice as
// large as it should be; and that it begins once nobody boards.
func TestSegmentWaitsForAQueue(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	begins := func() bool {
		tick(j)
		return len(j.segments) > 1
	}
	for n := uint32(1); j.end-j.start < int64(j.limits.segment)*3/2; n++ {
		require.NoError(t, j.Begin(tap(n, 1)))
		require.NoError(t, j.Flush())
		require.NoError(t, j.Settle(id(n), testReceipt))
		require.False(t, begins())
	}
	require.True(t, begins())
	require.False(t, tick(j))
}
