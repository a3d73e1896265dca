package fare

import "leima/cardlayout"

// RetentionRule is how long what is known of customers is kept.
type RetentionRule struct {
	Customer Span // after the end of the relation
	History  Span // how far back use is told
}

// KeptUntil is the last day on which the data of a customer is kept whose relation ended
// on a day. The day after it is gone.
func KeptUntil(ended cardlayout.Day, t *Tariff) cardlayout.Day {
	return t.Office.Retention.Customer.After(ended)
}

// Erase tells whether the data of a customer must be gone. A relation that lasts has no
// end, 0.
func Erase(ended, on cardlayout.Day, t *Tariff) bool {
	return t.Office.Stated && ended != 0 && on > KeptUntil(ended, t)
}

// HistoryFrom is the first day of which a card's use is told at the service point.
// The owner of a personal card proves to be that and needs no card; whoever holds a bearer
// card must show it. Its error is a *Refusal.
func HistoryFrom(k cardlayout.Kind, p Proof, on cardlayout.Day, t *Tariff) (cardlayout.Day, error) {
	a := asking{t, "telling a card's use"}
	switch {
	case a.termsRefused() != nil:
		return 0, a.termsRefused()
	case k == cardlayout.Personal && !p.Identity:
		return 0, a.refuse(176, "ask for proof of identity",
			"whoever asks has not proved to be the owner")
	case k != cardlayout.Personal && !p.Card:
		return 0, a.refuse(176, "ask for the card", "whoever asks does not hold the card")
	}
	return t.Office.Retention.History.Before(on), nil
}
