package fare

import (
	"math/bits"

	"leima/cardlayout"
)

// DayKind is the kind of a service day.
type DayKind uint8

// The kinds of day. A public holiday that is a Sunday is a Sunday.
const (
	Weekday  DayKind = 0 // arkipäivä: Monday to Friday
	Saturday DayKind = 1
	Sunday   DayKind = 2
	Holiday  DayKind = 3 // arkipyhä: a public holiday from Monday to Saturday
	Eve      DayKind = 4 // aatto: Midsummer Eve and, from Monday to Friday, Christmas Eve

	DayKinds = 5
)

var dayKindNames = [DayKinds]string{"weekday", "saturday", "sunday", "holiday", "eve"}

func (k DayKind) String() string {
	if k < DayKinds {
		return dayKindNames[k]
	}
	return "unknown kind of day"
}

// DayKindSet holds kinds of day, one bit each.
type DayKindSet uint8

// Daily is every kind of day.
const Daily DayKindSet = 1<<DayKinds - 1

// KindsOfDay is the set of the given kinds.
func KindsOfDay(kinds ...DayKind) (s DayKindSet) {
	for _, k := range kinds {
		s |= 1 << k
	}
	return s
}

// Has reports whether the kind is in the set.
func (s DayKindSet) Has(k DayKind) bool { return s>>k&1 == 1 }

// A Calendar knows the kind of every day that a card can hold. It is never changed once
// it is made, so that tariffs share it.
type Calendar [cardlayout.MaxDay + 1]DayKind

// Kind is the kind of a day; a day that no card can hold is a weekday, as is every day
// where there is no calendar.
func (c *Calendar) Kind(day cardlayout.Day) DayKind {
	if c == nil || day < 0 || day > cardlayout.MaxDay {
		return Weekday
	}
	return c[day]
}

// A DaySet is a set of the days that a card can hold.
type DaySet [(cardlayout.MaxDay + 1) / 64]uint64

// Has reports whether a day is in the set.
func (s *DaySet) Has(day cardlayout.Day) bool {
	return day >= 0 && day <= cardlayout.MaxDay && s[day/64]>>(day%64)&1 == 1
}

// Put puts a day in or takes it out. A day that no card can hold is left out.
func (s *DaySet) Put(day cardlayout.Day, in bool) {
	switch {
	case day < 0 || day > cardlayout.MaxDay:
	case in:
		s[day/64] |= 1 << (day % 64)
	default:
		s[day/64] &^= 1 << (day % 64)
	}
}

// Count is the number of days from one to another, both included, that are in the set.
func (s *DaySet) Count(from, to cardlayout.Day) (n int) {
	for day := max(from, 0); day <= min(to, cardlayout.MaxDay); day++ {
		n += int(s[day/64] >> (day % 64) & 1)
	}
	return n
}

// Empty reports whether no day is in the set.
func (s *DaySet) Empty() bool {
	var n int
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n == 0
}
