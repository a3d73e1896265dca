package validator

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// loads are what this device remembers, until it is switched off, of the loads that it has
// sold: what may have to be taken back, and what nobody was told of yet.
type loads struct {
	last  *fare.Loaded // may have to be taken back; nil: there is none
	shift Shift        // in which that was
	cards map[cardlayout.Number]cardLoads
}

// cardLoads are those of one card.
type cardLoads struct {
	// unheard is a load whose commit was not heard and that was found on the card since: the
	// tap that has found it may have failed before anybody was told.
	unheard fare.Earlier

	// told is the event of the last one of these that the driver was told of, and value and
	// season the loads that the card had then.
	told   cardlayout.EventID
	value  cardlayout.ValueLoad
	season cardlayout.SeasonLoad
}

const (
	mostLoads = 1000             // cards that are remembered at once
	aMoment   = 10 * time.Minute // for which an unheard load is somebody's matter
)

// of is what is known of a card, or nothing.
func (l *loads) of(card cardlayout.Number) cardLoads { return l.cards[card] }

func (l *loads) put(card cardlayout.Number, known cardLoads) {
	if l.cards == nil || len(l.cards) >= mostLoads {
		l.cards = map[cardlayout.Number]cardLoads{}
	}
	l.cards[card] = known
}

// untold is what nobody was told of the card's last load: what this tap has found, or
// one before it. Of a trip it is what this tap has found. tried is the event of the order
// that stands.
func (l *loads) untold(event *Event, card cardlayout.Number, found fare.Earlier,
	tried cardlayout.EventID,
) fare.Earlier {
	known := l.of(card)
	switch none := (fare.Earlier{}); {
	case found.Loaded:
		known.unheard = found
		l.put(card, known)
	case found != none, known.unheard == none:
		return found
	}
	u := known.unheard
	u.Asked = u.Event == tried
	old := event.At.Sub(u.At.Time()).Abs() > aMoment
	if !u.Asked && (old || u.Event == known.told) {
		return fare.Earlier{}
	}
	return u
}

// remember keeps what a tap has done, or has told the driver. A load that was not
// committed, in the end, the card itself denies.
func (l *loads) remember(o *Outcome, errand *fare.Errand) {
	if errand == nil {
		return
	}
	done, back := o.Decision.Loaded, errand.Back != nil
	switch {
	case back && o.Ending == Accepted && o.Decision.Reason.Done():
		l.last = nil
	case !back && done != nil && (o.Ending == Accepted || o.Ending == Uncertain):
		l.last, l.shift = done, o.Event.Shift
	}
	if o.Ending == Accepted || o.Ending == Refused && o.Decision.Refused != nil {
		after := &o.Decision.After
		known := l.of(after.Number)
		known.told, known.unheard = known.unheard.Event, fare.Earlier{}
		known.value, known.season = after.ValueLoad, after.SeasonLoad
		l.put(after.Number, known)
	}
}

// told reports whether the driver knows what the card bears of value and seasons.
func (l *loads) told(card *cardlayout.Card) bool {
	known := l.of(card.Number)
	return known.value == card.ValueLoad && known.season == card.SeasonLoad
}
