package settlement

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/validator/journal"
)

// many is how many rows or cards are looked at in one transaction, between which entries are added.
var many = 500

// Believes reports whether it may be today, by what was booked: not if the depot's clock has leapt
// by more than a month within the last, or leaps now, nor until what the store holds was followed.
// What is forgotten by a clock that is wrong does not come back.
func (l *Ledger) Believes(today time.Time) (may bool) {
	if !l.Followed() {
		return false
	}
	_ = l.db.View(func(tx *bbolt.Tx) error {
		last := tx.Bucket(meta).Get(bookedKey)
		if may = last == nil; may {
			return nil
		}
		booked, err := since1970(string(last))
		now, failed := since1970(dayOf(today, l.Zone))
		leapt := dayAt(tx, leaptKey)
		may = err == nil && failed == nil && now <= booked+astray && booked <= now+astray &&
			(leapt == 0 || booked > leapt+astray)
		return nil
	})
	return may
}

// Forget takes away whose card it was of all that was booked before a day, as 2026-11-29.
func (l *Ledger) Forget(before string) error {
	day, err := since1970(before)
	if err != nil {
		return err
	}
	err = l.db.Update(func(tx *bbolt.Tx) error {
		if day < dayAt(tx, forgottenKey) {
			return nil
		}
		return tx.Bucket(meta).Put(forgottenKey, binary.BigEndian.AppendUint32(nil, day))
	})
	if err != nil {
		return err
	}
	var next Pseudonym
	for more := true; more; {
		err := l.db.Update(func(tx *bbolt.Tx) (err error) {
			a := adding{Ledger: l, tx: tx}
			next, more, err = a.forgetCards(next, day)
			return err
		})
		if err != nil {
			return err
		}
	}
	for more := true; more; {
		err := l.db.Update(func(tx *bbolt.Tx) (err error) {
			more, err = forgetRows(tx, before)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetCards looks at many cards, and returns where to go on.
func (a *adding) forgetCards(from Pseudonym, before uint32) (next Pseudonym, more bool, err error) {
	var due []Pseudonym
	c := a.tx.Bucket(cards).Cursor()
	k, v := c.Seek(from[:])
	for n := 0; k != nil && n < many; n++ {
		var s cardState
		if err := unmarshal(v, &s); err != nil {
			return next, false, err
		}
		if s.Oldest != 0 && s.Oldest < before {
			due = append(due, Pseudonym(k))
		}
		k, v = c.Next()
	}
	copy(next[:], k)
	more = k != nil
	for _, card := range due {
		if err := a.forget(card, before); err != nil {
			return next, false, err
		}
	}
	return next, more, nil
}

// forget forgets what was booked about a card before a day, up to the first transaction about which
// something has come since.
func (a *adding) forget(card Pseudonym, before uint32) error {
	s, err := a.state(card)
	if err != nil {
		return err
	}
	if s, err = a.unfolded(card, s); err != nil {
		return err
	}
	first, some := firstSince(s.Facts, before)
	kept, err := a.keep(s.Facts, func(f *fact) bool {
		return some && (f.Booked >= before || f.entry.Event.Counter >= first)
	})
	if err != nil {
		return err
	}
	if err := a.forgetSigned(card, kept); err != nil {
		return err
	}
	if !some {
		err := errors.Join(a.await(card, s.Late, 0), a.tx.Bucket(cards).Delete(card[:]))
		return errors.Join(err, a.forgetCurrent(card, 1<<32))
	}
	s.Facts, s.Forgotten, s.Oldest = kept, max(first, s.Forgotten), before
	for n := range kept {
		s.Oldest = min(s.Oldest, kept[n].Booked)
	}
	s.Folded = s.Forgotten
	return errors.Join(put(a.tx.Bucket(cards), card[:], s),
		a.forgetCurrent(card, uint64(s.Forgotten)))
}

// firstSince is the lowest counter of an event that was booked on a day or later, if there is any.
func firstSince(facts []fact, day uint32) (first uint32, some bool) {
	for n := range facts {
		f := &facts[n]
		if f.event() && f.Booked >= day && (!some || f.entry.Event.Counter < first) {
			first, some = f.entry.Event.Counter, true
		}
	}
	return first, some
}

// keep returns the events that are kept, with their ends. An intent that is not is not awaited.
func (a *adding) keep(facts []fact, kept func(*fact) bool) (stay []fact, err error) {
	ids := map[cardlayout.EventID]bool{}
	for n := range facts {
		f := &facts[n]
		id := f.entry.Of
		if f.event() {
			id = f.entry.Event.ID
			ids[id] = kept(f)
		}
		switch {
		case ids[id]:
			stay = append(stay, *f)
		case f.entry.Kind == journal.Intent:
			err = errors.Join(err, a.tx.Bucket(intents).Delete(eventKey(id)))
		}
	}
	return stay, err
}

// forgetCurrent takes the pseudonym out of the rows that count of a card up to a counter.
func (a *adding) forgetCurrent(card Pseudonym, upTo uint64) error {
	var gone []Row
	c := a.tx.Bucket(current).Cursor()
	for k, v := c.Seek(card[:]); bytes.HasPrefix(k, card[:]); k, v = c.Next() {
		var row Row
		if err := get(a.tx.Bucket(rows), v, &row); err != nil {
			return err
		}
		if uint64(row.Counter) <= upTo {
			gone = append(gone, row)
		}
	}
	for _, row := range gone {
		err := errors.Join(a.tx.Bucket(current).Delete(row.key()),
			a.tx.Bucket(cases).Delete(row.key()), nameless(a.tx, row))
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetRows takes the pseudonym out of many rows that were booked before a day and do not count
// any more. Those that count go with their cards.
func forgetRows(tx *bbolt.Tx, before string) (more bool, err error) {
	var gone []Row
	upTo := sweptTo(tx)
	c := tx.Bucket(rows).Cursor()
	k, _ := c.Seek(binary.BigEndian.AppendUint64(nil, upTo+1))
	for n := 0; k != nil && n < many; n++ {
		var row Row
		if err := get(tx.Bucket(rows), k, &row); err != nil {
			return false, err
		}
		if row.Booked >= before {
			break
		}
		if !bytes.Equal(tx.Bucket(current).Get(row.key()), k) && row.Card != (Pseudonym{}) {
			gone = append(gone, row)
		}
		upTo, more = row.Number, n == many-1
		k, _ = c.Next()
	}
	for _, row := range gone {
		if err := nameless(tx, row); err != nil {
			return false, err
		}
	}
	return more, tx.Bucket(meta).Put(sweptKey, binary.BigEndian.AppendUint64(nil, upTo))
}

// sweptTo is the number of the last row that forgetRows has looked at.
func sweptTo(tx *bbolt.Tx) uint64 {
	if raw := tx.Bucket(meta).Get(sweptKey); raw != nil {
		return binary.BigEndian.Uint64(raw)
	}
	return 0
}

// nameless writes a row without whose card it is about.
func nameless(tx *bbolt.Tx, row Row) error {
	row.Card = Pseudonym{}
	return put(tx.Bucket(rows), binary.BigEndian.AppendUint64(nil, row.Number), row)
}

// dayAt is a day of the bucket meta, since 1970; 0 if there is none.
func dayAt(tx *bbolt.Tx, key []byte) uint32 {
	if raw := tx.Bucket(meta).Get(key); raw != nil {
		return binary.BigEndian.Uint32(raw)
	}
	return 0
}

// unforgotten are those of the facts that are not about transactions that were forgotten. Of a card
// of which nothing is known they are told by their time, if their device was sure of it.
func (a *adding) unforgotten(s *cardState, facts []fact) []fact {
	before := dayAt(a.tx, forgottenKey)
	return slices.DeleteFunc(facts, func(f fact) bool {
		e := &f.entry.Event
		day, err := since1970(dayOf(e.At, a.Zone))
		gone := f.event() && (e.Counter < s.Forgotten ||
			s.Oldest == 0 && e.Synchronized && err == nil && day < before)
		if gone {
			a.alarm(e.ID.Device, "an event has come of a time that was forgotten, and is not "+
				"settled: the store keeps it, and \"depot export\" writes it", "event",
				e.ID.Sequence)
		}
		return gone
	})
}
