package fare

import (
	"time"

	"leima/cardlayout"
)

// Decide says what a tap comes to. It is pure and total, and it allocates nothing.
func Decide(card cardlayout.Card, tap Tap, t *Tariff) Decision {
	q := ask(&card, &tap, t)
	d := Decision{After: card}
	switch {
	case q.blocked(&d):
	case q.expired(&d):
	case q.Errand != nil:
		d.errand(tap, t)
		return d
	case q.unheard(&d):
	case q.alreadyStamped(&d):
	case q.partyRefused(&d):
	case q.transfer(&d):
	case q.school(&d):
	case q.season(&d):
	case q.extension(&d):
	default:
		q.value(&d, right{})
	}
	d.Zones = q.zones
	return d
}

// A question is a tap with what every rule asks of it, worked out once.
type question struct {
	*Tap
	card   *cardlayout.Card
	tariff *Tariff

	now    cardlayout.Instant
	local  cardlayout.Stamp
	moment moment
	day    cardlayout.Day   // the service day
	passed cardlayout.Day   // the day that has surely come, where the time is not known
	group  cardlayout.Group // the holder's, by which all of the party pay
	zones  cardlayout.Zones
	other  cardlayout.Zones // the next stop's, if a right for it is enough; or 0

	party cardlayout.Persons // as announced, by group; none if nothing was said
	size  int                // of the party announced
}

func ask(card *cardlayout.Card, tap *Tap, t *Tariff) question {
	q := question{
		Tap: tap, card: card, tariff: t,
		now: cardlayout.InstantOf(tap.At), zones: tap.Zones, party: tap.Persons,
	}
	q.local, q.moment = t.clock(tap.At)
	q.day = q.moment.day
	if tap.Certainty.Unknown && tap.Certainty.Passed != 0 {
		q.passed = t.ServiceDay(tap.Certainty.Passed.Time())
	}
	q.group = t.TrueGroup(card, q.day)
	if tap.Lent {
		q.group = t.lentGroup(q.group)
	}
	switch next := cardlayout.ZoneRun(tap.NextZone, tap.NextZone); {
	case tap.Chosen != 0:
		q.zones = tap.Chosen
	case next != q.zones && q.zones == cardlayout.ZoneRun(tap.Zone, tap.Zone):
		q.other = next
	}
	q.size = q.party.Total()
	q.party[q.group] = uint8(min(int(q.party[q.group])+int(q.party[0]), 255))
	q.party[0] = 0
	return q
}

// blocked: a card blocked on the list is blocked on itself at once, so that the
// next device needs no list. A bearer card cannot be blocked; one that is listed
// is an error of whoever made the list, and its holder travels.
func (q *question) blocked(d *Decision) bool {
	listed := q.Listing.names(q.card)
	switch {
	case q.card.Kind == cardlayout.Bearer:
		d.ListError = listed || q.card.Blocked
		if d.ListError {
			d.because(108)
		}
		return false
	case !listed && !q.card.Blocked:
		return false
	}
	d.Reason = Blocked
	d.because(103)
	if q.card.Kind == cardlayout.Company {
		d.because(109)
	}
	if !q.card.Blocked && !q.Listing.Held {
		q.block(d)
	}
	return true
}

// block marks the card itself. A card whose counter is full is refused as it is.
func (q *question) block(d *Decision) {
	d.After.Blocked = true
	q.stamp(d)
	if d.After.Check() != nil {
		d.After = *q.card
	}
}

func (q *question) expired(d *Decision) bool {
	if q.card.ValidUntil == 0 || q.day <= q.card.ValidUntil || q.Certainty.Unknown {
		return false
	}
	d.Reason = Expired
	d.because(32)
	return true
}

// unheard: the card has committed this trip a moment ago and we did not hear it.
// Its passenger is told what it was then; nothing is charged or written again.
func (q *question) unheard(d *Decision) bool {
	e := &q.Unheard
	if e.Event == (cardlayout.EventID{}) || e.Loaded || e.Event != q.card.Last || !q.aboard() {
		return false
	}
	sameTrip := e.Trip == q.Trip && !e.Elsewhere
	if !(q.again(e.At) || sameTrip && q.timeless(e.At)) ||
		!sameTrip && int64(q.now)-int64(e.At) > stillAtTheReader {
		return false
	}
	d.Reason, d.Paid = Unheard, e.Charge
	d.because(40)
	q.tellJourney(d)
	return true
}

// stillAtTheReader is how long, in seconds, somebody who was told to present the card
// again may take, also if the bus begins another trip meanwhile.
const stillAtTheReader = 60

// alreadyStamped: green twice would let a card be passed back to the next in the
// queue.
func (q *question) alreadyStamped(d *Decision) bool {
	j := &q.card.Journey
	if j.Area != q.tariff.Area || j.Source == cardlayout.NoSource || !q.sameTrip() ||
		!(q.again(j.Boarded) || q.perhapsAgain(j)) || !q.aboard() {
		return false
	}
	d.Reason = AlreadyStamped
	d.because(40)
	q.tellJourney(d)
	return true
}

// perhapsAgain tells whether nobody knows that a journey on this vehicle trip is not the one of
// just now, and it has no right for these zones to go on by: nobody pays twice on one trip.
func (q *question) perhapsAgain(j *cardlayout.Journey) bool {
	return q.Certainty.Unknown && j.Boarded <= q.now && q.timeless(j.Boarded) &&
		!q.covered(j.Zones)
}

// again tells whether an earlier stamp is so fresh that this is the same boarding.
// A stamp from the future never is: a clock that was wrong must not turn anyone
// away.
func (q *question) again(earlier cardlayout.Instant) bool {
	elapsed := int64(q.now) - int64(earlier)
	return elapsed >= 0 && elapsed <= int64(q.tariff.Again/time.Second)
}

// aboard tells whether the running journey is for everybody, and for all the zones,
// that the driver has set. Where nothing was set it always is.
func (q *question) aboard() bool {
	return q.beyond() == 0 &&
		(q.Chosen == 0 || q.tariff.covers(q.card.Journey.Zones, q.Chosen))
}

// partyRefused: who may travel on one card's value is where the areas' terms
// disagree. A lower group is one of age; who alone would pay more than on this card is not of
// a lower one.
func (q *question) partyRefused(d *Decision) bool {
	rank := &q.tariff.Rank
	paid := q.running() && q.beyond() == 0 && q.covered(q.card.Journey.Zones)
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if q.party[group] == 0 || group == q.group {
			continue
		}
		lower := rank[group] != 0 && rank[group] <= rank[q.group] &&
			(paid || !q.paysMore(group))
		if q.tariff.Party != LowerGroups || !lower {
			d.Reason = PartyRefused
			d.because(51)
			return true
		}
	}
	return false
}

// paysMore tells whether somebody of a group alone pays more than beside the holder.
func (q *question) paysMore(group cardlayout.Group) bool {
	own, sold := q.tariff.valuePrice(group, q.zones, q.moment)
	beside, _ := q.tariff.valuePrice(q.companions(), q.zones, q.moment)
	return sold && own.sum() > beside.sum()
}

// companions is the group by which those pay who are along: the holder's, but where
// a personal price is the owner's alone the adults'.
func (q *question) companions() cardlayout.Group {
	if q.tariff.OwnPriceAlone {
		return q.tariff.lentGroup(q.group)
	}
	return q.group
}

// covered tells whether a right for some zones is enough here.
func (q *question) covered(by cardlayout.Zones) bool {
	return q.tariff.covers(by, q.zones) || q.tariff.covers(by, q.other)
}

// holderTravels tells whether the card's holder is one of those who board.
func (q *question) holderTravels() bool { return q.size == 0 || q.party[q.group] > 0 }

// tellJourney says what the running journey is to the passenger.
func (q *question) tellJourney(d *Decision) {
	j := &q.card.Journey
	d.Persons, d.Source = uint8(j.Persons.Total()), j.Source
	q.zones = j.Zones
	if q.changeable(j) {
		d.Product, d.Until = q.journeyProduct(j), q.transferEnd(j)
	} else if s := q.activeSeason(&q.card.Seasons); s != nil {
		d.Product, d.Until = s.Product, endOf(s)
	}
}

// stamp makes what d leaves on the card this tap's own: a transaction more, and
// this event the last.
func (q *question) stamp(d *Decision) { stamp(&d.After, q.Event) }

func stamp(card *cardlayout.Card, event cardlayout.EventID) {
	card.Counter++
	card.Last = event
}

// board notes on the card where its journey now is.
func (q *question) board(d *Decision) {
	j := &d.After.Journey
	j.Boarded, j.Trip = max(q.now, j.Start), q.Trip // its start may be of a clock that was ahead
}

// boarding is this tap's place, as the public files hold it.
func (q *question) boarding() cardlayout.Boarding {
	return cardlayout.Boarding{
		At: q.local, Vehicle: q.Vehicle, Direction: q.Direction, Zone: q.Zone,
	}
}

// ownBoarding is the holder's by a season or school ticket, which the card keeps beside that
// of a value ticket.
func (q *question) ownBoarding() cardlayout.Boarding {
	b := q.boarding()
	b.Area = q.tariff.Area
	return b
}
