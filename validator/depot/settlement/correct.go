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

// ranged is where the rows of a day are, perhaps with others between them.
type ranged struct {
	First uint64 `cbor:"1,keyasint"` // number
	Last  uint64 `cbor:"2,keyasint"`
}

// noteRows notes that the rows after a number, if there are any, were booked on the day.
func (a *adding) noteRows(after uint64) error {
	last := a.tx.Bucket(rows).Sequence()
	if last == after {
		return nil
	}
	var r ranged
	if err := get(a.tx.Bucket(days), []byte(a.booked), &r); err != nil {
		return err
	}
	if r.Last = last; r.First == 0 {
		r.First = after + 1
	}
	return put(a.tx.Bucket(days), []byte(a.booked), r)
}

// RowsOf calls each with the rows that were booked on a day, or with all, in their order.
func (l *Ledger) RowsOf(booked string, each func(Row) error) error {
	if booked == "" {
		return l.Rows(0, each)
	}
	var r ranged
	err := l.db.View(func(tx *bbolt.Tx) error { return get(tx.Bucket(days), []byte(booked), &r) })
	if err != nil || r.First == 0 {
		return err
	}
	return l.rows(r.First-1, r.Last, func(row Row) error {
		if row.Booked != booked {
			return nil
		}
		return each(row)
	})
}

// Rows calls each with the rows after a number that there are now, in their order.
func (l *Ledger) Rows(after uint64, each func(Row) error) error {
	last := uint64(0)
	err := l.db.View(func(tx *bbolt.Tx) error {
		last = tx.Bucket(rows).Sequence()
		return nil
	})
	return errors.Join(err, l.rows(after, last, each))
}

// rows calls each with the rows after a number, up to another. No transaction is open meanwhile:
// each may be as slow as a browser, and the file would keep what others free.
func (l *Ledger) rows(after, last uint64, each func(Row) error) (err error) {
	for err == nil && after < last {
		var some []Row
		some, err = l.someRows(after, min(after+uint64(many), last))
		for n := 0; n < len(some) && err == nil; n++ {
			err = each(some[n])
		}
		after += uint64(many)
	}
	return err
}

// someRows are the rows after a number, up to another.
func (l *Ledger) someRows(after, last uint64) (some []Row, err error) {
	return some, l.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(rows).Cursor()
		k, v := c.Seek(binary.BigEndian.AppendUint64(nil, after+1))
		for ; k != nil && binary.BigEndian.Uint64(k) <= last; k, v = c.Next() {
			var row Row
			if err := unmarshal(v, &row); err != nil {
				return err
			}
			some = append(some, row)
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
