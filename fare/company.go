package fare

import "time"

// A CompanyRule says which children under school age travel free beside somebody else
// . Where an area does not say it, all of them do: their own price is not
// published, and another area's rule is not this one's.
type CompanyRule struct {
	Free Allowance // beside each paying customer

	// Whoever pushes a pram travels free in PramHours of PramDays, and PramFree children
	// with them, the one in it included. No days: there is no such benefit.
	PramDays  DayKindSet
	PramHours Hours
	PramFree  Allowance
}

// An Allowance is how many children travel free; 0: nothing is said, and all do.
type Allowance uint8

// NoneFree is the allowance of an area that says that all pay.
const NoneFree Allowance = 255

// beyond is how many of the children pay.
func (a Allowance) beyond(children int) int {
	switch a {
	case 0:
		return 0
	case NoneFree:
		return children
	}
	return max(0, children-int(a))
}

// A Company is what an adult with children under school age pays.
type Company struct {
	Fares     int // child fares due
	AdultFree bool
	Rule      RuleID

	// Unpriced says that the children travel free because the area gives no price for them,
	// and says nothing of who travels with whom.
	Unpriced bool
}

// Accompany tells what an adult with so many children under school age pays, of whom some
// ride in a pram. Paying says that the adult pays for the trip in any way of their own; a
// pupil on a school ticket does not, and nor does nobody at all. In the hours of
// the pram benefit whoever pushes one counts as paying.
func (t *Tariff) Accompany(infants, inPram int, paying bool, at time.Time) Company {
	rule := &t.Company
	_, m := t.clock(at)
	switch {
	case inPram > 0 && rule.PramDays.Has(t.Calendar.Kind(m.day)) && t.during(rule.PramHours, m):
		return Company{Fares: rule.PramFree.beyond(infants), AdultFree: true, Rule: 160,
			Unpriced: rule.PramFree == 0}
	case rule.Free == 0:
		return Company{Rule: 4, Unpriced: true} // the price list has none for them
	case !paying:
		return Company{Fares: infants, Rule: 159}
	}
	return Company{Fares: rule.Free.beyond(infants), Rule: 158}
}
