package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"strings"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/fare"
)

// paymentDays is how long the reference of a benefit's payment is known.
const paymentDays = 400

// payments are the references that loads have been paid with, hashed: what somebody has paid
// elsewhere is nothing to be read here. They are few, and all are in memory.
type payments map[[sha256.Size]byte]payment

// A payment is the event of the load, and its time.
type payment struct {
	sequence uint32
	at       int64 // seconds since 1970
}

// PaymentKey is what a reference is known by. What a driver types besides stands behind a
// stroke; neither spaces and hyphens nor small letters make another reference of it.
func PaymentKey(reference string) [sha256.Size]byte {
	number, _, _ := strings.Cut(reference, " / ")
	number = strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(number)
	return sha256.Sum256([]byte(strings.ToUpper(number)))
}

// Paid is the load that the reference of a benefit's payment was used for; of one that was
// taken back, or that the card has not committed, nothing is known any more.
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

// A spending is what an entry changes of the payments.
type spending struct {
	key  [sha256.Size]byte
	made payment
	set  bool  // else it is known no more
	old  int64 // what is older goes; a time that is only estimated lets nothing go
}

// spending is what an entry changes, if anything: a load uses a reference from its intent on,
// until it is void, or taken back.
func (j *Journal) spending(e *entry) (s spending, changes bool) {
	of := e.Event
	if e.Kind.closes() {
		of = j.open.numbered[e.Of].event
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
		return s, j.paid[s.key].sequence == of.Sequence
	}
	return s, e.Kind == Settle && back
}

// note keeps the change in memory, after the disk. What is older than paymentDays goes when
// another comes.
func (p payments) note(s spending) {
	delete(p, s.key)
	if s.set {
		maps.DeleteFunc(p, s.outlives)
		p[s.key] = s.made
	}
}

// outlives tells whether a payment is too old to be known beside this one.
func (s *spending) outlives(_ [sha256.Size]byte, p payment) bool { return p.at < s.old }

// spend keeps the change on the disk.
func (b buckets) spend(s spending, known payments) (err error) {
	if b.paid == nil {
		if b.paid, err = b.open.Tx().CreateBucketIfNotExists(paidBucket); err != nil {
			return err
		}
	}
	if !s.set {
		return b.paid.Delete(s.key[:])
	}
	for key, p := range known {
		if s.outlives(key, p) {
			if err := b.paid.Delete(key[:]); err != nil {
				return err
			}
		}
	}
	return b.paid.Put(s.key[:], s.made.value())
}

func (p payment) value() []byte {
	value := binary.BigEndian.AppendUint32(nil, p.sequence)
	return binary.BigEndian.AppendUint64(value, uint64(p.at))
}

// readPayments reads them all.
func (b buckets) readPayments() (payments, error) {
	all := payments{}
	if b.paid == nil {
		return all, nil
	}
	err := b.paid.ForEach(func(key, value []byte) error {
		if len(key) != sha256.Size || len(value) != 12 {
			return fmt.Errorf("%w: %x is no payment of a benefit", ErrDamaged, key)
		}
		all[[sha256.Size]byte(key)] = payment{binary.BigEndian.Uint32(value),
			int64(binary.BigEndian.Uint64(value[4:]))}
		return nil
	})
	return all, err
}

// restore writes them as they are in memory.
func (p payments) restore(tx *bbolt.Tx) (bucket *bbolt.Bucket, err error) {
	if bucket, err = emptied(tx, paidBucket); err != nil {
		return nil, err
	}
	for key, made := range p {
		if err := bucket.Put(key[:], made.value()); err != nil {
			return nil, err
		}
	}
	return bucket, nil
}
