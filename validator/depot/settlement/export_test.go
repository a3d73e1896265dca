package settlement

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// Near and Step are how many transactions are looked at.
func Near(n int, s uint32) (back func()) {
	was, wasStep := near, step
	near, step = n, s
	return func() { near, step = was, wasStep }
}

// Most is how many facts of one device are looked at.
func Most(n int) (back func()) {
	was := most
	most = n
	return func() { most = was }
}

// Facts is the largest number of facts that are looked at of a card.
func (l *Ledger) Facts() (most int) {
	_ = l.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(cards).ForEach(func(card, _ []byte) error {
			var s cardState
			err := get(tx.Bucket(cards), card, &s)
			most = max(most, len(s.Facts))
			return err
		})
	})
	return most
}

// Many is how many rows are read at once.
func Many(n int) (back func()) {
	was := many
	many = n
	return func() { many = was }
}

// Reading is how many transactions read.
func (l *Ledger) Reading() int { return l.db.Stats().OpenTxN }

// Asked is how many signatures of a card wait, or were refuted.
func (l *Ledger) Asked(card Pseudonym) (some int) {
	_ = l.db.View(func(tx *bbolt.Tx) error {
		for _, bucket := range [][]byte{asked, refuted} {
			c := tx.Bucket(bucket).Cursor()
			for k, _ := c.Seek(card[:]); bytes.HasPrefix(k, card[:]); k, _ = c.Next() {
				some++
			}
		}
		return nil
	})
	return some
}
