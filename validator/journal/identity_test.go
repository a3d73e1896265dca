package journal

import (
	"bytes"
	"crypto/ecdh"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
)

// officeKey is the back office's.
var officeKey = privateKey(1)

func privateKey(of byte) *ecdh.PrivateKey {
	key, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{of}, 32))
	if err != nil {
		panic(err)
	}
	return key
}

func sealing(t testing.TB, j *Journal) {
	require.NoError(t, j.SealTo(BackOfficePublic(officeKey), deviceKey))
}

// passenger is an event that says all of whose card it is.
func passenger(sequence uint32, n int) validator.Event {
	event := tap(sequence, n)
	event.UID = [7]byte{4, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, byte(n)}
	event.TMI = []byte("the file of rights, with a birth date")
	event.PrintedNumber = card(n + 50)
	return event
}

// says tells which of what a passenger's event says of whose card it is stands in some bytes.
func says(raw []byte, e *validator.Event) (found []string) {
	number := func(n cardlayout.Number) []byte {
		return binary.BigEndian.AppendUint64(nil, uint64(n))
	}
	for what, bits := range map[string][]byte{
		"UID": e.UID[:], "card": number(e.Card), "printed": number(e.PrintedNumber), "signed": e.TMI,
		"digits": fmt.Appendf(nil, "%d", e.Card),
	} {
		if bytes.Contains(raw, bits) {
			found = append(found, what)
		}
	}
	return found
}

// folderOf are the bytes of all files of a journal, and of whatever else lies beside them.
func folderOf(t *testing.T, path string) (all []byte) {
	require.NoError(t, filepath.WalkDir(filepath.Dir(path), func(
		path string, entry os.DirEntry, err error,
	) error {
		if err == nil && !entry.IsDir() {
			var raw []byte
			raw, err = os.ReadFile(path)
			all = append(all, raw...)
		}
		return err
	}))
	return all
}

// Ensure that no file of a journal says whose card an event is of, in the log, the table of
// open intents, older segments or an export, and that the back office reads all of it.
func TestWhoseIsSealed(t *testing.T) {
	t.Parallel()
	path := created(t)
	clear, sealed := open(t, path), []validator.Event{}
	require.NoError(t, clear.Close())
	j, err := OpenWithin(path, Limits{Size: leastSize})
	require.NoError(t, err)
	sealing(t, j)
	for n := uint32(1); n <= 120; n++ {
		event := passenger(n, int(n%testCards))
		sealed = append(sealed, event)
		if n%3 == 0 {
			require.NoError(t, j.Record(event))
			continue
		}
		require.NoError(t, j.Begin(event))
		if n < 110 {
			require.NoError(t, j.Settle(id(n), testReceipt))
		}
	}
	require.Greater(t, len(j.segments), 1)
	require.NoError(t, j.Verify(nil))
	var export []byte
	require.NoError(t, j.Export(0, func(_ uint64, item []byte) error {
		export = append(export, item...)
		return nil
	}))
	list := entries(t, j)
	require.NoError(t, j.Close())
	raw := append(folderOf(t, path), export...)
	n := 0
	for _, e := range list {
		if e.Kind.event() {
			require.Equal(t, sealed[n], e.Event)
			require.Empty(t, says(raw, &e.Event), "entry %d", e.Position)
			n++
		}
	}
	require.Len(t, sealed, n)
}

// Ensure that nothing stays of what went: of the hash of a card whose intent was settled, from
// which who has the device's key can guess its number, and of an entry that was let go of, the
// next start leaves no byte. What is open stays, and the journal is whole.
func TestNothingStaysOfWhatWent(t *testing.T) {
	t.Parallel()
	path := created(t)
	j := open(t, path)
	sealing(t, j)
	gone, kept := [][]byte{}, hashedKey(j.secret, card(3)).hash
	for n := uint32(1); n <= 60; n += 2 {
		event := passenger(n, int(n%3))
		event.At = testTime
		require.NoError(t, j.Begin(event))
		require.NoError(t, j.Settle(id(n), testReceipt))
		hash := hashedKey(j.secret, event.Card).hash
		gone = append(gone, hash[:])
		event = passenger(n+1, 1)
		event.At = testTime
		require.NoError(t, j.Record(event))
	}
	require.NoError(t, j.Entries(0, func(e Entry) error {
		if e.Sealed != nil {
			gone = append(gone, e.Sealed.Text)
		}
		return nil
	}))
	require.NoError(t, j.Record(on(j, 1))) // which closes the segment
	last := j.Next().Sequence
	require.NoError(t, j.Acknowledge(j.Extent().Last))
	stays := passenger(last, 3)
	stays.At = testTime.AddDate(0, 0, 40)
	require.NoError(t, j.Begin(stays))
	keep(t, j, on(j, 40))
	require.Greater(t, j.Extent().First, uint64(1), "old entries have gone")
	require.NoError(t, j.Close())

	j = open(t, path)
	require.NoError(t, j.Verify(nil))
	require.Equal(t, 1, j.Unresolved())
	require.NoError(t, j.Close())
	raw := folderOf(t, path)
	for n, bits := range gone {
		require.False(t, bytes.Contains(raw, bits), "%d of %d", n, len(gone))
	}
	require.True(t, bytes.Contains(raw, kept[:]))
}

// Ensure that the hash of a card is on the disk as long as its intent is open, and goes with the
// flush after the one that makes its end durable: also where a segment began with it.
func TestHashOfACardGoes(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	sealing(t, j)
	kept := func() int {
		_, raw := newestOf(t, j.path)
		return len(slotsIn(raw))
	}
	for n := uint32(1); n <= 3; n++ {
		require.NoError(t, j.Begin(passenger(n, int(n))))
	}
	require.NoError(t, j.Settle(id(1), testReceipt))
	require.NoError(t, j.Flush())
	require.Equal(t, 3, kept(), "its end was not durable before")
	require.NoError(t, j.Record(passenger(4, 1)))
	require.Equal(t, 2, kept())
	require.NoError(t, j.roll())
	require.Equal(t, 2, kept())
	require.NoError(t, j.Void(id(2)))
	require.NoError(t, j.Flush())
	require.NoError(t, j.Record(passenger(5, 1)))
	require.Equal(t, 1, kept())
	require.NoError(t, j.Settle(id(3), testReceipt))
	require.NoError(t, j.Close())
	require.Zero(t, kept())
}

// Ensure that the test above finds what it looks for.
func TestWhoseIsSeen(t *testing.T) {
	t.Parallel()
	path := created(t)
	j := open(t, path)
	event := passenger(1, 1)
	require.NoError(t, j.Begin(event))
	require.NoError(t, j.Close())
	require.Len(t, says(folderOf(t, path), &event), 4)
}

// Ensure that a device that knows nobody's number finds a card's open intents after a restart,
// those from before anything was sealed too, and no other card's.
func TestOpenIntentsOfASealedCard(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.Begin(passenger(1, 1)))
	sealing(t, j)
	require.NoError(t, j.Begin(passenger(2, 1)))
	require.NoError(t, j.Begin(passenger(3, 2)))
	for range 2 {
		ids := []cardlayout.EventID{}
		for _, e := range j.Pending(card(1)) {
			require.Equal(t, card(1), e.Card)
			ids = append(ids, e.ID)
		}
		require.Equal(t, []cardlayout.EventID{id(1), id(2)}, ids)
		require.Len(t, j.Pending(card(2)), 1)
		require.Empty(t, j.Pending(card(3)))
		j = reopen(t, j)
	}
	require.NoError(t, j.Settle(id(2), testReceipt))
	require.NoError(t, j.Void(id(3)))
	require.Len(t, reopen(t, j).Pending(card(1)), 1)
}

// Ensure that a device without a key of its own finds them for as long as it is on, and that
// nothing is lost with the key: they are given up in their time.
func TestOpenIntentsWithoutADevicesKey(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.SealTo(BackOfficePublic(officeKey), nil))
	require.NoError(t, j.Begin(passenger(1, 1)))
	require.Len(t, j.Pending(card(1)), 1)
	require.NoError(t, j.Close())
	j = open(t, j.path)
	require.NoError(t, j.SealTo(BackOfficePublic(officeKey), nil))
	require.Empty(t, j.Pending(card(1)))
	require.Equal(t, 1, j.Unresolved())
	late := passenger(2, 1)
	late.At = late.At.Add(defaultLimits.Doubt * 2)
	require.NoError(t, j.Record(late))
	require.Zero(t, j.Unresolved())
}

// Ensure that what is sealed opens with its own private key alone, where it stands alone, and
// that the keys of several years may be tried.
func TestWhoReadsWhatIsSealed(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	sealing(t, j)
	require.NoError(t, j.Record(passenger(1, 1)))
	require.NoError(t, j.SealTo(BackOfficePublic(privateKey(2)), deviceKey))
	require.NoError(t, j.Record(passenger(2, 2)))
	require.NoError(t, j.Record(validator.Event{ID: id(3)}))
	var all []Entry
	require.NoError(t, j.Entries(0, func(e Entry) error {
		all = append(all, e)
		return nil
	}))
	require.Nil(t, all[2].Sealed, "it says nothing of a card")
	require.Equal(t, card(1).Short(), all[0].Sealed.Short)
	require.Zero(t, all[0].Event.Card)
	office := func(keys ...*ecdh.PrivateKey) *BackOffice {
		o, err := NewBackOffice(keys...)
		require.NoError(t, err)
		return o
	}
	one, both := office(privateKey(2)), office(officeKey, privateKey(2))
	for n, want := range []bool{false, true, true, false, true, true} {
		e := all[n%3]
		require.Equal(t, want, one.Open(&e) == nil, n)
		e = all[n%3]
		require.NoError(t, both.Open(&e), n)
		require.Nil(t, e.Sealed)
	}
	wrong := all[0]
	require.ErrorIs(t, one.Open(&wrong), ErrSealed)
	require.Equal(t, all[0], wrong, "nothing was filled in")
	moved := all[0]
	moved.Position = 2
	require.ErrorIs(t, both.Open(&moved), ErrSealed, "it was sealed where it stands")
	moved = all[0]
	moved.Event.ID.Device++
	require.ErrorIs(t, both.Open(&moved), ErrSealed, "and by its device")
}

// Ensure that no position is sealed twice with one key: an entry that a failed commit has left
// on the disk has another.
func TestNoKeyTwiceForAPosition(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	sealing(t, j)
	require.NoError(t, j.Record(passenger(1, 1)))
	before := j.sealer.key
	require.NoError(t, j.Record(passenger(2, 1)))
	require.Equal(t, before, j.sealer.key, "one exchange does for many entries")
	failing(j, 1)
	require.ErrorIs(t, j.Record(passenger(3, 2)), errWorn)
	require.NoError(t, j.Record(passenger(3, 3)))
	require.NotEqual(t, before, j.sealer.key)
	require.Equal(t, passenger(3, 3), entries(t, j)[2].Event)
	before = j.sealer.key
	require.NoError(t, j.roll())
	require.NoError(t, j.Record(passenger(4, 3)))
	require.NotEqual(t, before, j.sealer.key, "a segment has its own")
}

// Ensure that a hash whose bits have flipped stops the journal, as any other part of an open
// intent does, and is never taken for another card's.
func TestFlippedHashOfACard(t *testing.T) {
	t.Parallel()
	path := created(t)
	j := open(t, path)
	sealing(t, j)
	require.NoError(t, j.Begin(passenger(1, 1)))
	hash := hashedKey(j.secret, card(1)).hash
	require.NoError(t, j.Close())
	name, raw := newestOf(t, path)
	at := bytes.Index(raw, hash[:])
	require.Positive(t, at)
	raw[at] ^= 1
	require.NoError(t, os.WriteFile(name, raw, 0o600))
	_, err := Open(path)
	requireDamaged(t, err, "whose the open event 1 is cannot be read")
	raw[at] ^= 1
	require.NoError(t, os.WriteFile(name, raw, 0o600))
}

// Ensure that an error tells no more of a card than its last digits, and those also of one that
// is sealed.
func TestErrorsNameACardShortly(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "journal")
		require.NoError(t, Create(path, testDevice))
		j := open(t, path)
		if sealed {
			sealing(t, j)
		}
		require.NoError(t, j.Begin(passenger(1, 1)))
		require.NoError(t, j.Flush())
		restore := full(t, j)
		defer restore()
		for _, err := range []error{j.Record(passenger(2, 1)), j.Settle(id(1), desfire.TMAC{})} {
			require.ErrorContains(t, err, card(1).Short())
			require.NotContains(t, err.Error(), fmt.Sprint(card(1)))
		}
	}
}

// Ensure that a public key says what it is in text, and that one to which everybody could open
// is refused.
func TestOfficeKey(t *testing.T) {
	t.Parallel()
	want := BackOfficePublic(officeKey)
	var got BackOfficeKey
	require.NoError(t, got.UnmarshalText([]byte(want.String())))
	require.Equal(t, want, got)
	for _, text := range []string{
		"", "AAAA", want.String()[1:], want.String() + "A",
		BackOfficeKey{}.String(), BackOfficeKey{1}.String(),
	} {
		require.Error(t, got.UnmarshalText([]byte(text)), text)
	}
	require.Error(t, open(t, created(t)).SealTo(BackOfficeKey{}, deviceKey))
}

// Ensure that the hash of a card goes also where the flush of its zeros fails, and the disk keeps
// the hash: in the newest segment, and in one before it.
func TestHashGoesAfterAFailure(t *testing.T) {
	t.Parallel()
	for _, rolls := range []bool{false, true} {
		j := openSmall(t, created(t))
		sealing(t, j)
		require.NoError(t, j.Begin(passenger(1, 1)))
		require.NoError(t, j.Flush())
		name, before := newestOf(t, j.path)
		at, flush := slotsIn(before)[0], j.flush
		forget := func(file *os.File) error {
			raw, err := os.ReadFile(name)
			require.NoError(t, err)
			if bytes.Equal(raw[at:at+slotSize], before[at:at+slotSize]) {
				return flush(file)
			}
			copy(raw[at:], before[at:at+slotSize])
			require.NoError(t, os.WriteFile(name, raw, 0o600))
			j.flush = flush
			return errWorn
		}
		require.NoError(t, j.Settle(id(1), testReceipt))
		require.NoError(t, j.Flush())
		j.flush = forget
		if rolls {
			require.ErrorIs(t, j.roll(), errWorn)
		} else {
			require.ErrorIs(t, j.Record(tap(2, 2)), errWorn)
			require.NoError(t, j.Record(tap(2, 2)))
		}
		settled(t, j, 40)
		require.Greater(t, len(j.segments), 2)
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Empty(t, slotsIn(raw), rolls)
	}
}
