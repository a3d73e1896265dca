package lists_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// eachChanging runs a test for all kinds that have deltas.
func eachChanging(t *testing.T, test func(*testing.T, *kind)) {
	for _, k := range changing {
		t.Run(k.what, func(t *testing.T) { test(t, k) })
	}
}

// names are the files of a folder, but for the state.
func (k *kind) names(t testing.TB, folder string) []string {
	return slices.DeleteFunc(names(t, folder), func(name string) bool { return name == "state" })
}

// files are the names of what is kept of a version over its full one.
func (k *kind) files(base, version uint32) []string {
	full := fmt.Sprint(k.full, base)
	if base == version {
		return []string{full}
	}
	return []string{fmt.Sprintf("delta-%d-%d", base, version), full}
}

// Ensure that deltas of a full list are taken one after the other, each in place of the one before,
// that a restart finds the last again, and that a full list takes the place of both.
func TestDeltas(t *testing.T) {
	t.Parallel()
	eachChanging(t, func(t *testing.T, k *kind) {
		folder, five := filepath.Join(t.TempDir(), "kept"), edition{5, 3}
		s := k.start(t, folder)
		seven, nine := k.delta(t, five, edition{7, 4}), k.delta(t, five, edition{9, 2})
		for n, step := range []struct {
			raw           []byte
			want          error
			base, version uint32
			size          int
		}{
			{seven, lists.ErrBase, 0, 0, 0},
			{k.signed(t, 5, 3), nil, 5, 5, 3},
			{k.delta(t, edition{4, 1}, edition{7, 4}), lists.ErrBase, 5, 5, 3},
			{seven, nil, 5, 7, 4},
			{seven, inbox.ErrReplay, 5, 7, 4},
			{nine, nil, 5, 9, 2},
			{seven, lists.ErrOlder, 5, 9, 2},
			{k.delta(t, five, edition{9, 4}), lists.ErrConflict, 5, 9, 2},
			{k.delta(t, edition{9, 2}, edition{10, 4}), lists.ErrBase, 5, 9, 2},
			{k.signed(t, 9, 2), nil, 9, 9, 2},
			{nine, inbox.ErrReplay, 9, 9, 2},
			{k.delta(t, edition{9, 2}, edition{10, 4}), nil, 9, 10, 4},
			{k.signed(t, 12, 5), nil, 12, 12, 5},
			{k.delta(t, five, edition{13, 4}), lists.ErrBase, 12, 12, 5},
		} {
			err := apply(t, s, step.raw)
			require.ErrorIs(t, err, step.want, n)
			require.True(t, err == nil || lists.Refusal(err), n)
			for _, s := range []store{s, k.start(t, folder)} {
				k.has(t, s, step.version, step.size)
			}
			if step.version > 0 {
				require.Equal(t, k.files(step.base, step.version), k.names(t, folder), n)
			}
		}
	})
}

// Ensure that a delta which does not result in the list that it names is refused with an alarm, and
// that the list in use stays.
func TestDeltaDoesNotResult(t *testing.T) {
	t.Parallel()
	eachChanging(t, func(t *testing.T, k *kind) {
		folder := t.TempDir()
		s := k.start(t, folder)
		require.NoError(t, apply(t, s, k.signed(t, 5, 3)))
		err := apply(t, s, k.delta(t, edition{5, 2}, edition{9, 1}))
		require.ErrorContains(t, err, "for the very list that it was made from")
		require.True(t, lists.Refusal(err))
		require.Equal(t, err.Error(), s.Alarm())
		k.has(t, s, 5, 3)
		require.Equal(t, k.files(5, 5), k.names(t, folder))
		require.NoError(t, apply(t, s, k.delta(t, edition{5, 3}, edition{9, 4})))
		require.Empty(t, s.Alarm())
		k.has(t, s, 9, 4)
	})
}

// Ensure that a full list which is found damaged while it is in use is not the fault of the delta,
// which stays to be tried again.
func TestDeltaOverADamagedList(t *testing.T) {
	t.Parallel()
	eachChanging(t, func(t *testing.T, k *kind) {
		folder := t.TempDir()
		s := k.start(t, folder)
		require.NoError(t, apply(t, s, k.signed(t, 5, 3)))
		path := filepath.Join(folder, k.files(5, 5)[0])
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Rename(path, path+"-aside")) // what is mapped stays as it is
		require.NoError(t, os.WriteFile(path, whole[:len(whole)-1], 0o600))
		next := k.delta(t, edition{5, 3}, edition{9, 4})
		err = apply(t, s, next)
		require.Error(t, err)
		require.False(t, lists.Refusal(err))
		k.has(t, s, 5, 3)
		require.NoError(t, os.Rename(path+"-aside", path))
		require.NoError(t, apply(t, s, next))
		k.has(t, s, 9, 4)
	})
}

// Ensure that a file in use that the disk loses, or that is found damaged, is wanted again, and is
// put back while what is in use stays; and that the next delta and the next start find it.
func TestFileInUseIsLost(t *testing.T) {
	t.Parallel()
	eachChanging(t, func(t *testing.T, k *kind) {
		five, nine := edition{5, 3}, edition{9, 4}
		full, delta := k.signed(t, 5, 3), k.delta(t, five, nine)
		next := k.delta(t, five, edition{11, 2})
		lacks := func(s store) []bool {
			return []bool{s.Lacks(5, 0), s.Lacks(9, 5), s.Lacks(4, 0), s.Lacks(8, 5)}
		}
		folder := t.TempDir()
		s := k.start(t, folder)
		require.NoError(t, apply(t, s, full))
		require.NoError(t, os.Remove(filepath.Join(folder, k.files(5, 5)[0])))
		require.True(t, s.Lacks(5, 0), "without a delta over it")
		require.NoError(t, apply(t, s, full))
		require.NoError(t, apply(t, s, delta))
		names := k.files(5, 9)
		for _, name := range names {
			require.NoError(t, os.Remove(filepath.Join(folder, name)))
		}
		require.Equal(t, []bool{true, true, false, false}, lacks(s))
		require.ErrorIs(t, apply(t, s, k.signed(t, 5, 2)), lists.ErrOlder, "of other content")
		require.NoError(t, apply(t, s, full))
		k.has(t, s, 9, 4)
		require.NoError(t, apply(t, s, delta))
		k.has(t, s, 9, 4)
		k.has(t, k.start(t, folder), 9, 4)
		require.Equal(t, []bool{false, false, false, false}, lacks(s))
		require.ErrorIs(t, apply(t, s, full), lists.ErrOlder, "it is not needed")

		path := filepath.Join(folder, names[1])
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Remove(path)) // what is mapped stays as it is
		require.NoError(t, os.WriteFile(path, whole[:len(whole)-1], 0o600))
		err = apply(t, s, next)
		require.Error(t, err)
		require.False(t, lists.Refusal(err))
		require.True(t, s.Lacks(5, 0))
		require.NoError(t, apply(t, s, full))
		require.NoError(t, apply(t, s, next))
		k.has(t, s, 11, 2)
		require.Empty(t, s.Alarm())
	})
}

// Ensure that what is damaged or gone at a start is not used, with an alarm, that nothing older than
// the highest version is taken then, and that both come back from the depot as they were.
func TestDeltaDamagedAtStart(t *testing.T) {
	t.Parallel()
	flip := func(path string) error {
		raw, err := os.ReadFile(path)
		if err == nil {
			raw[len(raw)/2] ^= 16
			err = os.WriteFile(path, raw, 0o600)
		}
		return err
	}
	eachChanging(t, func(t *testing.T, k *kind) {
		full, delta := k.signed(t, 5, 3), k.delta(t, edition{5, 3}, edition{9, 4})
		names := k.files(5, 9)
		for name, row := range map[string]struct {
			harm func(path string) error
			of   []string
			then edition
		}{
			"the delta":     {flip, names[:1], edition{5, 3}},
			"the full list": {flip, names[1:], edition{}},
			"both":          {flip, names, edition{}},
			"the list gone": {os.Remove, names[1:], edition{}},
		} {
			t.Run(name, func(t *testing.T) {
				folder := t.TempDir()
				s := k.start(t, folder)
				require.NoError(t, apply(t, s, full))
				require.NoError(t, apply(t, s, delta))
				for _, file := range row.of {
					require.NoError(t, row.harm(filepath.Join(folder, file)))
				}
				starts := func(then edition) {
					s = k.start(t, folder)
					k.has(t, s, then.version, then.size)
					require.ErrorIs(t, apply(t, s, k.signed(t, 7, 2)), lists.ErrOlder)
					require.ErrorIs(t, apply(t, s, k.delta(t, edition{5, 3}, edition{8, 2})), lists.ErrOlder)
				}
				require.NotEmpty(t, k.start(t, folder).Alarm())
				starts(row.then)
				if row.then.version == 0 {
					require.ErrorIs(t, apply(t, s, delta), lists.ErrBase)
					require.NoError(t, apply(t, s, full))
				}
				starts(edition{5, 3})
				require.NoError(t, apply(t, s, delta))
				k.has(t, k.start(t, folder), 9, 4)
				require.NoError(t, apply(t, s, k.signed(t, 10, 1)))
				require.Subset(t, k.names(t, folder), k.files(10, 10))
				require.NotContains(t, k.names(t, folder), "delta-5-9.damaged")
			})
		}
	})
}

// contentsOf are the files of a folder.
func contentsOf(t *testing.T, folder string) map[string][]byte {
	all := map[string][]byte{}
	for _, name := range names(t, folder) {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		all[name] = raw
	}
	return all
}

// Ensure that a cut of the power while a delta, or a full list in its place, is taken leaves the old
// list or the new one, and nothing else for ever: whatever of the steps has reached the disk.
func TestDeltaPowerCut(t *testing.T) {
	t.Parallel()
	eachChanging(t, func(t *testing.T, k *kind) {
		for _, next := range []struct {
			raw  []byte
			base uint32
			then edition
		}{
			{k.delta(t, edition{5, 3}, edition{9, 2}), 5, edition{9, 2}},
			{k.signed(t, 9, 2), 9, edition{9, 2}},
			{k.signed(t, 7, 4), 7, edition{7, 4}}, // the one in use, without its delta
		} {
			folder, files := t.TempDir(), k.files(next.base, next.then.version)
			s := k.start(t, folder)
			require.NoError(t, apply(t, s, k.signed(t, 5, 3)))
			require.NoError(t, apply(t, s, k.delta(t, edition{5, 3}, edition{7, 4})))
			before := contentsOf(t, folder)
			require.NoError(t, apply(t, s, next.raw))
			after := contentsOf(t, folder)
			whole := after[files[0]]
			both := maps.Clone(before)
			maps.Copy(both, after)
			was, is := uint32(7), next.then.version
			for step, cut := range map[string]struct {
				files, more map[string][]byte
				wants       []uint32
			}{
				"half a draft":        {before, map[string][]byte{"draft": whole[:len(whole)/2]}, []uint32{was}},
				"a draft":             {before, map[string][]byte{"draft": whole}, []uint32{was}},
				"a name without data": {before, map[string][]byte{files[0]: nil}, []uint32{was}},
				"half under its name": {before, map[string][]byte{files[0]: whole[:len(whole)/2]}, []uint32{was}},
				"named":               {before, map[string][]byte{files[0]: whole}, []uint32{was, is}},
				"not swept yet":       {both, nil, []uint32{is}},
				"swept":               {after, nil, []uint32{is}},
			} {
				folder := t.TempDir()
				on := maps.Clone(cut.files)
				maps.Copy(on, cut.more)
				for name, raw := range on {
					require.NoError(t, os.WriteFile(filepath.Join(folder, name), raw, 0o600))
				}
				s := k.start(t, folder)
				require.Contains(t, cut.wants, s.Version(), step)
				k.holds(t, s, map[uint32]int{7: 4, 9: 2}[s.Version()])
				if step == "not swept yet" {
					require.Equal(t, files, k.names(t, folder), step)
				}
				if err := apply(t, s, next.raw); err != nil {
					require.ErrorIs(t, err, inbox.ErrReplay, step)
				}
				k.has(t, k.start(t, folder), is, next.then.size)
				require.Subset(t, k.names(t, folder), files, step)
				require.NotContains(t, names(t, folder), "draft", step)
			}
		}
	})
}

// Ensure that a delta counts by its own signature at every start, and by its full list's: with
// another key neither is used, and both wait for the one that has signed them.
func TestDeltaOfAnotherKey(t *testing.T) {
	t.Parallel()
	k, folder := kinds[0], t.TempDir()
	s := k.start(t, folder)
	require.NoError(t, apply(t, s, k.signed(t, 5, 3)))
	require.NoError(t, apply(t, s, k.delta(t, edition{5, 3}, edition{9, 4})))
	rolled := trust
	rolled.Keys = []bundle.PublicKey{bundle.Public(keyOf(2))}
	s, err := k.open(folder, rolled)
	require.NoError(t, err)
	k.has(t, s, 0, 0)
	require.Contains(t, s.Alarm(), "unknown key")
	k.has(t, k.start(t, folder), 9, 4)

	moved := trust
	moved.Area = 217
	s, err = k.open(folder, moved)
	require.NoError(t, err)
	require.Empty(t, s.Alarm())
	require.Empty(t, names(t, folder))
}

// Ensure that a bundle that was put under the name of another is not used.
func TestUnderAnotherName(t *testing.T) {
	t.Parallel()
	k, folder := kinds[0], t.TempDir()
	five := edition{5, 3}
	for name, raw := range map[string][]byte{
		"list-5": k.delta(t, five, edition{9, 4}), "delta-5-9": k.delta(t, five, edition{9, 4}),
		"list-4": k.signed(t, 5, 3), "delta-4-6": k.signed(t, 6, 3),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), raw, 0o600))
	}
	s := k.start(t, folder)
	k.has(t, s, 0, 0)
	require.Contains(t, s.Alarm(), "under the name of another")
}

// Ensure that a delta after which more than half of many actions are gone raises the alarm that a
// whole list would, unless that is meant.
func TestDeltaThinned(t *testing.T) {
	t.Parallel()
	k := kinds[0]
	s := k.start(t, t.TempDir())
	require.NoError(t, apply(t, s, k.signed(t, 3, 30)))
	require.NoError(t, apply(t, s, k.delta(t, edition{3, 30}, edition{4, 15})))
	require.Empty(t, s.Alarm(), "half")
	require.NoError(t, apply(t, s, k.delta(t, edition{3, 30}, edition{5, 14})))
	require.Empty(t, s.Alarm(), "fewer than half of its full list, and most of those in use")
	require.NoError(t, apply(t, s, k.delta(t, edition{3, 30}, edition{6, 30})))
	require.NoError(t, apply(t, s, k.delta(t, edition{3, 30}, edition{7, 14})))
	require.Contains(t, s.Alarm(), "version 7 has 14 actions and the list before it 30")
	k.has(t, s, 7, 14)
}

// Ensure that a delta is held to its manifest as a list is.
func TestDeltaIsAsItSays(t *testing.T) {
	t.Parallel()
	k := kinds[0]
	s := k.start(t, t.TempDir())
	require.NoError(t, apply(t, s, k.signed(t, 5, 3)))
	raw := k.delta(t, edition{5, 3}, edition{9, 4})
	sent, err := bundle.Read(bytes.NewReader(raw), bundle.Trust{
		Keys: trust.Keys, Purpose: k.purpose, Area: area, At: today, Largest: trust.Largest,
	})
	require.NoError(t, err)
	var file bytes.Buffer
	_, err = sent.WriteTo(&file)
	require.NoError(t, err)
	for name, change := range map[string]func(*bundle.Manifest){
		"another version": func(m *bundle.Manifest) { m.Version++ },
		"another count":   func(m *bundle.Manifest) { m.Count++ },
		"another digest":  func(m *bundle.Manifest) { m.Digest[0]++ },
		"a full list":     func(m *bundle.Manifest) { m.Base = 0 },
	} {
		m, lie := sent.Manifest, new(bytes.Buffer)
		change(&m)
		_, err := bundle.Write(lie, m, bytes.NewReader(file.Bytes()), issuer)
		require.NoError(t, err)
		require.ErrorIs(t, apply(t, s, lie.Bytes()), lists.ErrContent, name)
		k.has(t, s, 5, 3)
	}
	require.NoError(t, apply(t, s, raw))
}
