package fare

import "time"

// A CompanionRule says which children under school age travel free beside somebody else
// . If an area says nothing, all of them do: the area publishes no price for
// them, and another area's rule does not apply.
type CompanionRule struct {
	Free Allowance // beside each paying customer

	// An adult with a pram travels free in PramHours of PramDays, and with the adult PramFree
	// children, counting the one in the pram. No days: there is no such benefit.
	PramDays  DayKindSet
	PramHours Hours
	PramFree  Allowance
}

// An Allowance is how many children travel free; 0: the area says nothing, and all do.
type Allowance uint8

// NoneFree is the allowance of an area in which all children pay.
const NoneFree Allowance = 255

// paying is how many of the children pay.
func (a Allowance) paying(children int) int {
	switch a {
	case 0:
		return 0
	case NoneFree:
		return children
	}
	return max(0, children-int(a))
}

// CompanionFares are what an adult with children under school age pays.
type CompanionFares struct {
	Due       int // child fares due
	AdultFree bool
	Rule      RuleID

	// Unpriced: the children travel free because the area publishes no price for them and no
	// rule about companions.
	Unpriced bool
}

// CompanionFares says what an adult with a number of infants, children under school age, pays;
// inPram of them ride in a pram. paying: the adult pays for the trip in some way, which a pupil
// on a school ticket does not. In the hours of the pram benefit an adult with a pram
// counts as paying.
func (t *Tariff) CompanionFares(infants, inPram int, paying bool, at time.Time) CompanionFares {
	rule := &t.Companions
	_, m := t.clock(at)
	switch {
	case inPram > 0 && rule.PramDays.Has(t.Calendar.Kind(m.day)) && t.during(rule.PramHours, m):
		return CompanionFares{
			Due: rule.PramFree.paying(infants), AdultFree: true, Rule: RulePram,
			Unpriced: rule.PramFree == 0,
		}
	case rule.Free == 0:
		return CompanionFares{Unpriced: true, Rule: RulePriceList} // no price for them
	case !paying:
		return CompanionFares{Due: infants, Rule: RulePayingCompanion}
	}
	return CompanionFares{Due: rule.Free.paying(infants), Rule: RuleChildrenAlong}
}
