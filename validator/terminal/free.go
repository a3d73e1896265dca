package terminal

import (
	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
)

// Free counts persons whom the driver lets in without a card: it records an event and waits for no
// tap. It is refused if the area's tariff does not allow it at this time; without a tariff, which
// is no passenger's fault, they travel.
type Free struct {
	Reason  fare.Reason // one with a FreeRule
	Persons uint8
	Printed cardlayout.Number // on a faulty card, if the driver has read it

	// Paper is the paper ticket as the driver has typed it; zero if not.
	Paper sale.PaperTicket
}

// mostFree is a full bus.
const mostFree = 150

func (f Free) apply(t *Terminal) (r Result, err error) {
	rule := f.Reason.FreeRule()
	switch {
	case rule == 0:
		return r, fare.Say("letting somebody in for %q: that is no reason without a card", f.Reason)
	case f.Persons == 0 || f.Persons > mostFree:
		return r, fare.Say("letting %d persons in: want 1 to %d at once", f.Persons, mostFree)
	case f.Printed != 0 && (f.Reason != fare.FreeCard || !f.Printed.Valid()):
		return r, fare.Say("a number without a faulty card, or one that is no card's: " +
			"read it again")
	}
	event := t.newEvent()
	event.Reason, event.Rules = f.Reason, []fare.RuleID{rule}
	event.Persons, event.PrintedNumber, event.Zones = f.Persons, f.Printed, event.Place.ZonesHere()
	event.Command = "free"
	if tariff, err := t.Validator.Tariffs(event.At); err == nil {
		if err := f.refused(tariff, &event); err != nil {
			return r, err
		}
		event.Tariff, event.UsedIn = tariff.ID, tariff.Area // without one they travel too
	}
	return r, t.recordEvent(event)
}

// refused returns why the area's terms do not allow the reason at this time. While the time is
// unknown nobody is turned away.
func (f Free) refused(t *fare.Tariff, e *validator.Event) error {
	at, today := e.At, t.Local(e.At).Day
	switch {
	case f.Reason == fare.FreeCard &&
		!sale.Faulty(sale.CardBroken, nil, today, &t.Terms.Faulty).Free:
		return fare.Say("letting somebody in with a faulty card: a single fare is due (%v): "+
			"sell a single ticket, which the service point pays back", f.Reason.FreeRule())
	case f.Reason == fare.FreeVeteran && !t.Terms.VeteransShow:
		return fare.Say("letting somebody in with a veteran's ticket: this area's terms know "+
			"none (%v): ask for the card, or take the fare", f.Reason.FreeRule())
	case e.Estimated:
		return nil
	case f.Reason == fare.FreePram && !t.CompanionFares(1, 1, false, at).AdultFree:
		return fare.Say("letting somebody in with a pram: they do not travel free now (%v): "+
			"take the fare", f.Reason.FreeRule())
	case f.Reason == fare.FreeTicket && f.Paper != sale.PaperTicket{} &&
		!sale.PaperValid(f.Paper, at, e.Place.ValidZones(), t):
		return fare.Say("letting somebody in with a paper ticket: its transfer right has ended, "+
			"or it is for other zones (%v): sell a new ticket", f.Reason.FreeRule())
	}
	return nil
}
