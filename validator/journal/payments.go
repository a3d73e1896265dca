package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"strings"

	"leima/cardlayout"
	"leima/fare"
)

// paymentDays is how long the reference of a benefit's payment is kept.
const paymentDays = 400

// payments are the references with which loads were paid, hashed, since they concern payments
// elsewhere. They are few, and all are in memory.
type payments map[[sha256.Size]byte]payment

// A payment is the event of the load, and its time.
type payment struct {
	sequence uint32
	at       int64 // seconds since 1970
}

// PaymentKey is the key of a reference. A driver's message follows it after a slash;
// spaces, hyphens and case do not matter.
func PaymentKey(reference string) [sha256.Size]byte {
	number, _, _ := strings.Cut(reference, " / ")
	number = strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(number)
	return sha256.Sum256([]byte(strings.ToUpper(number)))
}

// Paid returns the load for which the reference of a benefit's payment was used. It does not know
// loads that were taken back, or that the card has not committed.
func (j *Journal) Paid(reference string) (by cardlayout.EventID, open, used bool) {
	j.using.Lock()
	defer j.using.Unlock()
	p, used := j.paid[PaymentKey(reference)]
	if !used {
		return by, false, false
	}
	_, open = j.open.numbered[p.sequence]
	return cardlayout.EventID{Device: j.head.Device, Sequence: p.sequence}, open, true
}

// A paymentChange is the change of an entry to the payments.
type paymentChange struct {
	key  [sha256.Size]byte
	made payment
	set  bool  // otherwise it is deleted
	old  int64 // older ones are deleted; an estimated time deletes none
}

// paymentChange is the change of an entry, if any: a load uses a reference from its intent on,
// until it is void, or taken back.
func (known *state) paymentChange(e *entry) (s paymentChange, changes bool) {
	of := e.Event
	if e.Kind.closes() {
		of = known.open.numbered[e.Of].event
	}
	if of == nil || of.Benefit == "" || of.Employer != 0 { // an employer may order several
		return s, false
	}
	s.key, s.set = PaymentKey(of.Benefit), e.Kind == Intent
	back := of.Reason == fare.LoadTakenBack
	switch {
	case s.set && !back:
		s.made.sequence, s.old = of.Sequence, math.MinInt64
		if of.At != nil {
			s.made.at = *of.At
		}
		if !of.Estimated {
			s.old = s.made.at - paymentDays*24*3600
		}
		return s, true
	case e.Kind == Void && !back:
		return s, known.paid[s.key].sequence == of.Sequence
	}
	return s, e.Kind == Settle && back
}

// apply makes the change. Payments older than paymentDays are deleted.
func (p payments) apply(s paymentChange) {
	delete(p, s.key)
	if s.set {
		maps.DeleteFunc(p, s.outlives)
		p[s.key] = s.made
	}
}

// outlives reports whether a payment is too old beside this one.
func (s *paymentChange) outlives(_ [sha256.Size]byte, p payment) bool { return p.at < s.old }

func (p payment) value() []byte {
	value := binary.BigEndian.AppendUint32(nil, p.sequence)
	return binary.BigEndian.AppendUint64(value, uint64(p.at))
}

// read adds a payment as it is stored.
func (p payments) read(raw []byte) error {
	if len(raw) != sha256.Size+12 {
		return fmt.Errorf("%w: %x is no payment of a benefit", ErrDamaged, raw)
	}
	value := raw[sha256.Size:]
	p[[sha256.Size]byte(raw)] = payment{
		binary.BigEndian.Uint32(value),
		int64(binary.BigEndian.Uint64(value[4:])),
	}
	return nil
}
