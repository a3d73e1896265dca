package emu_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
	"leima/hw/hwtest"
)

// A hand lays a card on an emulated reader.
type hand struct {
	field *emu.Field
	card  *emu.Card
}

func (h hand) Put()  { h.field.Put(h.card, emu.Air{}) }
func (h hand) Take() { h.field.Take() }

// Ensure that the emulated reader does what every reader must.
func TestField(t *testing.T) {
	hwtest.TestReader(t, func(*testing.T) (hw.Reader, hwtest.Hand) {
		field := emu.NewField()
		return field, hand{field, newCard(64)}
	})
}

// Ensure that a reader loop runs in virtual time: hours of it at once, each
// command taking as long as it is modelled to.
func TestFieldInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		field, card := emu.NewField(), newCard(64)
		taps := 0
		loop := make(chan error)
		go func() {
			for {
				k, err := field.Wait(ctx)
				if err != nil {
					loop <- err
					return
				}
				_, _ = k.Transmit([]byte{0x90, 0x60, 0, 0, 0})
				taps++
				if err := field.WaitRemoved(ctx); err != nil {
					loop <- err
					return
				}
			}
		}()
		start := time.Now()
		for range 100 {
			k := field.Put(card, emu.Air{Sleep: time.Sleep})
			synctest.Wait()
			time.Sleep(time.Minute)
			require.Equal(t, 1, k.Stats().Commands)
			field.Take()
			synctest.Wait()
		}
		require.Equal(t, 100, taps)
		require.Equal(t, 100*time.Minute, time.Since(start))
		cancel()
		require.ErrorIs(t, <-loop, context.Canceled)
	})
}

// Ensure that a card may be taken away while a command's time passes, in virtual
// time too: nobody holds a lock while sleeping.
func TestTakeDuringCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		field := emu.NewField()
		k := field.Put(newCard(64), emu.Air{Sleep: time.Sleep})
		result := make(chan error)
		go func() {
			_, err := k.Transmit([]byte{0x90, 0x60, 0, 0, 0})
			result <- err
		}()
		time.Sleep(time.Millisecond)
		field.Take()
		require.ErrorIs(t, <-result, hw.ErrRemoved)
	})
}

// Ensure that a torn card counts as removed, and that its successor is found.
func TestTornIsRemoved(t *testing.T) {
	field := emu.NewField()
	card := newCard(64)
	field.Put(card, emu.Air{Tear: emu.Tear{Exchange: 1}})
	k, err := field.Wait(t.Context())
	require.NoError(t, err)
	_, err = k.Transmit([]byte{0x90, 0x60, 0, 0, 0})
	require.ErrorIs(t, err, hw.ErrRemoved)
	require.NoError(t, field.WaitRemoved(t.Context()))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = field.Wait(ctx)
	require.ErrorIs(t, err, context.Canceled)
	field.Put(card, emu.Air{})
	again, err := field.Wait(t.Context())
	require.NoError(t, err)
	require.NotSame(t, k, again)
}

// Ensure that waiting for the field to be empty does not need a Wait before it,
// and that a card laid on another is an exchange.
func TestWaitRemoved(t *testing.T) {
	field := emu.NewField()
	require.NoError(t, field.WaitRemoved(t.Context()))
	field.Take()
	first := field.Put(newCard(64), emu.Air{})
	field.Put(newCard(64), emu.Air{})
	_, err := first.Transmit([]byte{0x90, 0x60, 0, 0, 0})
	require.ErrorIs(t, err, hw.ErrRemoved)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, field.WaitRemoved(ctx), context.Canceled)
	field.Take()
	require.NoError(t, field.WaitRemoved(t.Context()))
}

// Ensure that a removal is told once: the next one waited for is that of the card
// which lies there by then.
func TestRemovalIsToldOnce(t *testing.T) {
	field := emu.NewField()
	field.Put(newCard(64), emu.Air{})
	_, err := field.Wait(t.Context())
	require.NoError(t, err)
	field.Put(newCard(64), emu.Air{})
	require.NoError(t, field.WaitRemoved(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, field.WaitRemoved(ctx), context.Canceled)
}

// Ensure that a card laid on one reader is gone from the other.
func TestCardOnTwoReaders(t *testing.T) {
	one, other, card := emu.NewField(), emu.NewField(), newCard(64)
	one.Put(card, emu.Air{})
	_, err := one.Wait(t.Context())
	require.NoError(t, err)
	other.Put(card, emu.Air{})
	require.NoError(t, one.WaitRemoved(t.Context()))
	_, err = other.Wait(t.Context())
	require.NoError(t, err)
}

// Ensure that a card laid on a closed reader is of no use.
func TestPutAfterClose(t *testing.T) {
	field := emu.NewField()
	require.NoError(t, field.Close())
	_, err := field.Put(newCard(64), emu.Air{}).Transmit([]byte{0x90, 0x60, 0, 0, 0})
	require.ErrorIs(t, err, hw.ErrReader)
}
