package emu_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
)

// converse is a tap's worth of frames: log in, read, write, commit. It stops at
// the first error.
func converse(c *client) (err error) {
	defer func() {
		if gone, ok := recover().(lost); ok {
			err = gone.error
		}
	}()
	c.card = quitter{c.card}
	c.selectApp(app)
	c.login(0x71, 1, zero)
	c.read(full, 0xAD, fileBackup, 0, 64)
	c.write(full, 0x8D, fileBackup, 0, pattern(60))
	c.read(maced, 0xAD, fileMAC, 0, 120)
	c.write(maced, 0x8B, fileCyclic, 0, []byte("record"))
	c.do(maced, 0xC7, []byte{1}, nil)
	return nil
}

// A quitter jumps out of a conversation at the first error.
type quitter struct{ hw.Card }

type lost struct{ error }

func (q quitter) Transmit(command []byte) ([]byte, error) {
	answer, err := q.Card.Transmit(command)
	if err != nil {
		panic(lost{err})
	}
	return answer, nil
}

// Ensure that a tear at any exchange, on either side, leaves a card that is either
// wholly before or wholly after the commit; that the two sides differ only where
// the card commits; and that the contact is dead from then on.
func TestTearEverywhere(t *testing.T) {
	for _, frame := range []int{64, 128, 256} {
		card := issue(t, frame, true)
		before := memory(t, card)
		contact := emu.Air{}.Present(card)
		require.NoError(t, converse(&client{t: t, card: contact}))
		after, total := memory(t, card), contact.Stats().Exchanges
		require.NotEqual(t, before, after)

		for n := 1; n <= total; n++ {
			for _, side := range []emu.Side{emu.Before, emu.After} {
				card, err := emu.Load(bytes.NewReader([]byte(before)))
				require.NoError(t, err)
				contact := emu.Air{Tear: emu.Tear{Exchange: n, Side: side}}.Present(card)
				require.ErrorIs(t, converse(&client{t: t, card: contact}), hw.ErrRemoved)
				require.Equal(t, n, contact.Stats().Exchanges)
				want := before
				if n == total && side == emu.After {
					want = after
				}
				require.Equal(t, want, memory(t, card), "frame %d, %d %v", frame, n, side)
				_, err = contact.Transmit([]byte{0x90, 0x60, 0, 0, 0})
				require.ErrorIs(t, err, hw.ErrRemoved)
				require.Equal(t, n, contact.Stats().Exchanges)
			}
		}
		contact = emu.Air{Tear: emu.Tear{Exchange: total + 1}}.Present(card)
		require.NoError(t, converse(&client{t: t, card: contact}), "a tear too late")
	}
}

// Ensure that a tear in a chain of blocks falls on the side of the card's doing
// that the block lies on. The write is three blocks, the fourth exchange is SELECT.
func TestTearInAChain(t *testing.T) {
	for _, row := range []struct {
		tear    emu.Tear
		written bool
	}{
		{emu.Tear{Exchange: 2, Side: emu.After}, false},
		{emu.Tear{Exchange: 3, Side: emu.After}, false},
		{emu.Tear{Exchange: 4, Side: emu.Before}, false},
		{emu.Tear{Exchange: 4, Side: emu.After}, true},
		{emu.Tear{Code: 0x8D, Side: emu.Before}, false},
		{emu.Tear{Code: 0x8D, Side: emu.After}, true},
	} {
		card := issue(t, 64, false)
		c := meet(t, card, emu.Air{Tear: row.tear})
		c.selectApp(app)
		params := join(span(fileStd, 0, 150), pattern(150))
		_, err := c.try(0x8D, params...)
		require.ErrorIs(t, err, hw.ErrRemoved)
		c = meet(t, card, emu.Air{})
		c.selectApp(app)
		want := make([]byte, 150)
		if row.written {
			want = pattern(150)
		}
		require.Equal(t, want, c.read(plain, 0xBD, fileStd, 0, 150), "%+v", row)
	}

	// The answer is two blocks: the tear is after the card's doing either way.
	card := issue(t, 64, false)
	c := meet(t, card, emu.Air{Tear: emu.Tear{Exchange: 3, Side: emu.Before}})
	c.selectApp(app)
	_, err := c.try(0xAD, span(fileStd, 0, 100)...)
	require.ErrorIs(t, err, hw.ErrRemoved)
}

// Ensure that blocks are counted: 61 bytes fit into one of 64.
func TestExchanges(t *testing.T) {
	for _, row := range []struct{ frame, write, read, want int }{
		{64, 48, 59, 1 + 1},    // 61 bytes out, 61 bytes back
		{64, 49, 60, 2 + 2},    // a byte too many
		{64, 242, 256, 5 + 5},  // 255 out, 258 back
		{128, 112, 123, 1 + 1}, // 125 and 125
		{128, 113, 124, 2 + 2},
		{256, 240, 251, 1 + 1}, // 253 and 253
		{256, 241, 252, 2 + 2},
	} {
		c := meet(t, issue(t, row.frame, false), emu.Air{})
		contact := c.card.(*emu.Contact)
		c.selectApp(app)
		before := contact.Stats()
		c.write(plain, 0x8D, fileStd, 0, pattern(row.write))
		c.read(plain, 0xAD, fileStd, 0, row.read)
		now := contact.Stats()
		require.Equal(t, row.want, now.Exchanges-before.Exchanges, "%+v", row)
		require.Equal(t, 2, now.Commands-before.Commands)
		require.Equal(t, 13+row.write+13, now.Sent-before.Sent)
		require.Equal(t, 2+row.read+2, now.Received-before.Received)
	}
}

// Ensure that the reader's own answers cost no time on the air.
func TestReaderCommandsAreFree(t *testing.T) {
	contact := emu.Air{}.Present(newCard(64))
	before := contact.Stats()
	_, err := contact.Transmit(unhex(t, "FFCA000000"))
	require.NoError(t, err)
	require.Equal(t, before, contact.Stats())
	require.Equal(t, [4]time.Duration{
		8500 * time.Microsecond, 8500 * time.Microsecond,
		8500 * time.Microsecond, 8500 * time.Microsecond,
	}, before.Times)
}

// Ensure that the ATS tells the frame size, and that a new size counts from the
// next visit.
func TestFrameSizeIsTold(t *testing.T) {
	card := newCard(0)
	for _, row := range []struct {
		frame int
		code  byte
	}{{64, 0x75}, {128, 0x77}, {256, 0x78}, {0, 0x75}} {
		card.SetFrame(row.frame)
		contact := emu.Air{}.Present(card)
		card.SetFrame(256)
		answer, err := contact.Transmit(unhex(t, "FFCA010000"))
		require.NoError(t, err)
		require.Equal(t, row.code, answer[1])
	}
	require.Panics(t, func() { card.SetFrame(100) })
}

// Ensure that the time at the chosen rate is what is slept, all of it.
func TestSleep(t *testing.T) {
	for rate := range emu.Rate(4) {
		var slept time.Duration
		card := issue(t, 64, true)
		a := emu.Air{Rate: rate, Sleep: func(d time.Duration) { slept += d }}
		contact := a.Present(card)
		require.NoError(t, converse(&client{t: t, card: contact}))
		require.Equal(t, contact.Stats().Times[rate], slept)
	}
}

// Ensure that what is written costs by the page that it touches.
func TestPages(t *testing.T) {
	for _, row := range []struct{ offset, n, want int }{
		{0, 1, 1}, {0, 32, 1}, {0, 33, 2}, {31, 1, 1}, {31, 2, 2}, {35, 7, 1}, {10, 64, 3},
	} {
		c := meet(t, issue(t, 64, false), emu.Air{})
		contact := c.card.(*emu.Contact)
		c.selectApp(app)
		c.write(plain, 0x8D, fileStd, row.offset, pattern(row.n))
		require.Equal(t, row.want, contact.Stats().Pages, "%+v", row)
	}
}

// Ensure that a card cannot be in two fields, and that one that has left is gone.
func TestLeave(t *testing.T) {
	card := newCard(64)
	first := emu.Air{}.Present(card)
	second := emu.Air{}.Present(card)
	_, err := first.Transmit([]byte{0x90, 0x60, 0, 0, 0})
	require.ErrorIs(t, err, hw.ErrRemoved)
	_, err = second.Transmit([]byte{0x90, 0x60, 0, 0, 0})
	require.NoError(t, err)
	second.Leave()
	second.Leave()
	for range 3 {
		_, err = second.Transmit([]byte{0x90, 0x60, 0, 0, 0})
		require.ErrorIs(t, err, hw.ErrRemoved)
		_, err = second.Transmit(unhex(t, "FFCA000000"))
		require.ErrorIs(t, err, hw.ErrRemoved)
	}
}

// Ensure that a card taken away while it acts has acted, and that nobody hears of
// it.
func TestLeaveInTheMiddle(t *testing.T) {
	card := issue(t, 64, false)
	var contact *emu.Contact
	a := emu.Air{Sleep: func(time.Duration) {
		if contact.Stats().Commands == 2 {
			contact.Leave()
		}
	}}
	contact = a.Present(card)
	c := &client{t: t, card: contact}
	c.selectApp(app)
	_, err := c.try(0x8D, join(span(fileStd, 0, 2), 7, 8)...)
	require.ErrorIs(t, err, hw.ErrRemoved)
	c = meet(t, card, emu.Air{})
	c.selectApp(app)
	require.Equal(t, []byte{7, 8}, c.read(plain, 0xAD, fileStd, 0, 2))
}

// Ensure that an empty command is an error, and no reason to lose the card.
func TestEmptyCommand(t *testing.T) {
	contact := emu.Air{}.Present(newCard(64))
	for _, empty := range [][]byte{nil, {}} {
		_, err := contact.Transmit(empty)
		require.Error(t, err)
		require.False(t, errors.Is(err, hw.ErrRemoved))
	}
	_, err := contact.Transmit([]byte{0x90, 0x60, 0, 0, 0})
	require.NoError(t, err)
}
