package tray_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist/bundle"
	"leima/blocklist/inbox"
	"leima/cardlayout"
	"leima/fare"
	"leima/fare/actionlist"
	"leima/fare/actionlist/tray"
)

const area = 227

var (
	made   = time.Date(2026, time.March, 2, 4, 0, 0, 0, time.UTC)
	today  = made.Add(time.Hour)
	issuer = keyOf(1)
	rules  = tray.Rules{Area: area, Keys: []bundle.PublicKey{bundle.Public(issuer)}, Largest: 1 << 20}
)

func keyOf(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func card(n uint64) cardlayout.Number { return cardlayout.WithCheckDigit(92469900110000000 + n) }

// list has a load for each of so many cards.
func list(t testing.TB, version uint32, cards int) *actionlist.List {
	t.Helper()
	first := cardlayout.DayOf(made)
	var entries []actionlist.Entry
	for n := range cards {
		entries = append(entries, actionlist.Entry{Card: card(uint64(n)), Action: fare.Action{
			Leaves: 1, First: first, Last: first + 13, Kind: fare.ValueAction, Amount: 2000}})
	}
	l, err := actionlist.New(area, version, made, entries)
	require.NoError(t, err)
	return l
}

// signed is the bundle of a list.
func signed(t testing.TB, l *actionlist.List) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := tray.Sign(&b, l, made.AddDate(0, 0, 14), issuer)
	require.NoError(t, err)
	return b.Bytes()
}

// file puts bytes into a file of the test.
func file(t testing.TB, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.bundle")
	require.NoError(t, os.WriteFile(path, raw, 0o644))
	return path
}

func open(t testing.TB, folder string) *tray.Tray {
	t.Helper()
	tr, err := tray.Open(folder, rules)
	require.NoError(t, err)
	return tr
}

func apply(t testing.TB, tr *tray.Tray, raw []byte) error {
	t.Helper()
	return tr.Apply(file(t, raw), today, inbox.AtOnce)
}

// holds says which list a tray uses: its version and how many cards have a load.
func holds(t testing.TB, tr *tray.Tray, version uint32, cards int) {
	t.Helper()
	require.Equal(t, version, tr.List().Version())
	for n := range cards + 1 {
		found, err := tr.Lookup(card(uint64(n)))
		require.NoError(t, err)
		require.Equal(t, n < cards, len(found) == 1, "card %d", n)
	}
}

func names(t testing.TB, folder string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// Ensure that a list is taken into use, that the next takes its place as a whole, and that
// a restart finds the last again, also after it has expired.
func TestRollForward(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "actions")
	tr := open(t, folder)
	holds(t, tr, 0, 0)
	require.NoError(t, apply(t, tr, signed(t, list(t, 3, 5))))
	holds(t, tr, 3, 5)
	holds(t, open(t, folder), 3, 5)
	require.NoError(t, apply(t, tr, signed(t, list(t, 7, 2))))
	holds(t, tr, 7, 2)
	holds(t, open(t, folder), 7, 2)
	require.Equal(t, []string{"list-7"}, names(t, folder))
	require.Empty(t, tr.Alarm())
}

// Ensure that what must not be taken is refused with its reason, raises the alarm, and
// leaves the list in use where it is.
func TestRefusals(t *testing.T) {
	tr := open(t, t.TempDir())
	good := signed(t, list(t, 5, 3))
	require.NoError(t, apply(t, tr, good))
	with := func(purpose bundle.Purpose, in cardlayout.Area, key ed25519.PrivateKey, raw []byte) []byte {
		var b bytes.Buffer
		_, err := bundle.Write(&b, bundle.Manifest{Purpose: purpose, Area: in, Version: 9, Made: made,
			Expires: made.AddDate(0, 0, 14), Count: 2, Digest: sha256.Sum256(raw)}, bytes.NewReader(raw), key)
		require.NoError(t, err)
		return b.Bytes()
	}
	next, err := list(t, 9, 2).Encode()
	require.NoError(t, err)
	other, err := list(t, 8, 2).Encode()
	require.NoError(t, err)
	more := signed(t, list(t, 6, 2))
	flipped := bytes.Clone(more)
	flipped[len(flipped)-9] ^= 4
	for name, test := range map[string]struct {
		raw  []byte
		want error
		says string
	}{
		"older":             {signed(t, list(t, 4, 3)), tray.ErrOlder, "has had 5"},
		"again":             {good, inbox.ErrReplay, "version 5"},
		"two of a version":  {signed(t, list(t, 5, 4)), tray.ErrConflict, "give the newer one a higher"},
		"a block list":      {with(bundle.BlockList, area, issuer, next), bundle.ErrPurpose, "it is for blocklist"},
		"another area":      {with(bundle.Actions, 217, issuer, next), bundle.ErrArea, "fetch that of area 227"},
		"another key":       {with(bundle.Actions, area, keyOf(2), next), bundle.ErrKey, "pin it there"},
		"another list":      {with(bundle.Actions, area, issuer, other), tray.ErrContent, "it is version 8"},
		"no list":           {with(bundle.Actions, area, issuer, []byte("no list")), tray.ErrContent, "no action list"},
		"cut":               {more[:len(more)-1], bundle.ErrDamaged, "send it again"},
		"one bit":           {flipped, bundle.ErrDamaged, "send it again"},
		"larger than wants": {with(bundle.Actions, area, issuer, make([]byte, 1<<20+1)), bundle.ErrLarge, "1048577 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			err := apply(t, tr, test.raw)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
			require.True(t, tray.Refusal(err))
			if test.want != inbox.ErrReplay {
				require.Equal(t, err.Error(), tr.Alarm())
			}
			holds(t, tr, 5, 3)
		})
	}
	late := tr.Apply(file(t, signed(t, list(t, 6, 2))), made.AddDate(0, 0, 14), inbox.AtOnce)
	require.ErrorIs(t, late, bundle.ErrExpired)
	require.NoError(t, apply(t, tr, with(bundle.Actions, area, issuer, next)))
	holds(t, tr, 9, 2)
	require.Empty(t, tr.Alarm())
}

// Ensure that the purpose is authenticated and not only read: a signature for a block list
// is none for an action list, whatever the manifest says.
func TestPurposeIsBound(t *testing.T) {
	raw := signed(t, list(t, 6, 2))
	_, err := bundle.Read(bytes.NewReader(raw), bundle.Trust{Keys: rules.Keys,
		Purpose: bundle.BlockList, Area: area, At: today, Largest: 1 << 20})
	require.ErrorIs(t, err, bundle.ErrPurpose)
	said := bytes.Replace(raw, []byte("actions"), []byte("actionz"), 1)
	require.ErrorIs(t, apply(t, open(t, t.TempDir()), said), bundle.ErrDamaged)
}

// Ensure that a list which is damaged on the disk is not used, whichever bit it is, is put
// aside with an alarm, and that no older one is taken again in its place.
func TestDamagedOnDisk(t *testing.T) {
	folder := t.TempDir()
	raw := signed(t, list(t, 3, 2))
	path := filepath.Join(folder, "list-3")
	for bit := range 8 * len(raw) {
		if bit%13 > 0 && bit > 8*80 {
			continue
		}
		raw[bit/8] ^= 1 << (bit % 8)
		require.NoError(t, os.WriteFile(path, raw, 0o644))
		raw[bit/8] ^= 1 << (bit % 8)
		tr := open(t, folder)
		holds(t, tr, 0, 0)
		require.NoError(t, errors.Join(os.RemoveAll(path), os.RemoveAll(path+".damaged")))
	}
	require.NoError(t, os.WriteFile(path, raw[:len(raw)-1], 0o644))
	tr := open(t, folder)
	require.Contains(t, tr.Alarm(), "the action list of the last time is not used")
	require.Equal(t, []string{"list-3.damaged"}, names(t, folder))
	require.ErrorIs(t, apply(t, tr, signed(t, list(t, 2, 1))), tray.ErrOlder)
	require.NoError(t, apply(t, tr, raw), "the same once more")
	holds(t, tr, 3, 2)
	require.NoError(t, apply(t, tr, signed(t, list(t, 4, 1))))
	require.Equal(t, []string{"list-4"}, names(t, folder))
}

// Ensure that a cut of the power leaves the old list or the new one, and nothing else for
// ever: whatever of the steps of an exchange has reached the disk.
func TestPowerCutInExchange(t *testing.T) {
	older, newer := signed(t, list(t, 3, 2)), signed(t, list(t, 4, 5))
	for name, test := range map[string]struct {
		files map[string][]byte
		want  uint32
		cards int
	}{
		"nothing written":       {map[string][]byte{"list-3": older, "draft": nil}, 3, 2},
		"half of it":            {map[string][]byte{"list-3": older, "draft": newer[:len(newer)/2]}, 3, 2},
		"all, without its name": {map[string][]byte{"list-3": older, "draft": newer}, 3, 2},
		"both":                  {map[string][]byte{"list-3": older, "list-4": newer}, 4, 5},
		"a name without data":   {map[string][]byte{"list-3": older, "list-4": nil}, 3, 2},
		"the older one swept":   {map[string][]byte{"list-4": newer}, 4, 5},
	} {
		folder := t.TempDir()
		for file, raw := range test.files {
			require.NoError(t, os.WriteFile(filepath.Join(folder, file), raw, 0o644))
		}
		tr := open(t, folder)
		holds(t, tr, test.want, test.cards)
		require.NotContains(t, names(t, folder), "draft", name)
		if test.want == 3 {
			require.NoError(t, apply(t, tr, newer), name)
		}
		holds(t, open(t, folder), 4, 5)
	}
}

// Ensure that a disk which refuses leaves the list in use, and that the bundle stays to be
// tried again.
func TestDiskRefuses(t *testing.T) {
	folder := t.TempDir()
	tr := open(t, folder)
	require.NoError(t, apply(t, tr, signed(t, list(t, 3, 2))))
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "draft", "full"), 0o755))
	err := apply(t, tr, signed(t, list(t, 4, 2)))
	require.Error(t, err)
	require.False(t, tray.Refusal(err))
	holds(t, tr, 3, 2)

	_, err = tray.Open(filepath.Join(file(t, nil), "actions"), rules)
	require.ErrorContains(t, err, "making the folder of the action list")
}

// Ensure that a key which is no longer pinned takes the list with it, and that a device
// which has moved to another area begins anew.
func TestAnotherConfiguration(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, apply(t, open(t, folder), signed(t, list(t, 3, 2))))
	rolled := rules
	rolled.Keys = []bundle.PublicKey{bundle.Public(keyOf(2))}
	tr, err := tray.Open(folder, rolled)
	require.NoError(t, err)
	holds(t, tr, 0, 0)
	require.True(t, strings.Contains(tr.Alarm(), "unknown key"), tr.Alarm())
	holds(t, open(t, folder), 3, 2)

	moved := rules
	moved.Area = 217
	tr, err = tray.Open(folder, moved)
	require.NoError(t, err)
	require.Empty(t, tr.Alarm())
	require.Empty(t, names(t, folder))
	other, err := actionlist.New(217, 1, made, nil)
	require.NoError(t, err)
	require.NoError(t, apply(t, tr, signed(t, other)))
}

// Ensure that a list which has lost more than half of many actions is taken with an alarm, for
// they may have been withdrawn, until the next one; and that one which says it is meant is not.
func TestThinned(t *testing.T) {
	tr := open(t, t.TempDir())
	require.NoError(t, apply(t, tr, signed(t, list(t, 3, 20))))
	require.NoError(t, apply(t, tr, signed(t, list(t, 4, 10))))
	require.Empty(t, tr.Alarm(), "half")
	require.NoError(t, apply(t, tr, signed(t, list(t, 5, 20))))
	require.NoError(t, apply(t, tr, signed(t, list(t, 6, 0))))
	require.Contains(t, tr.Alarm(), "version 6 has 0 actions and the list before it 20")
	holds(t, tr, 6, 0)
	require.NoError(t, apply(t, tr, signed(t, list(t, 7, 20))))
	require.Empty(t, tr.Alarm())
	var b bytes.Buffer
	_, err := tray.SignFewer(&b, list(t, 8, 9), made.AddDate(0, 0, 14), issuer)
	require.NoError(t, err)
	require.NoError(t, apply(t, tr, b.Bytes()))
	require.Empty(t, tr.Alarm())
	holds(t, tr, 8, 9)
}
