package terminal

import (
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

// lookBusiness is the business of a card that is only looked at.
func lookBusiness() validator.Business {
	return validator.Business{Whole: true, History: true, Decide: look}
}

// look shows a card to the driver and changes nothing on it: products, transfer right and last
// events, even if the validator that should have stamped it is broken.
func look(held cardlayout.Card, f *validator.Facts) validator.Decision {
	l := &validator.Look{
		Card: held, History: f.History,
		Verdict: fare.Check(held, f.Tap, f.Tariff),
	}
	l.Card.Birth = 0
	v := &l.Verdict
	d := fare.Decision{
		Reason: fare.Checked, Product: v.Product, Source: v.Source,
		Zones: v.Zones, Until: v.Until, After: held,
	}
	if v.Finding == fare.CardBlocked {
		d.Reason = fare.Blocked // the alarm
	}
	copy(d.Why[:], v.Why)
	return validator.Decision{Decision: d, Look: l}
}

// recentLook is the last look at a card, while its holder is still there.
type recentLook struct {
	validator.Look
	birth cardlayout.Day
	until time.Time
}

// identifyTries is how often a card's birth date may be tried on a day; more would be guessing.
const identifyTries = 3

// attempts count the birth dates tried on a day, by card: a look at another card does not reset
// them.
type attempts struct {
	day   cardlayout.Day
	tries map[cardlayout.Number]int
}

// take takes one of a card's tries on a day, and reports whether one was left.
func (g *attempts) take(card cardlayout.Number, day cardlayout.Day) bool {
	if g.tries == nil || g.day != day {
		g.day, g.tries = day, map[cardlayout.Number]int{}
	}
	g.tries[card]++
	return g.tries[card] <= identifyTries
}

var errNoLook error = fare.Say("no card was looked at just now: present it to the reader again")

func (t *Terminal) recentLook() (*recentLook, error) {
	if now := t.now(); t.lastLook.Card.Number == 0 || now.After(t.lastLook.until) {
		return nil, errNoLook
	}
	return &t.lastLook, nil
}

// Identify asks whether the card of the last look belongs to a person born on a day. The
// answer is yes or no: the day on the card is not shown.
type Identify struct{ Birth cardlayout.Day }

// String leaves the day out: it is personal.
func (Identify) String() string { return "asked whose card it is" }

func (i Identify) apply(t *Terminal) (r Result, err error) {
	card, err := t.recentLook()
	switch {
	case err != nil:
		return r, err
	case card.Card.Kind != cardlayout.Personal || card.birth == 0:
		return r, fare.Say("the card is nobody's own, or has no birth date: " +
			"it cannot tell whose it is")
	case !t.birthTries.take(card.Card.Number, cardlayout.DayOf(t.now())):
		return r, fare.Say("no more birth dates are tried on this card today: " +
			"the service point knows whose it is")
	}
	matches := i.Birth == card.birth
	return Result{Matches: &matches}, nil
}

// MarkError marks a use event of the card of the last look as wrong, for the passenger's claim
// . The newest event is 1.
type MarkError struct {
	Event int
	Said  string // the error, in the driver's words
}

func (m MarkError) apply(t *Terminal) (r Result, err error) {
	card, err := t.recentLook()
	if err != nil {
		return r, err
	}
	n := len(card.History) - m.Event
	if m.Event < 1 || n < 0 {
		return r, fare.Say("marking event %d: the card has %d", m.Event, len(card.History))
	}
	event := t.newEvent()
	event.Reason, event.Rules = fare.ErrorMarked, []fare.RuleID{fare.RuleErrorMark}
	event.Card, event.Area, event.Counter = card.Card.Number, card.Card.Area, card.Card.Counter
	event.BalanceUnknown = true // the card may have been charged since the look
	event.Command = fmt.Sprintf("%v: %s", card.History[n].Boarded, m.Said)
	return r, t.recordEvent(event)
}
