package settlement

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator/journal"
)

// A Signature is what a card has given for an event, and waits to be verified.
type Signature struct {
	Number uint64       `cbor:"1,keyasint"` // in the order in which they came
	Intent []byte       `cbor:"2,keyasint"` // as its device has exported it; none: it was forgotten
	TMAC   desfire.TMAC `cbor:"3,keyasint"`
}

// A Proof is what became of the signature with a number.
type Proof struct {
	Number  uint64 `cbor:"1,keyasint"`
	Verdict uint8  `cbor:"2,keyasint"` // Genuine, False or Unread
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
	asked := map[cardlayout.EventID]bool{}
	for k := range facts {
		f := &facts[k]
		if f.event() {
			asked[f.entry.Event.ID] = f.Signed
		}
		if k < n || f.entry.TMAC == (desfire.TMAC{}) || !asked[f.entry.Of] {
			continue
		}
		number, err := a.tx.Bucket(signed).NextSequence()
		if err != nil {
			return err
		}
		err = a.tx.Bucket(signed).Put(binary.BigEndian.AppendUint64(nil, number),
			append(bytes.Clone(card[:]), eventKey(f.entry.Of)...))
		if err != nil {
			return err
		}
	}
	return nil
}

// waiter is whose signature waits in the bucket of signatures.
func waiter(value []byte) (card Pseudonym, of cardlayout.EventID) {
	event := value[copy(card[:], value):]
	of.Device, of.Sequence = binary.BigEndian.Uint16(event), binary.BigEndian.Uint32(event[2:])
	return card, of
}

// Signatures are those that have waited longest, up to so many.
func (l *Ledger) Signatures(most int) (all []Signature, err error) {
	return all, l.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(signed).Cursor()
		for k, v := c.First(); k != nil && len(all) < most; k, v = c.Next() {
			card, of := waiter(v)
			s, err := signatureOf(tx, card, of)
			if err != nil {
				return err
			}
			s.Number = binary.BigEndian.Uint64(k)
			all = append(all, s)
		}
		return nil
	})
}

func signatureOf(tx *bbolt.Tx, card Pseudonym, of cardlayout.EventID) (s Signature, err error) {
	facts, err := allFacts(tx, card)
	for n := range facts {
		switch f := &facts[n]; {
		case f.entry.Kind == journal.Intent && f.entry.Event.ID == of:
			s.Intent = f.Item
		case f.entry.Kind == journal.Settle && f.entry.Of == of:
			s.TMAC = f.entry.TMAC
		}
	}
	return s, err
}

// Verified is how many signatures have been verified since the ledger was made, and how many wait.
func (l *Ledger) Verified() (done, wait uint64) {
	_ = l.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(signed)
		done = b.Sequence()
		if first, _ := b.Cursor().First(); first != nil {
			done = binary.BigEndian.Uint64(first) - 1
		}
		wait = b.Sequence() - done
		return nil
	})
	return done, wait
}

// Prove takes proofs, and corrects the rows that they change. They are booked on the day of a time,
// which is now by the depot's clock. A signature that does not wait is passed over.
func (l *Ledger) Prove(now time.Time, proofs []Proof) error {
	return l.write(func(a *adding) error {
		if err := a.bookOn(dayOf(now, l.Zone)); err != nil {
			return err
		}
		for _, p := range proofs {
			number := binary.BigEndian.AppendUint64(nil, p.Number)
			waits := a.tx.Bucket(signed).Get(number)
			if waits == nil {
				continue
			}
			card, of := waiter(waits)
			if err := a.tx.Bucket(signed).Delete(number); err != nil {
				return err
			}
			if p.Verdict == Unread {
				continue
			}
			if a.proved[card] == nil {
				a.proved[card] = map[cardlayout.EventID]bool{}
			}
			a.proved[card][of] = p.Verdict == Genuine
			a.touched[card] = []fact{}
		}
		if err := a.judge(); err != nil {
			return err
		}
		return a.booking()
	})
}

// note notes at a card's facts what was proved of them. What was put away comes back for it, and
// when it is known for the first time that the card signs.
func (a *adding) note(card Pseudonym, s cardState) (_ cardState, err error) {
	proved := a.proved[card]
	delete(a.proved, card)
	signs := false
	for _, genuine := range proved {
		signs = signs || genuine
	}
	for back := true; back && (s.proven(proved) || signs && !s.Signs); {
		if back, err = a.unfold(card, &s); err != nil {
			return s, err
		}
	}
	s.Signs = s.Signs || signs
	return s, nil
}

// proven notes proofs, and reports whether some of them are about other facts.
func (s *cardState) proven(proved map[cardlayout.EventID]bool) (missed bool) {
	found := 0
	for n := range s.Facts {
		f := &s.Facts[n]
		if genuine, is := proved[f.entry.Of]; is && f.entry.Kind == journal.Settle {
			f.Forged = !genuine
			found++
		}
	}
	return found < len(proved)
}

// booking notes on which day it is booked.
func (a *adding) booking() error {
	into := a.tx.Bucket(meta)
	return errors.Join(into.Put(bookedKey, []byte(a.booked)),
		into.Put(leaptKey, binary.BigEndian.AppendUint32(nil, a.leapt)))
}
