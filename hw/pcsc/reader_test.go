package pcsc

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
	"leima/hw/hwtest"
)

// An emulated card in a fake.
type emulated struct {
	fake *fake
	card *emu.Card
}

func (e emulated) Take() { e.fake.take("one") }
func (e emulated) Put() {
	contact := emu.Air{}.Present(e.card)
	e.fake.put("one", &fakeCard{answer: contact.Transmit})
}

// Ensure that a reader is what every reader is, whatever pcscd does.
func TestReaderFake(t *testing.T) {
	hwtest.TestReader(t, func(*testing.T) (hw.Reader, hwtest.Hand) {
		f := one()
		card := emu.New(emu.Config{UID: [7]byte{0x04, 1, 2, 3, 4, 5, 6}})
		return open(Options{}, f, newMonitor(f)), emulated{f, card}
	})
}

// Ensure that a card which was exchanged unseen by pcscd counts as removed, and that the
// old one is out of reach.
func TestWaitRemovedSeesAnUnreportedExchange(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		first := found(t, r)
		removed := waiting(t, func() error { return r.WaitRemoved(t.Context()) })
		time.Sleep(time.Minute)
		synctest.Wait()
		blocked(t, removed)
		f.slip("one", cardB)
		require.NoError(t, <-removed)
		second := found(t, r)
		_, err := first.Transmit([]byte{0x60})
		require.ErrorIs(t, err, hw.ErrRemoved)
		answer, err := second.Transmit(askUID)
		require.NoError(t, err)
		require.Equal(t, cardB.uid, answer[:7])
	})
}

// Ensure that Wait too tells an exchanged card from the one it found before.
func TestWaitSeesAnUnreportedExchange(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		first := found(t, r)
		require.Same(t, first, found(t, r))
		f.slip("one", cardB)
		require.NotSame(t, first, found(t, r))
		_, err := first.Transmit([]byte{0x60})
		require.ErrorIs(t, err, hw.ErrRemoved)
	})
}

// Ensure that a card which has just left is not connected to before pcscd had time to see
// it: it would miss the next.
func TestNoConnectToACardThatLeft(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		found(t, r)
		f.slip("one", nil)
		require.NoError(t, r.WaitRemoved(t.Context()))
		next := waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		time.Sleep(settleTime - time.Millisecond)
		require.Equal(t, 1, f.get(func() int { return f.connects }))
		f.take("one")
		f.put("one", cardB)
		require.NoError(t, <-next)
		require.Equal(t, []disposition{leaveCard}, f.farewells, "a card that left must not be reset")
	})
}

// Ensure that a card whose answer was lost comes back by itself, but not at once.
func TestSpentCardComesBack(t *testing.T) {
	for name, answer := range map[string][]byte{"nothing": {}, "a byte": {0x91}} {
		use(t, one, func(t *testing.T, f *fake, r *Reader) {
			torn := &fakeCard{uid: cardA.uid}
			f.put("one", torn)
			card := found(t, r)
			f.set(func() { torn.answer = func([]byte) ([]byte, error) { return answer, nil } })
			for range 2 {
				_, err := card.Transmit([]byte{0x60})
				require.ErrorIs(t, err, hw.ErrRemoved, name)
			}
			f.set(func() { torn.answer = nil })
			start := time.Now()
			require.NoError(t, r.WaitRemoved(t.Context()))
			require.Equal(t, settleTime, time.Since(start))
			require.NotSame(t, card, found(t, r))
			_, err := card.Transmit([]byte{0x60})
			require.ErrorIs(t, err, hw.ErrRemoved, name)
		})
	}
}

// Ensure that pcscd may be restarted under a reader: with nobody there Wait goes on
// waiting, at growing intervals, says why, and finds the next card.
func TestWaitOutlivesPcscd(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		next := waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		require.NoError(t, r.Trouble())
		f.stop()
		before := f.get(func() int { return f.dials })
		time.Sleep(time.Minute)
		synctest.Wait()
		blocked(t, next)
		require.ErrorIs(t, r.Trouble(), hw.ErrReader)
		require.InDelta(t, 35, f.get(func() int { return f.dials })-before, 5)
		f.start()
		time.Sleep(lastRetry)
		synctest.Wait()
		require.NoError(t, r.Trouble())
		f.put("one", cardA)
		require.NoError(t, <-next)
	})
}

// Ensure that anyone who wants to know hears of a trouble once, of its end, and first of all
// whether there is any; and nothing of the moment before pcscd was asked.
func TestOnTrouble(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		var heard []error
		r.OnTrouble(func(err error) { heard = append(heard, err) })
		next := waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		require.Equal(t, []error{nil}, heard)
		for range 2 {
			f.stop()
			time.Sleep(time.Minute)
			f.start()
			time.Sleep(lastRetry)
		}
		f.unplug("one")
		time.Sleep(listInterval + maxWait)
		f.plug("one")
		time.Sleep(listInterval + maxWait)
		f.put("one", cardA)
		require.NoError(t, <-next)
		want := []error{
			nil, codeLost, codeNoService, nil, codeLost, codeNoService, nil,
			codeNoReaders, nil,
		}
		require.Len(t, heard, len(want))
		for n, err := range heard {
			require.ErrorIs(t, err, want[n])
		}
	})
}

// Ensure that a pcscd of another version, which says that it was stopped, is named with what to
// do, that it is tried again, and that one which is stopped while it is used is not.
func TestAnotherVersionOfPcscd(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		next := waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		f.set(func() { f.refuses = codeStopped })
		f.stop()
		f.start()
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, part := range []string{"another version", "libpcsclite", "restart pcscd"} {
			require.ErrorContains(t, r.Trouble(), part)
		}
		require.ErrorIs(t, r.Trouble(), hw.ErrReader)
		f.set(func() { f.refuses = nil })
		f.put("one", cardA)
		require.NoError(t, <-next)
	})
	require.NotContains(t, codeStopped.Error(), "version")
}

// Ensure that a card which lies there before and after a restart of pcscd, or of the
// reader, has not been removed, and that another one has.
func TestWaitRemovedOutlivesPcscd(t *testing.T) {
	for name, after := range map[string]*fakeCard{"same": cardA, "other": cardB, "none": nil} {
		use(t, one, func(t *testing.T, f *fake, r *Reader) {
			f.put("one", cardA)
			card := found(t, r)
			removed := waiting(t, func() error { return r.WaitRemoved(t.Context()) })
			f.stop()
			time.Sleep(10 * time.Second)
			if after == nil {
				f.take("one")
			}
			f.slip("one", after)
			blocked(t, removed)
			f.start()
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if after == cardA {
				blocked(t, removed)
				f.take("one")
			}
			require.NoError(t, <-removed, name)
			_, err := card.Transmit([]byte{0x60})
			require.ErrorIs(t, err, hw.ErrReader, "a handle ends with pcscd")
		})
	}
}

// Ensure that a reader that is unplugged for good ends WaitRemoved, and that one plugged
// in later serves, though no event tells of it.
func TestReaderComesAndGoes(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		found(t, r)
		removed := waiting(t, func() error { return r.WaitRemoved(t.Context()) })
		f.unplug("one")
		require.NoError(t, <-removed)
		next := waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		time.Sleep(time.Minute)
		synctest.Wait()
		blocked(t, next)
		require.ErrorIs(t, r.Trouble(), codeNoReaders)
		f.plug("one more")
		f.put("one more", cardB)
		time.Sleep(listInterval + maxWait)
		synctest.Wait()
		require.NoError(t, <-next)
	})
}

// Ensure that a card which another program has is tried again, ever more rarely.
func TestSharedCard(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.set(func() { f.slots["one"].busy = true })
		f.put("one", cardA)
		next := waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		time.Sleep(time.Minute)
		synctest.Wait()
		blocked(t, next)
		require.ErrorIs(t, r.Trouble(), codeSharing)
		require.InDelta(t, 64, f.get(func() int { return f.connects }), 3)
		f.set(func() { f.slots["one"].busy = false })
		require.NoError(t, <-next)
	})
}

// Ensure that a mute card is no card, and that it is tried again.
func TestMuteCard(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		f.set(func() { f.slots["one"].flags |= stateMute })
		next := waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		time.Sleep(time.Minute)
		synctest.Wait()
		blocked(t, next)
		require.ErrorIs(t, r.Trouble(), codeUnresponsive)
		f.set(func() { f.slots["one"].flags &^= stateMute })
		require.NoError(t, <-next)
	})
}

// Ensure that a reader which does not know the question for the UID goes by events, and
// that one which has lost the card says so by 6300.
func TestReaderWithoutUID(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		sw := []byte{0x6A, 0x81}
		f.put("one", &fakeCard{answer: func([]byte) ([]byte, error) { return sw, nil }})
		found(t, r)
		removed := waiting(t, func() error { return r.WaitRemoved(t.Context()) })
		time.Sleep(time.Minute)
		synctest.Wait()
		blocked(t, removed)
		f.set(func() { sw = []byte{0x63, 0x00} })
		require.NoError(t, <-removed)
	})
}

// Ensure that several readers work at once, each with connections of its own, and that
// they share one watch.
func TestSeveralReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("left", "right")
		w := newMonitor(f)
		left, right := open(Options{Pattern: "LEFT"}, f, w), open(Options{Pattern: "right"}, f, w)
		f.put("left", cardA)
		f.put("right", cardB)
		var all sync.WaitGroup
		for r, want := range map[*Reader]*fakeCard{left: cardA, right: cardB} {
			all.Go(func() {
				answer, err := found(t, r).Transmit(askUID)
				require.NoError(t, err)
				require.Equal(t, want.uid, answer[:7])
			})
		}
		all.Wait()
		require.Equal(t, 3, f.get(func() int { return f.dials }), "a watch and two cards")
		require.NoError(t, left.Close())
		time.Sleep(time.Minute)
		require.NoError(t, right.WaitRemoved(afterTaking(t, f, "right")))
		require.NoError(t, right.Close())
	})
}

func afterTaking(t *testing.T, f *fake, name string) context.Context {
	f.take(name)
	return t.Context()
}

// Ensure that Close lets the card go, reset for the next program.
func TestCloseResetsTheCard(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		found(t, r)
		require.NoError(t, r.Close())
		require.Equal(t, []disposition{resetCard}, f.farewells)
		require.False(t, f.slots["one"].busy)
	})
}

// Ensure that a card whose power is cut answers nothing more, and is found again as it lies
// there, activated anew.
func TestCut(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		card := found(t, r).(*Card)
		card.Cut()
		_, err := card.Transmit(askUID)
		require.ErrorIs(t, err, hw.ErrRemoved)
		again := found(t, r)
		require.NotSame(t, card, again)
		_, err = again.Transmit(askUID)
		require.NoError(t, err)
		require.Equal(t, []disposition{unpowerCard}, f.farewells)
	})
}
