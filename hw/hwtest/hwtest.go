// Package hwtest holds the conformance tests of hw.Reader and hw.Card, for every implementation:
// emulated, played back from a tape, or PC/SC. The tests of each implementation call it.
//
// It tests no card's memory or cryptography: it asks only for the version and the UID, which every
// DESFire card gives without a key.
//
// Its one rule: nothing is expected to be fast. A PC/SC reader may take half a second to notice a
// card, so waits have bounds of many seconds, and a test that passes says nothing about how long
// they took.
package hwtest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
)

// A Hand puts one blank DESFire card on a reader and takes it away again. The card is always the
// same. Put is called with the reader empty, Take with the card on it; both return once that is
// done, whether or not the reader has noticed.
type Hand interface {
	Put()
	Take()
}

const (
	// patience bounds the wait for what must happen.
	patience = 10 * time.Second

	// glance is how long to watch for what must not happen. A shorter look could only miss a fault,
	// never report a false one.
	glance = 100 * time.Millisecond

	// absence is how long a card is away while it is exchanged for another: a reader may miss a
	// shorter time.
	absence = time.Second
)

// TestReader runs the suite. open returns a reader with an empty field and the hand that serves it;
// it is called once for each test and may skip. The suite closes the reader; open cleans up the
// rest itself.
func TestReader(t *testing.T, open func(t *testing.T) (hw.Reader, Hand)) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"WaitBlocksUntilACardComes", waitBlocks},
		{"WaitIsCancelled", waitIsCancelled},
		{"WaitRemovedIsCancelled", waitRemovedIsCancelled},
		{"WaitReturnsTheCardThatStays", cardStays},
		{"WaitAgainAfterRemoval", waitAgain},
		{"VersionInThreeFrames", version},
		{"UIDOfTheReader", serialNumber},
		{"ResponseBelongsToTheCaller", ownership},
		{"EmptyCommandIsAnError", emptyCommand},
		{"TransmitAfterRemoval", transmitAfterRemoval},
		{"CardIsExchanged", exchanged},
		{"CloseEndsWait", closeEndsWait},
		{"CloseEndsWaitRemoved", closeEndsWaitRemoved},
		{"NothingWorksAfterClose", afterClose},
	} {
		t.Run(c.name, func(t *testing.T) {
			reader, hand := open(t)
			t.Cleanup(func() { _ = reader.Close() })
			c.test(&bench{t, reader, hand})
		})
	}
}

// A bench is one reader under test and the hand that serves it.
type bench struct {
	*testing.T
	reader hw.Reader
	hand   Hand
}

// bound is a context that ends long after anything should have happened.
func (b *bench) bound() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	b.Cleanup(cancel)
	return ctx
}

// card puts a card on the reader and waits for it.
func (b *bench) card() hw.Card {
	b.Helper()
	b.hand.Put()
	return b.wait()
}

func (b *bench) wait() hw.Card {
	b.Helper()
	card, err := b.reader.Wait(b.bound())
	require.NoError(b, err)
	require.NotNil(b, card)
	return card
}

func (b *bench) take() {
	b.Helper()
	b.hand.Take()
	require.NoError(b, b.reader.WaitRemoved(b.bound()))
}

// begin starts a call that is expected to block, and returns a channel for its error.
func (b *bench) begin(call func() error) <-chan error {
	b.Helper()
	result := make(chan error, 1)
	go func() { result <- call() }()
	select {
	case err := <-result:
		require.FailNow(b, "it did not block", "%v", err)
	case <-time.After(glance):
	}
	return result
}

// end waits for the call to return.
func (b *bench) end(result <-chan error) error {
	b.Helper()
	select {
	case err := <-result:
		return err
	case <-time.After(patience):
		require.FailNow(b, "it still blocks")
		return nil
	}
}

// send sends a command and splits the response into data and status word.
func (b *bench) send(card hw.Card, command ...byte) (data []byte, sw uint16) {
	b.Helper()
	response, err := card.Transmit(command)
	require.NoError(b, err)
	n := len(response) - 2
	require.GreaterOrEqual(b, n, 0, "a response without a status word: %X", response)
	return response[:n], uint16(response[n])<<8 | uint16(response[n+1])
}
