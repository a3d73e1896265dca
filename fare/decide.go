package fare

import (
	"time"

	"leima/cardlayout"
)

// Decide decides a tap. It is pure and total, and it allocates nothing. Where it is not known in
// which zone the bus is, the decision is that of the zone in question which is the best for the
// passenger.
func Decide(card cardlayout.Card, tap Tap, t *Tariff) Decision {
	d, _ := decideWhere(card, tap, t)
	return d
}

// decideWhere is Decide, with the tap in the zone that was decided by.
func decideWhere(card cardlayout.Card, tap Tap, t *Tariff) (d Decision, where Tap) {
	d, where = decide(card, tap, t), tap
	if !tap.Unsure || tap.Chosen != 0 || tap.Zones != cardlayout.ZoneRun(tap.Zone, tap.Zone) {
		return d, where
	}
	for zone := range tap.Also.All {
		tap.Zone, tap.Zones, tap.Also = zone, cardlayout.ZoneRun(zone, zone), 0
		other := decide(card, tap, t)
		if other.Accept() && (!d.Accept() || other.Charge < d.Charge) {
			d, where = other, tap
		}
	}
	return d, where
}

func decide(card cardlayout.Card, tap Tap, t *Tariff) Decision {
	v := newValidation(&card, &tap, t)
	d := Decision{After: card}
	switch {
	case v.blocked(&d):
	case v.expired(&d):
	case v.recovered(&d):
	case v.alreadyStamped(&d):
	case v.partyRefused(&d):
	case v.transfer(&d):
	case v.school(&d):
	case v.season(&d):
	case v.extension(&d):
	default:
		v.value(&d, coverage{})
	}
	d.Zones = v.zones
	return d
}

// Barred reports whether the card is barred from travel and loads alike, by a block or the end of
// its life, and returns the refusal.
func Barred(card cardlayout.Card, tap Tap, t *Tariff) (d Decision, barred bool) {
	v := newValidation(&card, &tap, t)
	d = Decision{After: card, Zones: v.zones}
	return d, v.blocked(&d) || v.expired(&d)
}

// A validation is a tap with the values that the rules ask for, worked out once.
type validation struct {
	*Tap
	card   *cardlayout.Card
	tariff *Tariff

	now        cardlayout.Instant
	local      cardlayout.Stamp
	moment     moment
	day        cardlayout.Day   // the service day
	certainDay cardlayout.Day   // the last day that has surely come; 0 if none
	group      cardlayout.Group // the holder's, which sets the price of the whole party
	zones      cardlayout.Zones
	also       cardlayout.ZoneSet // of which a right for one is enough as well

	party cardlayout.Persons // as announced, by group; empty if nothing was announced
	size  int                // of the announced party

	chain cardlayout.Journey // the trip chain that a transfer goes on with
}

func newValidation(card *cardlayout.Card, tap *Tap, t *Tariff) validation {
	v := validation{
		Tap: tap, card: card, tariff: t,
		now: cardlayout.InstantOf(tap.At), zones: tap.Zones, party: tap.Persons,
	}
	v.local, v.moment = t.clock(tap.At)
	v.day = v.moment.day
	v.certainDay = tap.Certainty.CertainDay(t, v.day)
	v.group = t.TrueGroup(card, v.certainDay)
	if tap.Lent {
		v.group = t.borrowerGroup(v.group)
	}
	switch {
	case tap.Chosen != 0:
		v.zones = tap.Chosen
	case v.zones == cardlayout.ZoneRun(tap.Zone, tap.Zone):
		v.also = tap.Also
	}
	v.size = v.party.Total()
	v.party[v.group] = uint8(min(int(v.party[v.group])+int(v.party[0]), 255))
	v.party[0] = 0
	v.chain = v.tripChain()
	return v
}

// blocked refuses a blocked card. A card on the list is marked at once, so that the next device
// needs no list. A bearer card cannot be blocked: if the list names one, the list is wrong and
// the holder travels.
func (v *validation) blocked(d *Decision) bool {
	listed := v.Listing.matches(v.card)
	switch {
	case v.card.Kind == cardlayout.Bearer:
		d.ListError = listed || v.card.Blocked
		if d.ListError {
			d.Because(RuleBearerNotBlocked)
		}
		return false
	case !listed && !v.card.Blocked:
		return false
	}
	d.Reason = Blocked
	d.Because(RuleBlockedCard)
	if v.card.Kind == cardlayout.Company {
		d.Because(RuleCompanyBlocked)
	}
	if !v.card.Blocked && !v.Listing.Provisional {
		v.block(d)
	}
	return true
}

// block marks the card itself. If its counter is full, the card stays as it is.
func (v *validation) block(d *Decision) {
	d.After.Blocked = true
	v.stamp(d)
	if d.After.Check() != nil {
		d.After = *v.card
	}
}

func (v *validation) expired(d *Decision) bool {
	if v.card.ValidUntil == 0 || v.day <= v.card.ValidUntil || v.Certainty.Unknown {
		return false
	}
	d.Reason = Expired
	d.Because(RuleCardLifetime)
	return true
}

// recovered accepts a card that committed this trip a moment ago without an answer. The passenger
// sees the earlier result; nothing is charged or written again.
func (v *validation) recovered(d *Decision) bool {
	e := &v.Unconfirmed
	if e.Event == (cardlayout.EventID{}) || e.Event != v.card.Last || !v.paidForAll() {
		return false
	}
	sameTrip := e.Trip == v.Trip && !e.Elsewhere
	if !(v.sameBoarding(e.At) || sameTrip && v.ageUnknown(e.At)) ||
		!sameTrip && int64(v.now)-int64(e.At) > retrySeconds {
		return false
	}
	d.Reason, d.Paid = Recovered, e.Charge
	d.Because(RuleEachBoarding)
	v.showJourney(d)
	return true
}

// retrySeconds is how long a passenger who was told to present the card again may take, in
// seconds, even if the bus has begun another trip.
const retrySeconds = 60

// alreadyStamped recognizes the card of this trip: a second green would let it be passed back to
// the next passenger in the queue.
func (v *validation) alreadyStamped(d *Decision) bool {
	j := &v.card.Journey
	if j.Area != v.tariff.Area || j.Source == cardlayout.NoSource || !v.sameTrip() ||
		!v.sameBoarding(j.Boarded) || !v.paidForAll() {
		return false
	}
	d.Reason = AlreadyStamped
	d.Because(RuleEachBoarding)
	v.showJourney(d)
	return true
}

// sameBoarding reports whether an earlier stamp is so recent that this is the same boarding.
// A stamp in the future never is: a wrong clock must turn nobody away.
func (v *validation) sameBoarding(earlier cardlayout.Instant) bool {
	elapsed := int64(v.now) - int64(earlier)
	return elapsed >= 0 && elapsed <= int64(v.tariff.RepeatWindow/time.Second)
}

// paidForAll reports whether the running journey covers the persons and zones that the driver
// has set, if any.
func (v *validation) paidForAll() bool {
	return v.unpaidPersons(&v.card.Journey) == 0 &&
		(v.Chosen == 0 || v.tariff.Covers(v.card.Journey.Zones, v.Chosen))
}

// partyRefused refuses a party that the area's terms do not let travel on one card's value. A
// lower group is one of age; one that alone pays more than on this card is not lower.
func (v *validation) partyRefused(d *Decision) bool {
	rank := &v.tariff.Rank
	paid := v.paidPersons(&v.chain) > 0 && v.unpaidPersons(&v.chain) == 0
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if v.party[group] == 0 || group == v.group {
			continue
		}
		lower := rank[group] != 0 && rank[group] <= rank[v.group] &&
			(paid || !v.paysMore(group))
		if v.tariff.Party != LowerGroups || !lower {
			d.Reason = PartyRefused
			d.Because(RuleParty)
			return true
		}
	}
	return false
}

// paysMore reports whether a person of a group pays more alone than beside the holder.
func (v *validation) paysMore(group cardlayout.Group) bool {
	own, sold := v.tariff.valuePrice(group, v.zones, v.moment)
	beside, _ := v.tariff.valuePrice(v.companionGroup(), v.zones, v.moment)
	return sold && own.sum() > beside.sum()
}

// companionGroup is the group whose price companions pay: the holder's, or the adults' if
// the holder's price is personal.
func (v *validation) companionGroup() cardlayout.Group {
	if v.tariff.OwnPriceAlone {
		return v.tariff.borrowerGroup(v.group)
	}
	return v.group
}

// covered reports whether a right for some zones is enough here.
func (v *validation) covered(by cardlayout.Zones) bool {
	return v.tariff.Covers(by, v.zones) || v.tariff.CoversOne(by, v.also)
}

// holderTravels reports whether the card's holder boards.
func (v *validation) holderTravels() bool { return v.size == 0 || v.party[v.group] > 0 }

// holderCovered reports whether the holder travels on a season or school ticket here.
func (v *validation) holderCovered() bool {
	_, season := v.coveringSeason(&Decision{After: *v.card})
	return v.holderTravels() && (season || !v.Lent && v.schoolTripLeft())
}

// showJourney shows the running journey to the passenger.
func (v *validation) showJourney(d *Decision) {
	j := &v.card.Journey
	d.Persons, d.Source = uint8(j.Persons.Total()), j.Source
	v.zones = j.Zones
	if v.hasTransfer(j) {
		d.Product, d.Until = v.journeyProduct(j), v.transferEnd(j)
	} else if s := v.activeSeason(&v.card.Seasons); s != nil {
		d.Product, d.Until = s.Product, endOf(s)
	}
}

// stamp counts this tap as one more transaction on the card and its event as the last.
func (v *validation) stamp(d *Decision) { d.After.Stamp(v.Event) }

// noteBoarding writes the boarding into the card's journey, whose start may be by a clock that
// was ahead.
func (v *validation) noteBoarding(d *Decision) {
	j := &d.After.Journey
	j.Boarded, j.Trip = max(v.now, j.Start), v.Trip
}

// boarding is this tap's place, as the public files hold it.
func (v *validation) boarding() cardlayout.Boarding {
	return cardlayout.Boarding{
		At: v.local, Vehicle: v.Vehicle, Direction: v.Direction, Zone: v.Zone,
	}
}

// ownBoarding is the holder's boarding by a season or school ticket, which the card keeps apart
// from that of a value ticket.
func (v *validation) ownBoarding() cardlayout.Boarding {
	b := v.boarding()
	b.Area = v.tariff.Area
	return b
}
