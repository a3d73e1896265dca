package validator

import (
	"errors"
	"time"

	"leima/hw"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// errSlow means that a tap has used up its time.
var errSlow = errors.New("the card was too slow")

// A budgetCard refuses further exchanges when the tap's time is up. A commit is not cut off: once
// it is sent, only its answer matters.
type budgetCard struct {
	card  hw.Card
	now   func() time.Time
	until time.Time // zero: no limit
}

func (v *Validator) withBudget(card hw.Card) *budgetCard {
	c := &budgetCard{card: card, now: v.Now}
	if v.Budget > 0 {
		c.until = v.Now().Add(v.Budget)
	}
	return c
}

func (c *budgetCard) overBudget() bool { return !c.until.IsZero() && c.now().After(c.until) }

// last is called before a commit and lifts the limit.
func (c *budgetCard) last() error {
	if c.overBudget() {
		return errSlow
	}
	c.until = time.Time{}
	return nil
}

// Transmit implements hw.Card.
func (c *budgetCard) Transmit(command []byte) ([]byte, error) {
	if c.overBudget() {
		return nil, errSlow
	}
	return c.card.Transmit(command)
}

// open selects the application and authenticates both sides.
func (v *Validator) open(card hw.Card, event *Event) (*desfire.Session, error) {
	app := v.App
	app.Keys = func(uid desfire.UID) []desfire.Authenticator {
		event.UID = uid
		return v.App.Keys(uid)
	}
	session, err := desfire.Open(card, app, v.Rand)
	return session, oncard.Opening(err)
}
