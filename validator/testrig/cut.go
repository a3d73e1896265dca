package testrig

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// A Cut is the result of a tap whose card lost its power.
type Cut struct {
	Command int          // the number of the command in the tap, from 1
	Code    desfire.Code // its code, if it is for the card
	Name    string       // its name
	Acted   bool         // the card has carried it out, or else has not received it

	First  validator.Ending // of that tap
	Second validator.Ending // of the next tap of the card
	Wrong  error            // from the audit
}

// Cuts cuts the card's power before each command of a tap and after the card has carried it out,
// presents it again at once, and audits both taps. report, if not nil, receives each cut. An error
// means that it could not continue, because the card was lost or its last day is over; errors of a
// tap are in its Cut.
//
// A command of several blocks is cut before the first or after the last.
func (s *Rig) Cuts(ctx context.Context, report func(Cut)) (cuts []Cut, err error) {
	for n := 1; ; n++ {
		for _, acted := range []bool{false, true} {
			c, done, err := s.cut(ctx, n, acted)
			if done || err != nil {
				return cuts, err
			}
			cuts = append(cuts, c)
			if report != nil {
				report(c)
			}
		}
	}
}

// cut begins a journey and cuts its tap at command n. done means that the tap ended before.
func (s *Rig) cut(ctx context.Context, n int, acted bool) (c Cut, done bool, err error) {
	held, err := s.Inspect(ctx)
	if err == nil {
		err = s.fill(ctx, held.Card.Purse)
	}
	if err == nil {
		err = s.nextJourney()
	}
	if err != nil {
		return c, false, err
	}
	var card *cutCard
	o, wrong, err := s.auditedTap(ctx, func(whole hw.Card) hw.Card {
		card = &cutCard{card: whole, at: n, acted: acted}
		return card
	})
	if err != nil {
		return c, false, err
	}
	if !card.cut {
		return c, true, errors.Join(wrong, accepted(o, "the whole tap"))
	}
	c = Cut{
		Command: n, Code: card.code(), Name: desfire.CommandName(card.sent), Acted: acted,
		First: o.Ending, Wrong: wrong,
	}
	if o, wrong, err = s.auditedTap(ctx, direct); err != nil {
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

// A cutCard loses its power at a command.
type cutCard struct {
	card  hw.Card
	at    int
	acted bool

	n    int
	sent []byte // the command at which it was cut
	cut  bool
}

// Transmit implements hw.Card.
func (c *cutCard) Transmit(command []byte) ([]byte, error) {
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

// code is the code of the command at which it was cut.
func (c *cutCard) code() desfire.Code {
	if len(c.sent) < 2 {
		return 0
	}
	return desfire.Code(c.sent[1])
}
