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
	responses [][]byte // of the tape, copied for the caller to keep or overwrite
	next      int
	over      error
}

var _ hw.Card = (*Player)(nil)

// Play returns a player at the beginning of the tape. The tape is not changed, and several may play
// it at once.
func (t *Tape) Play() *Player {
	p := &Player{exchanges: t.Exchanges, responses: make([][]byte, len(t.Exchanges))}
	for n, e := range t.Exchanges {
		p.responses[n] = bytes.Clone(e.Response)
	}
	return p
}

// Rewind returns to the beginning of the tape. It reuses the responses that it has returned so far:
// a second play allocates nothing.
func (p *Player) Rewind() {
	for n, e := range p.exchanges {
		copy(p.responses[n], e.Response)
	}
	p.next, p.over = 0, nil
}

// Left is the number of exchanges that have not been played.
func (p *Player) Left() int { return len(p.exchanges) - p.next }

var errEmpty = errors.New("tape: an empty command")

// Transmit implements hw.Card. If the tape has an error, it returns one that wraps it. A command
// other than the recorded one is an error that wraps ErrDiffers and shows both. After either, it
// returns the same again.
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
