package validator

import (
	"fmt"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// resume resolves what an earlier tap of this card left open, by what the card says. The tap then
// goes on in any case.
//
//	the card's last event is ours   it has committed: settle
//	its counter is as we read it    it has not, and never will: void
//	one transaction more, not ours  a load that a driver waits for has not: void
//	anything else                   others have written it since: in doubt, left open
//	                                for the back office, which has all counters
//
// last is the card's last signature, if it was read. resume returns the acceptance that the
// passenger does not know of; it reports a load to the driver's terminal.
func (v *Validator) resume(held *cardlayout.Card, pending []Event, last desfire.TMAC) (
	u fare.Unconfirmed, err error,
) {
	for _, intent := range pending {
		switch {
		case held.Last == intent.ID:
			tmac := desfire.TMAC{}
			if lastCommitted(held, &intent) {
				tmac = last
			}
			if err := v.Journal.Settle(intent.ID, tmac); err != nil {
				return u, fmt.Errorf("settling event %d: %w", intent.ID.Sequence, err)
			}
			if intent.Reason.Done() { // a block or a load may come with a refusal
				u = v.found(&intent, u)
			}
		case held.Counter == intent.Counter,
			held.Counter == intent.Counter+1 && takesMoney(intent.Reason):
			if err := v.Journal.Void(intent.ID); err != nil {
				return u, fmt.Errorf("voiding event %d: %w", intent.ID.Sequence, err)
			}
		case takesMoney(intent.Reason):
			v.terminal().Found(held.Number,
				sale.UnconfirmedLoad{Event: intent.ID, Doubt: !v.carriesLoad(held, &intent)})
		}
	}
	return u, nil
}

// found is the acceptance of an intent that the card has committed. A load is reported to the
// driver's terminal instead.
func (v *Validator) found(intent *Event, earlier fare.Unconfirmed) fare.Unconfirmed {
	if intent.Reason.Loads() {
		v.terminal().Found(intent.Card, sale.UnconfirmedLoad{Event: intent.ID})
		return earlier
	}
	return fare.Unconfirmed{
		Event: intent.ID, At: cardlayout.InstantOf(intent.At), Trip: intent.Place.Trip,
		Charge: intent.Charge, Elsewhere: !intent.Place.SameTrip(v.Place),
	}
}

// takesMoney reports whether a driver takes money for the reason.
func takesMoney(r fare.Reason) bool { return r == fare.ValueLoaded || r == fare.SeasonLoaded }

// carriesLoad reports whether a card still has a load whose commit was not answered, although
// others have written it since. Two equal loads in one minute cannot be told apart.
func (v *Validator) carriesLoad(held *cardlayout.Card, intent *Event) bool {
	tariff, err := v.Tariffs(intent.At)
	if err != nil || intent.Ambiguous {
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

// lastCommitted reports whether the card's last transaction is the intent's: nothing has been
// committed since, not even a load.
func lastCommitted(held *cardlayout.Card, intent *Event) bool {
	return held.Last == intent.ID && held.Counter == intent.Counter+1
}

// readPending reads what open intents ask of the card: the signature of the last commit if one
// waits for it, and the last loads if one of them may be the intent's.
func (v *Validator) readPending(s *desfire.Session, image *cardlayout.Image,
	held *cardlayout.Card, pending []Event,
) (r desfire.TMAC, err error) {
	for n := range pending {
		switch intent := &pending[n]; {
		case held.TransactionMAC && lastCommitted(held, intent):
			r, err = s.ReadTMAC(cardlayout.FileTMAC)
		case takesMoney(intent.Reason) && held.Counter > intent.Counter+1:
			err = oncard.ReadRest(s, image, held, v.Keys)
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}
