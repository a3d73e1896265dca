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
//	anything else                   others wrote it since: in doubt, left open for
//	                                the back office, which has everybody's counters
//
// The receipt is the card's last, if it was read. resume returns the acceptance that
// the passenger has not been told.
func (v *Validator) resume(held *cardlayout.Card, pending []Event, last desfire.Receipt) (
	unheard fare.Earlier, err error,
) {
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
				unheard = fare.Earlier{
					Event: intent.ID, At: cardlayout.InstantOf(intent.At),
					Trip: intent.Place.Trip, Charge: intent.Charge,
					Loaded: intent.Reason.Loads(),
				}
			}
		case held.Counter == intent.Counter:
			if err := v.Journal.Void(intent.ID); err != nil {
				return unheard, fmt.Errorf("voiding event %d: %w", intent.ID.Sequence, err)
			}
		}
	}
	return unheard, nil
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
