package fare

import "time"

// A CompanyRule says which children under school age travel free beside somebody else
// . The zero rule lets nobody.
type CompanyRule struct {
	Free uint8 // beside each paying customer

	// Whoever pushes a pram travels free in PramHours of PramDays, and PramFree children
	// with them, the one in it included. No days: there is no such benefit.
	PramDays  DayKindSet
	PramHours Hours
	PramFree  uint8
}

// A Company is what an adult with children under school age pays.
type Company struct {
	Fares     int // child fares due
	AdultFree bool
	Rule      RuleID
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
		return Company{Fares: max(0, infants-int(rule.PramFree)), AdultFree: true, Rule: 160}
	case !paying:
		return Company{Fares: infants, Rule: 159}
	}
	return Company{Fares: max(0, infants-int(rule.Free)), Rule: 158}
}
