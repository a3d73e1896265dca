package manifest_test

import (
	"bytes"
	"crypto/ed25519"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/canonical"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

const area = 227

var made = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)

// key is one of a number.
func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func role(least uint, keys ...byte) (r manifest.Role) {
	r.Least = least
	for _, n := range keys {
		r.Keys = append(r.Keys, bundle.Public(key(n)))
	}
	return r
}

// root has two of three owners, and two of three signers.
func root() manifest.Root {
	return manifest.Root{Area: area, Version: 1, Owners: role(2, 1, 2, 3), Signers: role(2, 11, 12, 13)}
}

func now(version uint64) manifest.Manifest {
	return manifest.Manifest{
		Version: version, Root: 1, Made: made, Expires: made.Add(24 * time.Hour),
		Objects: []manifest.Object{
			{Purpose: bundle.Actions, Version: 4, Size: 100, Sum: [32]byte{4}},
			{Purpose: bundle.BlockList, Version: 9, Base: 7, Size: 1000, Sum: [32]byte{9}},
		},
	}
}

func issued(t testing.TB, r manifest.Root, m manifest.Manifest, keys ...byte) []byte {
	t.Helper()
	raw, err := r.Issue(m, privates(keys)...)
	require.NoError(t, err)
	return raw
}

func privates(keys []byte) (all []ed25519.PrivateKey) {
	for _, n := range keys {
		all = append(all, key(n))
	}
	return all
}

// Ensure that what was signed comes out again, with the objects under the names of their content.
func TestThereAndBack(t *testing.T) {
	m, err := root().Read(issued(t, root(), now(7), 11, 13), manifest.Manifest{})
	require.NoError(t, err)
	require.Equal(t, now(7), m)
	require.Equal(t, "04"+string(bytes.Repeat([]byte("0"), 62)), m.Objects[0].Name())
	raw, err := root().Sign(key(1), key(2))
	require.NoError(t, err)
	again, err := manifest.ReadRoot(area, raw)
	require.NoError(t, err)
	require.Equal(t, root(), again)
	_, err = manifest.ReadRoot(area+1, raw)
	require.ErrorIs(t, err, manifest.ErrUnsigned, "of another area")
}

// Ensure that a manifest counts only with enough keys of its role, each counted once.
func TestEnoughKeys(t *testing.T) {
	for name, c := range map[string]struct {
		keys  []byte
		valid bool
	}{
		"two of three":        {[]byte{11, 12}, true},
		"other two":           {[]byte{12, 13}, true},
		"all":                 {[]byte{13, 12, 11}, true},
		"two and a stranger":  {[]byte{11, 99, 12}, true},
		"one":                 {[]byte{11}, false},
		"one, twice":          {[]byte{11, 11}, false},
		"one and a stranger":  {[]byte{11, 99}, false},
		"owners":              {[]byte{1, 2, 3}, false},
		"an owner and a sign": {[]byte{1, 11}, false},
		"nobody":              {nil, false},
	} {
		_, err := root().Read(issued(t, root(), now(1), c.keys...), manifest.Manifest{})
		if c.valid {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, manifest.ErrUnsigned, name)
		}
	}
	other := root()
	other.Area++
	_, err := root().Read(issued(t, other, now(1), 11, 12), manifest.Manifest{})
	require.ErrorIs(t, err, manifest.ErrUnsigned, "of another area")
}

// Ensure that owners sign a root one after another, each counted once, and that nobody signs one that
// others have signed for another area, or of which a bit is not as they have signed it.
func TestCountersign(t *testing.T) {
	next := root()
	next.Owners.Least = 3
	raw, err := next.Sign(key(1))
	require.NoError(t, err)
	for n, by := range []byte{1, 2, 2, 3} {
		_, err = manifest.ReadRoot(area, raw)
		require.ErrorIs(t, err, manifest.ErrUnsigned, n)
		_, _, err = manifest.Countersign(area+1, raw, key(by))
		require.ErrorIs(t, err, manifest.ErrUnsigned)
		_, _, err = manifest.Countersign(area, bytes.Replace(raw, []byte{3, 0x83}, []byte{2, 0x83}, 1),
			key(by))
		require.Error(t, err)
		var says manifest.Root
		says, raw, err = manifest.Countersign(area, raw, key(by))
		require.NoError(t, err)
		require.Equal(t, next, says)
	}
	again, err := manifest.ReadRoot(area, raw)
	require.NoError(t, err)
	require.Equal(t, next, again)
}

// Ensure that one key that stands twice in a statement, which nobody here would write, does not
// count twice.
func TestKeyTwice(t *testing.T) {
	var parts []any
	require.NoError(t, canonical.Decode.Unmarshal(issued(t, root(), now(1), 11), &parts))
	signature := parts[1].([]any)[0]
	parts[1] = []any{signature, signature}
	raw, err := canonical.Encode.Marshal(parts)
	require.NoError(t, err)
	_, err = root().Read(raw, manifest.Manifest{})
	require.ErrorIs(t, err, manifest.ErrDamaged)
}

// Ensure that nothing follows a later one, and that one version has one content.
func TestRollback(t *testing.T) {
	changed := now(7)
	changed.Objects = changed.Objects[:1]
	for name, c := range map[string]struct {
		m    manifest.Manifest
		want error
	}{
		"the next":      {now(8), nil},
		"a later":       {now(80), nil},
		"the same":      {now(7), nil},
		"an older":      {now(6), manifest.ErrOlder},
		"one with less": {changed, manifest.ErrConflict},
	} {
		_, err := root().Read(issued(t, root(), c.m, 11, 12), now(7))
		require.ErrorIs(t, err, c.want, name)
	}
}

// Ensure that a manifest is over at its time, and not before.
func TestExpired(t *testing.T) {
	m := now(1)
	require.False(t, m.Expired(m.Expires.Add(-time.Second)))
	require.True(t, m.Expired(m.Expires))
}

// Ensure that a root follows the one before only with enough of the former owners and of its own,
// in its turn; and that manifests go by it then, and by no other.
func TestNextRoot(t *testing.T) {
	next := manifest.Root{Area: area, Version: 2, Owners: role(1, 3, 4), Signers: role(1, 21)}
	skips := next
	skips.Version = 3
	for name, c := range map[string]struct {
		root manifest.Root
		keys []byte
		want error
	}{
		"by former and own owners": {next, []byte{1, 2, 4}, nil},
		"one key is both":          {next, []byte{2, 3}, nil},
		"by the own only":          {next, []byte{3, 4}, manifest.ErrUnsigned},
		"by the former only":       {next, []byte{1, 2}, manifest.ErrUnsigned},
		"by signers":               {next, []byte{11, 12, 4}, manifest.ErrUnsigned},
		"one is left out":          {skips, []byte{1, 2, 3}, manifest.ErrNotNext},
		"the one that counts":      {root(), []byte{1, 2}, manifest.ErrNotNext},
	} {
		raw, err := c.root.Sign(privates(c.keys)...)
		require.NoError(t, err)
		got, err := root().Next(raw)
		require.ErrorIs(t, err, c.want, name)
		if err == nil {
			require.Equal(t, next, got)
		} else {
			require.Equal(t, root(), got, name)
		}
	}
	m := now(1)
	_, err := next.Read(issued(t, root(), m, 11, 12), manifest.Manifest{})
	require.ErrorIs(t, err, manifest.ErrRoot)
	m.Root = 2
	_, err = next.Read(issued(t, next, m, 21), now(1000))
	require.NoError(t, err, "the versions begin anew")
	_, err = next.Read(issued(t, next, m, 11, 12), now(1000))
	require.ErrorIs(t, err, manifest.ErrUnsigned)
}

// Ensure that a root or a manifest that cannot be meant is none.
func TestImpossible(t *testing.T) {
	for name, change := range map[string]func(*manifest.Root){
		"nobody has to sign":     func(r *manifest.Root) { r.Signers.Least = 0 },
		"more than there are":    func(r *manifest.Root) { r.Owners.Least = 4 },
		"no keys":                func(r *manifest.Root) { r.Signers.Keys = nil },
		"a key twice":            func(r *manifest.Root) { r.Signers = role(2, 11, 11) },
		"no version":             func(r *manifest.Root) { r.Version = 0 },
		"more keys than one has": func(r *manifest.Root) { r.Signers.Keys = make([]bundle.PublicKey, 17) },
	} {
		r := root()
		change(&r)
		raw, err := r.Sign(key(1), key(2), key(3))
		require.NoError(t, err)
		_, err = manifest.ReadRoot(area, raw)
		require.ErrorIs(t, err, manifest.ErrDamaged, name)
	}
	for name, change := range map[string]func(*manifest.Manifest){
		"no version":           func(m *manifest.Manifest) { m.Version = 0 },
		"over before it began": func(m *manifest.Manifest) { m.Expires = m.Made },
		"an empty object":      func(m *manifest.Manifest) { m.Objects[0].Size = 0 },
		"a negative object":    func(m *manifest.Manifest) { m.Objects[0].Size = -1 },
		"an object of none":    func(m *manifest.Manifest) { m.Objects[0].Version = 0 },
		"a delta of itself":    func(m *manifest.Manifest) { m.Objects[1].Base = 9 },
		"two of one purpose":   func(m *manifest.Manifest) { m.Objects[1].Purpose, m.Objects[1].Base = bundle.Actions, 0 },
		"too many objects": func(m *manifest.Manifest) {
			m.Objects = nil
			for n := range 65 {
				m.Objects = append(m.Objects, manifest.Object{
					Purpose: bundle.Purpose(strconv.Itoa(n)), Version: 1, Size: 1,
				})
			}
		},
	} {
		m := now(1)
		change(&m)
		_, err := root().Read(issued(t, root(), m, 11, 12), manifest.Manifest{})
		require.ErrorIs(t, err, manifest.ErrDamaged, name)
	}
}

// Ensure that no bit and no end of a manifest can be changed.
func TestEveryBitCounts(t *testing.T) {
	raw := issued(t, root(), now(1), 11, 12)
	stride := 1
	if testing.Short() {
		stride = 11
	}
	for n := 0; n < 8*len(raw); n += stride {
		other := bytes.Clone(raw)
		other[n/8] ^= 1 << (n % 8)
		_, err := root().Read(other, manifest.Manifest{})
		require.Error(t, err, "bit %d", n)
	}
	for n := range raw {
		_, err := root().Read(raw[:n], manifest.Manifest{})
		require.ErrorIs(t, err, manifest.ErrDamaged, "cut to %d", n)
	}
	_, err := root().Read(append(raw, 0), manifest.Manifest{})
	require.ErrorIs(t, err, manifest.ErrDamaged)
}

// FuzzRead states that whatever the bytes, reading ends in an error or in what was signed.
func FuzzRead(f *testing.F) {
	raw := issued(f, root(), now(1), 11, 12)
	f.Add(raw)
	f.Add(raw[:20])
	f.Fuzz(func(t *testing.T, other []byte) {
		_, _ = manifest.ReadRoot(area, other)
		if m, err := root().Read(other, manifest.Manifest{}); err == nil {
			require.Equal(t, now(1), m)
		}
	})
}
