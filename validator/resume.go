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
// It returns the acceptance that the passenger has not been told.
func (v *Validator) resume(held *cardlayout.Card) (unheard fare.Earlier, err error) {
	for _, intent := range v.Journal.Pending(held.Number) {
		switch {
		case held.Last == intent.ID:
			if err := v.Journal.Settle(intent.ID, desfire.Receipt{}); err != nil {
				return unheard, fmt.Errorf("settling event %d: %w", intent.ID.Sequence, err)
			}
			unheard = fare.Earlier{
				Event: intent.ID, At: cardlayout.InstantOf(intent.At),
				Trip: intent.Place.Trip, Charge: intent.Charge,
			}
		case held.Counter == intent.Counter:
			if err := v.Journal.Void(intent.ID); err != nil {
				return unheard, fmt.Errorf("voiding event %d: %w", intent.ID.Sequence, err)
			}
		}
	}
	return unheard, nil
}
