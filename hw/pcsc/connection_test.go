package pcsc

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
)

// hang makes every call to the reader hang until what it returns is called.
func (f *fake) hang() (release func()) {
	hanging := make(chan struct{})
	f.set(func() { f.hanging = hanging })
	return func() { f.set(func() { f.hanging = nil }); close(hanging) }
}

// Ensure that a command which does not return is given up after the limit, that nothing
// else is tried with the reader until it does return, and that all is well then.
func TestHungTransmit(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		card := found(t, r)
		release := f.hang()
		start := time.Now()
		_, err := card.Transmit([]byte{0x60})
		require.ErrorIs(t, err, hw.ErrReader)
		require.Equal(t, r.options.Limit, time.Since(start))
		_, err = card.Transmit([]byte{0x60})
		require.ErrorIs(t, err, hw.ErrReader, "and it fails alike ever after")

		require.NoError(t, r.WaitRemoved(t.Context()))
		next := waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		time.Sleep(time.Minute)
		synctest.Wait()
		blocked(t, next)
		require.Equal(t, 1, f.get(func() int { return f.connects }))
		require.ErrorIs(t, r.Trouble(), hw.ErrReader)
		release()
		require.NoError(t, <-next)
		require.NoError(t, r.Trouble())
	})
}

// Ensure that a command has its whole limit and no more, however long the watchdog has been running
// when it begins, and when it has run out.
func TestLimitBeginsWithTheCommand(t *testing.T) {
	for _, idle := range []time.Duration{time.Second, 4 * time.Second, time.Minute} {
		use(t, one, func(t *testing.T, f *fake, r *Reader) {
			f.put("one", cardA)
			card := found(t, r)
			for range 3 {
				time.Sleep(idle)
				_, err := card.Transmit([]byte{0x60})
				require.NoError(t, err)
			}
			release := f.hang()
			start := time.Now()
			_, err := card.Transmit([]byte{0x60})
			require.ErrorIs(t, err, hw.ErrReader)
			require.Equal(t, r.options.Limit, time.Since(start))
			release()
		})
	}
}

// Ensure that a connection which does not come about is given up too, by the limit, by
// the context, and by Close.
func TestHungConnect(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		release := f.hang()
		f.put("one", cardA)
		ctx, cancel := context.WithCancel(t.Context())
		next := waiting(t, func() error { _, err := r.Wait(ctx); return err })
		start := time.Now()
		cancel()
		require.ErrorIs(t, <-next, context.Canceled)
		require.Zero(t, time.Since(start))

		next = waiting(t, func() error { _, err := r.Wait(t.Context()); return err })
		time.Sleep(time.Minute)
		synctest.Wait()
		blocked(t, next)
		require.ErrorIs(t, r.Trouble(), hw.ErrReader)

		start = time.Now()
		require.NoError(t, r.Close())
		require.LessOrEqual(t, time.Since(start), time.Second)
		require.ErrorIs(t, <-next, hw.ErrReader)
		release()
	})
}

// Ensure that Close ends a command that hangs, at once.
func TestCloseEndsAHungTransmit(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		f.put("one", cardA)
		card := found(t, r)
		release := f.hang()
		sent := waiting(t, func() error { _, err := card.Transmit([]byte{0x60}); return err })
		closed := waiting(t, r.Close)
		require.ErrorIs(t, <-sent, hw.ErrReader)
		blocked(t, closed)
		release()
		require.NoError(t, <-closed)
	})
}

// Ensure that a command which was given up cannot be changed by its caller any more: PC/SC
// still reads it.
func TestCommandIsCopied(t *testing.T) {
	use(t, one, func(t *testing.T, f *fake, r *Reader) {
		heard := make(chan byte, 9)
		f.put("one", &fakeCard{answer: func(c []byte) ([]byte, error) {
			heard <- c[0]
			return []byte{0x90, 0x00}, nil
		}})
		card := found(t, r)
		require.Equal(t, byte(0xFF), <-heard)
		release := f.hang()
		command := []byte{0x60}
		_, err := card.Transmit(command)
		require.ErrorIs(t, err, hw.ErrReader)
		command[0] = 0xC7
		release()
		require.Equal(t, byte(0x60), <-heard)
	})
}

// Ensure that list gives a pcscd that hangs up.
func TestReadersLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("one", "two")
		names, err := list(f, time.Second)
		require.NoError(t, err)
		require.Equal(t, []string{"one", "two"}, names)

		names, err = list(newFake(), time.Second)
		require.NoError(t, err, "no reader is no error")
		require.Empty(t, names)

		f.stop()
		_, err = list(f, time.Second)
		require.ErrorIs(t, err, codeNoService)

		forever, start := make(chan struct{}), time.Now()
		_, err = list(stuck{forever}, time.Second)
		require.ErrorIs(t, err, hw.ErrReader)
		require.Equal(t, time.Second, time.Since(start))
		close(forever)
	})
}

// stuck is a pcscd that does not take up connections.
type stuck struct{ until chan struct{} }

func (s stuck) establishContext() (cardContext, error) { <-s.until; return nil, codeNoService }
