package validator

import (
	"fmt"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
)

// resume resolves what an earlier tap of this card left open, by what the card says
// of itself. The tap then goes on in any case.
//
//	the card's last event is ours   it has committed: settle
//	its counter is as we read it    it has not, and never will: void
//	one transaction more, not ours  a load has not, for which a driver waits: void
//	anything else                   others wrote it since: in doubt, left open for
//	                                the back office, which has everybody's counters
//
// The receipt is the card's last, if it was read. resume returns the acceptance that
// the passenger, or the driver who sold the load, has not been told.
func (v *Validator) resume(event *Event, held *cardlayout.Card, pending []Event,
	last desfire.Receipt,
) (unheard fare.Earlier, err error) {
	for _, intent := range pending {
		switch {
		case held.Last == intent.ID:
			receipt := desfire.Receipt{}
			if owns(held, &intent) {
				receipt = last
			}
			if err := v.Journal.Settle(intent.ID, receipt); err != nil {
				return unheard, fmt.Errorf("settling event %d: %w", intent.ID.Sequence, err)
			}
			if intent.Reason.Done() { // a block or a load may come with a refusal
				unheard = earlier(&intent)
				unheard.Elsewhere = !intent.Place.SameTrip(v.Place)
			}
		case held.Counter == intent.Counter,
			held.Counter == intent.Counter+1 && sells(intent.Reason):
			if err := v.Journal.Void(intent.ID); err != nil {
				return unheard, fmt.Errorf("voiding event %d: %w", intent.ID.Sequence, err)
			}
		case sells(intent.Reason):
			unheard = earlier(&intent)
			unheard.Doubt = !v.bears(held, &intent)
		}
	}
	return v.loads.untold(event, held.Number, unheard, v.order.tried), nil
}

// earlier is what an intent has come to on the card.
func earlier(intent *Event) fare.Earlier {
	return fare.Earlier{
		Event: intent.ID, At: cardlayout.InstantOf(intent.At), Trip: intent.Place.Trip,
		Charge: intent.Charge, Loaded: intent.Reason.Loads(),
	}
}

// sells tells whether a driver takes money for it.
func sells(r fare.Reason) bool { return r == fare.ValueLoaded || r == fare.SeasonLoaded }

// bears tells whether a card still bears a load whose commit was not heard, although others
// have written it since. Of two that are alike in one minute nobody can tell which it is.
func (v *Validator) bears(held *cardlayout.Card, intent *Event) bool {
	tariff, err := v.Tariffs(intent.At)
	if err != nil || intent.Again {
		return false
	}
	device, at := intent.ID.Device, tariff.Local(intent.At)
	if intent.Reason == fare.ValueLoaded {
		l := &held.ValueLoad
		return l.Device == device && l.At == at && l.Amount == intent.Added
	}
	l := &held.SeasonLoad
	return l.Device == device && l.At == at && l.Product == intent.Product
}

// owns tells whether the card's last transaction is that of the intent: nothing has
// been committed since, not even a load.
func owns(held *cardlayout.Card, intent *Event) bool {
	return held.Last == intent.ID && held.Counter == intent.Counter+1
}

// readReceipt reads the signature that a commit would have given us, where an intent
// is still waiting for it. Any other tap spares the exchange.
func readReceipt(s *desfire.Session, held *cardlayout.Card, pending []Event) (
	r desfire.Receipt, err error,
) {
	for n := range pending {
		if held.TransactionMAC && owns(held, &pending[n]) {
			return s.Receipt(cardlayout.FileTMAC)
		}
	}
	return r, nil
}
