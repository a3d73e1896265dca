package fare

import (
	"time"

	"leima/cardlayout"
)

// Ages are the years of life in which somebody belongs to a customer group, both ends
// included. The zero Ages hold nobody: the group is not one of age.
type Ages struct{ From, To uint8 }

// AnyAge is the To of a group without an upper end.
const AnyAge = 255

// Hold tells whether the years of life are among them.
func (a Ages) Hold(years int) bool {
	return a.To > 0 && int(a.From) <= years && years <= int(a.To)
}

// TrueGroup is the customer group by which the holder of a card pays on a service day
// . It is the one on the card, but for a personal card in an area that
// charges by age: there a student has the right until its last day and falls back to the
// age; whom a benefit has made special stays so, for no age takes that away. What nobody
// can know of a bearer or company card's holder is not asked. A group that there is
// not is 0, to which nothing is sold.
func (t *Tariff) TrueGroup(card *cardlayout.Card, day cardlayout.Day) cardlayout.Group {
	if card.Group >= cardlayout.Groups {
		return 0
	}
	if !t.ByAge || card.Kind != cardlayout.Personal || card.Group == cardlayout.Special {
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

// lentGroup is the group by which whoever has borrowed a card pays: a price that is for the
// owner alone lies still meanwhile, and the adults' is paid.
func (t *Tariff) lentGroup(group cardlayout.Group) cardlayout.Group {
	if group < cardlayout.Groups && t.Office.PersonalGroups[group] {
		return cardlayout.Adult
	}
	return group
}

// yearsOn is how many years somebody has completed on a day. Who was born on 29 February
// completes a year on the 28th where there is no 29th (law 150/1930, section 3). Who is
// not born yet, says a clock that is wrong, is a child.
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

// groupRules are why somebody pays by another group than the card's.
func (q *question) groupRules(d *Decision) {
	switch {
	case q.group == q.card.Group:
	case q.Lent && q.tariff.Office.PersonalGroups[q.tariff.TrueGroup(q.card, q.day)]:
		d.because(55)
	case q.card.Group == cardlayout.Student:
		d.because(74)
	default:
		d.because(72)
	}
}
