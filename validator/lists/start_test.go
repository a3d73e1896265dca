package lists

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/blocklist"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

func (d *device) path(name string) string { return filepath.Join(d.folder, name) }

// flip changes one bit in the middle of a file of the folder.
func (d *device) flip(name string) {
	raw, err := os.ReadFile(d.path(name))
	require.NoError(d.t, err)
	raw[len(raw)/2] ^= 16
	require.NoError(d.t, os.WriteFile(d.path(name), raw, 0o644))
}

func (d *device) held(n int) bool {
	held, err := d.store.Provisional(card(2 * n))
	require.NoError(d.t, err)
	return held
}

// Ensure that a list which adds more cards than the cap has them refused and holds
// them, and no others; that this outlasts a start; and that it ends with the next list
// that keeps to the cap, counted from the last that did.
func TestCap(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(1, cards(0, 5000)))
	require.Zero(t, device.Status().Held, "the first list has nothing to be measured against")
	device.takes(depot.full(2, cards(0, 5100)))
	require.Zero(t, device.Status().Held, "as many as the cap")

	depot.list(3, cards(10, 5201))
	device.takes(depot.delta(2, 3))
	for range 2 {
		require.Equal(t, 101, device.Status().Held)
		device.lists(3, cards(10, 5201))
		for n := range 5300 {
			require.Equal(t, n >= 5100 && n < 5201, device.held(n), "%d", n)
		}
		device.start()
	}
	require.Equal(t, []string{"delta-2-3", "full-2", "state"}, device.files())

	device.takes(depot.full(4, cards(10, 5202)))
	require.Equal(t, 102, device.Status().Held, "one more is not one alone")
	require.True(t, device.held(5201))
	require.Equal(t, []string{"full-2", "full-4", "state"}, device.files())

	device.takes(depot.full(5, cards(10, 5200)))
	require.Zero(t, device.Status().Held)
	require.False(t, device.held(5199))
	require.Equal(t, []string{"full-5", "state"}, device.files())
}

// Ensure that an issuer who means to add many cards may say so, and how many.
func TestAdding(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	adding := func(n uint32) func(*bundle.Manifest) ed25519.PrivateKey {
		return func(m *bundle.Manifest) ed25519.PrivateKey {
			m.Adding = n
			return ours
		}
	}
	device.takes(depot.full(1, cards(0, 10)))
	device.takes(depot.with(adding(499), func() string { return depot.full(2, cards(0, 510)) }))
	require.Equal(t, 500, device.Status().Held)
	device.takes(depot.with(adding(500), func() string { return depot.full(3, cards(0, 510)) }))
	require.Zero(t, device.Status().Held)
}

// Ensure that the highest version is not forgotten with the list that had it: neither an
// older list nor one with other cards takes its place, but what it rested on does.
func TestHighest(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(2, cards(0, 8)))
	full, list4 := depot.full(3, cards(0, 10)), cards(0, 12)
	depot.list(4, list4)
	depot.list(5, cards(0, 14))
	device.takes(full)
	device.takes(depot.delta(3, 5))
	device.flip("full-3")
	device.start()
	require.False(t, device.store.Loaded())
	require.Contains(t, device.Status().Alarm, "full-3: the block list is damaged")
	require.Equal(t, []string{"full.damaged", "state"}, device.files())

	refused := func(path string, want error) {
		t.Helper()
		require.ErrorIs(t, device.Apply(path, today, inbox.AtOnce), want)
		require.False(t, device.store.Loaded())
	}
	refused(depot.full(2, cards(0, 8)), ErrOlder)
	refused(newDepot(t).full(3, cards(1, 10)), ErrOlder)
	refused(depot.full(4, list4), ErrOlder)
	refused(newDepot(t).full(5, cards(1, 14)), ErrConflict)
	refused(depot.delta(3, 5), ErrBase)
	device.takes(full)
	device.lists(3, cards(0, 10))
	require.ErrorIs(t, device.Apply(depot.delta(3, 4), today, inbox.AtOnce), ErrOlder)
	device.takes(depot.delta(3, 5))
	device.lists(5, cards(0, 14))
}

// Ensure that what is damaged at a start is put aside, with an alarm, and that the best
// that is left is in use, then and at the start after it.
func TestDamagedAtStart(t *testing.T) {
	t.Parallel()
	// In the folder: list 2, and over it 3, which holds a hundred and one cards.
	three := cards(10, 301)
	for name, test := range map[string]struct {
		damage  []string
		version uint32
		entries []blocklist.Entry
		held    int // cards of those from 200 on
		files   []string
	}{
		"nothing":   {nil, 3, three, 101, []string{"delta-2-3", "full-2", "state"}},
		"the delta": {[]string{"delta-2-3"}, 2, cards(0, 200), 0, []string{"delta.damaged", "full-2", "state"}},
		"the full list": {
			[]string{"full-2"},
			0, nil, 0,
			[]string{"full.damaged", "state"},
		},
		"both": {[]string{"full-2", "delta-2-3"}, 0, nil, 0, []string{"full.damaged", "state"}},
		"the state": {
			[]string{"state"},
			3, three, 101,
			[]string{"delta-2-3", "full-2", "state", "state.damaged"},
		},
		"the state and the delta": {
			[]string{"state", "delta-2-3"},
			2, cards(0, 200), 0,
			[]string{"delta.damaged", "full-2", "state", "state.damaged"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			depot, device := newDepot(t), newDevice(t)
			device.takes(depot.full(2, cards(0, 200)))
			depot.list(3, three)
			device.takes(depot.delta(2, 3))
			for _, file := range test.damage {
				device.flip(file)
			}
			for range 2 {
				device.start()
				require.Equal(t, len(test.damage) > 0, device.Status().Alarm != "")
				device.lists(test.version, test.entries)
				require.Equal(t, test.files, device.files())
				held := 0
				for n := 190; n < 310; n++ {
					if device.held(n) {
						held++
					}
				}
				require.Equal(t, test.held, held)
			}
			device.takes(depot.full(7, cards(10, 220)))
			device.lists(7, cards(10, 220))
		})
	}
}

// Ensure that where the list is lost against which added cards are measured, all are
// held; and that where the newer one is lost, the older is used.
func TestDamagedMeasure(t *testing.T) {
	t.Parallel()
	two := func() *device {
		depot, device := newDepot(t), newDevice(t)
		device.takes(depot.full(2, cards(0, 10)))
		device.takes(depot.full(3, cards(0, 200)))
		require.Equal(t, []string{"full-2", "full-3", "state"}, device.files())
		return device
	}
	device := two()
	device.flip("full-2")
	for range 2 {
		device.start()
		device.lists(3, cards(0, 200))
		require.True(t, device.held(0) && device.held(199))
		require.Contains(t, device.Status().Alarm, "full-2: the block list is damaged")
		require.Equal(t, []string{"full-3", "full.damaged", "nothing", "state"}, device.files())
	}
	device = two()
	device.flip("full-3")
	for range 2 {
		device.start()
		device.lists(2, cards(0, 10))
		require.False(t, device.held(0))
		require.Zero(t, device.Status().Held)
		require.Equal(t, []string{"full-2", "full.damaged", "state"}, device.files())
	}
	require.ErrorIs(t, device.Apply(newDepot(t).full(2, cards(0, 10)), today, inbox.AtOnce), ErrOlder)
	device.takes(newDepot(t).full(3, cards(0, 200)))
}

// Ensure that a folder which has lost its state is used with its newest list, whatever
// the order of the names, and that only what stands in the oldest is written: which
// cards were held is not known any more.
func TestLostState(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(9, cards(0, 10)))
	device.takes(depot.full(10, cards(0, 200)))
	depot.list(11, cards(0, 203))
	depot.list(12, cards(0, 204))
	device.takes(depot.delta(10, 12))
	for range 2 {
		device.flip(stateFile)
		stray, err := os.ReadFile(device.path("delta-10-12"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(device.path("delta-9-13"), stray, 0o644))
		device.start()
		device.lists(12, cards(0, 204))
		require.True(t, device.held(10) && device.held(203) && !device.held(9))
		require.Equal(t, []string{"delta-10-12", "full-10", "full-9", "state", "state.damaged"},
			device.files())
		require.ErrorIs(t, device.Apply(depot.delta(10, 11), today, inbox.AtOnce), ErrOlder)
	}
	device.flip("delta-10-12")
	for range 2 {
		device.start()
		device.lists(10, cards(0, 200))
		require.True(t, device.held(199) && !device.held(9), "the best that is left is list 10")
	}
	device.takes(depot.delta(10, 12))
	device.lists(12, cards(0, 204))
}

// Ensure that what the store refuses does not become the list in use at the next start.
func TestStoreHasTheLastWord(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(5, cards(0, 60)))
	require.NoError(t, device.store.Swap(depot.list(9, nil)))
	require.ErrorIs(t, device.Apply(depot.full(6, nil), today, inbox.AtOnce), blocklist.ErrOlder)
	device.start()
	device.lists(5, cards(0, 60))
}

// Ensure that any bit of the state that flips leaves the list in use.
func TestFlippedState(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(2, cards(0, 20)))
	device.takes(depot.full(4, cards(0, 30)))
	raw, err := os.ReadFile(device.path(stateFile))
	require.NoError(t, err)
	for at := range raw {
		raw[at] ^= 1 << (at % 8)
		require.NoError(t, os.WriteFile(device.path(stateFile), raw, 0o644))
		raw[at] ^= 1 << (at % 8)
		device.start()
		device.lists(4, cards(0, 30))
		require.Contains(t, device.Status().Alarm, "the state of the block lists is damaged")
		require.ErrorIs(t, device.Apply(depot.path("list-2.bundle"), today, inbox.AtOnce), ErrOlder)
		require.ErrorIs(t, device.Apply(depot.path("list-4.bundle"), today, inbox.AtOnce), inbox.ErrReplay)
	}
	for cut := range raw {
		require.NoError(t, os.WriteFile(device.path(stateFile), raw[:cut], 0o644))
		device.start()
		device.lists(4, cards(0, 30))
	}
}

// Ensure that a power cut between any two steps leaves the old list or the new one, and
// nothing that stays for ever.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(5, cards(0, 60)))
	old, err := os.ReadFile(device.path(stateFile))
	require.NoError(t, err)
	full5, err := os.ReadFile(device.path("full-5"))
	require.NoError(t, err)
	path := depot.full(6, cards(0, 70))
	device.takes(path)
	next, err := os.ReadFile(device.path(stateFile))
	require.NoError(t, err)
	full6, err := os.ReadFile(device.path("full-6"))
	require.NoError(t, err)

	for name, test := range map[string]struct {
		files   map[string][]byte
		version uint32
	}{
		"half a draft":      {map[string][]byte{"state": old, "full-5": full5, "draft": full6[:100]}, 5},
		"a draft":           {map[string][]byte{"state": old, "full-5": full5, "draft": full6}, 5},
		"named":             {map[string][]byte{"state": old, "full-5": full5, "full-6": full6}, 5},
		"half a state":      {map[string][]byte{"state": old, "full-5": full5, "full-6": full6, "state.new": next[:20]}, 5},
		"a state":           {map[string][]byte{"state": old, "full-5": full5, "full-6": full6, "state.new": next}, 5},
		"a state in place":  {map[string][]byte{"state": next, "full-5": full5, "full-6": full6}, 6},
		"the old list gone": {map[string][]byte{"state": next, "full-6": full6}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			device := newDevice(t)
			for file, content := range test.files {
				require.NoError(t, os.WriteFile(device.path(file), content, 0o644))
			}
			device.start()
			require.Empty(t, device.Status().Alarm)
			device.lists(test.version, cards(0, 10+10*int(test.version)))
			require.Len(t, device.files(), 2)
			err := device.Apply(path, today, inbox.AtOnce)
			if test.version == 6 {
				require.ErrorIs(t, err, inbox.ErrReplay)
			} else {
				require.NoError(t, err)
			}
			device.lists(6, cards(0, 70))
		})
	}
}

// Ensure that a device whose folder cannot be used says so.
func TestNoFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	_, err := OpenBlocks(path, bundle.Trust{Area: area}, 100, blocklist.NewStore(area))
	require.ErrorContains(t, err, "make the state folder writable")
}
