package tape

import (
	"bytes"
	"errors"
	"fmt"

	"leima/hw"
)

// A Player is a card that answers from a tape.
type Player struct {
	exchanges []Exchange
	responses [][]byte // those of the tape, once more, for the caller to keep or spoil
	next      int
	over      error
}

var _ hw.Card = (*Player)(nil)

// Play puts the tape at its beginning. The tape is not changed by it, and may be played
// by several at once.
func (t *Tape) Play() *Player {
	p := &Player{exchanges: t.Exchanges, responses: make([][]byte, len(t.Exchanges))}
	for n, e := range t.Exchanges {
		p.responses[n] = bytes.Clone(e.Response)
	}
	return p
}

// Rewind puts the tape back to its beginning. It takes the responses of this play from
// whoever has them still: a play costs no memory beyond the first.
func (p *Player) Rewind() {
	for n, e := range p.exchanges {
		copy(p.responses[n], e.Response)
	}
	p.next, p.over = 0, nil
}

// Left is how many exchanges have not been played.
func (p *Player) Left() int { return len(p.exchanges) - p.next }

var errEmpty = errors.New("tape: an empty command")

// Transmit implements hw.Card. Where the tape has an error it returns one that wraps that.
// A command other than the recorded one is an error that wraps ErrDiffers and shows
// both. After either it returns the same again.
func (p *Player) Transmit(command []byte) ([]byte, error) {
	switch {
	case len(command) == 0:
		return nil, errEmpty
	case p.over != nil:
		return nil, p.over
	case p.next == len(p.exchanges):
		p.over = fmt.Errorf("tape: after exchange %d, the last: %w: there is none for %X",
			p.next, ErrDiffers, command)
		return nil, p.over
	}
	e, response := &p.exchanges[p.next], p.responses[p.next]
	if !bytes.Equal(e.Command, command) {
		p.over = fmt.Errorf("tape: exchange %d: %w: it is %X and was %X",
			p.next+1, ErrDiffers, command, e.Command)
		return nil, p.over
	}
	p.next++
	if e.Err != nil {
		p.over = fmt.Errorf("tape: exchange %d: %w", p.next, e.Err)
		return nil, p.over
	}
	return response, nil
}
