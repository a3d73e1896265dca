package lists

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

const area cardlayout.Area = 227

var (
	made  = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)
	today = made.Add(time.Hour)
	ours  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	other = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
)

// card is the n-th card of a test.
func card(n int) cardlayout.Number {
	return cardlayout.WithCheckDigit(92469900110000000 + uint64(n))
}

// cards lists every second card of those from one to before another.
func cards(from, to int) (list []blocklist.Entry) {
	for n := from; n < to; n++ {
		list = append(list, blocklist.Entry{
			Number: card(2 * n), Kind: cardlayout.Personal,
			Unblocking: uint8(n % 251),
		})
	}
	return list
}

// A depot makes the lists of a test and signs them.
type depot struct {
	t      testing.TB
	folder string
	sign   func(*bundle.Manifest) ed25519.PrivateKey // may change what is said
}

func newDepot(t testing.TB) *depot { return &depot{t: t, folder: t.TempDir()} }

func (d *depot) path(name string) string { return filepath.Join(d.folder, name) }

// list builds a full list.
func (d *depot) list(version uint32, entries []blocklist.Entry) string {
	path := d.path(fmt.Sprintf("list-%d", version))
	require.NoError(d.t, blocklist.Build(path, blocklist.List{
		Version: version, Area: area,
		Made: made, Entries: entries,
	}))
	return path
}

// full is the bundle of a full list.
func (d *depot) full(version uint32, entries []blocklist.Entry) string {
	return d.bundle(d.list(version, entries))
}

// delta is the bundle of what leads from one list to another that has been built.
func (d *depot) delta(from, to uint32) string {
	path := d.path(fmt.Sprintf("delta-%d-%d", from, to))
	old, err := blocklist.Open(d.path(fmt.Sprintf("list-%d", from)))
	require.NoError(d.t, err)
	next, err := blocklist.Open(d.path(fmt.Sprintf("list-%d", to)))
	require.NoError(d.t, err)
	require.NoError(d.t, blocklist.BuildDelta(path, old, next))
	require.NoError(d.t, errors.Join(old.Close(), next.Close()))
	return d.bundle(path)
}

// bundle signs a list.
func (d *depot) bundle(path string) string {
	list, err := blocklist.Open(path)
	require.NoError(d.t, err)
	m := blocksManifest(list)
	require.NoError(d.t, list.Close())
	m.Expires = made.AddDate(0, 0, 14)
	key := ours
	if d.sign != nil {
		key = d.sign(&m)
	}
	file, err := os.Open(path)
	require.NoError(d.t, err)
	defer file.Close()
	out, err := os.Create(path + ".bundle")
	require.NoError(d.t, err)
	defer out.Close()
	_, err = bundle.Write(out, m, file, key)
	require.NoError(d.t, err)
	return out.Name()
}

// with has what is signed changed for one bundle.
func (d *depot) with(sign func(*bundle.Manifest) ed25519.PrivateKey, make func() string) string {
	d.sign = sign
	defer func() { d.sign = nil }()
	return make()
}

// A device has block lists.
type device struct {
	*Blocks
	t      testing.TB
	folder string
	trust  bundle.Trust
	most   int
	store  *blocklist.Store
}

func newDevice(t testing.TB) *device {
	d := &device{
		t: t, folder: filepath.Join(t.TempDir(), "lists"), most: 100,
		trust: bundle.Trust{Area: area, Keys: []bundle.PublicKey{bundle.Public(ours)}, Largest: 1 << 20},
	}
	d.start()
	t.Cleanup(func() { require.NoError(t, d.store.Close()) })
	return d
}

// start starts the program anew, with what is on the disk.
func (d *device) start() {
	d.t.Helper()
	if d.store != nil {
		require.NoError(d.t, d.store.Close())
	}
	var err error
	d.store = blocklist.NewStore(area)
	d.Blocks, err = OpenBlocks(d.folder, d.trust, d.most, d.store)
	require.NoError(d.t, err)
}

func (d *device) takes(path string) {
	d.t.Helper()
	require.NoError(d.t, d.Apply(path, today, inbox.AtOnce))
	require.Empty(d.t, d.Status().Alarm)
}

// lists says that exactly these cards are listed, of all that tests have.
func (d *device) lists(version uint32, entries []blocklist.Entry) {
	d.t.Helper()
	require.Equal(d.t, version, d.Status().Version)
	require.Equal(d.t, len(entries), d.Status().Count)
	last := 0
	if len(entries) > 0 {
		last = int(entries[len(entries)-1].Number-card(0))/20 + 2
	}
	wanted := map[cardlayout.Number]uint8{}
	for _, entry := range entries {
		wanted[entry.Number] = entry.Unblocking
	}
	for n := range 2 * last {
		want, named := wanted[card(n)]
		got, listed, err := d.store.Lookup(card(n))
		if err != nil || listed != named || got != want {
			d.t.Fatalf("card %d: %d, %v, %v", n, got, listed, err)
		}
	}
}

// files are the names in its folder.
func (d *device) files() (names []string) {
	entries, err := os.ReadDir(d.folder)
	require.NoError(d.t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Ensure that lists are rolled forward, full ones and deltas, that each is still in use
// after the next start, and that no file is left behind.
func TestRollForward(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	three, five, six, nine := cards(0, 300), cards(10, 310), cards(20, 320), cards(0, 330)
	for _, step := range []struct {
		bundle  string
		version uint32
		entries []blocklist.Entry
		files   []string
	}{
		{depot.full(3, three), 3, three, []string{"full-3", "state"}},
		{"five", 5, five, []string{"delta-3-5", "full-3", "state"}},
		{"six", 6, six, []string{"delta-3-6", "full-3", "state"}},
		{depot.full(6, six), 6, six, []string{"full-6", "state"}},
		{depot.full(9, nine), 9, nine, []string{"full-9", "state"}},
		{
			depot.with(fewer, func() string { return depot.full(10, nil) }), 10, nil,
			[]string{"full-10", "state"},
		},
	} {
		switch step.bundle {
		case "five":
			depot.list(5, five)
			step.bundle = depot.delta(3, 5)
		case "six":
			step.bundle = depot.delta(3, 6)
		}
		device.takes(step.bundle)
		device.lists(step.version, step.entries)
		require.Equal(t, step.files, device.files())
		require.ErrorIs(t, device.Apply(step.bundle, today, inbox.AtOnce), inbox.ErrReplay)
		require.Empty(t, device.Status().Alarm, "nothing is wrong with a bundle sent twice")
		device.start()
		device.lists(step.version, step.entries)
		require.Equal(t, step.files, device.files())
	}
}

// Ensure that lists of the sizes at which such things have failed are built, signed,
// applied and looked up, card for card, full and by a delta.
func TestEverySize(t *testing.T) {
	t.Parallel()
	sizes := []int{
		0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129,
		255, 256, 257, 1023, 1024, 1025, 4095, 4096, 4097, 65535, 65536, 65537,
	}
	for _, size := range sizes {
		depot, device := newDepot(t), newDevice(t)
		device.takes(depot.full(1, cards(0, size)))
		device.lists(1, cards(0, size))
		depot.list(2, cards(size/2, size+1))
		device.takes(depot.delta(1, 2))
		device.lists(2, cards(size/2, size+1))
	}
}

// Ensure that whatever a bundle is refused for has its reason, that the list in use
// stays, now and after a start, with the alarm, and that the next good list ends it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	key := func(k ed25519.PrivateKey) func(*bundle.Manifest) ed25519.PrivateKey {
		return func(*bundle.Manifest) ed25519.PrivateKey { return k }
	}
	says := func(change func(*bundle.Manifest)) func(*bundle.Manifest) ed25519.PrivateKey {
		return func(m *bundle.Manifest) ed25519.PrivateKey {
			change(m)
			return ours
		}
	}
	spoilt := func(d *depot, change func([]byte) []byte) string {
		path := d.full(9, cards(0, 40))
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, change(raw), 0o644))
		return path
	}
	nine := func(d *depot) func() string { return func() string { return d.full(9, cards(0, 40)) } }
	for name, test := range map[string]struct {
		make func(*depot) string
		want error
		says string
	}{
		"an older list": {
			func(d *depot) string { return d.full(4, cards(0, 40)) }, ErrOlder,
			"version 4, and this device has had 5: a newer one is needed",
		},
		"the same version, other cards": {
			func(d *depot) string { return d.full(5, cards(0, 40)) },
			ErrConflict, "give the newer one a higher version",
		},
		"another area": {func(d *depot) string {
			path := d.path("abroad")
			require.NoError(t, blocklist.Build(path, blocklist.List{Version: 9, Area: 217, Made: made}))
			return d.bundle(path)
		}, bundle.ErrArea, "it is for 217, not 227"},
		"another area inside": {func(d *depot) string {
			path := d.path("abroad")
			require.NoError(t, blocklist.Build(path, blocklist.List{Version: 9, Area: 217, Made: made}))
			return d.with(says(func(m *bundle.Manifest) { m.Area = area }),
				func() string { return d.bundle(path) })
		}, bundle.ErrDamaged, "its file is another list than it says"},
		"another purpose": {func(d *depot) string {
			return d.with(says(func(m *bundle.Manifest) { m.Purpose = bundle.Actions }), nine(d))
		}, bundle.ErrPurpose, "it is for actions"},
		"another key": {
			func(d *depot) string { return d.with(key(other), nine(d)) },
			bundle.ErrKey, "none of the 1 in the configuration",
		},
		"expired": {func(d *depot) string {
			return d.with(says(func(m *bundle.Manifest) { m.Expires = today }), nine(d))
		}, bundle.ErrExpired, "fetch a newer one"},
		"too large": {
			func(d *depot) string { return d.full(9, cards(0, 400_000)) },
			bundle.ErrLarge, "and the configuration allows 1048576",
		},
		"truncated": {func(d *depot) string {
			return spoilt(d, func(raw []byte) []byte { return raw[:len(raw)-1] })
		}, bundle.ErrDamaged, "are there: send it again"},
		"with a tail": {func(d *depot) string {
			return spoilt(d, func(raw []byte) []byte { return append(raw, 0) })
		}, bundle.ErrDamaged, "something follows"},
		"a flipped bit": {func(d *depot) string {
			return spoilt(d, func(raw []byte) []byte { raw[len(raw)/2] ^= 4; return raw })
		}, bundle.ErrDamaged, "is not the one that was signed"},
		"an unsigned list": {
			func(d *depot) string { return d.list(9, cards(0, 40)) },
			bundle.ErrDamaged, "its envelope",
		},
		"a delta for a list before": {func(d *depot) string {
			d.list(3, cards(0, 30))
			d.list(9, cards(0, 40))
			return d.delta(3, 9)
		}, ErrBase, "it changes version 3, which is not the full list in use"},
		"a delta for another list of that version": {func(d *depot) string {
			d.list(5, cards(1, 61))
			d.list(9, cards(1, 40))
			return d.delta(5, 9)
		}, blocklist.ErrBase, "for the very list that it was made from"},
		"a delta that says it is a full list": {func(d *depot) string {
			d.list(9, cards(0, 40))
			return d.with(says(func(m *bundle.Manifest) { m.Base = 0 }), func() string {
				return d.delta(5, 9)
			})
		}, bundle.ErrDamaged, "its file is another list than it says"},
		"another version inside": {func(d *depot) string {
			return d.with(says(func(m *bundle.Manifest) { m.Version = 10 }), nine(d))
		}, bundle.ErrDamaged, "its file is another list than it says"},
		"no list inside": {func(d *depot) string {
			path := d.full(9, nil)
			var b bytes.Buffer
			_, err := bundle.Write(&b, bundle.Manifest{
				Purpose: bundle.BlockList, Area: area, Version: 9,
				Made: made, Expires: made.AddDate(0, 1, 0),
			}, strings.NewReader("no list"), ours)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
			return path
		}, blocklist.ErrDamaged, "it has only 7 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			depot, device := newDepot(t), newDevice(t)
			device.takes(depot.full(5, cards(0, 60)))
			bad := test.make(depot)
			before := device.files()
			for range 2 {
				err := device.Apply(bad, today, func(func() error) error { panic("an exchange") })
				require.ErrorIs(t, err, test.want)
				require.ErrorContains(t, err, "bundle "+filepath.Base(bad)+": ")
				require.ErrorContains(t, err, test.says)
				require.True(t, Refusal(err))
				device.lists(5, cards(0, 60))
				require.Equal(t, before, device.files())
				require.Equal(t, err.Error(), device.Status().Alarm)
				require.Equal(t, today, device.Status().AlarmAt)
				device.start()
				require.Equal(t, err.Error(), device.Status().Alarm, "the alarm outlasts a start")
			}
			device.takes(newDepot(t).full(11, cards(0, 50)))
			device.start()
			require.Empty(t, device.Status().Alarm)
		})
	}
}

// Ensure that a bundle with one bit flipped, wherever, and one that is cut, wherever,
// changes nothing.
func TestFlippedAndCutAnywhere(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(5, cards(0, 60)))
	path := depot.full(6, cards(0, 61))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	try := func(changed []byte, what string, at int) {
		require.NoError(t, os.WriteFile(path, changed, 0o644))
		err := device.Apply(path, today, inbox.AtOnce)
		require.True(t, Refusal(err) && !errors.Is(err, inbox.ErrReplay), "%s %d: %v", what, at, err)
	}
	for at := 0; at < len(raw); at += 1 + at/64 {
		raw[at] ^= 1 << (at % 8)
		try(raw, "flipped in byte", at)
		raw[at] ^= 1 << (at % 8)
		try(raw[:at], "cut to", at)
	}
	device.lists(5, cards(0, 60))
	require.Equal(t, []string{"full-5", "state"}, device.files())
	require.NoError(t, os.WriteFile(path, raw, 0o644))
	device.takes(path)
}

// Ensure that keys can be rolled: with both pinned either may sign, and with the former
// taken out it no longer may.
func TestRollKeys(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	next := func(*bundle.Manifest) ed25519.PrivateKey { return other }
	device.takes(depot.full(1, nil))
	device.trust.Keys = append(device.trust.Keys, bundle.Public(other))
	device.start()
	device.takes(depot.with(next, func() string { return depot.full(2, nil) }))
	device.takes(depot.full(3, nil))
	device.trust.Keys = device.trust.Keys[1:]
	device.start()
	require.ErrorIs(t, device.Apply(depot.full(4, nil), today, inbox.AtOnce), bundle.ErrKey)
	device.takes(depot.with(next, func() string { return depot.full(4, nil) }))
	device.trust.Keys = nil
	device.start()
	device.lists(4, nil)
	require.ErrorIs(t, device.Apply(depot.full(5, nil), today, inbox.AtOnce), bundle.ErrKey)
}

// Ensure that a device which has moved to another area begins anew, also with lower
// versions.
func TestAnotherArea(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(5, cards(0, 60)))
	device.trust.Area = 217
	require.NoError(t, device.store.Close())
	device.store = blocklist.NewStore(217)
	var err error
	device.Blocks, err = OpenBlocks(device.folder, device.trust, device.most, device.store)
	require.NoError(t, err)
	require.False(t, device.store.Loaded())
	require.Equal(t, []string{"state"}, device.files())

	path := depot.path("abroad")
	require.NoError(t, blocklist.Build(path, blocklist.List{Version: 2, Area: 217, Made: made}))
	device.takes(depot.bundle(path))
}

// Ensure that everything is done before the exchange, that the exchange is done once,
// and that what is decided before it and after it follows one list each.
func TestExchange(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(5, cards(0, 60)))
	exchanges := 0
	err := device.Apply(depot.full(6, cards(60, 120)), today, func(exchange func() error) error {
		exchanges++
		require.Contains(t, device.files(), "full-6")
		require.NotContains(t, device.files(), draftFile)
		require.EqualValues(t, 5, device.store.Version())
		_, listed, err := device.store.Lookup(card(0))
		require.True(t, listed && err == nil)
		require.NoError(t, exchange())
		require.EqualValues(t, 6, device.store.Version())
		_, listed, err = device.store.Lookup(card(0))
		require.True(t, !listed && err == nil)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 1, exchanges)
}

// Ensure that lookups go on while lists are applied, and that every card which all
// lists name is found at every moment.
func TestLookupsDuringApply(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	var bundles []string
	for version := uint32(1); version <= 20; version++ {
		bundles = append(bundles, depot.full(version, cards(0, 2000+int(version))))
	}
	device.takes(bundles[0])
	done, looked := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			unblocking, listed, err := device.store.Lookup(card(n % 4000))
			if err != nil || listed != (n%2 == 0) || listed && int(unblocking) != n%4000/2%251 {
				t.Errorf("card %d: %d, %v, %v", n%4000, unblocking, listed, err)
			}
			select {
			case <-done:
				looked <- n
				return
			default:
			}
		}
	}()
	for _, path := range bundles[1:] {
		device.takes(path)
	}
	close(done)
	require.Positive(t, <-looked)
}

// Ensure that a disk on which nothing can be written refuses no bundle, and that the
// list in use stays.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(5, cards(0, 60)))
	path := depot.full(6, cards(0, 70))
	require.NoError(t, os.Mkdir(filepath.Join(device.folder, draftFile), 0o755))
	err := device.Apply(path, today, inbox.AtOnce)
	require.ErrorContains(t, err, "is a directory")
	require.False(t, Refusal(err))
	require.NotEmpty(t, device.Status().Alarm)
	device.lists(5, cards(0, 60))
	require.NoError(t, os.RemoveAll(filepath.Join(device.folder, draftFile)))

	require.NoError(t, os.MkdirAll(filepath.Join(device.folder, stateFile+".new", "full"), 0o755))
	err = device.Apply(path, today, inbox.AtOnce)
	require.ErrorContains(t, err, "noting the list as the one in use")
	require.False(t, Refusal(err))
	device.lists(5, cards(0, 60))
	require.NoError(t, os.RemoveAll(filepath.Join(device.folder, stateFile+".new")))
	device.takes(path)

	err = device.Apply(depot.path("none"), today, inbox.AtOnce)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.False(t, Refusal(err))
}

// names sorts what a folder holds.
func names(t *testing.T, folder string) (list []string) {
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	slices.Sort(list)
	return list
}

// Ensure that a folder is emptied in the order of the versions, that bad bundles are put
// aside and not for ever, and that other files are nobody's business.
func TestScan(t *testing.T) {
	t.Parallel()
	depot, device, folder, aside := newDepot(t), newDevice(t), t.TempDir(), t.TempDir()
	scan := func(at time.Time) []inbox.Arrival {
		return inbox.Scan(folder, aside, at, inbox.AtOnce, bundle.BlockList,
			map[bundle.Purpose]inbox.Taker{bundle.BlockList: device.Taker()})
	}
	require.Empty(t, inbox.Scan(filepath.Join(folder, "none"), aside, today, inbox.AtOnce, "", nil))
	into := func(path, name string) { require.NoError(t, os.Rename(path, filepath.Join(folder, name))) }
	depot.list(3, cards(0, 60))
	depot.list(4, cards(0, 70))
	depot.list(8, cards(0, 80))
	into(depot.delta(3, 8), "a.bundle")
	into(depot.delta(3, 4), "b.bundle")
	into(depot.full(3, cards(0, 60)), "c.bundle")
	into(depot.path("list-8"), "upload.part")
	require.NoError(t, os.Mkdir(filepath.Join(folder, "folder.bundle"), 0o755))
	all := scan(today)
	require.Equal(t, []inbox.Arrival{
		{Name: "c.bundle", Purpose: bundle.BlockList},
		{Name: "b.bundle", Purpose: bundle.BlockList},
		{Name: "a.bundle", Purpose: bundle.BlockList},
	}, all)
	device.lists(8, cards(0, 80))
	require.Equal(t, []string{"folder.bundle", "upload.part"}, names(t, folder))
	require.Empty(t, scan(today))

	for n := range 7 {
		path := filepath.Join(folder, fmt.Sprintf("%d.bundle", n))
		require.NoError(t, os.WriteFile(path, []byte("rubbish"), 0o644))
		all := scan(today.Add(time.Duration(n) * time.Minute))
		require.Len(t, all, 1)
		require.ErrorIs(t, all[0].Err, bundle.ErrDamaged)
	}
	require.Equal(t, []string{"folder.bundle", "upload.part"}, names(t, folder))
	require.Equal(t, []string{"3.bundle", "4.bundle", "5.bundle", "6.bundle"},
		names(t, aside))

	huge := filepath.Join(folder, "huge.bundle")
	require.NoError(t, os.WriteFile(huge, nil, 0o644))
	require.NoError(t, os.Truncate(huge, 1<<30))
	require.Len(t, scan(today.Add(time.Hour)), 1)
	require.NotContains(t, names(t, aside), "huge.bundle")
	require.NoFileExists(t, huge)

	into(depot.full(8, cards(0, 80)), "again.bundle")
	all = scan(today)
	require.Len(t, all, 1)
	require.NoError(t, all[0].Err, "a full list for a delta")
	into(depot.full(8, cards(0, 80)), "again.bundle")
	require.ErrorIs(t, scan(today)[0].Err, inbox.ErrReplay)
	require.Len(t, names(t, aside), 4)
	require.NotContains(t, names(t, folder), "again.bundle")

	into(depot.full(9, nil), "9.bundle")
	require.NoError(t, os.Mkdir(filepath.Join(device.folder, draftFile), 0o755))
	require.Error(t, scan(today)[0].Err)
	require.Contains(t, names(t, folder), "9.bundle", "the disk is to blame: it is tried again")
}
