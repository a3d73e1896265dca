package settlement

import (
	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/ledger"
)

// A fact is an entry about a card, as its device has sent it.
type fact struct {
	Cursor uint64 `cbor:"1,keyasint"` // of the batch that held it
	Item   []byte `cbor:"2,keyasint"`
	Signed bool   `cbor:"3,keyasint,omitzero"` // the card was to sign it
	Forged bool   `cbor:"4,keyasint,omitzero"` // of a settle: the card has not
	Booked uint32 `cbor:"5,keyasint,omitzero"` // the day on which it came, since 1970

	entry journal.Entry
}

// event reports whether the fact is an event, not the end of one.
func (f *fact) event() bool {
	return f.entry.Kind == journal.Intent || f.entry.Kind == journal.Record
}

// device is whose event it is.
func (f *fact) device() uint16 {
	if f.event() {
		return f.entry.Event.ID.Device
	}
	return f.entry.Of.Device
}

// someCard stands for the card: all facts are of one, and whose it is they do not say.
const someCard cardlayout.Number = 1

// read reads the entries of facts.
func read(facts []fact) error {
	for n := range facts {
		f := &facts[n]
		item, _, err := journal.ReadItem(f.Item)
		if err != nil {
			return err
		}
		if f.entry, err = item.Entry(); err != nil {
			return err
		}
		if f.event() {
			f.entry.Event.Card = someCard
		}
	}
	return nil
}

// judged are the rows of a card, by counter. Every device has reported since the cursor reported;
// until is the one since which they have to report until the first row that is late is missing, 0
// if none is.
func (a *adding) judged(s *cardState, reported uint64) (rows []Row, until uint64) {
	facts, books := s.Facts, a.books(s)
	for _, line := range books.Lines() {
		if line.Verdict == ledger.Open {
			continue // it says nothing yet
		}
		some := rowsOf(&line, a.Zone)
		if line.Verdict == ledger.Missing {
			since := firstShown(facts, line.Last)
			if some[0].Late = since > reported; some[0].Late && (until == 0 || since < until) {
				until = since
			}
		}
		rows = append(rows, some...)
	}
	return rows, until
}

// books are the books of a card. What it signs is sealed, and something stands for it: whether it
// has signed is said by the facts. What it was not asked to sign is as good as signed, unless it
// signs.
func (a *adding) books(s *cardState) *ledger.Ledger {
	forged, unasked := map[cardlayout.EventID]bool{}, map[cardlayout.EventID]bool{}
	var books ledger.Ledger
	for n := range s.Facts {
		f := &s.Facts[n]
		e := f.entry
		switch {
		case f.event():
			unasked[e.Event.ID] = !f.Signed
			e.Event.TMI = []byte{0}
		case unasked[e.Of]:
			e.TMAC = desfire.TMAC{TMC: 1}
			if s.Signs {
				forged[e.Of] = true
			}
		case f.Forged:
			forged[e.Of] = true
		}
		books.Add(e)
	}
	if a.Proving || len(forged) > 0 {
		books.Genuine = func(e validator.Event, signature desfire.TMAC) bool {
			return (signature != desfire.TMAC{} || !a.Proving) && !forged[e.ID]
		}
	}
	return &books
}

// firstShown is the cursor since which it is known that a card has done a transaction.
func firstShown(facts []fact, counter uint32) (cursor uint64) {
	for n := range facts {
		f := &facts[n]
		if f.event() && f.entry.Event.Counter >= counter && (cursor == 0 || f.Cursor < cursor) {
			cursor = f.Cursor
		}
	}
	return cursor
}
