package terminal

import (
	"leima/cardlayout"
	"leima/fare/sale"
	"leima/validator"
)

// loads are the loads that this device remembers until it is switched off: the one that can be
// taken back, and those that the driver does not know of.
type loads struct {
	last  *sale.Loaded    // that can be taken back; nil if none
	shift validator.Shift // of last
	cards map[cardlayout.Number]cardLoads
}

// cardLoads are the loads of one card.
type cardLoads struct {
	// unconfirmed is a load whose commit was not answered and that was found on the card since: the
	// tap that found it may have failed before the driver knew.
	unconfirmed sale.UnconfirmedLoad

	// reported is the event of the last unconfirmed load that the driver knows of, and value and
	// season the loads that the card had then.
	reported cardlayout.EventID
	value    cardlayout.ValueLoad
	season   cardlayout.SeasonLoad
}

// mostLoads is how many cards are remembered at once.
const mostLoads = 1000

// of is what is known of a card; zero if nothing.
func (l *loads) of(card cardlayout.Number) cardLoads { return l.cards[card] }

func (l *loads) put(card cardlayout.Number, known cardLoads) {
	if l.cards == nil || len(l.cards) >= mostLoads {
		l.cards = map[cardlayout.Number]cardLoads{}
	}
	l.cards[card] = known
}

// Found implements validator.Terminal. It is remembered until the driver knows of it, however long
// that takes: the customer may come back at the end of the line.
func (t *Terminal) Found(card cardlayout.Number, u sale.UnconfirmedLoad) {
	known := t.loads.of(card)
	known.unconfirmed = u
	t.loads.put(card, known)
}

// unreported is the card's last load, if the driver does not know of it. tried is the event of the
// standing order.
func (l *loads) unreported(card cardlayout.Number, tried cardlayout.EventID) sale.UnconfirmedLoad {
	known := l.of(card)
	u := known.unconfirmed
	u.Asked = u.Event == tried
	if u.Event == (cardlayout.EventID{}) || !u.Asked && u.Event == known.reported {
		return sale.UnconfirmedLoad{}
	}
	return u
}

// remember records what a tap has done or shown to the driver. A load that was not committed is
// denied by the card itself later. A passenger who boards while an order waits for another card
// changes nothing.
func (l *loads) remember(o *validator.Outcome, asked *sale.Order) {
	if asked == nil || !o.Decision.Reason.ConcernsLoad() {
		return
	}
	done, back := o.Decision.Loaded, asked.Back != nil
	switch {
	case back && o.Ending == validator.Accepted && o.Decision.Reason.Done():
		l.last = nil
	case !back && done != nil &&
		(o.Ending == validator.Accepted || o.Ending == validator.Uncertain):
		l.last, l.shift = done, o.Event.Shift
	}
	if o.Ending == validator.Accepted ||
		o.Ending == validator.Refused && o.Decision.Refused != nil {
		after := &o.Decision.After
		known := l.of(after.Number)
		known.reported, known.unconfirmed = known.unconfirmed.Event, sale.UnconfirmedLoad{}
		known.value, known.season = after.ValueLoad, after.SeasonLoad
		l.put(after.Number, known)
	}
}

// reported reports whether the driver knows the card's last loads of value and seasons.
func (l *loads) reported(card *cardlayout.Card) bool {
	known := l.of(card.Number)
	return known.value == card.ValueLoad && known.season == card.SeasonLoad
}
