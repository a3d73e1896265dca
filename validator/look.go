package validator

import (
	"errors"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
)

// A Look is what a driver may see of a card: what is on it, but nothing that says
// whose it is.
type Look struct {
	Card    cardlayout.Card // without the birth date
	History []cardlayout.Record
	Verdict fare.Verdict
}

// look tells the driver of a card, and changes nothing on it: products, transfer right and
// last events, also where the validator that should have stamped it is broken.
func (v *Validator) look(s *desfire.Session, mode desfire.Mode, event Event,
	held cardlayout.Card, tap fare.Tap, tariff *fare.Tariff,
) Outcome {
	history, _, err := ReadHistory(s, mode)
	if err != nil {
		return v.unreadable(event, held, err)
	}
	seen := Look{held, history, fare.Check(held, tap, tariff)}
	v.looked = looked{seen, event.At.Add(patience)}
	seen.Card.Birth = 0
	decision := seen.decision()
	event.decide(&decision, nil)
	o := v.record(event, decision)
	o.Look = &seen
	return o
}

// decision is what the look comes to for the panel and the journal.
func (l *Look) decision() fare.Decision {
	d := fare.Decision{Reason: fare.Checked, Product: l.Verdict.Product,
		Source: l.Verdict.Source, Zones: l.Verdict.Zones, Until: l.Verdict.Until, After: l.Card}
	if l.Verdict.Finding == fare.CardBlocked {
		d.Reason = fare.Blocked // the alarm
	}
	copy(d.Why[:], l.Verdict.Why)
	return d
}

// ReadHistory reads the use events that the card keeps, up to seven, the newest last, and
// the newest as the card has it.
func ReadHistory(s *desfire.Session, mode desfire.Mode) (
	history []cardlayout.Record, newest [cardlayout.RecordSize]byte, err error,
) {
	const file, size, count = cardlayout.FileHistory, cardlayout.RecordSize,
		cardlayout.HistoryRecords - 1
	data, err := s.ReadRecords(file, mode, size, count)
	if err != nil {
		return nil, newest, reading(err)
	}
	for ; len(data) > 0; data = data[size:] {
		newest = [size]byte(data)
		r, err := cardlayout.UnpackRecord(newest)
		if err != nil {
			return nil, newest, err
		}
		if (r != cardlayout.Record{}) { // with those it was issued
			history = append(history, r)
		}
	}
	return history, newest, nil
}

// looked is the card that was looked at last, for as long as its holder stands there.
type looked struct {
	Look
	until time.Time
}

// identifyTries is how often on a day a card's birth date may be mistyped; more would be
// guessing.
const identifyTries = 3

// guesses are how often birth dates were tried on a day, by card: looking at another card
// in between gives no more of them.
type guesses struct {
	day   cardlayout.Day
	tries map[cardlayout.Number]int
}

// spend takes one of a card's tries on a day, and reports whether one was left.
func (g *guesses) spend(card cardlayout.Number, day cardlayout.Day) bool {
	if g.tries == nil || g.day != day {
		g.day, g.tries = day, map[cardlayout.Number]int{}
	}
	g.tries[card]++
	return g.tries[card] <= identifyTries
}

var errNoLook = errors.New("no card was looked at just now: present it to the reader again")

func (v *Validator) justLooked() (*looked, error) {
	if now := v.time(); v.looked.Card.Number == 0 || now.After(v.looked.until) {
		return nil, errNoLook
	}
	return &v.looked, nil
}

// Identify asks whether the card that was just looked at belongs to whoever was born on a
// day. The answer is yes or no: nobody is told the day that is on the card.
type Identify struct {
	Birth   cardlayout.Day
	Matches *bool
}

// String leaves the day out: it is somebody's.
func (Identify) String() string { return "asked whose card it is" }

func (i Identify) apply(v *Validator) error {
	card, err := v.justLooked()
	switch {
	case err != nil:
		return err
	case card.Card.Kind != cardlayout.Personal || card.Card.Birth == 0:
		return errors.New("the card is nobody's own, or has no birth date: " +
			"it cannot tell whose it is")
	case !v.guesses.spend(card.Card.Number, cardlayout.DayOf(v.time())):
		return errors.New("no more birth dates are tried on this card today: " +
			"the service point knows whose it is")
	}
	*i.Matches = i.Birth == card.Card.Birth
	return nil
}
