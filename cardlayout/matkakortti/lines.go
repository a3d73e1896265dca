package matkakortti

import (
	"fmt"
	"strings"
)

// Lines describes the card in lines of text: the name of a part and its content.
func (c Card) Lines() []string {
	var l lines
	l.add("system", "%v", c.System)
	l.application(c.Application)
	l.control(c.Control)
	for _, s := range c.Seasons {
		l.season(s)
	}
	l.seasonLoad(c.SeasonLoad)
	l.boarding("boarded", c.SeasonBoarding)
	l.purse(c.Purse)
	l.ticket(c.Ticket)
	for _, e := range c.History {
		l.event(e)
	}
	if len(c.Unread) > 0 {
		l.add("not read", "files %s", strings.Trim(fmt.Sprint(c.Unread), "[]"))
	}
	return l
}

type lines []string

// add adds a line.
func (l *lines) add(name, format string, args ...any) {
	*l = append(*l, fmt.Sprintf("%-14s  %s", name, fmt.Sprintf(format, args...)))
}

// A list is the words of a line, with commas between them.
type list []string

func (w *list) add(format string, args ...any) { *w = append(*w, fmt.Sprintf(format, args...)) }

// given adds a value other than zero.
func given[T comparable](w *list, format string, v T) {
	var zero T
	if v != zero {
		w.add(format, v)
	}
}

// when adds the word on a condition.
func (w *list) when(so bool, word string) {
	if so {
		w.add("%s", word)
	}
}

func (w list) String() string { return strings.Join(w, ", ") }

func (l *lines) application(a *Application) {
	if a == nil {
		return
	}
	check := ""
	if a.Check != Valid {
		check = ", " + a.Check.String()
	}
	l.add("number", "%v%s", a.Number, check)
	l.add("application", "version %d, keys of version %d, %v, %v",
		a.Version, a.KeyVersion, a.Platform, a.Security)
}

func (l *lines) control(c *Control) {
	if c == nil {
		return
	}
	var w list
	given(&w, "issued %v", c.Issued)
	w.add("status %d", c.Status)
	if n := c.Counters; n != nil {
		w.add("unblocking number %d", n.Unblocking)
		w.add("transaction counter %d", n.Transactions)
		w.add("action list counter %d", n.ActionLists)
	}
	l.add("control", "%v", w)
}

func (p Product) String() string {
	var w list
	w.add("product %d", p.Code)
	given(&w, "%v", p.Fares)
	given(&w, "type %d", p.Type)
	return w.String()
}

func (l *lines) season(s Season) {
	w := list{s.Product.String()}
	given(&w, "%v", s.Region)
	given(&w, "%v", s.Area)
	w.when(s.Invoicable, "invoicable")
	given(&w, "from %v", s.First)
	given(&w, "to %v", s.Last)
	w.when(s.Last == 0, "without end")
	l.add(fmt.Sprintf("season %d", s.Slot), "%v", w)
}

func (l *lines) seasonLoad(s *SeasonLoad) {
	if s == nil {
		return
	}
	w := list{s.Product.String()}
	given(&w, "%v", s.At)
	w.add("%d days", s.Days)
	w.add("price %v", s.Price)
	w.add("organisation %d", s.Organisation)
	w.add("device %d", s.Device)
	w.when(s.Loaded, "loaded")
	l.add("season load", "%v", w)
}

func (l *lines) boarding(name string, b *Boarding) {
	if b == nil {
		return
	}
	var w list
	given(&w, "%v", b.At)
	w.add("vehicle %d", b.Vehicle)
	given(&w, "%v", b.Location)
	w.add("direction %d", b.Direction)
	given(&w, "%v", b.Region)
	given(&w, "%v", b.Area)
	l.add(name, "%v", w)
}

func (l Location) String() string { return fmt.Sprintf("%v %d", l.Type, l.Number) }

func (l *lines) purse(p *Purse) {
	if p == nil {
		return
	}
	l.add("purse", "%v", p.Value)
	if v := p.Load; v != nil {
		var w list
		w.add("%v", v.Amount)
		given(&w, "%v", v.At)
		w.add("organisation %d", v.Organisation)
		w.add("device %d", v.Device)
		l.add("value load", "%v", w)
	}
}

func (p Period) String() string { return fmt.Sprintf("%d %v", p.Length, p.Unit) }

func (l *lines) ticket(t *Ticket) {
	if t == nil {
		return
	}
	w := list{t.Product.String()}
	given(&w, "%v", t.Region)
	given(&w, "profile %v", t.Profile)
	w.when(t.Child, "child")
	given(&w, "%v", t.Period)
	given(&w, "%v", t.Area)
	w.add("fare %v", t.Fare)
	w.add("persons %d", t.Persons)
	w.add("in %v", t.Language)
	l.add("ticket", "%v", w)
	l.party(t)
	l.extension(t.Extension)

	var sold list
	given(&sold, "%v", t.Sold)
	sold.add("%v %d", t.DeviceType, t.Device)
	l.add("ticket sold", "%v", sold)

	var valid list
	given(&valid, "from %v", t.Start)
	given(&valid, "to %v", t.End)
	valid.when(t.Fixed, "set at sale")
	valid.when(t.Started, "started")
	if len(valid) > 0 {
		l.add("ticket valid", "%v", valid)
	}
	l.boarding("ticket boarded", t.Boarding)
}

// party adds the fields of a ticket for several persons.
func (l *lines) party(t *Ticket) {
	var w list
	given(&w, "product %d", t.PartyProduct)
	given(&w, "profile %v", t.PartyProfile)
	given(&w, "%v", t.PartyPeriod)
	given(&w, "fare %v", t.PartyFare)
	given(&w, "to %v", t.PartyEnd)
	if len(w) > 0 {
		l.add("ticket party", "%v", w)
	}
}

func (l *lines) extension(e *Extension) {
	if e == nil {
		return
	}
	var w list
	w.when(e.ExtraZone, "extra zone")
	w.add("product %d", e.Product)
	w.add("season's area %d", e.SeasonArea)
	for _, p := range e.Parts {
		if p != (Widens{}) {
			w.add("area %d for %v", p.Area, p.Fare)
		}
	}
	l.add("ticket extends", "%v", w)
}

func (l *lines) event(e Event) {
	var w list
	given(&w, "%v", e.At)
	w.add("%v", e.Transaction)
	w.add("fare %v", e.Fare)
	w.add("persons %d", e.Persons)
	given(&w, "until %v", e.Until)
	w.add("remaining %v", e.Remaining)
	l.add("history", "%v", w)
}
