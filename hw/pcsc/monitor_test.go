package pcsc

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
)

// Ensure that the whole of what was seen goes into the next look, the counter in its upper
// half too: a card that came and went between two looks is then not missed.
func TestWatchCarriesTheCounter(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		synctest.Wait()
		f.put("one", cardA)
		f.take("one")
		f.put("one", cardA)
		synctest.Wait()
		last := f.known[len(f.known)-1]
		require.Equal(t, "one", last[0].name)
		require.Equal(t, stateFlags(3<<16)|statePresent|stateChanged|0x10, last[0].currentState)
		require.Equal(t, plugAndPlay, last[1].name)
	})
}

// Ensure that what we do ourselves to a card wakes nobody, and that a card does.
func TestBoardChangesByCardsOnly(t *testing.T) {
	w := newMonitor(newFake())
	_, first := w.current()
	w.publish(snapshot{readers: []readerStatus{{name: "one", flags: 0x10022}}})
	_, second := w.current()
	require.NotEqual(t, first, second)
	w.publish(snapshot{readers: []readerStatus{{name: "one", flags: 0x101A2}}}) // in use, exclusive
	_, same := w.current()
	require.Equal(t, second, same)
	for _, f := range []stateFlags{0x20022, 0x10010, 0x10222} { // counter, empty, mute
		_, before := w.current()
		w.publish(snapshot{readers: []readerStatus{{name: "one", flags: f}}})
		_, after := w.current()
		require.NotEqual(t, before, after, "%X", f)
	}
}

// Ensure that the watch is not kept busy: neither by a pcscd that returns at once with
// nothing new, nor by one which does not know a name.
func TestWatchIsNeverBusy(t *testing.T) {
	for name, knob := range map[string]func(*fake){
		"eager":  func(f *fake) { f.eager = true },
		"no PnP": func(f *fake) { f.noPnP = true },
		"empty":  func(f *fake) { f.names, f.slots = nil, nil; f.noPnP = true },
		"quiet":  func(*fake) {},
	} {
		use(t, one, func(t *testing.T, f *fake, r *Reader) {
			f.set(func() { knob(f) })
			time.Sleep(time.Minute)
			require.LessOrEqual(t, f.get(func() int { return f.awaits }), 60*21, name)
			require.LessOrEqual(t, f.get(func() int { return f.lists }), 60*21, name)
			require.GreaterOrEqual(t, f.get(func() int { return f.lists }), 20, name)
		})
	}
}

// Ensure that a pcscd without the pseudo-reader serves nevertheless.
func TestWatchWithoutPseudoReader(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.set(func() { f.noPnP = true })
		f.put("one", cardA)
		found(t, r)
	})
}

// Ensure that the watch ends though its cancelling was missed, and that who comes back
// before it has noticed does not start another.
func TestWatchEndsWithoutCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := one()
		f.silent = true
		w := newMonitor(f)
		w.acquire()
		synctest.Wait()
		w.release()
		w.acquire()
		time.Sleep(time.Minute)
		require.Equal(t, 1, f.get(func() int { return f.dials }))
		w.release()
		time.Sleep(maxWait)
		synctest.Wait()
		require.False(t, w.running)
	})
}

// Ensure that each code says what was measured: the card is gone, or the reader is.
func TestCodes(t *testing.T) {
	for _, c := range []code{
		0x8010000C, 0x80100016, 0x80100066, 0x80100067, 0x80100068,
		0x80100069,
	} {
		require.ErrorIs(t, c, hw.ErrRemoved, "%v", c)
		require.NotErrorIs(t, c, hw.ErrReader, "%v", c)
	}
	for _, c := range []code{
		0x80100003, 0x80100009, 0x8010000B, 0x80100013, 0x80100017,
		0x8010001D, 0x8010002E, 0x80100001,
	} {
		require.ErrorIs(t, c, hw.ErrReader, "%v", c)
		require.NotErrorIs(t, c, hw.ErrRemoved, "%v", c)
	}
	require.EqualError(t, codeNoService, "pcscd does not run: install the package pcscd, "+
		"or start the service (PC/SC 8010001D)")
	require.EqualError(t, code(1), "PC/SC failed (PC/SC 00000001)")
}

// Ensure that a reader is chosen by its name or by parts of it, and that a slot for a SAM
// is not taken for one.
func TestChoose(t *testing.T) {
	all := []readerStatus{
		{name: "ACS ACR1252 1S CL Reader [ACR1252 Dual Reader SAM] 01 00"},
		{name: "ACS ACR1252 1S CL Reader [ACR1252 Dual Reader PICC] 00 00"},
		{name: "ACS ACR122U PICC Interface 02 00"},
		{name: "Virtual PCD 00 00"},
		{name: "Virtual PCD 00 01"},
	}
	for pattern, at := range map[string]int{
		"": 1, "acr122u": 2, "Virtual PCD 00 01": 4, "virtual*01": 4, "*pcd*": 3,
		"acs*picc*00": 1, "sam": 0, all[0].name: 0, "1252": 1,
	} {
		s, err := selectReader(all, pattern)
		require.NoError(t, err, pattern)
		require.Equal(t, all[at].name, s.name, pattern)
	}
	for _, pattern := range []string{"omnikey", "picc*acs", "pcd*pcd"} {
		_, err := selectReader(all, pattern)
		require.ErrorIs(t, err, hw.ErrReader)
		require.ErrorContains(t, err, "Virtual PCD 00 00")
	}
	_, err := selectReader(nil, "")
	require.True(t, errors.Is(err, codeNoReaders))
}
