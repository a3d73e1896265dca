package fare

import (
	"time"

	"leima/cardlayout"
)

// Ages are the years of life of a customer group, both ends included. The zero value holds
// nobody: the group is not one of age.
type Ages struct{ From, To uint8 }

// AnyAge is the To of a group without an upper end.
const AnyAge = 255

// Hold reports whether the group includes an age, in years.
func (a Ages) Hold(years int) bool {
	return a.To > 0 && int(a.From) <= years && years <= int(a.To)
}

// TrueGroup is the customer group by which a card's holder pays on a service day.
// It is the card's, except on a personal card in an area that charges by age. There a student
// falls back to the age group when the right has ended; a special group, given by a benefit, has
// no age. The holder of a bearer or company card is unknown, so the card's group stands
// . A group out of range becomes 0, to which nothing is sold. On day 0 (unknown) the group
// is the card's.
func (t *Tariff) TrueGroup(card *cardlayout.Card, day cardlayout.Day) cardlayout.Group {
	if card.Group >= cardlayout.Groups {
		return 0
	}
	if !t.ByAge || card.Kind != cardlayout.Personal || card.Group == cardlayout.Special ||
		day == 0 {
		return card.Group
	}
	years := yearsOn(card.Birth, day)
	if card.Group == cardlayout.Student && day <= card.StudentUntil &&
		t.Ages[cardlayout.Student].Hold(years) {
		return cardlayout.Student
	}
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if group != cardlayout.Student && t.Ages[group].Hold(years) {
			return group
		}
	}
	return card.Group
}

// borrowerGroup is the group by which a borrower of the card pays: the adults' if the owner's
// price is personal.
func (t *Tariff) borrowerGroup(group cardlayout.Group) cardlayout.Group {
	if group < cardlayout.Groups && t.Terms.PersonalGroups[group] {
		return cardlayout.Adult
	}
	return group
}

// yearsOn is the age in completed years on a day. A person born on 29 February completes a year
// on the 28th in common years (Act 150/1930, section 3). A birth in the future is age 0: the
// clock is wrong.
func yearsOn(birth, day cardlayout.Day) int {
	year, month, date := day.Date()
	born, birthMonth, birthDate := birth.Date()
	if birthMonth == time.February && birthDate == 29 && !leap(year) {
		birthDate = 28
	}
	years := year - born
	if month < birthMonth || month == birthMonth && date < birthDate {
		years--
	}
	return max(years, 0)
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// groupRules adds the rule by which a passenger pays by another group than the card's.
func (v *validation) groupRules(d *Decision) {
	switch {
	case v.group == v.card.Group:
	case v.Lent && v.tariff.Terms.PersonalGroups[v.tariff.TrueGroup(v.card, v.certainDay)]:
		d.Because(RuleLending)
	case v.card.Group == cardlayout.Student:
		d.Because(RuleStudiesEnded)
	default:
		d.Because(RuleTrueGroup)
	}
}
