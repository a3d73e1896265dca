package validator

import (
	"fmt"

	"leima/cardlayout"
	"leima/fare"
)

// Free counts persons whom the driver lets in without a card: it records an event and
// waits for no tap. Whom the area's tariff lets in at no such time is refused; without a
// tariff, which is nobody's fault aboard, they travel.
type Free struct {
	Reason  fare.Reason // one of those without a card
	Persons uint8
	Printed cardlayout.Number // on a faulty card, if the driver has read it

	// Paper is what stands on the ticket that is shown, if the driver has typed it.
	Paper fare.PaperTicket
}

// mostFree is a full bus.
const mostFree = 150

func (f Free) apply(v *Validator) error {
	rule := f.Reason.FreeRule()
	switch {
	case rule == 0:
		return fmt.Errorf("letting somebody in for %q: that is no reason without a card", f.Reason)
	case f.Persons == 0 || f.Persons > mostFree:
		return fmt.Errorf("letting %d persons in: want 1 to %d at once", f.Persons, mostFree)
	case f.Printed != 0 && (f.Reason != fare.FreeCard || !f.Printed.Valid()):
		return fmt.Errorf("a number without a faulty card, or one that is no card's: read it again")
	}
	event := v.newEvent()
	event.Reason, event.Rules = f.Reason, []fare.RuleID{rule}
	event.Persons, event.Printed, event.Zones = f.Persons, f.Printed, event.Place.zones()
	event.Driver = "free"
	if tariff, err := v.Tariffs(event.At); err == nil {
		if err := f.refused(tariff, &event); err != nil {
			return err
		}
		event.Tariff, event.UsedIn = tariff.ID, tariff.Area // without one they travel too
	}
	return v.keep(event)
}

// refused tells whether the area's terms let nobody in for the reason at this time. By one that
// is not known nobody is turned away.
func (f Free) refused(t *fare.Tariff, e *Event) error {
	at, today := e.At, t.Local(e.At).Day
	switch {
	case f.Reason == fare.FreeCard &&
		!fare.Faulty(fare.CardBroken, nil, today, &t.Office.Faulty).Free:
		return fmt.Errorf("letting somebody in with a faulty card: a single fare is due (%v): "+
			"sell a single ticket, which the service point pays back", f.Reason.FreeRule())
	case f.Reason == fare.FreeVeteran && !t.Office.VeteransShow:
		return fmt.Errorf("letting somebody in with a veteran's ticket: this area's terms know "+
			"none (%v): ask for the card, or take the fare", f.Reason.FreeRule())
	case e.Estimated:
		return nil
	case f.Reason == fare.FreePram && !t.Accompany(1, 1, false, at).AdultFree:
		return fmt.Errorf("letting somebody in with a pram: they do not travel free now (%v): "+
			"take the fare", f.Reason.FreeRule())
	case f.Reason == fare.FreeTicket && f.Paper != fare.PaperTicket{} &&
		!fare.PaperValid(f.Paper, at, e.Place.Zone, t):
		return fmt.Errorf("letting somebody in with a paper ticket: its transfer right has ended, "+
			"or it is for other zones (%v): sell a new ticket", f.Reason.FreeRule())
	}
	return nil
}
