package journal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/validator"
)

// memory is a folder on a file system in memory, where there is one.
func memory(t testing.TB) (path string) {
	path, err := os.MkdirTemp("/dev/shm", "journal")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(path)) })
	return path
}

// A medium is what is durable of a folder: names of files, and by their numbers what they hold.
type medium struct {
	names    map[string]uint64
	contents map[uint64][]byte
}

func mediumOf(t *testing.T, path string) medium {
	m := medium{map[string]uint64{}, map[uint64][]byte{}}
	for name, raw := range filesIn(t, path) {
		info, err := os.Stat(filepath.Join(path, name))
		require.NoError(t, err)
		number := info.Sys().(*syscall.Stat_t).Ino
		m.names[name], m.contents[number] = number, raw
	}
	return m
}

func (m medium) files() map[string][]byte {
	files := map[string][]byte{}
	for name, number := range m.names {
		files[name] = m.contents[number]
	}
	return files
}

func (m medium) sum() (sum [32]byte) {
	files := m.files()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum = sha256.Sum256(slices.Concat(sum[:], []byte(name), []byte{0}, files[name]))
	}
	return sum
}

// A camera takes a picture of a journal's folder before each flush: whatever a power cut may leave
// there, and how many entries it must have.
type camera struct {
	t         *testing.T
	path      string
	random    *rand.Rand
	durable   medium
	confirmed int // entries, by calls that have returned
	cuts      []cut
}

type cut struct {
	medium
	confirmed    int
	acknowledged uint64
}

// flush is the journal's.
func (c *camera) flush(file *os.File) error {
	if !c.within(file) {
		return nil
	}
	c.cut()
	now := mediumOf(c.t, c.path)
	if file.Name() == c.path {
		c.durable.names = now.names
		return nil
	}
	info, err := file.Stat()
	number := info.Sys().(*syscall.Stat_t).Ino
	c.durable.contents[number] = now.contents[number]
	return err
}

func (c *camera) within(file *os.File) bool {
	return file.Name() == c.path || filepath.Dir(file.Name()) == c.path
}

// cut notes what a power cut may leave at this moment: of what is not flushed each part, or not.
func (c *camera) cut() {
	now := mediumOf(c.t, c.path)
	for n := range 8 {
		left := medium{maps.Clone(c.durable.names), map[uint64][]byte{}}
		for name, number := range now.names {
			if _, known := left.names[name]; !known && (n == 0 || n > 1 && c.random.IntN(2) == 0) {
				left.names[name] = number
			}
		}
		for name := range c.durable.names {
			if _, stays := now.names[name]; !stays && (n == 0 || n > 1 && c.random.IntN(2) == 0) {
				delete(left.names, name)
			}
		}
		for _, number := range left.names {
			before, after := c.durable.contents[number], now.contents[number]
			switch {
			case after == nil || n == 1: // it is there no more, or nothing of it was written
				left.contents[number] = before
			case n == 0:
				left.contents[number] = after
			default:
				left.contents[number] = c.partly(before, after)
			}
		}
		c.cuts = append(c.cuts, cut{left, c.confirmed, 0})
	}
}

// partly is a file of which a part was written: some sectors of what was overwritten, and of what
// was appended the first bytes, or some sectors, with zeros in the place of the others.
func (c *camera) partly(before, after []byte) []byte {
	left := bytes.Clone(before)
	for at := 0; at < min(len(before), len(after)); at += sector {
		if end := min(at+sector, len(before), len(after)); c.random.IntN(2) == 0 {
			copy(left[at:end], after[at:end])
		}
	}
	if len(after) <= len(before) {
		return left
	}
	written := len(before) + c.random.IntN(len(after)-len(before)+1)
	if lost := c.random.IntN(3); lost > 0 {
		left = append(left, after[len(before):]...)
		for at := len(before); at < len(after); at = (at/sector + 1) * sector {
			if c.random.IntN(2) == 0 || lost == 1 && at >= written {
				clear(left[at:min((at/sector+1)*sector, len(after))])
			}
		}
		return left
	}
	return append(left, after[len(before):written]...)
}

// found audits what a power cut has left.
func (c *cut) found(t *testing.T, path string, all []Entry) {
	j, err := openJournal(path, path, small, true, noFlush)
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Verify(nil))
	x, list := j.Extent(), entries(t, j)
	require.GreaterOrEqual(t, x.Acknowledged, c.acknowledged)
	require.LessOrEqual(t, x.First, x.Acknowledged+1, "pruned, and not acknowledged")
	require.GreaterOrEqual(t, int(x.Last), c.confirmed, "confirmed, and lost")
	require.LessOrEqual(t, int(x.Last), len(all))
	require.Equal(t, slices.Clone(all[x.First-1:x.Last]), append([]Entry{}, list...))
	events := uint32(0)
	open := map[cardlayout.EventID]validator.Event{}
	for _, e := range all[:x.Last] {
		switch {
		case e.Kind == Intent:
			open[e.Event.ID] = e.Event
			fallthrough
		case e.Kind == Record:
			events = e.Event.ID.Sequence
		default:
			delete(open, e.Of)
		}
	}
	require.Equal(t, id(events+1), j.Next())
	require.Equal(t, len(open), j.Unresolved())
	sealing(t, j)
	seen := 0
	for n := range testCards {
		for _, event := range j.Pending(card(n)) {
			want := open[event.ID]
			want.UID = event.UID // whose it is the device does not know any more
			require.Equal(t, want, event)
			seen++
		}
	}
	require.Equal(t, len(open), seen, "each is found by its card")
	require.NoError(t, j.Record(tap(events+1, 1)))
	require.NoError(t, j.Verify(nil))
}

// written are the entries in the files, flushed or not, after those that are known.
func written(t *testing.T, j *Journal, known []Entry) []Entry {
	office, err := NewBackOffice(officeKey)
	require.NoError(t, err)
	for _, first := range j.segments {
		raw, err := os.ReadFile(segmentFile(j.path, first))
		require.NoError(t, err)
		_, _, err = load(raw, first, noLast, func(s *state, e *entry, _ []byte) error {
			if s.Position <= uint64(len(known)) {
				return nil
			}
			entry := e.exported(j.device, s.Position, s.Hash)
			known = append(known, entry)
			return office.Open(&known[len(known)-1])
		})
		require.NoError(t, err)
	}
	return known
}

// Ensure that power may be lost before any flush, with any part of what was written since the one
// before: nothing confirmed is then lost, the chain holds, and the next number is right. An end
// that nobody waits for may be lost, and nothing else.
func TestPowerCutEverywhere(t *testing.T) {
	t.Parallel()
	folder := memory(t)
	path, copied := filepath.Join(folder, "journal"), filepath.Join(folder, "copy")
	require.NoError(t, Create(path, testDevice))
	eye := &camera{t: t, path: path, random: rand.New(rand.NewPCG(3, 4)), durable: mediumOf(t, path)}
	j, err := openJournal(path, path, small, true, eye.flush)
	require.NoError(t, err)
	defer j.Close()
	still(j)
	sealing(t, j)
	random := rand.New(rand.NewPCG(1, 2))
	var all []Entry
	seen, hour, kinds, lost := map[[32]byte]bool{}, 0, map[Kind]int{}, 0
	steps := 400
	if testing.Short() {
		steps = 120
	}
	for step := range steps {
		if operate(t, j, random, &hour) {
			eye.confirmed = int(j.Position)
		}
		if random.IntN(3) == 0 {
			eye.cut()
		}
		all = written(t, j, all)
		for _, c := range eye.cuts {
			if sum := c.sum(); !seen[sum] {
				seen[sum] = true
				put(t, copied, c.files())
				c.found(t, copied, all)
			}
		}
		if eye.confirmed < len(all) {
			lost++
		}
		for n := range eye.cuts {
			eye.cuts[n].acknowledged = j.acknowledged
		}
		eye.cuts = nil
		if t.Failed() {
			t.Fatalf("in step %d", step)
		}
	}
	for _, e := range all {
		kinds[e.Kind]++
	}
	t.Logf("%d disks after %d entries %v, the first kept is %d, %d segments, %d ends might go",
		len(seen), len(all), kinds, j.segments[0], len(j.segments), lost)
	require.Len(t, kinds, 5)
	require.Greater(t, j.segments[0], uint64(1))
	require.Greater(t, len(seen), 3*steps)
	require.Positive(t, lost)
}

// operate does anything that a journal can do, and reports whether all of it is durable.
func operate(t *testing.T, j *Journal, random *rand.Rand, hour *int) bool {
	*hour += random.IntN(2)
	event := tap(j.Next().Sequence, random.IntN(testCards))
	event.At = testTime.Add(time.Duration(*hour) * time.Hour)
	pending := j.Pending(card(random.IntN(testCards)))
	switch dice := random.IntN(10); {
	case dice < 2 && len(pending) > 0:
		require.NoError(t, j.Settle(pending[0].ID, testReceipt))
		return false
	case dice < 3 && len(pending) > 0:
		require.NoError(t, j.Void(pending[len(pending)-1].ID))
		return false
	case dice < 5:
		event.Fault = string(make([]byte, random.IntN(6000)))
		require.NoError(t, j.Record(event))
	case dice < 6:
		tick(j)
	case dice < 7:
		x := j.Extent()
		require.NoError(t, j.Acknowledge(x.Acknowledged+random.Uint64N(x.Last-x.Acknowledged+1)))
	default:
		require.NoError(t, j.Begin(event))
		require.NoError(t, j.Flush())
	}
	return true
}

// Ensure that a segment is flushed before it gets its name, after what is before it, if that is not
// flushed yet; its name before the segment gets an entry; and that then the hashes of cards before
// it go. No flush more is needed.
func TestRollFlushes(t *testing.T) {
	t.Parallel()
	for _, flushed := range []bool{false, true} {
		j := openSmall(t, created(t))
		sealing(t, j)
		require.NoError(t, j.Begin(passenger(1, 1)))
		require.NoError(t, j.Begin(passenger(2, 2)))
		require.NoError(t, j.Settle(id(1), testReceipt))
		want := []string{
			"journal/00000000000000000001 false",
			"journal/00000000000000000004.new false", "journal true",
			"journal/00000000000000000001 true",
		}
		if flushed {
			require.True(t, tick(j))
			want = want[1:]
		}
		var steps []string
		j.flush = func(file *os.File) error {
			name, err := filepath.Rel(filepath.Dir(j.path), file.Name())
			_, there := filesIn(t, j.path)["00000000000000000004"]
			steps = append(steps, fmt.Sprintf("%s %v", name, there))
			return err
		}
		require.NoError(t, j.roll())
		require.Equal(t, want, steps)
		require.Empty(t, slotsIn(filesIn(t, j.path)["00000000000000000001"]))
		require.Len(t, slotsIn(filesIn(t, j.path)["00000000000000000004"]), 1)
	}
}

// Ensure that a segment that cannot be begun, at whichever flush, stops no tap and loses nothing,
// that it is told, that nothing is left of it before the next entry, and that it is begun later.
func TestRollFails(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		j := openSmall(t, created(t))
		settled(t, j, 4)
		require.NoError(t, j.Flush())
		before, begun := answersOf(t, j), len(j.segments)
		calls := 0
		j.flush = func(*os.File) error {
			if calls++; calls > n && calls < 4 {
				return errWorn
			}
			return nil
		}
		j.trouble = j.roll()
		if n == 2 { // the hashes of cards, of which there are none
			require.NoError(t, j.trouble)
			continue
		}
		require.ErrorIs(t, j.Extent().Trouble, errWorn)
		require.Equal(t, before, answersOf(t, j))
		require.Len(t, j.segments, begun)
		for calls < 4 {
			_ = j.Record(tap(j.Next().Sequence, 1))
		}
		require.NoError(t, j.Record(tap(j.Next().Sequence, 1)))
		require.Len(t, filesIn(t, j.path), begun)
		require.NoError(t, j.Verify(nil))
		settled(t, j, 20)
		require.NoError(t, j.Extent().Trouble)
		require.Greater(t, len(j.segments), begun)
	}
}
