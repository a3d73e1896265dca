package sim

import (
	"context"
	"errors"
	"fmt"

	"leima/hw"
	"leima/hw/emu"
	"leima/validator"
)

// A Cut is what became of a tap whose card lost its power.
type Cut struct {
	Command int      // which of the tap's commands, from 1
	Code    byte     // its code
	Side    emu.Side // before the card heard it, or after it acted

	First  validator.Ending // how that tap ended
	Second validator.Ending // how it ended when the card came back
	Wrong  error            // what the audit found
}

// Cuts cuts the card's power between every two commands of a tap, and after the card has
// acted on each, presents it again at once, and audits both taps. told, if not nil, hears
// of every cut. An error says that it could not go on; what is wrong with a tap is in
// its Cut.
//
// A command that goes over the air in several blocks is cut before the first or after the
// last.
func (s *Stand) Cuts(ctx context.Context, told func(Cut)) (cuts []Cut, err error) {
	for n := 1; ; n++ {
		for _, side := range []emu.Side{emu.Before, emu.After} {
			c, done, err := s.cut(ctx, n, side)
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
func (s *Stand) cut(ctx context.Context, n int, side emu.Side) (c Cut, done bool, err error) {
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
	o, wrong := s.audited(ctx, func(whole hw.Card) hw.Card {
		card = &cutting{card: whole, at: n, side: side}
		return card
	})
	if card == nil {
		return c, false, wrong
	}
	c = Cut{Command: n, Code: card.code, Side: side, First: o.Ending, Wrong: wrong}
	if !card.cut {
		return c, true, errors.Join(wrong, accepted(o, "the whole tap"))
	}
	o, wrong = s.audited(ctx, direct)
	c.Second = o.Ending
	c.Wrong = errors.Join(c.Wrong, wrong, accepted(o, "the card came back and"))
	if ctx.Err() != nil {
		return c, false, ctx.Err()
	}
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
	card hw.Card
	at   int
	side emu.Side

	sent int
	code byte
	cut  bool
}

// Transmit implements hw.Card.
func (c *cutting) Transmit(command []byte) ([]byte, error) {
	if c.cut {
		return nil, hw.ErrRemoved
	}
	if c.sent++; c.sent < c.at {
		return c.card.Transmit(command)
	}
	c.cut = true
	if len(command) > 1 {
		c.code = command[1]
	}
	if c.side == emu.After {
		if _, err := c.card.Transmit(command); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("cut %v command %d: %w", c.side, c.at, hw.ErrRemoved)
}
