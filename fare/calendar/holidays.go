package calendar

import (
	"sync"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A Holiday is a day that is free for most people.
type Holiday struct {
	Day  cardlayout.Day
	Name string // in Finnish
	Eve  bool   // free by custom, not a public holiday
}

// Holidays are the public holidays and free eves of a year, in order.
func Holidays(year int) []Holiday {
	easter := easterOf(year)
	midsummer := saturdayFrom(year, time.June, 20)
	return []Holiday{
		{on(year, time.January, 1), "uudenvuodenpäivä", false},
		{on(year, time.January, 6), "loppiainen", false},
		{easter - 2, "pitkäperjantai", false},
		{easter, "pääsiäispäivä", false},
		{easter + 1, "toinen pääsiäispäivä", false},
		{on(year, time.May, 1), "vappu", false},
		{easter + 39, "helatorstai", false},
		{easter + 49, "helluntai", false},
		{midsummer - 1, "juhannusaatto", true},
		{midsummer, "juhannuspäivä", false},
		{saturdayFrom(year, time.October, 31), "pyhäinpäivä", false},
		{on(year, time.December, 6), "itsenäisyyspäivä", false},
		{on(year, time.December, 24), "jouluaatto", true},
		{on(year, time.December, 25), "joulupäivä", false},
		{on(year, time.December, 26), "tapaninpäivä", false},
	}
}

// easterOf is Easter Sunday in a year of the Gregorian calendar (Meeus, Jones and Butcher).
func easterOf(year int) cardlayout.Day {
	golden, century, rest := year%19, year/100, year%100
	lunar := (century - (century+8)/25 + 1) / 3
	epact := (19*golden + century - century/4 - lunar + 15) % 30
	sunday := (32 + 2*(century%4) + 2*(rest/4) - epact - rest%4) % 7
	late := (golden + 11*epact + 22*sunday) / 451
	n := epact + sunday - 7*late + 114
	return on(year, time.Month(n/31), n%31+1)
}

func on(year int, month time.Month, day int) cardlayout.Day {
	return cardlayout.DayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// saturdayFrom is the first Saturday on a day or after it.
func saturdayFrom(year int, month time.Month, day int) cardlayout.Day {
	first := on(year, month, day)
	return first + cardlayout.Day((time.Saturday-weekday(first)+7)%7)
}

// weekday is the day of the week. Day 0, 1.1.1997, was a Wednesday.
func weekday(day cardlayout.Day) time.Weekday {
	return time.Weekday(((int(day)+int(time.Wednesday))%7 + 7) % 7)
}

// Traffic is the kind of every day that a card can hold.
var Traffic = sync.OnceValue(func() *fare.Calendar {
	var c fare.Calendar
	for day := range c {
		switch weekday(cardlayout.Day(day)) {
		case time.Saturday:
			c[day] = fare.Saturday
		case time.Sunday:
			c[day] = fare.Sunday
		}
	}
	last, _, _ := cardlayout.MaxDay.Date()
	for year := 1997; year <= last; year++ {
		for _, h := range Holidays(year) {
			switch {
			case h.Day > cardlayout.MaxDay || c[h.Day] == fare.Sunday:
			case h.Eve && c[h.Day] == fare.Weekday:
				c[h.Day] = fare.Eve
			case h.Eve: // a Saturday is free anyway
			default:
				c[h.Day] = fare.Holiday
			}
		}
	}
	return &c
})
