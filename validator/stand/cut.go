package stand

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// A Cut is what became of a tap whose card lost its power.
type Cut struct {
	Command int          // which of the tap's commands, from 1
	Code    desfire.Code // the command, if it is the card's
	Name    string       // its name
	Acted   bool         // the card has acted on it, else it has not heard it

	First  validator.Ending // how that tap ended
	Second validator.Ending // how it ended when the card came back
	Wrong  error            // what the audit found
}

// Cuts cuts the card's power between every two commands of a tap, and after the card has
// acted on each, presents it again at once, and audits both taps. told, if not nil, hears
// of every cut. An error says that it could not go on, because the card was lost or its last
// day is over; what is wrong with a tap is in its Cut.
//
// A command that goes over the air in several blocks is cut before the first or after the
// last.
func (s *Stand) Cuts(ctx context.Context, told func(Cut)) (cuts []Cut, err error) {
	for n := 1; ; n++ {
		for _, acted := range []bool{false, true} {
			c, done, err := s.cut(ctx, n, acted)
			if done || err != nil {
				return cuts, err
			}
			cuts = append(cuts, c)
			if told != nil {
				told(c)
			}
		}
	}
}

// cut begins a journey and cuts its tap at command n. done says that the tap was over
// before.
func (s *Stand) cut(ctx context.Context, n int, acted bool) (c Cut, done bool, err error) {
	held, err := s.Inspect(ctx)
	if err == nil {
		err = s.fill(ctx, held.Card.Purse)
	}
	if err == nil {
		err = s.travelOn()
	}
	if err != nil {
		return c, false, err
	}
	var card *cutting
	o, wrong, err := s.audited(ctx, func(whole hw.Card) hw.Card {
		card = &cutting{card: whole, at: n, acted: acted}
		return card
	})
	if err != nil {
		return c, false, err
	}
	if !card.cut {
		return c, true, errors.Join(wrong, accepted(o, "the whole tap"))
	}
	c = Cut{Command: n, Code: card.code(), Name: desfire.CommandName(card.sent), Acted: acted,
		First: o.Ending, Wrong: wrong}
	if o, wrong, err = s.audited(ctx, direct); err != nil {
		return c, false, err
	}
	c.Second = o.Ending
	c.Wrong = errors.Join(c.Wrong, wrong, accepted(o, "the card came back and"))
	return c, false, nil
}

func accepted(o validator.Outcome, what string) error {
	if o.Ending == validator.Accepted {
		return nil
	}
	err := fmt.Errorf("%s was %v: %v", what, o.Ending, o.Decision.Reason)
	if o.Err != nil {
		err = fmt.Errorf("%s was %v: %w", what, o.Ending, o.Err)
	}
	return err
}

// A cutting card loses its power at a command.
type cutting struct {
	card  hw.Card
	at    int
	acted bool

	n    int
	sent []byte // the command at which it was cut
	cut  bool
}

// Transmit implements hw.Card.
func (c *cutting) Transmit(command []byte) ([]byte, error) {
	if c.cut {
		return nil, hw.ErrRemoved
	}
	if c.n++; c.n < c.at {
		return c.card.Transmit(command)
	}
	c.cut, c.sent = true, bytes.Clone(command)
	if c.acted {
		if _, err := c.card.Transmit(command); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("cut at command %d: %w", c.at, hw.ErrRemoved)
}

// code is that of the command at which it was cut.
func (c *cutting) code() desfire.Code {
	if len(c.sent) < 2 {
		return 0
	}
	return desfire.Code(c.sent[1])
}
