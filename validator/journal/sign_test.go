package journal

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
)

var (
	deviceKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	devicePub = deviceKey.Public().(ed25519.PublicKey)
	otherKey  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{4}, ed25519.SeedSize))
)

// positions are those of the heads that are signed.
func positions(t *testing.T, path string) (all []uint64) {
	heads, _, err := readHeads(path)
	require.NoError(t, err)
	for _, h := range heads {
		all = append(all, h.Position)
	}
	return all
}

// Ensure that the head is signed at the start, at a shift's end, with a segment and
// at the end, and not otherwise; that the caller is given the head of now to send; and that all
// of it holds.
func TestHeadIsSigned(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.SignWith(deviceKey))
	require.Equal(t, []uint64{0}, positions(t, j.path))
	fill(t, j)
	require.Equal(t, []uint64{0}, positions(t, j.path))
	ended := tap(6, 1)
	ended.Reason = fare.ShiftEnded
	require.NoError(t, j.Record(ended))
	require.Equal(t, []uint64{0, 8}, positions(t, j.path))
	require.NoError(t, j.Record(tap(7, 1)))
	now, ok, err := j.SignedHead()
	require.NoError(t, err)
	require.True(t, ok)
	require.EqualValues(t, 9, now.Position)
	require.True(t, ed25519.Verify(devicePub, append([]byte("leima journal head\x00"), now.Head...),
		now.Signature))
	require.Equal(t, []uint64{0, 8}, positions(t, j.path), "the depot keeps that one")
	require.NoError(t, j.Record(tap(8, 1)))
	require.NoError(t, j.Close())
	require.Equal(t, []uint64{0, 8, 10}, positions(t, j.path))
	info, err := os.Stat(headsFile(j.path))
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())

	j = open(t, j.path)
	upTo, err := j.VerifySigned(otherKey.Public().(ed25519.PublicKey), devicePub)
	require.NoError(t, err)
	require.EqualValues(t, 10, upTo)
	last, ok, err := j.SignedHead()
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, j.Extent().Hash, last.Hash)
	require.True(t, ed25519.Verify(devicePub, append([]byte("leima journal head\x00"), last.Head...),
		last.Signature))
}

// Ensure that each segment's beginning is signed, and that a journal whose oldest entries
// were pruned is held to what is left.
func TestSegmentsAreSigned(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	require.NoError(t, j.SignWith(deviceKey))
	settled(t, j, 30)
	require.Greater(t, len(j.segments), 1)
	require.Len(t, positions(t, j.path), len(j.segments))
	require.NoError(t, j.Acknowledge(j.Extent().Last))
	for j.Extent().First == 1 {
		settled(t, j, 10)
		require.NoError(t, j.Acknowledge(j.Extent().Last))
	}
	_, err := j.VerifySigned(devicePub)
	require.NoError(t, err)
}

// Ensure that a chain which was written anew as a whole shows, and so does a signed entry that
// is gone, heads that are gone, changed, or another's; and that all of these pass without.
func TestRewrittenChain(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		with func(t *testing.T, j string)
		want string
	}{
		"as it was": {func(*testing.T, string) {}, ""},
		"written anew": {func(t *testing.T, path string) {
			require.NoError(t, os.RemoveAll(path))
			require.NoError(t, Create(path, testDevice))
			j := open(t, path)
			cheaper := tap(1, 1)
			cheaper.Charge--
			require.NoError(t, j.Begin(cheaper))
			require.NoError(t, j.Settle(id(1), testReceipt))
			for n := uint32(2); n < 9; n++ {
				require.NoError(t, j.Record(tap(n, 1)))
			}
			require.NoError(t, j.Close())
		}, "entry 7 is not the one that was signed"},
		"shorter": {func(t *testing.T, path string) {
			require.NoError(t, os.RemoveAll(path))
			require.NoError(t, Create(path, testDevice))
			j := open(t, path)
			require.NoError(t, j.Begin(tap(1, 1)))
			require.NoError(t, j.Close())
		}, "entry 7 was signed, and the log ends with entry 1"},
		"no heads": {func(t *testing.T, path string) {
			require.NoError(t, os.Remove(headsFile(path)))
		}, "no head of it is signed"},
		"another's": {func(t *testing.T, path string) {
			require.NoError(t, os.Remove(headsFile(path)))
			j := open(t, path)
			require.NoError(t, j.SignWith(otherKey))
			require.NoError(t, j.Close())
		}, "its head at entry 7 is signed with another key"},
		"a changed signature": {func(t *testing.T, path string) {
			raw, err := os.ReadFile(headsFile(path))
			require.NoError(t, err)
			raw[len(raw)-1] ^= 1
			require.NoError(t, os.WriteFile(headsFile(path), raw, 0o600))
		}, "the signature of its head at entry 7 is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal")
			require.NoError(t, Create(path, testDevice))
			j := open(t, path)
			require.NoError(t, j.SignWith(deviceKey))
			fill(t, j)
			require.NoError(t, j.Close())
			row.with(t, path)
			j, err := OpenToRead(path)
			require.NoError(t, err)
			defer j.Close()
			require.NoError(t, j.Verify(nil), "the chain alone is whole")
			_, err = j.VerifySigned(devicePub)
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			requireDamaged(t, err, row.want)
		})
	}
}

// Ensure that what a power cut has left of a head is passed over, and written over.
func TestTornHead(t *testing.T) {
	t.Parallel()
	path := created(t)
	j := open(t, path)
	require.NoError(t, j.SignWith(deviceKey))
	fill(t, j)
	require.NoError(t, j.Close())
	raw, err := os.ReadFile(headsFile(path))
	require.NoError(t, err)
	_, size, err := readHeads(path)
	require.NoError(t, err)
	require.EqualValues(t, len(raw), size)
	for cut := len(raw) - 1; cut > len(raw)/2; cut-- {
		require.NoError(t, os.WriteFile(headsFile(path), raw[:cut], 0o600))
		require.Equal(t, []uint64{0}, positions(t, path), "cut to %d", cut)
		j = open(t, path)
		require.NoError(t, j.SignWith(deviceKey))
		require.NoError(t, j.Close())
		again, err := os.ReadFile(headsFile(path))
		require.NoError(t, err)
		require.Equal(t, raw, again)
	}
}

// Ensure that the older heads go when there are many, and that none which is kept is changed.
func TestManyHeads(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.SignWith(deviceKey))
	raw, err := os.ReadFile(headsFile(j.path))
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.NoError(t, os.WriteFile(headsFile(j.path), bytes.Repeat(raw, mostHeads+1), 0o600))
	j = open(t, j.path)
	require.NoError(t, j.SignWith(deviceKey))
	require.Len(t, positions(t, j.path), mostHeads/2)
	_, err = j.VerifySigned(devicePub)
	require.NoError(t, err)
}

// Ensure that an entry which cannot be signed is kept all the same, that it is told, and that
// the head is signed the next time.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.SignWith(deviceKey))
	require.NoError(t, os.Rename(headsFile(j.path), j.path+".aside"))
	require.NoError(t, os.Mkdir(headsFile(j.path), 0o700))
	ended := tap(1, 1)
	ended.Reason = fare.ShiftEnded
	require.NoError(t, j.Record(ended))
	require.Error(t, j.Extent().Trouble)
	require.NoError(t, os.Remove(headsFile(j.path)))
	require.NoError(t, os.Rename(j.path+".aside", headsFile(j.path)))
	ended.ID = id(2)
	require.NoError(t, j.Record(ended))
	require.NoError(t, j.Extent().Trouble)
	require.Equal(t, []uint64{0, 2}, positions(t, j.path))
}

// Ensure that a device's key is made once, for its owner alone, and that what is no key is not
// replaced.
func TestDeviceKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "device.key")
	key, err := DeviceKey(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	same, err := DeviceKey(path)
	require.NoError(t, err)
	require.Equal(t, key, same)
	require.NoError(t, os.Chmod(path, 0o640))
	_, err = DeviceKey(path)
	require.ErrorContains(t, err, "chmod 600")
	require.NoError(t, os.WriteFile(path, []byte("rubbish"), 0o600))
	require.NoError(t, os.Chmod(path, 0o600))
	_, err = DeviceKey(path)
	require.ErrorContains(t, err, "is no key of Ed25519")
	left, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "rubbish", string(left))

	_, err = DeviceKey(filepath.Dir(path)) // nobody is told to close a folder
	require.ErrorContains(t, err, "is no file")
}

// Ensure that a signed entry which is gone is told at the next start, also where the log ends with
// a whole record.
func TestSignedEntryIsGone(t *testing.T) {
	t.Parallel()
	path := filled(t)
	old := filesIn(t, path)
	j := open(t, path)
	require.NoError(t, j.SignWith(deviceKey))
	require.NoError(t, j.Record(tap(6, 1)))
	require.NoError(t, j.Close())
	put(t, path, old)
	j = open(t, path)
	require.NoError(t, j.Loss())
	require.NoError(t, j.SignWith(deviceKey))
	requireDamaged(t, j.Loss(), fmt.Sprintf("it ends with entry %d, and entry %d was signed", 7, 8))
}
