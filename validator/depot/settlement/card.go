package settlement

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"leima/cardlayout"
	"leima/validator/ledger"
)

// How many transactions of a card are looked at with each tap, at least; how many more before the
// older ones are put away, which come back for what is late; and how many facts of one device, at
// most. No honest device comes near to that, and one that lies would keep the ledger busy with a
// single card.
var (
	near        = 8
	step uint32 = 8
	most        = 4096
)

// A cardState is what is kept of a card.
type cardState struct {
	Facts  []fact `cbor:"1,keyasint"`           // of counters from Folded on
	Late   uint64 `cbor:"2,keyasint,omitzero"`  // its key in the bucket of late ones
	Folded uint32 `cbor:"3,keyasint,omitempty"` // counter

	// Forgotten is the counter up to which transactions were forgotten, Oldest the day on which the
	// oldest fact was booked.
	Forgotten uint32 `cbor:"4,keyasint,omitzero"`
	Oldest    uint32 `cbor:"5,keyasint,omitzero"`

	Signs bool `cbor:"6,keyasint,omitzero"` // a signature of it was genuine
}

// card adds facts about a card, and writes the rows that they change.
func (a *adding) card(card Pseudonym, more []fact, reported uint64) error {
	s, err := a.state(card)
	if err != nil {
		return err
	}
	was := s.Late
	if err := errors.Join(read(s.Facts), read(more)); err != nil {
		return err
	}
	more = a.bearable(s.Facts, a.unforgotten(&s, more))
	if s.Oldest == 0 && !slices.ContainsFunc(more, func(f fact) bool { return f.event() }) {
		return nil // of a card that was forgotten
	}
	s.Facts = append(s.Facts, more...)
	if s.Oldest == 0 {
		s.Oldest = a.day
	}
	for back := true; back && s.comesLate(len(s.Facts)-len(more)); {
		if back, err = a.unfold(card, &s); err != nil {
			return err
		}
	}
	if s, err = a.note(card, s); err != nil {
		return err
	}
	if err := a.ask(card, s.Facts, len(s.Facts)-len(more)); err != nil {
		return err
	}
	found, until := a.judged(&s, reported)
	if err := a.correct(card, s.Folded, found); err != nil {
		return err
	}
	s.Late = until
	if err := a.await(card, was, until); err != nil {
		return err
	}
	if err := a.fold(card, &s, found); err != nil {
		return err
	}
	return put(a.tx.Bucket(cards), card[:], s)
}

// bearable are those of more facts that do not make those of one device too many.
func (a *adding) bearable(facts, more []fact) []fact {
	of := map[uint16]int{}
	for n := range facts {
		of[facts[n].device()]++
	}
	return slices.DeleteFunc(more, func(f fact) bool {
		device := f.device()
		if of[device]++; of[device] == most+1 {
			a.alarm(device, "a device has sent more about one card than a card can do: it is "+
				"kept, and not settled")
		}
		return of[device] > most
	})
}

func (a *adding) state(card Pseudonym) (s cardState, err error) {
	return s, get(a.tx.Bucket(cards), card[:], &s)
}

// await notes from which report of all devices on a card is judged again.
func (a *adding) await(card Pseudonym, was, until uint64) error {
	key := func(cursor uint64) []byte {
		return append(binary.BigEndian.AppendUint64(nil, cursor), card[:]...)
	}
	if was != 0 && was != until {
		if err := a.tx.Bucket(late).Delete(key(was)); err != nil {
			return err
		}
	}
	if until == 0 {
		return nil
	}
	return a.tx.Bucket(late).Put(key(until), []byte{})
}

// comesLate reports whether facts from the n-th on are about transactions that were put away.
func (s *cardState) comesLate(n int) bool {
	if s.Folded == 0 {
		return false
	}
	known := map[cardlayout.EventID]bool{}
	for k := range s.Facts {
		f := &s.Facts[k]
		if f.event() {
			known[f.entry.Event.ID] = true
		}
		if k >= n && (f.event() && f.entry.Event.Counter <= s.Folded ||
			!f.event() && !known[f.entry.Of]) {
			return true
		}
	}
	return false
}

// foldable is the last counter up to which what is known may be put away: it was read, so that the
// rows after it do not change; nor does its own, which is not unproved until the next is settled.
func (s *cardState) foldable(found []Row) (upTo uint32) {
	unproved := uint64(1 << 32) // a counter; none
	read := map[uint32]bool{}
	for n := range s.Facts {
		if f := &s.Facts[n]; f.event() {
			read[f.entry.Event.Counter] = true
		}
	}
	for _, row := range found[:max(0, len(found)-near)] {
		if row.Late {
			break
		}
		if row.Verdict == ledger.Unproved {
			unproved = uint64(row.Last)
		}
		if read[row.Last] && uint64(row.Last) != unproved {
			upTo = row.Last
		}
	}
	return upTo
}

// fold puts away the facts about older transactions. What comes about them brings them back.
func (a *adding) fold(card Pseudonym, s *cardState, found []Row) error {
	upTo := s.foldable(found)
	if upTo < s.Folded+step {
		return nil
	}
	var away, stay []fact
	old := map[cardlayout.EventID]bool{}
	for _, f := range s.Facts {
		if f.event() {
			old[f.entry.Event.ID] = f.entry.Event.Counter < upTo
		}
		if f.event() && old[f.entry.Event.ID] || !f.event() && old[f.entry.Of] {
			away = append(away, f)
		} else {
			stay = append(stay, f)
		}
	}
	s.Folded, s.Facts = upTo, stay
	return put(a.tx.Bucket(folded), binary.BigEndian.AppendUint32(bytes.Clone(card[:]), upTo), away)
}

// unfolded is a card with all that was put away.
func (a *adding) unfolded(card Pseudonym, s cardState) (_ cardState, err error) {
	for more := true; more && err == nil; {
		more, err = a.unfold(card, &s)
	}
	return s, errors.Join(err, read(s.Facts))
}

// unfold brings back what was put away last, and reports whether there was anything.
func (a *adding) unfold(card Pseudonym, s *cardState) (more bool, err error) {
	var last []byte
	before := s.Forgotten // the counter up to which what stays is put away
	c := a.tx.Bucket(folded).Cursor()
	for k, _ := c.Seek(card[:]); bytes.HasPrefix(k, card[:]); k, _ = c.Next() {
		if last != nil {
			before = binary.BigEndian.Uint32(last[len(card):])
		}
		last = k
	}
	if last == nil {
		s.Folded = s.Forgotten
		return false, nil
	}
	var some []fact
	if err := get(a.tx.Bucket(folded), last, &some); err != nil {
		return false, err
	}
	if err := read(some); err != nil {
		return false, err
	}
	s.Facts, s.Folded = append(some, s.Facts...), before
	return true, a.tx.Bucket(folded).Delete(last)
}
