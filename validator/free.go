package validator

import (
	"fmt"

	"leima/cardlayout"
	"leima/fare"
)

// Free counts persons whom the driver lets in without a card: it records an event and
// waits for no tap.
type Free struct {
	Reason  fare.Reason // one of those without a card
	Persons uint8
	Printed cardlayout.Number // on a faulty card, if the driver has read it
}

func (f Free) apply(v *Validator) error {
	rule := f.Reason.FreeRule()
	switch {
	case rule == 0:
		return fmt.Errorf("letting somebody in for %q: that is no reason without a card", f.Reason)
	case f.Persons == 0:
		return fmt.Errorf("letting nobody in: want the number of persons")
	case f.Printed != 0 && (f.Reason != fare.FreeCard || !f.Printed.Valid()):
		return fmt.Errorf("a number without a faulty card, or one that is no card's: read it again")
	}
	event := v.newEvent()
	event.Reason, event.Rules = f.Reason, []fare.RuleID{rule}
	event.Persons, event.Printed, event.Zones = f.Persons, f.Printed, event.Place.zones()
	event.Driver = "free"
	if tariff, err := v.Tariffs(event.At); err == nil {
		event.Tariff, event.UsedIn = tariff.ID, tariff.Area // without one they travel too
	}
	return v.Journal.Record(event)
}
