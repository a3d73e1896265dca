package lists_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare/actionlist"
	"leima/fare/tariff"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// Ensure that a bundle is taken into use, that the next takes its place as a whole, and that a
// restart finds the last again, also after it has expired.
func TestWholeRollForward(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *kind) {
		folder := filepath.Join(t.TempDir(), "kept")
		s := k.start(t, folder)
		k.has(t, s, 0, 0)
		require.NoError(t, apply(t, s, k.signed(t, 3, 3)))
		k.has(t, s, 3, 3)
		k.has(t, k.start(t, folder), 3, 3)
		require.NoError(t, apply(t, s, k.signed(t, 7, 2)))
		k.has(t, s, 7, 2)
		k.has(t, k.start(t, folder), 7, 2)
		require.Equal(t, []string{"list-7"}, names(t, folder))
		require.Empty(t, s.Alarm())
		require.ErrorIs(t, apply(t, s, k.signed(t, 7, 2)), inbox.ErrReplay)
		require.Empty(t, s.Alarm())
	})
}

// Ensure that what must not be taken is refused with its reason, raises the alarm, and
// leaves what is in use where it is.
func TestWholeRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *kind) {
		s := k.start(t, t.TempDir())
		require.NoError(t, apply(t, s, k.signed(t, 5, 3)))
		more := k.signed(t, 6, 2)
		flipped := bytes.Clone(more)
		flipped[len(flipped)-9] ^= 4
		type row struct {
			raw  []byte
			want error
			says string
		}
		rows := map[string]row{
			"older":            {k.signed(t, 4, 3), lists.ErrOlder, "has had 5"},
			"two of a version": {k.signed(t, 5, 2), lists.ErrConflict, "give the newer one a higher"},
			"a block list":     {as(t, bundle.BlockList, area, issuer, nil), bundle.ErrPurpose, "it is for blocklist"},
			"another area":     {as(t, k.purpose, 217, issuer, nil), bundle.ErrArea, "fetch that of area 227"},
			"another key":      {as(t, k.purpose, area, keyOf(2), nil), bundle.ErrKey, "pin it there"},
			"cut":              {more[:len(more)-1], bundle.ErrDamaged, "send it again"},
			"one bit":          {flipped, bundle.ErrDamaged, "send it again"},
			"too large":        {as(t, k.purpose, area, issuer, make([]byte, 4<<20+1)), bundle.ErrLarge, "4194305 bytes"},
		}
		for name, bad := range k.bad(t) {
			rows[name] = row{as(t, k.purpose, area, issuer, bad.file), lists.ErrContent, bad.says}
		}
		for name, row := range rows {
			t.Run(name, func(t *testing.T) {
				err := apply(t, s, row.raw)
				require.ErrorIs(t, err, row.want)
				require.ErrorContains(t, err, row.says)
				require.True(t, lists.Refusal(err))
				require.Equal(t, err.Error(), s.Alarm())
				k.has(t, s, 5, 3)
			})
		}
		require.ErrorIs(t, s.Apply(file(t, more), end, inbox.AtOnce), bundle.ErrExpired)
		require.NoError(t, apply(t, s, more))
		k.has(t, s, 6, 2)
		require.Empty(t, s.Alarm())
	})
}

// Ensure that the purpose is authenticated and not only read: a signature for a block list
// is none for another, whatever the manifest says.
func TestPurposeIsBound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *kind) {
		raw, blocks := k.signed(t, 6, 2), trust
		blocks.Purpose, blocks.At = bundle.BlockList, today
		_, err := bundle.Read(bytes.NewReader(raw), blocks)
		require.ErrorIs(t, err, bundle.ErrPurpose)
		said := bytes.Replace(raw, []byte(k.purpose), bytes.ToUpper([]byte(k.purpose)), 1)
		require.ErrorIs(t, apply(t, k.start(t, t.TempDir()), said), bundle.ErrDamaged)
	})
}

// Ensure that what is damaged on the disk is not used, whichever bit it is, is put aside with an
// alarm, and that nothing older is taken again in its place.
func TestWholeDamaged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *kind) {
		folder := t.TempDir()
		raw := k.signed(t, 3, 2)
		path := filepath.Join(folder, "list-3")
		for bit := 0; bit < 8*len(raw); bit += 1 + bit/640*12 + bit/6400*500 {
			raw[bit/8] ^= 1 << (bit % 8)
			require.NoError(t, os.WriteFile(path, raw, 0o644))
			raw[bit/8] ^= 1 << (bit % 8)
			k.has(t, k.start(t, folder), 0, 0)
			require.NoError(t, errors.Join(os.RemoveAll(path), os.RemoveAll(path+".damaged")))
		}
		require.NoError(t, os.WriteFile(path, raw[:len(raw)-1], 0o644))
		s := k.start(t, folder)
		require.Contains(t, s.Alarm(), "the "+k.what+" of the last time is not used")
		require.Equal(t, []string{"list-3.damaged"}, names(t, folder))
		require.ErrorIs(t, apply(t, s, k.signed(t, 2, 1)), lists.ErrOlder)
		require.NoError(t, apply(t, s, raw), "the same once more")
		k.has(t, s, 3, 2)
		require.NoError(t, apply(t, s, k.signed(t, 4, 1)))
		require.Equal(t, []string{"list-4"}, names(t, folder))
	})
}

// Ensure that a cut of the power leaves the old one or the new one, and nothing else for
// ever: whatever of the steps of an exchange has reached the disk.
func TestWholePowerCut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *kind) {
		older, newer := k.signed(t, 3, 2), k.signed(t, 4, 3)
		for name, row := range map[string]struct {
			files map[string][]byte
			want  uint32
			size  int
		}{
			"nothing written":       {map[string][]byte{"list-3": older, "draft": nil}, 3, 2},
			"half of it":            {map[string][]byte{"list-3": older, "draft": newer[:len(newer)/2]}, 3, 2},
			"all, without its name": {map[string][]byte{"list-3": older, "draft": newer}, 3, 2},
			"both":                  {map[string][]byte{"list-3": older, "list-4": newer}, 4, 3},
			"a name without data":   {map[string][]byte{"list-3": older, "list-4": nil}, 3, 2},
			"a part of the data":    {map[string][]byte{"list-3": older, "list-4": newer[:len(newer)-1]}, 3, 2},
			"the older one swept":   {map[string][]byte{"list-4": newer}, 4, 3},
			"the only one damaged":  {map[string][]byte{"list-4": newer[1:]}, 0, 0},
		} {
			folder := t.TempDir()
			for file, raw := range row.files {
				require.NoError(t, os.WriteFile(filepath.Join(folder, file), raw, 0o644))
			}
			s := k.start(t, folder)
			k.has(t, s, row.want, row.size)
			require.NotContains(t, names(t, folder), "draft", name)
			if row.want < 4 {
				require.NoError(t, apply(t, s, newer), name)
			}
			k.has(t, k.start(t, folder), 4, 3)
		}
	})
}

// Ensure that a disk which refuses, or a device that is being stopped, leaves what is in use, and
// that the bundle stays to be tried again.
func TestDiskRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *kind) {
		folder, newer := t.TempDir(), k.signed(t, 4, 3)
		s := k.start(t, folder)
		require.NoError(t, apply(t, s, k.signed(t, 3, 2)))
		require.NoError(t, os.MkdirAll(filepath.Join(folder, "draft", "full"), 0o755))
		err := apply(t, s, newer)
		require.Error(t, err)
		require.False(t, lists.Refusal(err))
		k.has(t, s, 3, 2)
		require.NoError(t, os.RemoveAll(filepath.Join(folder, "draft")))

		require.NoError(t, os.MkdirAll(filepath.Join(folder, "list-4", "full"), 0o755))
		require.Error(t, apply(t, s, newer), "it gets no name")
		k.has(t, s, 3, 2)
		require.NoError(t, os.RemoveAll(filepath.Join(folder, "list-4")))

		stopped := errors.New("the device is being stopped")
		err = s.Apply(file(t, newer), made, func(func() error) error { return stopped })
		require.ErrorIs(t, err, stopped)
		k.has(t, s, 3, 2)
		require.NoError(t, apply(t, s, newer))
		k.has(t, s, 4, 3)

		_, err = k.open(filepath.Join(file(t, nil), "kept"), trust)
		require.ErrorContains(t, err, "making the folder of the "+k.what)
	})
}

// Ensure that a key which is no longer pinned takes what it signed with it, also beside what
// another key has signed, and that a device which has moved to another area begins anew.
func TestAnotherConfiguration(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *kind) {
		folder := t.TempDir()
		require.NoError(t, apply(t, k.start(t, folder), k.signed(t, 3, 2)))
		rolled := trust
		rolled.Keys = []bundle.PublicKey{bundle.Public(keyOf(2))}
		s, err := k.open(folder, rolled)
		require.NoError(t, err)
		k.has(t, s, 0, 0)
		require.Contains(t, s.Alarm(), "unknown key")
		k.has(t, k.start(t, folder), 3, 2)

		next, err := bundle.Read(bytes.NewReader(k.signed(t, 9, 1)), bundle.Trust{
			Keys:    trust.Keys,
			Purpose: k.purpose, Area: area, At: today, Largest: trust.Largest,
		})
		require.NoError(t, err)
		var raw bytes.Buffer
		_, err = next.WriteTo(&raw)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, "list-9"),
			as(t, k.purpose, area, keyOf(2), raw.Bytes()), 0o644))
		k.has(t, k.start(t, folder), 3, 2)
		s, err = k.open(folder, rolled)
		require.NoError(t, err)
		k.has(t, s, 9, 1)
		require.Equal(t, []string{"list-9"}, names(t, folder))

		moved := trust
		moved.Area = 217
		s, err = k.open(folder, moved)
		require.NoError(t, err)
		require.Empty(t, s.Alarm())
		require.Empty(t, names(t, folder))
	})
	s, err := lists.OpenActions(t.TempDir(), bundle.Trust{Area: 217, Keys: trust.Keys, Largest: 1 << 20})
	require.NoError(t, err)
	other, err := actionlist.New(217, 1, made, nil)
	require.NoError(t, err)
	require.NoError(t, apply(t, s, signed(t, other, lists.Terms{Expires: end})))
}

// Ensure that a list which has lost more than half of many actions is taken with an alarm, for
// they may have been withdrawn, until the next one; and that one which says it is meant is not.
func TestActionsThinned(t *testing.T) {
	t.Parallel()
	k := kinds[0]
	s := k.start(t, t.TempDir())
	require.NoError(t, apply(t, s, k.signed(t, 3, 20)))
	require.NoError(t, apply(t, s, k.signed(t, 4, 10)))
	require.Empty(t, s.Alarm(), "half")
	require.NoError(t, apply(t, s, k.signed(t, 5, 20)))
	require.NoError(t, apply(t, s, k.signed(t, 6, 0)))
	require.Contains(t, s.Alarm(), "version 6 has 0 actions and the list before it 20")
	k.has(t, s, 6, 0)
	require.NoError(t, apply(t, s, k.signed(t, 7, 20)))
	require.Empty(t, s.Alarm())
	require.NoError(t, apply(t, s, signed(t, list(t, 8, 9), lists.Terms{Expires: end, Fewer: true})))
	require.Empty(t, s.Alarm())
	k.has(t, s, 8, 9)
}

// Ensure that nothing is signed that no device takes.
func TestTariffsNotSigned(t *testing.T) {
	t.Parallel()
	mikkeli := source(t, "mikkeli-2025")
	for want, sources := range map[string][]tariff.Source{
		"and the bundle for 227": {mikkeli, source(t, "kotka-2025")},
		"give one a later":       {mikkeli, mikkeli},
		"x.toml":                 {{File: "x.toml", TOML: []byte("x = 1")}},
	} {
		_, err := lists.SignTariffs(new(bytes.Buffer), sources, bundle.Manifest{
			Version: 1, Area: area,
			Made: made, Expires: end,
		}, time.LoadLocation, issuer)
		require.ErrorContains(t, err, want)
	}
}

// FuzzUnpack: whatever a bundle holds is read or refused.
func FuzzUnpack(f *testing.F) {
	good, err := tariff.Pack([]tariff.Source{source(f, "mikkeli-2025")}, time.LoadLocation)
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, raw []byte) {
		set, sources, err := tariff.Unpack(raw, time.LoadLocation)
		if err == nil {
			require.Len(t, set.All(), len(sources))
		}
	})
}
