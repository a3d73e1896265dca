//go:build pcsc && linux

package pcsc_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
	"leima/hw/hwtest"
	"leima/hw/pcsc"
	"leima/hw/pcsc/pcscdtest"
)

// A hand lays an emulated card into a virtual reader.
type hand struct {
	t      testing.TB
	reader string
	card   *emu.Card
	air    emu.Air
	conn   io.Closer
	done   chan error
}

// poll is longer than pcscd takes to look at a virtual reader.
const poll = 500 * time.Millisecond

// Put lays the card in.
func (h *hand) Put() {
	conn := pcscdtest.Dial(h.t, h.reader)
	h.conn, h.done = conn, make(chan error, 1)
	go func() { h.done <- emu.Offer(conn, h.card, h.air); _ = conn.Close() }()
}

// Take takes it out, if it is in.
func (h *hand) Take() {
	if h.conn != nil {
		_ = h.conn.Close()
		<-h.done
		h.conn = nil
	}
}

// swap exchanges the card for another as fast as it goes.
func (h *hand) swap(card *emu.Card) {
	h.Take()
	h.card = card
	h.Put()
}

// blank is a card as it comes from the factory, told from others by n.
func blank(n byte) *emu.Card {
	return emu.New(emu.Config{UID: [7]byte{0x04, 0x1E, 0x13, 0x3A, 0x55, 0x00, n}})
}

// at is a hand at a reader, which is empty when the test begins and when it has ended.
func at(t testing.TB, reader string, card *emu.Card) *hand {
	t.Helper()
	pcscdtest.Need(t)
	h := &hand{t: t, reader: reader, card: card}
	t.Cleanup(func() { h.Take(); time.Sleep(poll) })
	return h
}

// open opens a reader that the test closes.
func open(t testing.TB, reader string) *pcsc.Reader {
	t.Helper()
	pcscdtest.Need(t)
	r, err := pcsc.Open(pcsc.Options{Pattern: reader})
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// soon is a context that ends long after anything should have happened.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func wait(t testing.TB, r *pcsc.Reader) hw.Card {
	t.Helper()
	card, err := r.Wait(soon(t))
	require.NoError(t, err, "%v", r.Trouble())
	return card
}

var (
	askUID     = []byte{0xFF, 0xCA, 0x00, 0x00, 0x00}
	askVersion = []byte{0x90, 0x60, 0x00, 0x00, 0x00}
)

// uidOf asks a card for its UID.
func uidOf(t testing.TB, card hw.Card) []byte {
	t.Helper()
	answer, err := card.Transmit(askUID)
	require.NoError(t, err)
	require.Len(t, answer, 9)
	return answer[:7]
}

// Ensure that a card through pcscd is what every card is to a validator.
func TestReader(t *testing.T) {
	pcscdtest.Need(t)
	hwtest.TestReader(t, func(t *testing.T) (hw.Reader, hwtest.Hand) {
		return open(t, pcscdtest.First), at(t, pcscdtest.First, blank(1))
	})
}

// Ensure that a card whose power is cut forgets what was under way, and is there again at
// once without being lifted.
func TestCutPower(t *testing.T) {
	more := []byte{0x90, 0xAF, 0x00, 0x00, 0x00}
	at(t, pcscdtest.First, blank(1)).Put()
	r := open(t, pcscdtest.First)
	card := wait(t, r)
	answer, err := card.Transmit(askVersion)
	require.NoError(t, err)
	require.Equal(t, []byte{0x91, 0xAF}, answer[7:], "more is to come")
	start := time.Now()
	card.(*pcsc.Card).Cut()
	_, err = card.Transmit(more)
	require.ErrorIs(t, err, hw.ErrRemoved)
	again := wait(t, r)
	t.Logf("there again after %v", time.Since(start).Round(time.Millisecond))
	answer, err = again.Transmit(more)
	require.NoError(t, err)
	require.Len(t, answer, 2, "nothing goes on")
	require.NotEqual(t, []byte{0x91, 0xAF}, answer)
}
