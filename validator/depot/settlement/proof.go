package settlement

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator/journal"
)

// A Signature is what a card has given for an event, and waits to be verified.
type Signature struct {
	Of     []byte       `cbor:"1,keyasint"` // which it is, in this ledger and no other
	Number uint64       `cbor:"2,keyasint"` // another each time that it waits
	Intent []byte       `cbor:"3,keyasint"` // as its device has exported it; none: there are two
	TMAC   desfire.TMAC `cbor:"4,keyasint"`
}

// A Proof is what became of a signature.
type Proof struct {
	Of      []byte `cbor:"1,keyasint"`
	Number  uint64 `cbor:"2,keyasint"`
	Verdict uint8  `cbor:"3,keyasint"` // Genuine, False or Unread
}

// The verdicts on a signature.
const (
	Genuine = 1
	False   = 2
	Unread  = 3 // what was signed cannot be opened: it is taken for genuine
)

// ask has the signatures among the facts from the n-th on wait, if they are to be verified.
func (a *adding) ask(card Pseudonym, facts []fact, n int) error {
	if !a.Proving {
		return nil
	}
	signs := map[cardlayout.EventID]bool{}
	for k := range facts {
		f := &facts[k]
		if f.event() {
			signs[f.entry.Event.ID] = f.Signed
		}
		if k < n || f.entry.TMAC == (desfire.TMAC{}) || !signs[f.entry.Of] {
			continue
		}
		if err := a.wait(append(bytes.Clone(card[:]), eventKey(f.entry.Of)...)); err != nil {
			return err
		}
	}
	return nil
}

// wait has a signature wait, in the place of one that has waited before it.
func (a *adding) wait(of []byte) error {
	if err := a.served(of); err != nil {
		return err
	}
	number, err := a.tx.Bucket(asked).NextSequence()
	if err != nil {
		return err
	}
	return a.tx.Bucket(asked).Put(of, binary.BigEndian.AppendUint64(nil, number))
}

// served has a signature wait no more.
func (a *adding) served(of []byte) error {
	if a.tx.Bucket(asked).Get(of) == nil {
		return nil
	}
	into := a.tx.Bucket(meta)
	return errors.Join(a.tx.Bucket(asked).Delete(of),
		into.Put(servedKey, binary.BigEndian.AppendUint64(nil, numberAt(a.tx, servedKey)+1)))
}

// Again has all signatures that were false or unread wait once more: by another key, or with the
// back office's key of that time, they may be genuine. Until then what was said of them counts.
func (l *Ledger) Again() error {
	return l.write(func(a *adding) error {
		var all [][]byte
		err := a.tx.Bucket(refuted).ForEach(func(of, _ []byte) error {
			all = append(all, bytes.Clone(of))
			return nil
		})
		for _, of := range all {
			err = errors.Join(err, a.wait(of))
		}
		return err
	})
}

// waiter is whose signature waits in the bucket of signatures.
func waiter(key []byte) (card Pseudonym, of cardlayout.EventID) {
	event := key[copy(card[:], key):]
	of.Device, of.Sequence = binary.BigEndian.Uint16(event), binary.BigEndian.Uint32(event[2:])
	return card, of
}

// Signatures are some that wait, card by card: what is known of each is read once. Until what the
// store holds was followed there are none: it is booked on other days than today.
func (l *Ledger) Signatures(most int) (all []Signature, err error) {
	if !l.Followed() {
		return nil, nil
	}
	return all, l.db.View(func(tx *bbolt.Tx) error {
		var of Pseudonym
		var facts []fact
		c := tx.Bucket(asked).Cursor()
		for k, v := c.First(); k != nil && len(all) < most; k, v = c.Next() {
			card, event := waiter(k)
			if card != of || facts == nil {
				if facts, err = allFacts(tx, card); err != nil {
					return err
				}
			}
			of = card
			s := signatureOf(facts, event)
			s.Of, s.Number = bytes.Clone(k), binary.BigEndian.Uint64(v)
			all = append(all, s)
		}
		return nil
	})
}

// signatureOf is the signature of an event. Of two with one number none is signed: no honest device
// has them.
func signatureOf(facts []fact, of cardlayout.EventID) (s Signature) {
	settled := 0
	for n := range facts {
		switch f := &facts[n]; {
		case f.entry.Kind == journal.Intent && f.entry.Event.ID == of:
			s.Intent = f.Item
		case f.entry.Kind == journal.Settle && f.entry.Of == of:
			s.TMAC = f.entry.TMAC
			settled++
		}
	}
	if settled > 1 {
		s.Intent = nil
	}
	return s
}

// Verified is how many signatures have been verified since the ledger was made, and how many wait.
func (l *Ledger) Verified() (done, wait uint64) {
	_ = l.db.View(func(tx *bbolt.Tx) error {
		done = numberAt(tx, servedKey)
		wait = tx.Bucket(asked).Sequence() - done
		return nil
	})
	return done, wait
}

// Prove takes proofs, and corrects the rows that they change. They are booked on the day of a time,
// which is now by the depot's clock. What does not wait is passed over.
func (l *Ledger) Prove(now time.Time, proofs []Proof) error {
	return l.write(func(a *adding) error {
		if err := a.bookOn(dayOf(now, l.Zone)); err != nil {
			return err
		}
		for n := range proofs {
			if err := a.prove(&proofs[n]); err != nil {
				return err
			}
		}
		if err := a.judge(); err != nil {
			return err
		}
		return a.booking()
	})
}

// prove takes a proof, if it is of what waits here.
func (a *adding) prove(p *Proof) error {
	number := binary.BigEndian.AppendUint64(nil, p.Number)
	if !bytes.Equal(a.tx.Bucket(asked).Get(p.Of), number) {
		return nil
	}
	card, of := waiter(p.Of)
	err := a.served(p.Of)
	switch p.Verdict {
	case Genuine:
		err = errors.Join(err, a.tx.Bucket(refuted).Delete(p.Of))
	case False, Unread:
		err = errors.Join(err, a.tx.Bucket(refuted).Put(p.Of, []byte{}))
	default:
		return fmt.Errorf("a proof says %d, which this depot does not know: have the depot and "+
			"what verifies be of one version", p.Verdict)
	}
	if err != nil || p.Verdict == Unread {
		return err
	}
	if a.proved[card] == nil {
		a.proved[card] = map[cardlayout.EventID]bool{}
	}
	a.proved[card][of] = p.Verdict == Genuine
	a.touched[card] = []fact{}
	return nil
}

// note notes at a card's facts what was proved of them. What was put away comes back for it, and
// when it is known for the first time that the card signs.
func (a *adding) note(card Pseudonym, s cardState) (_ cardState, err error) {
	proved := a.proved[card]
	delete(a.proved, card)
	signs, whole := false, false
	for of, genuine := range proved {
		signs = signs || genuine
		whole = whole || !genuine || !s.settles(of)
	}
	if s.Folded > s.Forgotten && (whole || signs && !s.Signs) {
		if s, err = a.unfolded(card, s); err != nil {
			return s, err
		}
	}
	for n := range s.Facts {
		f := &s.Facts[n]
		if genuine, is := proved[f.entry.Of]; is && f.entry.Kind == journal.Settle {
			f.Forged = !genuine
		}
	}
	s.Signs = s.Signs || signs
	return s, nil
}

// settles reports whether the facts that are at hand settle an event.
func (s *cardState) settles(of cardlayout.EventID) bool {
	return slices.ContainsFunc(s.Facts, func(f fact) bool {
		return f.entry.Kind == journal.Settle && f.entry.Of == of
	})
}

// forgetSigned has signatures of a card wait no more whose events are not among the facts.
func (a *adding) forgetSigned(card Pseudonym, facts []fact) (err error) {
	known := map[cardlayout.EventID]bool{}
	for n := range facts {
		known[facts[n].entry.Event.ID] = true
	}
	for _, bucket := range [][]byte{asked, refuted} {
		var gone [][]byte
		c := a.tx.Bucket(bucket).Cursor()
		for k, _ := c.Seek(card[:]); bytes.HasPrefix(k, card[:]); k, _ = c.Next() {
			if _, of := waiter(k); !known[of] {
				gone = append(gone, bytes.Clone(k))
			}
		}
		for _, of := range gone {
			err = errors.Join(err, a.served(of), a.tx.Bucket(refuted).Delete(of))
		}
	}
	return err
}

// numberAt is a number of the bucket meta; 0 if there is none.
func numberAt(tx *bbolt.Tx, key []byte) uint64 {
	if raw := tx.Bucket(meta).Get(key); raw != nil {
		return binary.BigEndian.Uint64(raw)
	}
	return 0
}

// booking notes on which day it is booked.
func (a *adding) booking() error {
	into := a.tx.Bucket(meta)
	return errors.Join(into.Put(bookedKey, []byte(a.booked)),
		into.Put(leaptKey, binary.BigEndian.AppendUint32(nil, a.leapt)))
}
