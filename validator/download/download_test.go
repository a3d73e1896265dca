package download_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

// Ensure that what is new is there after one look, that nothing is fetched twice, and that a
// manifest that is known costs no more than a question.
func TestDownloads(t *testing.T) {
	depot := newDepot(t)
	actions, full := signed(t, bundle.Actions, 1, 0, 5000), signed(t, bundle.BlockList, 7, 0, 9000)
	delta := signed(t, bundle.BlockList, 9, 7, 100)
	m := depot.publish(full, actions, delta)
	bus := newBus(depot)
	wait := bus.starts()
	bus.holds(actions, full, delta)
	require.Equal(t, []string{
		"/v1/manifest", "/v1/objects/" + m.Objects[1].Name(), "/v1/objects/" + m.Objects[0].Name(),
		"/v1/objects/" + m.Objects[2].Name(),
	}, depot.heard(), "the block list, which is long, comes last, and before its delta")
	require.Equal(t, 1, bus.arrived)
	require.EqualValues(t, 1, bus.status.Version)
	require.Empty(t, bus.status.Trouble)
	for range 20 {
		require.GreaterOrEqual(t, wait, 20*time.Second)
		require.LessOrEqual(t, wait, 40*time.Second)
		wait = bus.polls()
	}
	require.EqualValues(t, 20, depot.unchanged.Load(), "each is answered with that alone")
	require.Len(t, depot.heard(), 20)
	later := signed(t, bundle.BlockList, 12, 7, 200)
	depot.publish(later)
	bus.polls()
	bus.holds(actions, full, later)
	require.Len(t, depot.heard(), 2)
	bus.restarts()
	bus.holds(actions, full, later)
	require.Len(t, depot.heard(), 1, "what waits to be taken is not fetched again")
}

// Ensure that what is in use is not fetched; and that a bundle that was refused, and so is lacking
// still, is not fetched again before a restart.
func TestFetchesWhatIsLacking(t *testing.T) {
	depot := newDepot(t)
	actions, blocks := signed(t, bundle.Actions, 4, 0, 500), signed(t, bundle.BlockList, 7, 0, 500)
	depot.publish(actions, blocks)
	bus := newBus(depot)
	bus.have[bundle.Actions] = 4
	bus.starts()
	bus.holds(blocks)
	waiting, err := filepath.Glob(filepath.Join(bus.Folder, "*.bundle"))
	require.NoError(t, err)
	require.NoError(t, os.Remove(waiting[0])) // taken from there, and refused
	bus.polls()
	bus.holds()
	bus.restarts()
	bus.holds(blocks)
}

// cut has the depot break off an object's answer after so many bytes of it.
func (d *theDepot) cut(after int) {
	d.answer(func(w http.ResponseWriter, q *http.Request) bool {
		if q.PathValue("name") == "" && len(q.URL.Path) < len("/v1/objects/")+64 {
			return false
		}
		d.answer(nil)
		d.shelf.Handler().ServeHTTP(&cutWriter{w, after}, q)
		panic(http.ErrAbortHandler)
	})
}

// A cutWriter breaks off after so many bytes.
type cutWriter struct {
	http.ResponseWriter
	left int
}

func (w *cutWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b[:min(len(b), w.left)])
	if w.left -= n; err == nil && w.left == 0 {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

// Ensure that a download that is cut anywhere goes on where it was, after a restart too, and that
// what comes out is whole: at each end of a block and of a buffer, and one beside it.
func TestResumed(t *testing.T) {
	depot := newDepot(t)
	raw := signed(t, bundle.BlockList, 1, 0, 200_000)
	name := depot.publish(raw).Objects[0].Name()
	sizes := []int{0, 1, 2, len(raw) - 1, len(raw)}
	for _, block := range []int{512, 4 << 10, 16 << 10, 32 << 10, 64 << 10, 128 << 10} {
		sizes = append(sizes, block-1, block, block+1)
	}
	for n, size := range sizes {
		bus := newBus(depot)
		depot.cut(size)
		wait := bus.starts()
		part := filepath.Join(bus.Folder, name+".part")
		info, err := os.Stat(part)
		have := int64(0)
		if err == nil {
			have = info.Size()
		}
		require.LessOrEqual(t, have, int64(size), "after %d bytes", size)
		if have == int64(len(raw)) || len(bus.status.Trouble) == 0 && have == 0 {
			continue // all had come
		}
		if have >= 64<<10 {
			require.Zero(t, wait, "it goes on at once")
		} else {
			require.NotEmpty(t, bus.status.Trouble)
		}
		require.False(t, bus.status.Alarm)
		depot.heard()
		if n%2 == 0 {
			bus.polls()
		} else {
			bus.restarts()
		}
		want := "/v1/objects/" + name
		if have > 0 {
			want += fmt.Sprintf(" bytes=%d-", have)
		}
		require.Equal(t, []string{"/v1/manifest", want}, depot.heard(), "after %d bytes", size)
		bus.holds(raw)
		require.Empty(t, bus.status.Trouble)
		bus.stop()
	}
}

// Ensure that an answer that is another part than the one that was asked for, or the whole, or
// other content, does no harm: it is fetched anew.
func TestOtherParts(t *testing.T) {
	raw := signed(t, bundle.BlockList, 1, 0, 5000)
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter)
		alarm  bool
	}{
		"the whole": {func(w http.ResponseWriter) { _, _ = w.Write(raw) }, false},
		"a part from elsewhere": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Range", "bytes 2-5000/5001")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(raw[2:])
		}, true},
		"no such part": {func(w http.ResponseWriter) { w.WriteHeader(416) }, true},
		"other content": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 1000-%d/%d", len(raw)-1, len(raw)))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(make([]byte, len(raw)-1000))
		}, true},
	} {
		depot := newDepot(t)
		depot.publish(raw)
		bus := newBus(depot)
		depot.cut(1000)
		bus.starts()
		depot.answer(func(w http.ResponseWriter, q *http.Request) bool {
			if q.Header.Get("Range") == "" {
				return false
			}
			c.answer(w)
			return true
		})
		bus.polls()
		require.Equal(t, c.alarm, bus.status.Alarm, name)
		if c.alarm {
			bus.holds()
			bus.polls()
		}
		bus.holds(raw)
		require.False(t, bus.status.Alarm, name)
	}
}

// Ensure that an object with other content than the manifest names, shorter, longer or without end,
// never gets a bundle's name, and takes no room; and that other lists come all the same.
func TestWrongObjects(t *testing.T) {
	old, now := signed(t, bundle.BlockList, 6, 0, 3000), signed(t, bundle.BlockList, 7, 0, 3000)
	delta, actions := signed(t, bundle.BlockList, 8, 7, 100), signed(t, bundle.Actions, 1, 0, 100)
	tariffs := signed(t, bundle.Tariffs, 1, 0, 100)
	for name, c := range map[string]struct {
		raw   []byte
		alarm bool
	}{
		"the one before": {old, true},
		"zeros":          {make([]byte, len(now)), true},
		"longer":         {append(bytes.Clone(now), 0), true},
		"without end":    {bytes.Repeat(now, 1000), true},
		"shorter":        {now[:len(now)-1], false},
		"none":           {nil, false},
	} {
		depot := newDepot(t)
		m := depot.publish(now, delta, actions, tariffs)
		depot.answer(func(w http.ResponseWriter, q *http.Request) bool {
			if q.URL.Path != "/v1/objects/"+m.Objects[0].Name() {
				return false
			}
			for part := range len(c.raw)/1000 + 1 { // in pieces: no length is said
				_, _ = w.Write(c.raw[part*1000 : min(part*1000+1000, len(c.raw))])
				_ = http.NewResponseController(w).Flush()
			}
			return true
		})
		bus := newBus(depot)
		bus.starts()
		require.Equal(t, c.alarm, bus.status.Alarm, name)
		require.NotEmpty(t, bus.status.Trouble, name)
		if c.alarm {
			bus.holds(actions, tariffs) // without the delta, which would be refused
		}
		depot.answer(nil)
		bus.polls()
		bus.holds(now, delta, actions, tariffs)
		require.Empty(t, bus.status.Trouble, name)
	}
}

// Ensure that an answer without end is not read to its end.
func TestEndless(t *testing.T) {
	depot := newDepot(t)
	m := depot.publish(signed(t, bundle.BlockList, 1, 0, 3000))
	const most = 256
	sent := make(chan int, 1)
	depot.answer(func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path != "/v1/objects/"+m.Objects[0].Name() {
			return false
		}
		n, chunk := 0, make([]byte, 1<<20)
		for err := error(nil); err == nil && n < most; n++ {
			_, err = w.Write(chunk)
		}
		sent <- n
		return true
	})
	bus := newBus(depot)
	bus.starts()
	require.Less(t, <-sent, most/2, "megabytes")
	require.True(t, bus.status.Alarm)
	bus.holds()
}

// Ensure that a list that is larger than the configuration allows is not even begun, and that what
// no manifest names any more takes no room.
func TestRoom(t *testing.T) {
	depot := newDepot(t)
	large, small := signed(t, bundle.BlockList, 1, 0, 2<<20), signed(t, bundle.Actions, 1, 0, 5000)
	depot.publish(large, small)
	bus := newBus(depot)
	depot.cut(1000)
	bus.starts()
	parts, err := filepath.Glob(filepath.Join(bus.Folder, "*.part"))
	require.NoError(t, err)
	require.Len(t, parts, 1)
	require.NoError(t, os.WriteFile(filepath.Join(bus.Folder, "stranger"), nil, 0o600))
	next := signed(t, bundle.Actions, 2, 0, 6000)
	depot.publish(next)
	bus.polls()
	bus.holds(next)
	require.NoFileExists(t, filepath.Join(bus.Folder, "stranger"))
	require.True(t, bus.status.Alarm)
	require.Contains(t, bus.status.Trouble, "the configuration allows 1048576")
}

// Ensure that a disk that takes nothing loses nothing, gives its room back to the journal, and is
// told with what to do; and that a manifest that could not be kept is not in force.
func TestFullDisk(t *testing.T) {
	depot := newDepot(t)
	first, next := signed(t, bundle.Actions, 1, 0, 5000), signed(t, bundle.BlockList, 1, 0, 5000)
	depot.publish(first)
	bus := newBus(depot)
	bus.starts()
	part := filepath.Join(bus.Folder, depot.publish(next).Objects[1].Name()+".part")
	require.NoError(t, os.Symlink("/dev/full", part))
	bus.polls()
	require.Contains(t, bus.status.Trouble, "no space left on device: make room")
	require.False(t, bus.status.Alarm)
	bus.holds(first)
	bus.polls()
	bus.holds(first, next)

	blocked := filepath.Join(bus.Folder, "manifest.new")
	require.NoError(t, os.MkdirAll(filepath.Join(blocked, "x"), 0o700))
	last := signed(t, bundle.Actions, 2, 0, 5000)
	depot.publish(last)
	bus.polls()
	require.Contains(t, bus.status.Trouble, "make room")
	require.EqualValues(t, 2, bus.status.Version)
	bus.holds(first, next)
	require.NoError(t, os.RemoveAll(blocked))
	bus.polls()
	require.EqualValues(t, 3, bus.status.Version)
	bus.holds(last, next)
}

// manifest is what the depot would send.
func (d *theDepot) manifest() []byte {
	d.t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.shelf.Folder, "manifest"))
	require.NoError(d.t, err)
	return raw
}

// says has the depot answer with one manifest.
func (d *theDepot) says(raw []byte) {
	d.answer(func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path == "/v1/manifest" {
			_, _ = w.Write(raw)
		}
		return q.URL.Path == "/v1/manifest"
	})
}

// Ensure that no manifest counts that is older than the last, also after a restart, or that has the
// last one's version and other content.
func TestRollback(t *testing.T) {
	depot := newDepot(t)
	depot.publish(signed(t, bundle.Actions, 1, 0, 500))
	old := depot.manifest()
	now := signed(t, bundle.Actions, 2, 0, 500)
	depot.publish(now)
	bus := newBus(depot)
	bus.starts()
	other, err := manifest.Root{Area: area, Version: 1, Owners: role(2, 1, 2), Signers: role(1, 11)}.
		Issue(manifest.Manifest{
			Version: 2, Root: 1, Made: made, Expires: made.AddDate(0, 0, 1),
		}, key(11))
	require.NoError(t, err)
	for what, raw := range map[string][]byte{"older": old, "there are two": other} {
		depot.says(raw)
		for _, comes := range []func() time.Duration{bus.polls, bus.restarts} {
			comes()
			require.True(t, bus.status.Alarm)
			require.Contains(t, bus.status.Trouble, what)
			require.EqualValues(t, 2, bus.status.Version)
			bus.holds(now)
		}
	}
	depot.answer(nil)
	bus.polls()
	require.False(t, bus.status.Alarm)
}

// Ensure that a manifest that has expired raises an alarm and changes nothing: one that is sent
// again and again, one that comes new, and one of a depot that is not reached. Where the time is
// not known it is taken.
func TestFreeze(t *testing.T) {
	depot := newDepot(t)
	first := signed(t, bundle.Actions, 1, 0, 500)
	depot.publish(first)
	bus := newBus(depot)
	bus.starts()
	bus.now = made.Add(24*time.Hour - time.Second)
	bus.polls()
	require.False(t, bus.status.Alarm)
	bus.now = made.Add(24 * time.Hour)
	bus.polls()
	require.True(t, bus.status.Alarm)
	require.Contains(t, bus.status.Trouble, "let the depot renew it")
	bus.holds(first)
	depot.goes(true)
	bus.polls()
	require.True(t, bus.status.Alarm)
	require.Contains(t, bus.status.Trouble, "not reached")
	depot.goes(false)
	depot.publish(signed(t, bundle.Actions, 2, 0, 500)) // by a depot whose clock stands
	bus.polls()
	require.True(t, bus.status.Alarm)
	bus.holds(first)
	bus.known = false
	bus.polls()
	require.False(t, bus.status.Alarm)
	require.EqualValues(t, 2, bus.status.Version)
	bus.known, depot.now = true, bus.now
	depot.publish()
	bus.polls()
	require.False(t, bus.status.Alarm, "it is renewed")
}

// Ensure that a manifest which was made while the depot's clock was years ahead is taken, and is an
// alarm until a newer one comes: who keeps that back would not be noticed before it expires.
func TestMadeOnADayToCome(t *testing.T) {
	depot := newDepot(t)
	first, second := signed(t, bundle.Actions, 1, 0, 500), signed(t, bundle.Actions, 2, 0, 500)
	depot.publish(first)
	depot.now = made.AddDate(10, 0, 0)
	depot.publish() // it is renewed
	bus := newBus(depot)
	bus.starts()
	bus.polls()
	bus.holds(first)
	require.True(t, bus.status.Alarm)
	require.Contains(t, bus.status.Trouble, "made on a day to come")
	depot.goes(true)
	bus.polls()
	require.True(t, bus.status.Alarm)
	bus.known = false
	bus.polls()
	require.False(t, bus.status.Alarm)
	bus.known, depot.now = true, made
	depot.goes(false)
	depot.publish(second)
	bus.polls()
	require.False(t, bus.status.Alarm)
	bus.holds(second)
}

// Ensure that only a manifest by enough keys counts, and none of a stranger's, or of no form.
func TestStrangersManifest(t *testing.T) {
	depot := newDepot(t)
	now := signed(t, bundle.Actions, 1, 0, 500)
	depot.publish(now)
	good := depot.manifest()
	bus := newBus(depot)
	bus.starts()
	m := manifest.Manifest{Version: 9, Root: 1, Made: made, Expires: made.AddDate(0, 0, 1)}
	foreign, err := manifest.Root{Area: area}.Issue(m, key(1), key(2), key(12))
	require.NoError(t, err)
	m.Root = 1 << 60
	far, err := manifest.Root{Area: area}.Issue(m, key(11))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		raw  []byte
		says string
	}{
		"owners and a stranger": {foreign, "too few of the keys"},
		"a page of a hotel":     {[]byte("<html>Welcome</html>"), "damaged"},
		"nothing":               {nil, "damaged"},
		"without end":           {bytes.Repeat(good, 1000), "damaged"},
		"of a root to come":     {far, "404"},
	} {
		depot.says(c.raw)
		bus.polls()
		require.Contains(t, bus.status.Trouble, c.says, name)
		require.EqualValues(t, 1, bus.status.Version, name)
		bus.holds(now)
	}
	depot.answer(nil)
	depot.known.withdrawn = true
	bus.polls()
	require.Contains(t, bus.status.Trouble, "403")
}

// Ensure that keys can be changed without touching a bus: it takes each root that follows, goes by
// the last one after a restart too, and takes nothing by the former or by one that the former's
// owners have not signed.
func TestRootsFollow(t *testing.T) {
	depot := newDepot(t)
	first := signed(t, bundle.Actions, 1, 0, 500)
	depot.publish(first)
	old := depot.manifest()
	bus := newBus(depot)
	bus.starts()
	err := changed(depot.shelf, manifest.Root{Owners: role(1, 3), Signers: role(1, 12)}, key(1), key(3))
	require.ErrorIs(t, err, manifest.ErrUnsigned)
	for n, keys := range [][]byte{{1, 2, 3}, {3}} {
		next := manifest.Root{Owners: role(1, 3), Signers: role(2, 12, 13, byte(14+n))}
		err := changed(depot.shelf, next, privates(keys)...)
		require.NoError(t, err)
	}
	_, err = depot.shelf.Publish(depot.terms())
	require.ErrorIs(t, err, manifest.ErrUnsigned, "the former signer")
	terms := depot.terms()
	terms.Keys = privates([]byte{13, 15})
	_, err = depot.shelf.Publish(terms)
	require.NoError(t, err)
	depot.heard()
	bus.polls()
	require.Empty(t, bus.status.Trouble)
	require.Equal(t, []string{"/v1/manifest", "/v1/roots/2", "/v1/roots/3"}, depot.heard())
	depot.says(old)
	for _, comes := range []func() time.Duration{bus.polls, bus.restarts} {
		comes()
		require.True(t, bus.status.Alarm)
		require.Contains(t, bus.status.Trouble, "another root")
	}

	depot.answer(nil)
	other := newBus(depot)
	forged, err := manifest.Root{
		Area: area, Version: 2, Owners: role(1, 66), Signers: role(1, 66),
	}.Sign(key(66), key(1))
	require.NoError(t, err)
	depot.answer(func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path == "/v1/roots/2" {
			_, _ = w.Write(forged)
		}
		return q.URL.Path == "/v1/roots/2"
	})
	other.starts()
	require.True(t, other.status.Alarm)
	require.Contains(t, other.status.Trouble, "too few of the keys")
	other.holds()
}

// Ensure that what was kept and is damaged begins anew with the first root, and that a device does
// not start with a root that is none, or another area's.
func TestDamagedState(t *testing.T) {
	depot := newDepot(t)
	now := signed(t, bundle.Actions, 1, 0, 500)
	depot.publish(now)
	bus := newBus(depot)
	bus.starts()
	for _, raw := range [][]byte{nil, []byte("x"), depot.manifest()} {
		bus.stop()
		require.NoError(t, os.WriteFile(filepath.Join(bus.Folder, "manifest"), raw, 0o600))
		bus.restarts()
		require.Empty(t, bus.status.Trouble)
		require.EqualValues(t, 1, bus.status.Version)
		bus.holds(now)
	}
	for name, root := range map[string][]byte{"none": nil, "a manifest": depot.manifest()} {
		wrong := newBus(depot)
		wrong.Root = root
		require.ErrorContains(t, wrong.Open(), "depot root", name)
	}
	bus.stop()
	err := changed(depot.shelf, manifest.Root{Owners: role(1, 3), Signers: role(1, 12)},
		privates([]byte{1, 2, 3})...)
	require.NoError(t, err)
	bus.Root = depot.root("2")
	bus.restarts()
	require.Contains(t, bus.status.Trouble, "version 1, and here it is 2", "a new commission")
	wrong := newBus(depot)
	wrong.Area++
	require.ErrorContains(t, wrong.Open(), "of area 228")
}

// Ensure that a depot that wants to be asked later is, and that failures make a device wait longer,
// at most a minute.
func TestBackOff(t *testing.T) {
	depot := newDepot(t)
	depot.publish()
	after := 17
	depot.answer(func(w http.ResponseWriter, q *http.Request) bool {
		w.Header().Set("Retry-After", strconv.Itoa(after))
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	bus := newBus(depot)
	require.GreaterOrEqual(t, bus.starts(), 17*time.Second)
	after = 1 << 30
	require.Equal(t, time.Minute, bus.polls())
	depot.goes(true)
	longest := time.Duration(0)
	for range 100 {
		wait := bus.polls()
		require.LessOrEqual(t, wait, time.Minute)
		longest = max(longest, wait)
	}
	require.Greater(t, longest, 30*time.Second)
}
