package fare

import (
	"fmt"

	"leima/cardlayout"
)

// A Verdict is an inspector's view of a card: whether its passengers have a right to
// travel, how many they are, until when, and why.
type Verdict struct {
	Finding Finding
	Source  cardlayout.Source // of the right; 0 if none
	Product uint16
	Zones   cardlayout.Zones
	Persons cardlayout.Persons // paid for; of a season only the holder
	Boarded cardlayout.Stamp   // when the card was last at a reader; zero: never
	Until   cardlayout.Stamp   // end of the right; zero: it ends with the trip
	Why     []RuleID
}

// Valid reports whether the passengers have a right to travel.
func (verdict *Verdict) Valid() bool { return verdict.Finding == Travels }

// A Finding is the reason of a Verdict, in order of precedence.
type Finding uint8

// The findings. The first that applies is given.
const (
	CardBlocked Finding = 1
	CardExpired Finding = 2
	Travels     Finding = 3 // stamped on this vehicle trip, or a right is in force
	NotStamped  Finding = 4 // a right is in force that was not stamped on boarding
	LeftZones   Finding = 5 // the right is for other zones than this one
	RightEnded  Finding = 6 // the last right has ended
	NoRight     Finding = 7 // the card holds no right of this area
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

// Check is an inspector's view of a card on board. It needs the tap's time, vehicle trip and zone,
// and the block list's word if there is a list. Without a trip (0) a right in force is enough, as
// nobody can say whether it was stamped here. It is pure and total.
//
// A transfer right counts at boarding: a passenger who boarded in time travels to the end
// of the trip, within the zones.
func Check(card cardlayout.Card, tap Tap, t *Tariff) Verdict {
	v := newValidation(&card, &tap, t)
	verdict := Verdict{Finding: NoRight, Why: []RuleID{RuleValidTicket}}
	for _, right := range v.rights() {
		if right.Finding < verdict.Finding {
			verdict = right
		}
	}
	if j := &card.Journey; v.journeyOfThisArea() {
		verdict.Boarded = t.Local(j.Boarded.Time())
	}
	switch {
	case tap.Listing.Blocks(&card):
		verdict.Finding, verdict.Why = CardBlocked, []RuleID{RuleBlockedCard}
	case v.expired(&Decision{}):
		verdict.Finding, verdict.Why = CardExpired, []RuleID{RuleCardLifetime}
	}
	return verdict
}

// rights are the rights of this area on the card, each with its own finding.
func (v *validation) rights() (rights []Verdict) {
	if j := &v.card.Journey; v.journeyOfThisArea() && v.hasTransfer(j) {
		rights = append(rights, v.transferRight(j, v.inForce(j) || v.onThisTrip()))
	}
	if j := v.formerJourney(); j.Area == v.tariff.Area && j.Persons.Total() > 0 {
		rights = append(rights, v.transferRight(&j, v.inForce(&j)))
	}
	for n := range v.card.Seasons {
		s := &v.card.Seasons[n]
		if !v.ofThisArea(s) || s.First == 0 {
			continue
		}
		verdict := Verdict{
			Source: v.sourceOf(s), Product: s.Product, Zones: s.Zones,
			Until: endOf(s),
		}
		verdict.Persons[v.group] = 1
		v.assess(&verdict, v.active(s), RuleSeason)
		rights = append(rights, verdict)
	}
	return rights
}

// transferRight is the right of a journey.
func (v *validation) transferRight(j *cardlayout.Journey, inForce bool) Verdict {
	verdict := Verdict{
		Source: j.Source, Product: v.journeyProduct(j), Zones: j.Zones,
		Persons: j.Persons, Until: v.transferEnd(j),
	}
	v.assess(&verdict, inForce, RuleTransferRight)
	return verdict
}

// assess fills in what a right is worth here and now.
func (v *validation) assess(verdict *Verdict, inForce bool, rule RuleID) {
	verdict.Why = []RuleID{rule}
	switch {
	case !inForce:
		verdict.set(RightEnded, RuleValidTicket)
	case !v.tariff.Covers(verdict.Zones, cardlayout.Zones(v.Zone)) &&
		!v.tariff.CoversOne(verdict.Zones, v.Also):
		verdict.set(LeftZones, RuleValidTicket)
	case v.Trip != 0 && !v.onThisTrip():
		verdict.set(NotStamped, RuleEachBoarding)
	default:
		verdict.Finding = Travels
	}
	if verdict.Persons.Total() > 1 {
		verdict.Why = append(verdict.Why, RulePartyTogether) // they leave the bus together
	}
}

// journeyOfThisArea reports whether the card's journey is of this area.
func (v *validation) journeyOfThisArea() bool {
	j := &v.card.Journey
	return j.Area == v.tariff.Area && j.Source != cardlayout.NoSource
}

// onThisTrip reports whether the card was stamped on this vehicle trip on this service day: the
// same trip runs on other days.
func (v *validation) onThisTrip() bool {
	j := &v.card.Journey
	return v.Trip != 0 && v.journeyOfThisArea() && v.sameTrip() &&
		v.tariff.ServiceDay(j.Boarded.Time()) == v.day
}

func (verdict *Verdict) set(f Finding, rules ...RuleID) {
	verdict.Finding = f
	verdict.Why = append(rules, verdict.Why...)
}
