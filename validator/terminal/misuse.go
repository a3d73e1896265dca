package terminal

import (
	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
)

// ReportMisuse carries out the driver's choice about a card in the wrong hands, within the area's
// table: charge a single fare, take the card, or less.
type ReportMisuse struct {
	Use        sale.CardUse
	Card       cardlayout.Number // as read on the card
	Group      cardlayout.Group  // of the user, for the fare
	Charge     bool
	Confiscate bool
}

func (j ReportMisuse) apply(t *Terminal) (r Result, err error) {
	event := t.newEvent()
	tariff, err := t.tariff(&event)
	if err != nil {
		return r, err
	}
	rule := &tariff.Terms.Misuse
	measure := sale.AssessUse(j.Use, rule)
	switch {
	case j.Confiscate && !measure.Confiscate:
		return r, &sale.Refusal{
			Rule: fare.RuleBearerNotTaken, Asked: fare.Say("taking the card"),
			Why: fare.Say("the area's terms do not let it be taken here"),
			Do:  fare.Say("leave it with the passenger"),
		}
	case j.Charge && !measure.SingleFare:
		return r, &sale.Refusal{
			Rule: fare.RuleLending, Asked: fare.Say("charging a single fare"),
			Why: fare.Say("the use is in order"), Do: fare.Say("let them travel"),
		}
	case j.Confiscate && (j.Card == 0 || !j.Card.Valid()):
		return r, fare.Say("taking a card without its number: read it on the card and type it")
	}
	event.Reason, event.Rules, event.PrintedNumber = fare.Misused, measure.Why, j.Card
	if j.Charge {
		ticket, err := sale.SellSingle(event.At, j.Group, event.Zones, tariff)
		if err != nil {
			return r, err
		}
		event.Receipt = measure.Charges(ticket.Lines.PaidBy(fare.PayerCustomer), rule)
	}
	if j.Confiscate {
		event.Reason = fare.CardTaken
	}
	return misuseResult(&event, tariff), t.recordEvent(event)
}

// misuseResult is the result of a reported misuse.
func misuseResult(e *validator.Event, t *fare.Tariff) Result {
	r := Result{Charged: e.Receipt}
	if e.Reason == fare.CardTaken {
		taken := sale.Confiscation{Card: e.PrintedNumber, At: cardlayout.InstantOf(e.At)}
		r.Held = taken.Deadline(t)
	}
	return r
}
