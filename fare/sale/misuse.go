package sale

import (
	"leima/cardlayout"
	"leima/fare"
)

// An AgeRelation compares the age group of a card's user with the card's group.
type AgeRelation uint8

// The relations.
const (
	EqualGroup AgeRelation = 1 // samaan ikäryhmään
	LowerGroup AgeRelation = 2 // alempaan
	UpperGroup AgeRelation = 3 // ylempään
)

// A CardUse is a person using a card, as a driver or an inspector sees it.
type CardUse struct {
	Kind     cardlayout.Kind
	Other    bool // not the owner; meaningless for a card without one
	Personal bool // the ticket in use is for its owner only
	Age      AgeRelation
	ByInspector,
	AtLeastFeeAge bool // checked by an inspector; the user is old enough for the fee
}

// A Sanction is the most that a driver or inspector may do.
type Sanction struct {
	Travels       bool // the use is allowed
	BearerOnly    bool // but only with a bearer ticket: the driver sets it for the tap
	Confiscate    bool // the card may be taken, with an entry in the log
	SingleFare    bool // a single fare may be charged
	InspectionFee bool
	Why           []fare.RuleID
}

// AssessUse is the decision table of R-084. It is total: an impossible use, such as an unknown kind
// of card, is a misuse in which the user keeps the card.
func AssessUse(u CardUse, r *fare.MisuseRule) Sanction {
	m := u.assess(r)
	if m.SingleFare {
		m.Why = append(m.Why, fare.RuleMisuse)
		m.InspectionFee = u.ByInspector && r.Inspectors && u.AtLeastFeeAge
	}
	return m
}

func (u *CardUse) assess(r *fare.MisuseRule) Sanction {
	suits := u.Age == EqualGroup || u.Age == LowerGroup
	switch {
	case u.Kind == cardlayout.Personal && u.Other && u.Personal:
		return Sanction{
			Confiscate: true, SingleFare: true,
			Why: []fare.RuleID{fare.RulePersonalTicket, fare.RuleConfiscation},
		}
	case u.Kind == cardlayout.Personal && !suits:
		return Sanction{
			Confiscate: true, SingleFare: true,
			Why: []fare.RuleID{fare.RuleProofOfAge, fare.RuleWrongAgeGroup, fare.RuleConfiscation},
		}
	case u.Kind == cardlayout.Personal && u.Other:
		return Sanction{Travels: true, BearerOnly: true, Why: []fare.RuleID{fare.RuleLending}}
	case u.Kind == cardlayout.Personal:
		return Sanction{Travels: true, Why: []fare.RuleID{fare.RulePersonalTicket}}
	case suits && (u.Kind == cardlayout.Bearer || u.Kind == cardlayout.Company):
		return Sanction{Travels: true, Why: []fare.RuleID{fare.RuleLending}}
	case u.Kind == cardlayout.Company && r.TakesCompany:
		return Sanction{
			Confiscate: true, SingleFare: true,
			Why: []fare.RuleID{fare.RuleProofOfAge, fare.RuleConfiscation},
		}
	}
	return Sanction{
		SingleFare: true,
		Why:        []fare.RuleID{fare.RuleProofOfAge, fare.RuleBearerNotTaken},
	}
}

// Charges are the charges of a sanction, at the price of a single ticket; none if it is free.
func (m *Sanction) Charges(single cardlayout.Cents, r *fare.MisuseRule) (lines Lines) {
	if m.SingleFare {
		lines = append(lines, Line{
			Item: SingleItem, Amount: single,
			Payer: fare.PayerCustomer, Rule: fare.RuleMisuse,
		})
	}
	if m.InspectionFee {
		lines = append(lines, Line{
			Item: InspectionItem, Amount: r.InspectionFee,
			Payer: fare.PayerCustomer, Rule: fare.RuleMisuse,
		})
	}
	return lines
}

// A Confiscation is the log entry of a card that was taken.
type Confiscation struct {
	Card    cardlayout.Number
	At      cardlayout.Instant
	Vehicle uint16
	Why     []fare.RuleID
}

// Deadline is the last day on which the owner can ask for a confiscated card, or by which it is
// delivered to the service point.
func (c *Confiscation) Deadline(t *fare.Tariff) cardlayout.Day {
	return t.Terms.Misuse.Retrieval.Within.After(t.Local(c.At.Time()).Day)
}
