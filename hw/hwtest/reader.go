package hwtest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
)

func waitBlocks(b *bench) {
	waiting := b.begin(func() error {
		card, err := b.reader.Wait(b.bound())
		if err == nil {
			_, err = card.Transmit(getVersion)
		}
		return err
	})
	b.hand.Put()
	require.NoError(b, b.end(waiting))
}

func waitIsCancelled(b *bench) {
	ctx, cancel := context.WithCancel(b.bound())
	waiting := b.begin(func() error {
		_, err := b.reader.Wait(ctx)
		return err
	})
	cancel()
	require.ErrorIs(b, b.end(waiting), context.Canceled)
	usable(b, b.card())
}

func waitRemovedIsCancelled(b *bench) {
	card := b.card()
	ctx, cancel := context.WithCancel(b.bound())
	waiting := b.begin(func() error { return b.reader.WaitRemoved(ctx) })
	cancel()
	require.ErrorIs(b, b.end(waiting), context.Canceled)
	usable(b, card)
	b.take()
}

func cardStays(b *bench) {
	b.card()
	usable(b, b.wait())
}

func waitAgain(b *bench) {
	for range 3 {
		usable(b, b.card())
		b.take()
	}
	waiting := b.begin(func() error {
		_, err := b.reader.Wait(b.bound())
		return err
	})
	b.hand.Put()
	require.NoError(b, b.end(waiting))
}

// exchanged swaps the card before the reader was asked about its removal. The first card must not
// reach the second.
func exchanged(b *bench) {
	first := b.card()
	b.hand.Take()
	time.Sleep(absence)
	b.hand.Put()
	require.NoError(b, b.reader.WaitRemoved(b.bound()))
	second := b.wait()
	_, err := first.Transmit(getVersion)
	require.ErrorIs(b, err, hw.ErrRemoved)
	usable(b, second)
}

func closeEndsWait(b *bench) {
	waiting := b.begin(func() error {
		_, err := b.reader.Wait(b.bound())
		return err
	})
	require.NoError(b, b.reader.Close())
	require.ErrorIs(b, b.end(waiting), hw.ErrReader)
}

func closeEndsWaitRemoved(b *bench) {
	b.card()
	waiting := b.begin(func() error { return b.reader.WaitRemoved(b.bound()) })
	require.NoError(b, b.reader.Close())
	require.ErrorIs(b, b.end(waiting), hw.ErrReader)
}

func afterClose(b *bench) {
	card := b.card()
	require.NoError(b, b.reader.Close())
	for range 2 {
		_, err := b.reader.Wait(b.bound())
		require.ErrorIs(b, err, hw.ErrReader)
		require.ErrorIs(b, b.reader.WaitRemoved(b.bound()), hw.ErrReader)
		_, err = card.Transmit(getVersion)
		require.ErrorIs(b, err, hw.ErrReader)
		require.NotPanics(b, func() { _ = b.reader.Close() }, "closing again does no harm")
	}
}
