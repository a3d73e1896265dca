package tariff

import (
	"strings"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/calendar"
)

// school compiles what school tickets have in common, and their school days.
func (c *compiler) school() {
	s := c.doc.School
	if s == nil {
		return
	}
	c.tariff.School.Product = c.code("school.code", s.Code)
	if text := c.stated("school.transfer", s.Transfer); text != "" && text != "zones" {
		c.tariff.School.Minutes = c.minutes("school.transfer.is", text)
	}
	if len(s.Calendars) == 0 {
		c.fault("school", "no school days: want a [[school.calendar]] for each municipality")
	}
	lines := map[uint8]int{}
	for n, written := range s.Calendars {
		path := element("school.calendar", n)
		compiled := c.schoolCalendar(path, written)
		if line, taken := lines[compiled.Number]; taken && compiled.Number != 0 {
			c.fault(join(path, "number"), "calendar %d stands in line %d already: want another",
				compiled.Number, line)
		}
		lines[compiled.Number] = c.line(join(path, "number"))
		c.tariff.SchoolDays = append(c.tariff.SchoolDays, compiled)
	}
}

func (c *compiler) schoolCalendar(path string, s schoolCalendar) fare.SchoolCalendar {
	c.provenance(path, s.provenance)
	before := len(c.list)
	school := calendar.School{
		Terms:   c.spans(join(path, "terms"), s.Terms),
		Breaks:  c.spans(join(path, "breaks"), s.Breaks),
		Extra:   c.days(join(path, "extra"), s.Extra),
		Missing: c.days(join(path, "missing"), s.Missing),
	}
	if len(s.Terms) == 0 {
		c.fault(join(path, "terms"), `no terms: want for example ["2025-08-06..2025-12-19"]`)
	}
	if len(c.list) == before {
		c.usefulDays(path, school)
	}
	return fare.SchoolCalendar{
		Number: uint8(c.number(join(path, "number"), s.Number, 1, 255)),
		Name:   c.name(join(path, "name"), s.Name),
		Days:   school.Days(),
	}
}

// usefulDays finds entries that change nothing, which are likely typing mistakes.
func (c *compiler) usefulDays(path string, s calendar.School) {
	terms := calendar.School{Terms: s.Terms}.Days()
	for n, pause := range s.Breaks {
		if terms.Count(pause.First, pause.Last) == 0 {
			c.fault(element(join(path, "breaks"), n), "no school day of a term is in it: "+
				"want a break within a term")
		}
	}
	usual := calendar.School{Terms: s.Terms, Breaks: s.Breaks}.Days()
	for n, day := range s.Extra {
		if usual.Has(day) {
			c.fault(element(join(path, "extra"), n), "%s is a school day anyway: take it away", day)
		}
	}
	for n, day := range s.Missing {
		if !usual.Has(day) {
			c.fault(element(join(path, "missing"), n), "%s is no school day anyway: take it away",
				day)
		}
	}
}

func (c *compiler) spans(path string, words []value) (spans []calendar.Span) {
	for n, text := range words {
		at := element(path, n)
		span := c.span(at, text)
		for m, earlier := range spans {
			if span.Holds(earlier.First) || earlier.Holds(span.First) {
				c.fault(at, "it overlaps %s: want spans that do not", words[m])
			}
		}
		spans = append(spans, span)
	}
	return spans
}

// span reads "2025-08-06..2025-12-19".
func (c *compiler) span(path string, text value) calendar.Span {
	first, last, found := strings.Cut(string(text), "..")
	if !found {
		c.fault(path, `%q: want two days, for example "2025-08-06..2025-12-19"`, text)
		return calendar.Span{}
	}
	span := calendar.Span{First: c.day(path, first), Last: c.day(path, last)}
	if span.First > span.Last {
		c.fault(path, "%s ends before it begins: want the earlier day first", text)
		return calendar.Span{First: span.First, Last: span.First}
	}
	return span
}

func (c *compiler) days(path string, words []value) (days []cardlayout.Day) {
	for n, text := range words {
		days = append(days, c.day(element(path, n), string(text)))
	}
	return days
}

// day reads a day that a card can hold.
func (c *compiler) day(path, text string) cardlayout.Day {
	day, err := cardlayout.ParseDay(text)
	switch {
	case err != nil:
		c.fault(path, "%v", err)
	case day < 1 || day > cardlayout.MaxDay:
		c.fault(path, "%s: want a day from %s to %s", day, cardlayout.Day(1), cardlayout.MaxDay)
	default:
		return day
	}
	return 0
}
