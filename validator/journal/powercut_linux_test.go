package journal

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/validator"
)

// watch calls before with each write that bbolt is about to make.
func watch(j *Journal, before func(at int64, p []byte)) {
	hook(j, func(write writeAt, p []byte, at int64) (int, error) {
		before(at, p)
		return write(p, at)
	})
}

type writeAt = func([]byte, int64) (int, error)

// hook puts instead in the place of bbolt's own write, which it is given.
func hook(j *Journal, instead func(write writeAt, p []byte, at int64) (int, error)) {
	field := reflect.ValueOf(j.db.db).Elem().FieldByName("ops").FieldByName("writeAt")
	place := (*writeAt)(unsafe.Pointer(field.UnsafeAddr()))
	write := *place
	*place = func(p []byte, at int64) (int, error) { return instead(write, p, at) }
}

// memory is a folder on a file system in memory, where there is one.
func memory(t testing.TB) (path string) {
	path, err := os.MkdirTemp("/dev/shm", "journal")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(path)) })
	return path
}

// A disk is what a power cut leaves: the database, and the archives by name.
type disk struct {
	database []byte
	files    map[string][]byte
}

func diskOf(t *testing.T, path string) (d disk) {
	d.files = map[string][]byte{}
	var err error
	d.database, err = os.ReadFile(path)
	require.NoError(t, err)
	for _, name := range archives(t, path) {
		d.files[name], err = os.ReadFile(filepath.Join(folder(path), name))
		require.NoError(t, err)
	}
	return d
}

// restore puts a disk into an empty folder.
func (d disk) restore(t *testing.T, path string) {
	require.NoError(t, os.RemoveAll(folder(path)))
	require.NoError(t, os.MkdirAll(folder(path), 0o700))
	require.NoError(t, os.WriteFile(path, d.database, 0o600))
	for name, content := range d.files {
		require.NoError(t, os.WriteFile(filepath.Join(folder(path), name), content, 0o600))
	}
}

// A commit is one of bbolt's as it happens: on what, which pages, and then the meta.
type commit struct {
	on    disk
	pages []patch
	meta  patch
}

type patch struct {
	at int64
	p  []byte
}

// A camera takes a picture of every commit of a journal.
type camera struct {
	t       *testing.T
	path    string
	commits []commit
	now     *commit
}

func (c *camera) write(at int64, p []byte) {
	if c.now == nil {
		c.now = &commit{on: diskOf(c.t, c.path)}
	}
	w := patch{at, bytes.Clone(p)}
	if at >= 2*pageSize {
		c.now.pages = append(c.now.pages, w)
		return
	}
	c.now.meta = w
	c.commits, c.now = append(c.commits, *c.now), nil
}

// with is a database after some of the writes.
func with(database []byte, writes ...patch) []byte {
	database = bytes.Clone(database)
	for _, w := range writes {
		if missing := int(w.at) + len(w.p) - len(database); missing > 0 {
			database = append(database, make([]byte, missing)...)
		}
		copy(database[w.at:], w.p)
	}
	return database
}

// cuts calls each with whatever a power cut in this commit may leave. bbolt flushes the
// pages before it writes the meta, and the meta after: so any of the pages may be there,
// whole or not, with the old meta; with all of them the meta may be there, or half of it.
func (c *commit) cuts(random *rand.Rand, each func(disk)) {
	say := func(writes ...patch) { each(disk{with(c.on.database, writes...), c.on.files}) }
	subsets := 1 << len(c.pages)
	for n := range min(subsets, 64) {
		if subsets > 64 {
			n = random.IntN(subsets)
		}
		var there []patch
		for bit, page := range c.pages {
			if n>>bit&1 == 1 {
				there = append(there, page)
			}
		}
		say(there...)
	}
	for n, page := range c.pages {
		torn := slices.Clone(c.pages)
		torn[n].p = page.p[:512*(1+random.IntN(len(page.p)/512))]
		say(torn...)
	}
	for _, length := range []int{headerSize + 8, headerSize + 40, headerSize + 60, len(c.meta.p)} {
		say(append(slices.Clone(c.pages), patch{c.meta.at, c.meta.p[:length]})...)
	}
}

// A course is what a journal must still know: what was confirmed, and what it was doing.
type course struct {
	before, after []Entry
	acknowledged  uint64 // confirmed
}

// found audits what a power cut has left.
func (c course) found(t *testing.T, path string) {
	j, err := OpenWithin(path, small)
	require.NoError(t, err)
	defer j.Close()
	j.db.db.NoSync = true
	require.NoError(t, j.Verify(nil))
	x, list := j.Extent(), entries(t, j)
	require.GreaterOrEqual(t, x.Acknowledged, c.acknowledged)
	require.LessOrEqual(t, x.First, x.Acknowledged+1, "pruned, and not acknowledged")
	require.GreaterOrEqual(t, int(x.Last), len(c.before), "confirmed, and lost")
	require.LessOrEqual(t, int(x.Last), len(c.after))
	require.Equal(t, slices.Clone(c.after[x.First-1:x.Last]), append([]Entry{}, list...))
	events := uint32(0)
	open := map[cardlayout.EventID]validator.Event{}
	for _, e := range c.after[:x.Last] {
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
	for n := range testCards {
		for _, event := range j.Pending(card(n)) {
			require.Equal(t, open[event.ID], event)
		}
	}
	require.NoError(t, j.Record(tap(events+1, 1)))
	require.NoError(t, j.Verify(nil))
}

// Ensure that power may be lost at any write of any commit, and between a commit and
// what happens to the archives, and that nothing confirmed is then lost, the chain holds,
// and the next number is right.
func TestPowerCutEverywhere(t *testing.T) {
	folder := memory(t)
	path, copied := filepath.Join(folder, "journal"), filepath.Join(folder, "copy")
	require.NoError(t, Create(path, testDevice))
	j, err := OpenWithin(path, small)
	require.NoError(t, err)
	defer j.Close()
	eye := &camera{t: t, path: path}
	watch(j, eye.write)

	random := rand.New(rand.NewPCG(1, 2))
	course, seen, hour, tried := course{}, map[[32]byte]bool{}, 0, 0
	kinds := map[Kind]int{}
	for step := range 200 {
		before := diskOf(t, path)
		operate(t, j, random, &hour)
		course.after = course.known(t, j)
		try := func(d disk) {
			if sum := d.sum(); !seen[sum] {
				seen[sum] = true
				tried++
				d.restore(t, copied)
				course.found(t, copied)
			}
		}
		for n := range eye.commits {
			eye.commits[n].cuts(random, try)
			before.between(eye.commits[n].on, random, try)
			before = eye.commits[n].on
		}
		before = disk{diskOf(t, path).database, before.files}
		before.between(diskOf(t, path), random, try)
		eye.commits = nil
		course.before, course.acknowledged = course.after, j.Extent().Acknowledged
		if t.Failed() {
			t.Fatalf("in step %d", step)
		}
	}
	for _, e := range course.after {
		kinds[e.Kind]++
	}
	x := j.Extent()
	t.Logf("%d disks after %d entries %v, the first kept is %d, %d archives",
		tried, x.Last, kinds, x.First, len(j.archives))
	require.Len(t, kinds, 5)
	require.Greater(t, x.First, uint64(1))
	require.Greater(t, tried, 1000)
}

// known are all entries there ever were.
func (c course) known(t *testing.T, j *Journal) (all []Entry) {
	all = slices.Clone(c.after)
	require.NoError(t, j.Entries(uint64(len(all))+1, func(e Entry) error {
		all = append(all, e)
		return nil
	}))
	return all
}

// operate does anything that a journal can do.
func operate(t *testing.T, j *Journal, random *rand.Rand, hour *int) {
	*hour += random.IntN(2)
	event := tap(j.Next().Sequence, random.IntN(testCards))
	event.At = testTime.Add(time.Duration(*hour) * time.Hour)
	x := j.Extent()
	pending := j.Pending(card(random.IntN(testCards)))
	switch dice := random.IntN(10); {
	case dice < 2 && len(pending) > 0:
		require.NoError(t, j.Settle(pending[0].ID, testReceipt))
	case dice < 3 && len(pending) > 0:
		require.NoError(t, j.Void(pending[len(pending)-1].ID))
	case dice < 5:
		event.Fault = string(make([]byte, random.IntN(6000)))
		require.NoError(t, j.Record(event))
	case dice < 7:
		require.NoError(t, j.Acknowledge(x.Acknowledged+random.Uint64N(x.Last-x.Acknowledged+1)))
	default:
		require.NoError(t, j.Begin(event))
	}
}

// between calls each with what may be there while files come and go between two commits:
// a draft, half of it, a new archive, and some of the files that go.
func (d disk) between(next disk, random *rand.Rand, each func(disk)) {
	if maps.EqualFunc(d.files, next.files, bytes.Equal) {
		return
	}
	files := maps.Clone(d.files)
	for _, name := range slices.Sorted(maps.Keys(next.files)) {
		content := next.files[name]
		if bytes.Equal(d.files[name], content) {
			continue
		}
		for _, length := range []int{0, 1, len(content) / 2, len(content)} {
			files["draft"] = content[:length]
			each(disk{d.database, maps.Clone(files)})
		}
		delete(files, "draft")
		files[name] = content
		each(disk{d.database, maps.Clone(files)})
	}
	for name := range d.files {
		if _, stays := next.files[name]; !stays && random.IntN(2) == 0 {
			delete(files, name)
			each(disk{next.database, maps.Clone(files)})
		}
	}
}

func (d disk) sum() [32]byte {
	all := newHead(1).Hash
	all = chain(all, d.database)
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		all = chain(chain(all, []byte(name)), d.files[name])
	}
	return all
}

// Ensure that an archive is flushed before it gets its name, and its name before the
// database lets go of the entries.
func TestArchiveFlushes(t *testing.T) {
	j := openSmall(t, created(t))
	settled(t, j, 4)
	var steps []string
	j.flush = func(file *os.File) error {
		name, err := filepath.Rel(filepath.Dir(j.path), file.Name())
		steps = append(steps, fmt.Sprintf("%s %d", name, len(archives(t, j.path))))
		return err
	}
	watch(j, func(at int64, _ []byte) {
		if at < 2*pageSize {
			steps = append(steps, "commit")
		}
	})
	require.NoError(t, j.archive())
	require.Equal(t, []string{
		"journal.archive/draft 1", "journal.archive 1", ". 1", "commit",
	}, steps)
	require.Equal(t, []string{"00000000000000000001"}, archives(t, j.path))
}

// Ensure that a file that cannot be flushed, or a folder that cannot be written, stops
// no tap and loses nothing, that it is told, and made good once it can be.
func TestArchiveFails(t *testing.T) {
	j := openSmall(t, created(t))
	failing := fmt.Errorf("the flash is worn out")
	j.flush = func(*os.File) error { return failing }
	settled(t, j, 20)
	require.ErrorIs(t, j.Extent().Trouble, failing)
	require.Empty(t, j.archives)
	require.Len(t, entries(t, j), 40)
	require.NoError(t, j.Verify(nil))

	j.flush = func(*os.File) error { return nil }
	settled(t, j, 20)
	require.NoError(t, j.Extent().Trouble)
	require.NotEmpty(t, j.archives)
	require.Len(t, entries(t, j), 80)

	require.NoError(t, os.RemoveAll(folder(j.path)))
	require.NoError(t, os.WriteFile(folder(j.path), nil, 0o600))
	settled(t, j, 20)
	require.Error(t, j.Extent().Trouble)
	require.NoError(t, os.Remove(folder(j.path)))
	requireDamaged(t, j.Verify(nil), "no such file")
	require.NoError(t, j.Acknowledge(j.archives[len(j.archives)-1].Position))
	for len(j.archives) > 0 && j.archives[0].First == 1 {
		settled(t, j, 20)
	}
	for j.tail.Pruned.Position < 90 {
		settled(t, j, 20)
		require.NoError(t, j.Acknowledge(j.Extent().Last))
	}
	require.NoError(t, j.Verify(nil), "what was lost had been acknowledged")
}

// Ensure that what fails at the very end of its commit, so that the file has it all the
// same, neither loses entries nor drops any too early: acknowledging, archiving, pruning.
func TestGhostsOfHousekeeping(t *testing.T) {
	j := openSmall(t, created(t))
	failing, worn := false, fmt.Errorf("the flash is worn out")
	hook(j, func(write writeAt, p []byte, at int64) (int, error) {
		n, err := write(p, at)
		if failing && at < 2*pageSize {
			return n, worn
		}
		return n, err
	})
	random, all := rand.New(rand.NewPCG(5, 6)), []Entry(nil)
	for range 60 {
		settled(t, j, 10)
		require.NoError(t, j.Entries(uint64(len(all))+1, func(e Entry) error {
			all = append(all, e)
			return nil
		}))
		x := j.Extent()
		failing = true
		switch random.IntN(3) {
		case 0:
			require.ErrorIs(t, j.Acknowledge(x.Acknowledged+(x.Last-x.Acknowledged)/2+1), worn)
		case 1:
			require.ErrorIs(t, j.archive(), worn)
		default:
			failing = false
			require.NoError(t, j.Acknowledge(x.Last))
			settled(t, j, 1)
			failing = true
			if err := j.prune(j.limits.Size); err != nil {
				require.ErrorIs(t, err, worn)
			}
		}
		failing = false
		x = j.Extent()
		require.LessOrEqual(t, x.First, x.Acknowledged+1)
		require.NoError(t, j.Verify(nil))
		require.Equal(t, all[x.First-1:], entries(t, j)[:len(all)-int(x.First)+1])
	}
	require.Greater(t, j.Extent().First, uint64(1))
}
