package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/veraison/go-cose"

	"leima/cardlayout/canonical"
)

var (
	made = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)
	ours = keyOf(1)
)

func keyOf(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func manifest() Manifest {
	return Manifest{
		Purpose: BlockList, Area: 227, Version: 7, Base: 3, Made: made,
		Expires: made.AddDate(0, 0, 14), Count: 5, Adding: 2, Digest: [sha256.Size]byte{1, 2, 3},
	}
}

func trust() Trust {
	return Trust{
		Keys: []PublicKey{Public(keyOf(9)), Public(ours)}, Purpose: BlockList, Area: 227,
		At: made.Add(time.Hour), Largest: 1 << 20,
	}
}

// sealed is a bundle of a file.
func sealed(t testing.TB, m Manifest, key ed25519.PrivateKey, file []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := Write(&b, m, bytes.NewReader(file), key)
	require.NoError(t, err)
	return b.Bytes()
}

// unpack reads a whole bundle.
func unpack(r io.Reader, trust Trust) (Manifest, []byte, error) {
	b, err := Read(r, trust)
	if err != nil {
		return Manifest{}, nil, err
	}
	var file bytes.Buffer
	if _, err := b.WriteTo(&file); err != nil {
		return Manifest{}, nil, err
	}
	return b.Manifest, file.Bytes(), nil
}

// Ensure that what was signed comes out again, at every size around those of pages and
// buffers, also from a reader that gives one byte at a time.
func TestThereAndBack(t *testing.T) {
	sizes := []int{
		0, 1, 2, 3, 511, 512, 513, 700, 800, 900, 1023, 1024, 1025, 4095, 4096, 4097,
		32767, 32768, 32769, 65535, 65536, 65537,
	}
	for _, size := range sizes {
		file := make([]byte, size)
		rand.NewChaCha8([32]byte{}).Read(file)
		raw := sealed(t, manifest(), ours, file)
		want := manifest()
		want.Size, want.Sum = int64(size), sha256.Sum256(file)
		for _, r := range []io.Reader{bytes.NewReader(raw), iotest.OneByteReader(bytes.NewReader(raw))} {
			got, content, err := unpack(r, trust())
			require.NoError(t, err)
			require.Equal(t, want, got)
			require.True(t, bytes.Equal(file, content))
		}
		peeked, err := Peek(bytes.NewReader(raw))
		require.NoError(t, err)
		require.Equal(t, want, peeked)
	}
}

// Ensure that every way a bundle can be wrong has its reason and says what to do.
func TestRefusals(t *testing.T) {
	file := []byte("a file")
	good := sealed(t, manifest(), ours, file)
	with := func(change func(*Manifest)) []byte {
		m := manifest()
		change(&m)
		return sealed(t, m, ours, file)
	}
	for name, test := range map[string]struct {
		raw  []byte
		want error
		says string
	}{
		"another purpose": {
			with(func(m *Manifest) { m.Purpose = Actions }), ErrPurpose,
			"it is for actions, not blocklist",
		},
		"another area": {
			with(func(m *Manifest) { m.Area = 217 }), ErrArea,
			"it is for 217, not 227: fetch that of area 227",
		},
		"another key": {sealed(t, manifest(), keyOf(2), file), ErrKey, "none of the 2 in the " +
			"configuration: pin it there"},
		"expired": {
			with(func(m *Manifest) { m.Expires = made.Add(time.Hour) }), ErrExpired,
			"it was good until 2026-03-02T04:00:00Z: fetch a newer one",
		},
		"too large": {
			sealed(t, manifest(), ours, make([]byte, 1<<20+1)), ErrLarge,
			"1048577 bytes, and the configuration allows 1048576",
		},
		"one byte more": {append(bytes.Clone(good), 0), ErrDamaged, "something follows"},
		"one byte less": {good[:len(good)-1], ErrDamaged, "5 of its 6 bytes are there: send it again"},
		"a list alone":  {file, ErrDamaged, "its envelope is no COSE_Sign1"},
		"nothing":       {nil, ErrDamaged, "it does not begin with an envelope"},
		"rubbish":       {bytes.Repeat([]byte{0x9F}, 5000), ErrDamaged, "an envelope"},
		"no COSE":       {[]byte{0x01, 0x02}, ErrDamaged, "its envelope is no COSE_Sign1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := unpack(bytes.NewReader(test.raw), trust())
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
			require.True(t, Refusal(err))
		})
	}
	_, _, err := unpack(bytes.NewReader(sealed(t, manifest(), ours, make([]byte, 1<<20))), trust())
	require.NoError(t, err, "the largest")
}

// Ensure that purpose and area are authenticated beside the manifest: one who could
// change what a device is told of them would have to sign anew.
func TestBinding(t *testing.T) {
	m := manifest()
	payload, err := m.marshal()
	require.NoError(t, err)
	for _, other := range []struct {
		purpose Purpose
		area    uint8
	}{{Actions, 227}, {BlockList, 217}} {
		m.Purpose, m.Area = other.purpose, 227
		if other.area != 227 {
			m.Area = 217
		}
		external, err := binding(m.Purpose, m.Area)
		require.NoError(t, err)
		signer, err := cose.NewSigner(cose.AlgorithmEdDSA, ours)
		require.NoError(t, err)
		message := messageOf(Public(ours).id(), payload, nil)
		require.NoError(t, message.Sign(nil, external, signer))
		raw, err := message.MarshalCBOR()
		require.NoError(t, err)
		_, err = Read(bytes.NewReader(raw), trust())
		require.ErrorIs(t, err, ErrForged)
	}
}

// Ensure that one flipped bit anywhere, and a cut anywhere, is refused: there is one
// way to write a bundle.
func TestFlippedAndCutEverywhere(t *testing.T) {
	raw := sealed(t, manifest(), ours, bytes.Repeat([]byte("list"), 30))
	for bit := range 8 * len(raw) {
		raw[bit/8] ^= 1 << (bit % 8)
		_, _, err := unpack(bytes.NewReader(raw), trust())
		require.True(t, Refusal(err), "bit %d of byte %d: %v", bit%8, bit/8, err)
		raw[bit/8] ^= 1 << (bit % 8)
	}
	for n := range raw {
		_, _, err := unpack(bytes.NewReader(raw[:n]), trust())
		require.ErrorIs(t, err, ErrDamaged, "cut to %d", n)
	}
}

// Ensure that a bundle which is well signed and written in another way than ours is
// refused: what one program reads as one thing, another may read as something else.
func TestOtherWaysOfWriting(t *testing.T) {
	raw := sealed(t, manifest(), ours, nil)
	m := cose.NewSign1Message()
	require.NoError(t, m.UnmarshalCBOR(raw))
	again := func() []byte {
		external, err := binding(BlockList, 227)
		require.NoError(t, err)
		signer, err := cose.NewSigner(cose.AlgorithmEdDSA, ours)
		require.NoError(t, err)
		m.Signature = nil
		require.NoError(t, m.Sign(nil, external, signer))
		raw, err := m.MarshalCBOR()
		require.NoError(t, err)
		return raw
	}
	require.Equal(t, raw, again())

	m.Headers.RawUnprotected, m.Headers.Unprotected[int64(99)] = nil, "more"
	_, err := Read(bytes.NewReader(again()), trust())
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "is not written as it should be")

	long := bytes.Replace(raw, []byte{0xA0, 0x58, raw[bytes.IndexByte(raw, 0xA0)+2]},
		[]byte{0xA0, 0x59, 0, raw[bytes.IndexByte(raw, 0xA0)+2]}, 1)
	require.Len(t, long, len(raw)+1, "the length of the manifest in two bytes")
	_, err = Read(bytes.NewReader(long), trust())
	require.ErrorIs(t, err, ErrDamaged)
}

// Ensure that a manifest which says what none may say is refused, also one that is well
// signed, and that none is signed.
func TestImpossibleManifests(t *testing.T) {
	for name, change := range map[string]func(*Manifest){
		"purpose": func(m *Manifest) { m.Purpose = "tariff" },
		"version": func(m *Manifest) { m.Version, m.Base = 0, 0 },
		"area":    func(m *Manifest) { m.Area = 0 },
		"base":    func(m *Manifest) { m.Base = m.Version },
		"expires": func(m *Manifest) { m.Expires = m.Made },
		"size":    func(m *Manifest) { m.Size = -1 },
	} {
		m := manifest()
		change(&m)
		raw, err := m.sign(ours)
		require.NoError(t, err)
		_, err = Peek(bytes.NewReader(raw))
		require.ErrorIs(t, err, ErrDamaged, name)
		if name != "size" { // which Write knows better
			_, err = Write(io.Discard, m, bytes.NewReader(nil), ours)
			require.ErrorContains(t, err, "signing the bundle", name)
		}
	}
}

// Ensure that a later format is refused as such, whatever it may hold.
func TestLaterFormat(t *testing.T) {
	payload, err := canonical.Encode.Marshal([]any{2, "something new"})
	require.NoError(t, err)
	raw, err := messageOf(make([]byte, 8), payload, make([]byte, 64)).MarshalCBOR()
	require.NoError(t, err)
	_, err = Read(bytes.NewReader(raw), trust())
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, "update it")
}

// Ensure that a disk that fails is no reason to refuse a bundle.
func TestDiskFails(t *testing.T) {
	broken := &fs.PathError{Op: "read", Path: "list", Err: errors.New("input/output error")}
	raw := sealed(t, manifest(), ours, make([]byte, 5000))
	for _, n := range []int{0, 100, 3000} {
		_, _, err := unpack(io.MultiReader(bytes.NewReader(raw[:n]), iotest.ErrReader(broken)), trust())
		require.ErrorIs(t, err, broken, "%d", n)
		require.False(t, Refusal(err))
	}

	b, err := Read(bytes.NewReader(sealed(t, manifest(), ours, []byte("list"))), trust())
	require.NoError(t, err)
	_, err = b.WriteTo(fullDisk{})
	require.ErrorContains(t, err, "see to the disk and its room; until then what is in use stays")
	require.ErrorIs(t, err, syscall.ENOSPC)
}

// A fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "draft", Err: syscall.ENOSPC}
}

// Ensure that public keys are read as they are written, and nothing else is.
func TestPublicKeys(t *testing.T) {
	var key PublicKey
	text := Public(ours).String()
	require.NoError(t, key.UnmarshalText([]byte(text)))
	require.Equal(t, Public(ours), key)
	for _, wrong := range []string{"", "x", text[:40], text + "AAAA", text[:43] + "!"} {
		require.Error(t, key.UnmarshalText([]byte(wrong)), wrong)
	}
}

// FuzzRead states that whatever the bytes, reading ends in an error or in a bundle that
// was signed; and nothing panics.
func FuzzRead(f *testing.F) {
	file := []byte("a file")
	raw := sealed(f, manifest(), ours, file)
	f.Add(raw)
	f.Add(raw[:20])
	f.Add([]byte{0xD2, 0x84, 0x40, 0xA0, 0x40, 0x40})
	f.Fuzz(func(t *testing.T, other []byte) {
		_, _ = Peek(bytes.NewReader(other))
		_, _, err := unpack(bytes.NewReader(other), trust())
		if err == nil {
			require.Equal(t, raw, other)
		} else {
			require.True(t, Refusal(err), err)
		}
	})
}

// Ensure that what is meant comes out again, that a bundle which says nothing of it is written
// as it always was, and that one which says that it does not mean it is no way of writing.
func TestFewer(t *testing.T) {
	m := manifest()
	plain, err := m.marshal()
	require.NoError(t, err)
	require.EqualValues(t, 0x8C, plain[0], "an array of twelve")
	m.Fewer = true
	raw := sealed(t, m, ours, []byte("file"))
	got, _, err := unpack(bytes.NewReader(raw), trust())
	require.NoError(t, err)
	require.True(t, got.Fewer)
	got.Size, got.Sum = m.Size, m.Sum
	require.Equal(t, m, got)
	m.Purpose = Actions
	payload, err := m.marshal()
	require.NoError(t, err)
	payload[len(payload)-1]-- // false
	_, err = unmarshal(payload)
	require.ErrorIs(t, err, ErrDamaged)
}
