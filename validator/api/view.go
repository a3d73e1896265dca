package api

import (
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw"
	"leima/validator"
	"leima/validator/messages"
	"leima/validator/terminal"
)

// words is a text in all languages.
func words(in func(messages.Language) string) Words {
	return Words{in(messages.Finnish), in(messages.Swedish), in(messages.English)}
}

func term(kind string, word any) Words {
	return words(func(l messages.Language) string { return l.Term(kind, word) })
}

// In is the text in a language.
func (w *Words) In(l messages.Language) string {
	switch l {
	case messages.Finnish:
		return w.Finnish
	case messages.Swedish:
		return w.Swedish
	}
	return w.English
}

// WordsOf is the text of an error.
func WordsOf(err error) Words {
	return words(func(l messages.Language) string { return l.Error(err) })
}

func rulesOf(ids []fare.RuleID) (all []Rule) {
	for _, id := range ids {
		all = append(all, Rule{id.String(), term("rule", id)})
	}
	return all
}

// companionRules are why infants pay or not. If the area says nothing of them, its price list
// decides.
func companionRules(c fare.CompanionFares) []Rule {
	var all []Rule
	if !c.Unpriced || c.Rule != fare.RulePriceList {
		all = rulesOf([]fare.RuleID{c.Rule})
	}
	if c.Unpriced {
		all = append(all, Rule{fare.RulePriceList.String(), term("rule", "unpriced")})
	}
	return all
}

func linesOf(lines sale.Lines) (all []Line) {
	for _, l := range lines {
		line := Line{Item: l.Item.String(), Amount: int64(l.Amount), Payer: string(l.Payer)}
		if l.Rule != 0 {
			line.Rule = l.Rule.String()
		}
		all = append(all, line)
	}
	return all
}

func shiftOf(s validator.Shift) *Shift {
	if s == (validator.Shift{}) {
		return nil
	}
	return &Shift{s.Driver, s.Begun.Device, s.Begun.Sequence}
}

func placeOf(p validator.Place) Place {
	return Place{
		Line: p.Line, Stop: p.Stop, Vehicle: p.Vehicle, Direction: p.Direction,
		Trip: p.Trip, Zone: zones(cardlayout.ZoneRun(p.Zone, p.Zone)),
		NextZone: zones(cardlayout.ZoneRun(p.NextZone, p.NextZone)), Zones: zones(p.ZonesHere()),
	}
}

func stampOf(s cardlayout.Stamp) string {
	if s == (cardlayout.Stamp{}) {
		return ""
	}
	return s.String()
}

func ticketOf(t *sale.SingleTicket, persons uint8) *Ticket {
	ticket := &Ticket{
		Group: t.Group.String(), Persons: persons, Sold: t.Sold.String(),
		Until: t.Until.String(), Lines: linesOf(t.Lines),
	}
	if t.PrintsZones {
		ticket.Zones = t.Zones.String()
	}
	for _, l := range t.Lines {
		ticket.Total += int64(l.Amount) * int64(persons)
	}
	return ticket
}

// product is the name of a season product of the tariff; nil if none.
func product(code uint16, t *fare.Tariff) *Words {
	if t == nil {
		return nil
	}
	if _, known := t.Season(code); !known {
		return nil
	}
	name := words(func(l messages.Language) string { return l.Product(code, t) })
	return &name
}

// tapOf is an outcome without what others must not see.
func tapOf(o *validator.Outcome, t *fare.Tariff) Tap {
	d, e := &o.Decision, &o.Event
	lamp, tone := o.Lights()
	tap := Tap{
		Device: e.ID.Device, Number: e.ID.Sequence, At: e.At, Ending: o.Ending.String(),
		Lamp: lamp.String(), Tone: tone.String(), Alarm: tone == hw.ToneAlarm,
		Charge: int64(e.Charge), Fare: int64(d.Paid), Balance: int64(e.Balance),
		Persons: e.Persons, Zones: zones(e.Zones), Until: stampOf(d.Until),
		Added: int64(e.ValueAdded()), Receipt: linesOf(e.Receipt), Why: rulesOf(d.Rules()),
		Product: product(d.Product, t), Took: o.Took.Milliseconds(), Look: lookOf(d.Look, t),
	}
	if e.Card != 0 {
		tap.Card = e.Card.Short()
	}
	tap.Said = term("ending", o.Ending)
	if d.Reason != 0 {
		tap.Reason, tap.Said = d.Reason.String(), term("reason", d.Reason)
	}
	if d.Refused != nil {
		why := WordsOf(d.Refused)
		tap.Refused = &why
	}
	if o.Ending == validator.Fault && o.Err != nil {
		why := WordsOf(o.Err)
		tap.Fault = &why
	}
	return tap
}

func lookOf(l *validator.Look, t *fare.Tariff) *Look {
	if l == nil {
		return nil
	}
	c, v := &l.Card, &l.Verdict
	look := &Look{
		Card: c.Number.Short(), Kind: c.Kind.String(), Group: c.Group.String(),
		Area: uint8(c.Area), Purse: int64(c.Purse), Blocked: v.Finding == fare.CardBlocked,
		School: int(c.School.Trips), Birth: c.Kind == cardlayout.Personal,
		History: []HistoryEvent{},
		Verdict: Verdict{
			Valid: v.Valid(), Finding: v.Finding.String(), Zones: zones(v.Zones),
			Persons: v.Persons.Total(), Boarded: stampOf(v.Boarded), Until: stampOf(v.Until),
			Why: rulesOf(v.Why), Product: product(v.Product, t),
			Said: term("finding", v.Finding),
		},
	}
	if c.ValidUntil != 0 {
		look.ValidUntil = c.ValidUntil.String()
	}
	for _, s := range c.Seasons {
		if s != (cardlayout.Season{}) {
			look.Seasons = append(look.Seasons, seasonOf(s, t))
		}
	}
	for _, r := range slices.Backward(l.History) {
		look.History = append(look.History, HistoryEvent{
			At:      stampOf(r.Boarded),
			Fare:    int64(r.Fare),
			Persons: r.Persons, Until: stampOf(r.Until), Remaining: int64(r.Remaining),
		})
	}
	return look
}

func seasonOf(s cardlayout.Season, t *fare.Tariff) Season {
	season := Season{Product: words(func(l messages.Language) string {
		return l.Product(s.Product, t)
	}), Zones: zones(s.Zones), Days: s.Days}
	if s.First != 0 {
		season.First, season.Last = s.First.String(), s.Last.String()
	}
	return season
}

func tallyOf(t *terminal.Tally) Tally {
	all := Tally{
		Taps: map[string]int{}, Persons: t.Persons, Charged: int64(t.Charged),
		Tickets: t.Tickets, Loads: t.Loads, Loaded: int64(t.Loaded), Cash: int64(t.Cash),
		Others: int64(t.Others), Alarms: t.Alarms, Faults: t.Faults,
		Open: t.Open, OpenCash: int64(t.OpenCash),
	}
	for reason, n := range t.Taps {
		if reason != 0 {
			all.Taps[reason.String()] = n
		}
	}
	return all
}

// offerOf is what a tariff sells on board at a time.
func offerOf(t *fare.Tariff, organisation uint16, at time.Time) Offer {
	terms := &t.Terms
	o := Offer{
		Tariff: t.ID, Singles: map[string]map[string]int64{}, Groups: []string{},
		Zones: []string{}, Seasons: []Product{}, PrintsZones: terms.Single.PrintsZones,
		Load: Load{
			int64(t.Load.Least), int64(t.Load.Most), int64(t.Load.BusMultiple),
			int64(terms.Value.Commission[fare.OnBoard]),
		},
		Benefits: terms.BenefitTypes, Employer: terms.EmployerOnBoard, Organisation: organisation,
		FaultyFree: !terms.Faulty.SingleFare, Veterans: terms.VeteransShow,
		Inspectors: terms.Misuse.Inspectors,
		Fee:        int64(terms.Misuse.InspectionFee), FeeAge: terms.Misuse.InspectionAge,
		Retrieval: terms.Misuse.Retrieval.String(),
	}
	for z := cardlayout.Zones(1); z <= cardlayout.MaxZones; z++ {
		if t.Single[cardlayout.Adult][z] >= 0 || t.Value[cardlayout.Adult][z] >= 0 {
			o.Zones = append(o.Zones, z.String())
		}
	}
	for g := cardlayout.Adult; g < cardlayout.Groups; g++ {
		prices := singlesOf(t, g, at)
		if len(prices) > 0 && (!terms.Single.TwoGroups || g <= cardlayout.Child) {
			o.Groups, o.Singles[g.String()] = append(o.Groups, g.String()), prices
		}
	}
	for n := range t.Seasons {
		rule := terms.SaleRule(t.Seasons[n].Code)
		if rule.Commission[fare.OnBoard] >= 0 {
			o.Seasons = append(o.Seasons, productOf(&t.Seasons[n], rule))
		}
	}
	return o
}

// singlesOf are the prices of single tickets for a group by zones, with the night's supplement.
func singlesOf(t *fare.Tariff, g cardlayout.Group, at time.Time) map[string]int64 {
	prices := map[string]int64{}
	for z := cardlayout.Zones(1); z <= cardlayout.MaxZones; z++ {
		if ticket, err := sale.SellSingle(at, g, z, t); err == nil {
			prices[z.String()] = int64(ticket.Lines.PaidBy(fare.PayerCustomer))
		}
	}
	return prices
}

// productOf is a season as offered: at the customer's own share of its price.
func productOf(p *fare.SeasonProduct, rule *fare.SaleRule) Product {
	offered := Product{
		Code: p.Code, Name: Words{p.Name, p.Swedish, p.English},
		Personal: p.Personal, Zones: []string{},
		LeastDays: rule.LeastDays, MostDays: rule.MostDays,
		Prices: map[string]map[string]int64{},
	}
	for z := cardlayout.Zones(1); z <= cardlayout.MaxZones; z++ {
		sold := false
		for g := cardlayout.Adult; g < cardlayout.Groups; g++ {
			cents := p.Prices[g][z]
			if cents < 0 {
				continue
			}
			if offered.Prices[g.String()] == nil {
				offered.Prices[g.String()] = map[string]int64{}
			}
			if rule.OwnShare != 0 {
				cents = rule.OwnShare
			}
			offered.Prices[g.String()][z.String()], sold = int64(cents), true
		}
		if sold {
			offered.Zones = append(offered.Zones, z.String())
		}
	}
	return offered
}
