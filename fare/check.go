package fare

import (
	"fmt"

	"leima/cardlayout"
)

// A Verdict is what an inspector is told of a card: whether those who travel on
// it have a right to, for how many persons and how long, and why.
type Verdict struct {
	Finding Finding
	Source  cardlayout.Source // what the right is of; 0 where there is none
	Product uint16
	Zones   cardlayout.Zones
	Persons cardlayout.Persons // for whom it was paid; the holder of a season alone
	Boarded cardlayout.Stamp   // when the card was last at a reader; zero: never
	Until   cardlayout.Stamp   // end of the right; zero: it ends with the trip
	Why     []RuleID
}

// Valid tells whether they travel with a right to.
func (v *Verdict) Valid() bool { return v.Finding == Travels }

// A Finding is the reason of a Verdict, in order of precedence.
type Finding uint8

// The findings. Of several that apply the first is given.
const (
	CardBlocked Finding = 1
	CardExpired Finding = 2
	Travels     Finding = 3 // stamped on this vehicle trip, or a right is in force
	NotStamped  Finding = 4 // a right is in force that was not stamped on boarding
	LeftZones   Finding = 5 // the right is for other zones than this one
	RightEnded  Finding = 6 // the last right has ended
	NoRight     Finding = 7 // nothing was ever paid here that is still on the card
)

var findingNames = [...]string{
	CardBlocked: "card blocked", CardExpired: "card expired", Travels: "travels",
	NotStamped: "not stamped", LeftZones: "left the zones", RightEnded: "right ended",
	NoRight: "no right",
}

func (f Finding) String() string {
	if int(f) < len(findingNames) && findingNames[f] != "" {
		return findingNames[f]
	}
	return fmt.Sprintf("finding %d", uint8(f))
}

// Check is an inspector's view of a card on board: it needs the time, the vehicle trip
// and the zone of tap, and where there is a block list what that says. Without a trip, 0,
// nobody can say whether the card was stamped on it, and a right that is in force is
// enough. It changes nothing and is total.
//
// A transfer right is judged at boarding: whoever boarded this trip in time
// travels on it to its end, however long that takes, within the zones.
func Check(card cardlayout.Card, tap Tap, t *Tariff) Verdict {
	q := ask(&card, &tap, t)
	v := Verdict{Finding: NoRight, Why: []RuleID{41}}
	for _, right := range q.rights() {
		if right.Finding < v.Finding {
			v = right
		}
	}
	if j := &card.Journey; q.journeyHere() {
		v.Boarded = t.Local(j.Boarded.Time())
	}
	switch {
	case tap.Listing.blocks(&card):
		v.Finding, v.Why = CardBlocked, []RuleID{103}
	case q.expired(&Decision{}):
		v.Finding, v.Why = CardExpired, []RuleID{32}
	}
	return v
}

// rights are all that the card holds for this area, each with its own finding.
func (q *question) rights() (rights []Verdict) {
	if j := &q.card.Journey; q.journeyHere() && q.changeable(j) {
		v := Verdict{Source: j.Source, Product: q.journeyProduct(j), Zones: j.Zones,
			Persons: j.Persons, Until: q.transferEnd(j)}
		q.find(&v, q.inForce(j) || q.onThisTrip(), 48)
		rights = append(rights, v)
	}
	for n := range q.card.Seasons {
		s := &q.card.Seasons[n]
		if !q.ours(s) || s.First == 0 {
			continue
		}
		v := Verdict{Source: q.kindOf(s), Product: s.Product, Zones: s.Zones, Until: endOf(s)}
		v.Persons[q.group] = 1
		q.find(&v, q.active(s), 65)
		rights = append(rights, v)
	}
	return rights
}

// find is what a right is worth here and now.
func (q *question) find(v *Verdict, inForce bool, rule RuleID) {
	v.Why = []RuleID{rule}
	switch {
	case !inForce:
		v.is(RightEnded, 41)
	case !q.tariff.covers(v.Zones, cardlayout.Zones(q.Zone)) &&
		!q.tariff.covers(v.Zones, cardlayout.Zones(q.NextZone)):
		v.is(LeftZones, 41)
	case q.Trip != 0 && !q.onThisTrip():
		v.is(NotStamped, 40)
	default:
		v.Finding = Travels
	}
	if v.Persons.Total() > 1 {
		v.Why = append(v.Why, 52) // they leave the bus together
	}
}

// journeyHere tells whether the card's journey is of this area.
func (q *question) journeyHere() bool {
	j := &q.card.Journey
	return j.Area == q.tariff.Area && j.Source != cardlayout.NoSource
}

// onThisTrip tells whether the card was stamped on this vehicle trip, of this service day: a
// trip comes again on another.
func (q *question) onThisTrip() bool {
	j := &q.card.Journey
	return q.Trip != 0 && q.journeyHere() && q.sameTrip() &&
		q.tariff.ServiceDay(j.Boarded.Time()) == q.day
}

func (v *Verdict) is(f Finding, rules ...RuleID) {
	v.Finding = f
	v.Why = append(rules, v.Why...)
}
