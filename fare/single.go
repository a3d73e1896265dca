package fare

import (
	"time"

	"leima/cardlayout"
)

// SingleRule is how a driver sells and prints single tickets.
type SingleRule struct {
	TwoGroups   bool // children and adults alone: whoever is no child is an adult
	PrintsZones bool // beside the end of the validity
}

// A SingleTicket is a paper ticket, with what a printer prints on it.
type SingleTicket struct {
	Tariff      string
	Group       cardlayout.Group // whose price it is
	Zones       cardlayout.Zones
	PrintsZones bool
	Sold, Until cardlayout.Stamp // local; Until is the end of the transfer right
	Lines       Lines            // price, and the night's supplement
}

// SellSingle sells a ticket to one person of a group, for zones, in the vehicle.
// Its error is a *Refusal.
func SellSingle(at time.Time, group cardlayout.Group, zones cardlayout.Zones, t *Tariff) (
	SingleTicket, error,
) {
	rule := &t.Office.Single
	a := asking{t, "a single ticket for zones " + zones.String()}
	group = t.singleGroup(group)
	_, m := t.clock(at)
	price, sold := t.price(&t.Single, t.SingleBands, group, zones, m)
	if !sold {
		return SingleTicket{}, a.refuse(25, "choose other zones or another group",
			"the tariff sells none to the group %v", group)
	}
	ticket := SingleTicket{
		Tariff: t.ID, Group: group, Zones: zones, PrintsZones: rule.PrintsZones,
		Sold:  t.Local(at),
		Until: t.Local(at.Add(time.Duration(t.Transfer[zones]) * time.Minute)),
		Lines: Lines{{Item: SingleItem, Amount: price.fare, Payer: TheCustomer, Rule: 25}},
	}
	if price.supplement != 0 {
		ticket.Lines = append(ticket.Lines,
			Line{Item: NightItem, Amount: price.supplement, Payer: TheCustomer, Rule: 59})
	}
	return ticket, nil
}

// singleGroup is the group at whose price a single ticket is sold to somebody.
func (t *Tariff) singleGroup(group cardlayout.Group) cardlayout.Group {
	if t.Office.Single.TwoGroups && group != cardlayout.Child {
		return cardlayout.Adult
	}
	return group
}

// single is what a paper ticket costs one person; ok is false where none is sold.
func (t *Tariff) single(group cardlayout.Group, zones cardlayout.Zones) (cardlayout.Cents, bool) {
	group = t.singleGroup(group)
	if group >= cardlayout.Groups || group == 0 || zones > cardlayout.MaxZones || zones == 0 {
		return NoPrice, false
	}
	price := t.Single[group][zones]
	return price, price >= 0
}

// A PaperTicket is what a driver reads on a single ticket that somebody shows: a printer
// tells minutes and no seconds.
type PaperTicket struct {
	Until cardlayout.Stamp
	Zones cardlayout.Zones // 0 where the area prints none
}

// PaperValid tells whether a paper ticket is a transfer at an instant, in a zone, or
// whether the passenger needs a new one. The minute that is printed belongs to the
// ticket where the last instant of a period does. Of an hour that comes twice in autumn the
// print does not tell which: it is the second, in the passenger's favour.
func PaperValid(p PaperTicket, at time.Time, zone uint8, t *Tariff) bool {
	if p.Zones != 0 && !t.covers(p.Zones, cardlayout.ZoneRun(zone, zone)) {
		return false
	}
	end := t.latest(p.Until)
	if t.LimitIncluded {
		end = end.Add(time.Minute)
	}
	return at.Before(end)
}

// latest is the last instant at which clocks show the minute begin.
func (t *Tariff) latest(shown cardlayout.Stamp) time.Time {
	year, month, day := shown.Day.Date()
	at := time.Date(year, month, day, 0, int(shown.Minute), 0, 0, t.Location)
	if again := at.Add(time.Hour); t.Local(again) == shown {
		return again
	}
	return at
}
