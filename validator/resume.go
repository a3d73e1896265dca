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
					Loaded: intent.Reason.Loads(), Asked: intent.ID == v.order.tried,
				}
			}
		case held.Counter == intent.Counter:
			if err := v.Journal.Void(intent.ID); err != nil {
				return unheard, fmt.Errorf("voiding event %d: %w", intent.ID.Sequence, err)
			}
		case intent.ID == v.order.tried && bears(held, &intent):
			unheard = fare.Earlier{Event: intent.ID, Loaded: true, Asked: true}
		}
	}
	return v.recall(held, unheard), nil
}

// recall remembers what was unheard for as long as the order stands for which it was done:
// the tap that has settled it may have failed before anybody was told.
func (v *Validator) recall(held *cardlayout.Card, u fare.Earlier) fare.Earlier {
	o := &v.order
	switch {
	case o.card != held.Number:
	case u.Asked:
		o.unheard = u
	case o.unheard.Asked:
		return o.unheard
	}
	return u
}

// bears tells whether a card still bears a load whose commit was not heard, although others
// have written it since.
func bears(held *cardlayout.Card, intent *Event) bool {
	device := intent.ID.Device
	switch intent.Reason {
	case fare.ValueLoaded:
		l := &held.ValueLoad
		return l.Device == device && l.Amount == intent.Added && held.Counter > intent.Counter
	case fare.SeasonLoaded:
		l := &held.SeasonLoad
		return l.Device == device && l.Product == intent.Product && held.Counter > intent.Counter
	}
	return false
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
