package sale

import (
	"leima/cardlayout"
	"leima/fare"
)

// KeptUntil is the last day on which the data of a customer are kept whose relation ended on a day.
func KeptUntil(ended cardlayout.Day, t *fare.Tariff) cardlayout.Day {
	return t.Terms.Retention.Customer.After(ended)
}

// Erase reports whether the data of a customer must be erased. ended is 0 while the relation
// lasts.
func Erase(ended, on cardlayout.Day, t *fare.Tariff) bool {
	return t.Terms.Stated && ended != 0 && on > KeptUntil(ended, t)
}

// HistoryFrom is the first day of a card's use that the service point may show. The owner
// of a personal card needs proof of identity and no card; the holder of a bearer card shows it.
// Its error is a *Refusal.
func HistoryFrom(k cardlayout.Kind, p Proof, on cardlayout.Day, t *fare.Tariff) (
	cardlayout.Day, error,
) {
	a := request{t, fare.Say("showing a card's use")}
	switch {
	case a.checkTerms() != nil:
		return 0, a.checkTerms()
	case k == cardlayout.Personal && !p.Identity:
		return 0, a.refuse(fare.RuleUsageHistory, "ask for proof of identity",
			"the person asking has not proved to be the owner")
	case k != cardlayout.Personal && !p.Card:
		return 0, a.refuse(fare.RuleUsageHistory, "ask for the card",
			"the person asking does not have the card")
	}
	return t.Terms.Retention.History.Before(on), nil
}
