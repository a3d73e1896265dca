package fare

import (
	"fmt"

	"leima/cardlayout"
)

// MisuseRule is what may be done about a card in the wrong hands.
type MisuseRule struct {
	// TakesCompany says that a company's card of a lower age group may be taken, as a
	// personal one may.
	TakesCompany bool

	// Inspectors says that the area has inspectors who charge a fee beside the single
	// fare.
	Inspectors    bool
	InspectionFee cardlayout.Cents
	InspectionAge uint8 // nobody younger pays it, in years

	Holding HoldingRule
}

// HoldingRule is where a card that was taken is to be had.
type HoldingRule struct {
	Within Span

	// Delivered says that the card comes to the service point within that time;
	// otherwise the customer asks there within it.
	Delivered bool
}

// An AgeRelation is that of whoever uses a card to the group of the card.
type AgeRelation uint8

// The relations.
const (
	EqualGroup AgeRelation = 1 // samaan ikäryhmään
	LowerGroup AgeRelation = 2 // alempaan
	UpperGroup AgeRelation = 3 // ylempään
)

// AgeOf is the relation of a user's group to a card's, in the order of the tariff. A group
// that has no place in it is above all others: nobody travels on a guess.
func AgeOf(user, card cardlayout.Group, t *Tariff) AgeRelation {
	rank := func(g cardlayout.Group) uint8 {
		if g >= cardlayout.Groups || t.Rank[g] == 0 {
			return 255
		}
		return t.Rank[g]
	}
	switch u, c := rank(user), rank(card); {
	case user == card && user != 0:
		return EqualGroup
	case u == 255 || u > c:
		return UpperGroup
	case u < c:
		return LowerGroup
	}
	return EqualGroup
}

// A Use is somebody with a card, as a driver or an inspector sees them.
type Use struct {
	Kind     cardlayout.Kind
	Other    bool // not the owner; of a card that is no one's own it says nothing
	Personal bool // the ticket travelled on is for its owner alone
	Age      AgeRelation
	ByInspector,
	AtLeastFeeAge bool // an inspector looks, at somebody old enough for the fee
}

// A Measure is what may be done. The driver may always do less.
type Measure struct {
	Travels       bool // the use is in order
	BearerOnly    bool // and only with a bearer ticket: the driver sets it for the tap
	Take          bool // the card may be taken, against an entry in the log
	SingleFare    bool // a single fare may be charged
	InspectionFee bool
	Why           []RuleID
}

// Judge is the decision table of R-084. It is total: what cannot be, such as a kind of
// card that is none, is a misuse in which the card stays.
func Judge(u Use, r *MisuseRule) Measure {
	m := u.judge(r)
	if m.SingleFare {
		m.Why = append(m.Why, 80)
		m.InspectionFee = u.ByInspector && r.Inspectors && u.AtLeastFeeAge
	}
	return m
}

func (u *Use) judge(r *MisuseRule) Measure {
	suits := u.Age == EqualGroup || u.Age == LowerGroup
	switch {
	case u.Kind == cardlayout.Personal && u.Other && u.Personal:
		return Measure{Take: true, SingleFare: true, Why: []RuleID{53, 81}}
	case u.Kind == cardlayout.Personal && !suits:
		return Measure{Take: true, SingleFare: true, Why: []RuleID{54, 73, 81}}
	case u.Kind == cardlayout.Personal && u.Other:
		return Measure{Travels: true, BearerOnly: true, Why: []RuleID{55}}
	case u.Kind == cardlayout.Personal:
		return Measure{Travels: true, Why: []RuleID{53}}
	case suits && (u.Kind == cardlayout.Bearer || u.Kind == cardlayout.Company):
		return Measure{Travels: true, Why: []RuleID{55}}
	case u.Kind == cardlayout.Company && r.TakesCompany:
		return Measure{Take: true, SingleFare: true, Why: []RuleID{54, 81}}
	}
	return Measure{SingleFare: true, Why: []RuleID{54, 83}}
}

// Charges are the lines of a measure that costs something, at a single ticket's price; none
// where it costs nothing.
func (m *Measure) Charges(single cardlayout.Cents, r *MisuseRule) (lines Lines) {
	if m.SingleFare {
		lines = append(lines, Line{Item: SingleItem, Amount: single, Payer: TheCustomer, Rule: 80})
	}
	if m.InspectionFee {
		lines = append(lines, Line{Item: InspectionItem, Amount: r.InspectionFee,
			Payer: TheCustomer, Rule: 80})
	}
	return lines
}

// A Confiscation is the entry in the log of a card that was taken.
type Confiscation struct {
	Card    cardlayout.Number
	At      cardlayout.Instant
	Vehicle uint16
	Why     []RuleID
}

// Held is until when a card that was taken on a day is to be asked for, or to be delivered
// to the service point.
func (c *Confiscation) Held(t *Tariff) cardlayout.Day {
	return t.Office.Misuse.Holding.Within.After(t.Local(c.At.Time()).Day)
}

// String writes the rule as "asked for within 3 days".
func (h HoldingRule) String() string {
	if h.Delivered {
		return fmt.Sprintf("delivered within %v", h.Within)
	}
	return fmt.Sprintf("asked for within %v", h.Within)
}
