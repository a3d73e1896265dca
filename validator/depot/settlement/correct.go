package settlement

import (
	"bytes"
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"
)

// correct writes rows for what has changed about a card after a counter: what counted and does not
// any more is taken back first.
func (a *adding) correct(card Pseudonym, folded uint32, found []Row) error {
	want := map[string]Row{}
	for _, row := range found {
		row.Card = card
		want[string(row.key())] = row
	}
	stale, err := a.stale(card, folded, want)
	if err != nil {
		return err
	}
	for _, row := range stale {
		if err := a.retire(row); err != nil {
			return err
		}
		if _, err := a.append(row.reversal()); err != nil {
			return err
		}
	}
	for _, row := range found {
		row.Card = card
		if _, fresh := want[string(row.key())]; !fresh {
			continue
		}
		number, err := a.append(row)
		if err != nil {
			return err
		}
		if err := a.tx.Bucket(current).Put(row.key(), number); err != nil {
			return err
		}
		if !row.asks() {
			continue
		}
		if err := a.tx.Bucket(cases).Put(row.key(), number); err != nil {
			return err
		}
	}
	return nil
}

// retire has a row not count any more.
func (a *adding) retire(row Row) error {
	err := errors.Join(a.tx.Bucket(current).Delete(row.key()),
		a.tx.Bucket(cases).Delete(row.key()))
	if err == nil && row.Number <= sweptTo(a.tx) {
		err = nameless(a.tx, row)
	}
	return err
}

// stale are the rows of a card after a counter that count and should not any more. Those that stay
// are taken out of want.
func (a *adding) stale(card Pseudonym, after uint32, want map[string]Row) (all []Row, err error) {
	c := a.tx.Bucket(current).Cursor()
	from := binary.BigEndian.AppendUint64(bytes.Clone(card[:]), (uint64(after)+1)<<32)
	for k, v := c.Seek(from); bytes.HasPrefix(k, card[:]); k, v = c.Next() {
		var row Row
		if err := get(a.tx.Bucket(rows), v, &row); err != nil {
			return nil, err
		}
		if now, counts := want[string(k)]; counts && now.same(row) {
			delete(want, string(k))
			continue
		}
		all = append(all, row)
	}
	return all, nil
}

// append appends a row.
func (a *adding) append(row Row) (number []byte, err error) {
	into := a.tx.Bucket(rows)
	if row.Number, err = into.NextSequence(); err != nil {
		return nil, err
	}
	row.Booked = a.booked
	number = binary.BigEndian.AppendUint64(nil, row.Number)
	return number, put(into, number, row)
}

// key is where the number of the row that counts stands.
func (r *Row) key() []byte {
	key := binary.BigEndian.AppendUint32(bytes.Clone(r.Card[:]), r.Counter)
	key = binary.BigEndian.AppendUint16(key, r.Device)
	return binary.BigEndian.AppendUint32(key, r.Event)
}

// Rows calls each with the rows after a number, in their order.
func (l *Ledger) Rows(after uint64, each func(Row) error) error {
	return l.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(rows).Cursor()
		from := binary.BigEndian.AppendUint64(nil, after+1)
		for k, _ := c.Seek(from); k != nil; k, _ = c.Next() {
			var row Row
			if err := get(tx.Bucket(rows), k, &row); err != nil {
				return err
			}
			if err := each(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// Current calls each with the rows that count now, by card and counter; Cases with those of them
// that a person has to look at.
func (l *Ledger) Current(each func(Row) error) error { return l.listed(current, each) }

// Cases are described with Current.
func (l *Ledger) Cases(each func(Row) error) error { return l.listed(cases, each) }

// listed calls each with the rows whose numbers stand in a bucket.
func (l *Ledger) listed(bucket []byte, each func(Row) error) error {
	return l.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(_, number []byte) error {
			var row Row
			if err := get(tx.Bucket(rows), number, &row); err != nil {
				return err
			}
			return each(row)
		})
	})
}
