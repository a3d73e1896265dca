package desfire_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
	"leima/hw/emu"
)

// Ensure that a card tells what it is to anybody, and the same under a MAC.
func TestCardTellsOfItself(t *testing.T) {
	s := connect(t, emu.Air{}.Present(blank(64)))
	require.Equal(t, uid, s.UID())
	tell := func() {
		version, err := s.Version()
		require.NoError(t, err)
		require.Equal(t, desfire.Version{
			Hardware: [7]byte{0x04, 0x01, 0x01, 0x12, 0x00, 0x1A, 0x05},
			Software: [7]byte{0x04, 0x01, 0x01, 0x02, 0x01, 0x1A, 0x05},
			UID:      uid, Week: 0x01, Year: 0x26,
		}, version)
		require.Equal(t, 2, version.Generation())
		free, err := s.FreeMemory()
		require.NoError(t, err)
		require.Equal(t, 8192, free)
		keyVersion, err := s.KeyVersion(0)
		require.NoError(t, err)
		require.Zero(t, keyVersion)
	}
	tell()
	require.NoError(t, s.Authenticate(0, piccKey, random(1)))
	tell()
	own, err := s.CardUID()
	require.NoError(t, err)
	require.Equal(t, uid, own)
}

// Ensure that the generation is told by type and major version alone.
func TestGeneration(t *testing.T) {
	for hardware, want := range map[[2]byte]int{
		{0x01, 0x01}: 1, {0x01, 0x12}: 2, {0x01, 0x22}: 2, {0x01, 0x33}: 3, {0x01, 0x03}: 3,
		{0x01, 0x00}: 0, {0x01, 0x44}: 0, {0x02, 0x12}: 0, {0x08, 0x01}: 0, {0x81, 0x12}: 0,
	} {
		v := desfire.Version{Hardware: [7]byte{1: hardware[0], 3: hardware[1]}}
		require.Equal(t, want, v.Generation(), "%X", hardware)
	}
}

// Ensure that an issued application has the files, settings and key versions that
// it was given.
func TestApplicationIsAsIssued(t *testing.T) {
	card := blank(64)
	issue(t, card)
	s := enter(t, emu.Air{}.Present(card), 0)
	files, err := s.FileIDs()
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15}, files)
	for file, want := range map[byte][]byte{
		stdPlain:  {0x00, 0x00, 0x10, 0x11, 0x00, 0x02, 0x00},
		backFull:  {0x01, 0x03, 0x10, 0x11, 0x00, 0x02, 0x00},
		cyclicMAC: {0x04, 0x01, 0x10, 0x11, recordSize, 0, 0, recordMost, 0, 0, 0, 0, 0},
		split:     {0x01, 0x01, 0x30, 0x12, 32, 0, 0},
		open:      {0x00, 0x01, 0x30, 0xE2, 32, 0, 0},
		tmac:      {0x05, 0x01, 0xF0, 0x1F, 0x02, 0x77},
	} {
		settings, err := s.FileSettings(file)
		require.NoError(t, err)
		require.Equal(t, want, settings, "file %d", file)
	}
	for no := range byte(appKeys) {
		version, err := s.KeyVersion(no)
		require.NoError(t, err)
		require.Equal(t, 0x10+no, version)
	}
	free, err := s.FreeMemory()
	require.NoError(t, err)
	const records = (recordSize*recordMost + 31) / 32 * 32
	used := 32 + appKeys*16 + 3*fileSize + 3*2*fileSize + 3*records + 2*32 + 32 + 32
	require.Equal(t, 8192-used, free)
}

// Ensure that what is written is read back, to the byte, over every border of a
// block, of a frame and of a command, in each mode; that nothing beside it
// changes; and that a backup file shows nothing before the commit.
func TestWriteAndReadBack(t *testing.T) {
	for _, frame := range []int{64, 128, 256} {
		for n, mode := range modes {
			for _, file := range []byte{stdPlain + byte(n), backPlain + byte(n)} {
				name := fmt.Sprintf("frame %d/%s/file %d", frame, modeNames[mode], file)
				t.Run(name, func(t *testing.T) {
					s := enter(t, emu.Air{}.Present(issued(t, frame)), 1)
					b := fileFixture{t, s, file, mode, pattern(fileSize, n)}
					b.writeEverywhere()
				})
			}
		}
	}
}

// A fileFixture is a data file and what must stand in it.
type fileFixture struct {
	t    *testing.T
	s    *desfire.Session
	file byte
	mode desfire.Mode
	want []byte
}

func (b *fileFixture) writeEverywhere() {
	b.check()
	for _, n := range []int{1, 15, 16, 47, 59, 60, 61, 191, 192, 193, 256} {
		for _, offset := range []int{0, 1, 63, 192, fileSize - n} {
			b.write(offset, pattern(n, n+offset))
		}
	}
}

func (b *fileFixture) write(offset int, p []byte) {
	b.t.Helper()
	given := bytes.Clone(p)
	require.NoError(b.t, b.s.Write(b.file, b.mode, offset, p))
	require.Equal(b.t, given, p, "the caller's bytes were changed")
	if b.file >= backPlain {
		b.check()
		_, err := b.s.Commit(false)
		require.NoError(b.t, err)
	}
	copy(b.want[offset:], p)
	part := make([]byte, len(p))
	require.NoError(b.t, b.s.Read(b.file, b.mode, offset, part))
	require.Equal(b.t, given, part)
	b.check()
}

func (b *fileFixture) check() {
	b.t.Helper()
	whole := make([]byte, fileSize)
	require.NoError(b.t, b.s.Read(b.file, b.mode, 0, whole))
	require.Equal(b.t, b.want, whole)
}

// Ensure that nothing is sent for nothing.
func TestNothingToReadOrWrite(t *testing.T) {
	w := &wire{card: emu.Air{}.Present(issued(t, 64))}
	s := enter(t, w, 1)
	before := len(w.sent)
	require.NoError(t, s.Read(stdFull, desfire.Full, 0, nil))
	require.NoError(t, s.Write(stdFull, desfire.Full, 0, nil))
	require.Len(t, w.sent, before)
}

// Ensure that the newest records come, oldest first, that the file keeps no more
// than it holds, and that a record is there after its commit only.
func TestRecords(t *testing.T) {
	for n, mode := range modes {
		t.Run(modeNames[mode], func(t *testing.T) {
			file := cyclicPlain + byte(n)
			s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
			want := [][]byte{pattern(recordSize, n)}
			for seed := range 2 * recordMost {
				record := pattern(recordSize, 20+seed)
				require.NoError(t, s.WriteRecord(file, mode, record))
				checkRecords(t, s, file, mode, want)
				_, err := s.Commit(false)
				require.NoError(t, err)
				want = append(want, record)
				want = want[max(0, len(want)-recordMost+1):]
				checkRecords(t, s, file, mode, want)
			}
		})
	}
}

func checkRecords(t *testing.T, s *desfire.Session, file byte, m desfire.Mode, want [][]byte) {
	t.Helper()
	for count := 1; count <= len(want); count++ {
		records, err := s.ReadRecords(file, m, recordSize, count)
		require.NoError(t, err)
		require.Equal(t, bytes.Join(want[len(want)-count:], nil), records)
	}
}

// Ensure that two records of one transaction become one, the later over the
// earlier.
func TestRecordsAreMerged(t *testing.T) {
	s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
	require.NoError(t, s.WriteRecord(cyclicMAC, desfire.MAC, bytes.Repeat([]byte{1}, recordSize)))
	require.NoError(t, s.WriteRecord(cyclicMAC, desfire.MAC, []byte{2, 2}))
	_, err := s.Commit(false)
	require.NoError(t, err)
	merged := append([]byte{2, 2}, bytes.Repeat([]byte{1}, recordSize-2)...)
	checkRecords(t, s, cyclicMAC, desfire.MAC, [][]byte{pattern(recordSize, 1), merged})
}

// Ensure that the card's signature counts every commit, is never the same twice,
// is asked for only when wanted, and is the one that the card keeps.
func TestReceipts(t *testing.T) {
	s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
	seen := map[[8]byte]bool{{}: true}
	tmc := uint32(1) // the commit of issuing
	for n := range 6 {
		require.NoError(t, s.Write(backFull, desfire.Full, 0, []byte("the same again")))
		tmc++
		wanted := n%3 != 2
		receipt, err := s.Commit(wanted)
		require.NoError(t, err)
		if !wanted {
			require.Zero(t, receipt)
			continue
		}
		require.Equal(t, tmc, receipt.TMC)
		require.False(t, seen[receipt.TMV], "the same signature twice")
		seen[receipt.TMV] = true
		kept := make([]byte, 12)
		require.NoError(t, s.Read(tmac, desfire.MAC, 0, kept))
		require.Equal(t, append([]byte{byte(tmc), 0, 0, 0}, receipt.TMV[:]...), kept)
	}
}

// Ensure that an abort drops what was written, and that the session goes on.
func TestAbort(t *testing.T) {
	card := issued(t, 64)
	before := memory(t, card)
	s := enter(t, emu.Air{}.Present(card), 1)
	require.NoError(t, s.Write(backMAC, desfire.MAC, 7, []byte("dropped")))
	require.NoError(t, s.WriteRecord(cyclicFull, desfire.Full, []byte("dropped")))
	require.NoError(t, s.Abort())
	require.Equal(t, before, memory(t, card))
	require.NoError(t, s.Write(backMAC, desfire.MAC, 7, []byte("kept")))
	_, err := s.Commit(true)
	require.NoError(t, err)
	kept := make([]byte, 4)
	require.NoError(t, s.Read(backMAC, desfire.MAC, 7, kept))
	require.Equal(t, "kept", string(kept))
}

// Ensure that a session may take another key without losing its counter or what
// it has written, and that only the new key's rights hold then.
func TestReauthenticate(t *testing.T) {
	s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
	require.NoError(t, s.Write(backFull, desfire.Full, 0, []byte("by key 1")))
	require.NoError(t, s.Reauthenticate(2, secret(2, uid), random(7)))
	require.NoError(t, s.Write(split, desfire.MAC, 0, []byte("by key 2")))
	require.NoError(t, s.Reauthenticate(3, secret(3, uid), random(8)))
	receipt, err := s.Commit(true)
	require.NoError(t, err)
	require.EqualValues(t, 2, receipt.TMC)
	var text [8]byte
	require.NoError(t, s.Read(split, desfire.MAC, 0, text[:]))
	require.Equal(t, "by key 2", string(text[:]))
	require.NoError(t, s.Reauthenticate(1, secret(1, uid), random(9)))
	require.NoError(t, s.Read(backFull, desfire.Full, 0, text[:]))
	require.Equal(t, "by key 1", string(text[:]))
	require.ErrorIs(t, s.Write(split, desfire.MAC, 0, []byte("no")), desfire.AuthenticationError)
}

// Ensure that a key of the application is changed, with its version, by the master
// key and by itself, and that the one before it opens nothing any more.
func TestChangeKeyOfApplication(t *testing.T) {
	card := issued(t, 64)
	s := enter(t, emu.Air{}.Present(card), 0)
	held := secret(2, uid)
	next := desfire.Key{0xFE, 0xDC}
	require.NoError(t, s.ChangeKey(2, &held, next, 0x99))
	require.Equal(t, secret(2, uid), held, "the caller's key was changed")
	version, err := s.KeyVersion(2)
	require.NoError(t, err)
	require.Equal(t, byte(0x99), version)
	require.NoError(t, s.Reauthenticate(2, next, random(5)))
	require.ErrorIs(t, s.Reauthenticate(2, held, random(5)), desfire.AuthenticationError)

	s = enter(t, emu.Air{}.Present(card), 0)
	require.NoError(t, s.ChangeKey(0, nil, next, 0x9A))
	_, err = s.KeyVersion(0)
	require.ErrorIs(t, err, desfire.ErrSession)
	require.ErrorContains(t, err, "key 0 was changed")
	require.ErrorIs(t, s.Authenticate(0, secret(0, uid), random(5)), desfire.AuthenticationError)
	require.NoError(t, s.Authenticate(0, next, random(5)))
	version, err = s.KeyVersion(0)
	require.NoError(t, err)
	require.Equal(t, byte(0x9A), version)
}

// Ensure that the card's own key is changed under the number that tells its type.
func TestChangeKeyOfCard(t *testing.T) {
	s := connect(t, emu.Air{}.Present(blank(64)))
	require.NoError(t, s.Authenticate(0, piccKey, random(1)))
	require.NoError(t, s.ChangeKey(0x80, nil, wrongKey, 3))
	require.ErrorIs(t, s.Authenticate(0, piccKey, random(1)), desfire.AuthenticationError)
	require.NoError(t, s.Authenticate(0, wrongKey, random(1)))
	version, err := s.KeyVersion(0)
	require.NoError(t, err)
	require.Equal(t, byte(3), version)
}

// Ensure that a key that was not changed is not said to be.
func TestChangeKeyRefused(t *testing.T) {
	s := connect(t, emu.Air{}.Present(issued(t, 64)))
	require.ErrorIs(t, s.ChangeKey(0, nil, wrongKey, 1), desfire.ErrSession)
	require.NoError(t, s.Select(aid))
	require.NoError(t, s.Authenticate(0, secret(0, uid), random(1)))
	require.ErrorIs(t, s.ChangeKey(9, nil, wrongKey, 1), desfire.NoSuchKey)
	_, err := s.Version()
	require.ErrorIs(t, err, desfire.ErrSession)
	require.ErrorIs(t, err, desfire.NoSuchKey)
	require.NotContains(t, err.Error(), "changed")
}

// Ensure that formatting gives back all memory, and nothing is left to select.
func TestFormat(t *testing.T) {
	s := connect(t, emu.Air{}.Present(issued(t, 64)))
	require.NoError(t, s.Authenticate(0, piccKey, random(1)))
	require.NoError(t, s.Format())
	free, err := s.FreeMemory()
	require.NoError(t, err)
	require.Equal(t, 8192, free)
	require.ErrorIs(t, s.Select(aid), desfire.ApplicationNotFound)
}

// Ensure that the mode of a file is told by its answer, whatever the length, and
// that the session goes on in that mode.
func TestDetect(t *testing.T) {
	s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
	for n := 1; n <= 192; n++ {
		for file, want := range map[byte]desfire.Mode{
			stdMAC: desfire.MAC, stdFull: desfire.Full,
		} {
			p := make([]byte, n)
			mode, err := s.Detect(file, p)
			require.NoError(t, err)
			require.Equal(t, want, mode)
			require.Equal(t, pattern(fileSize, int(want+1)/2)[:n], p)
			require.NoError(t, s.Read(file, mode, 1, p))
		}
	}
}

// Ensure that a file that its settings or its rights leave bare is refused.
func TestDetectRefusesBareFiles(t *testing.T) {
	for _, file := range []byte{stdPlain, open} {
		s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
		p := make([]byte, 20)
		_, err := s.Detect(file, p)
		require.ErrorIs(t, err, desfire.LengthError, "the MAC of the command is one too many")
		require.Zero(t, [20]byte(p))
	}
}
