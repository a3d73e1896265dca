package settlement

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/validator/depot"
	"leima/validator/journal"
)

// adding is one transaction of a ledger.
type adding struct {
	*Ledger
	tx      *bbolt.Tx
	booked  string // the day
	day     uint32 // the same, since 1970
	leapt   uint32 // the day to which the depot's clock has leapt; 0: it has not
	touched map[Pseudonym][]fact
	proved  map[Pseudonym]map[cardlayout.EventID]bool // of signatures: they are genuine
}

// write does something in one transaction.
func (l *Ledger) write(do func(*adding) error) (err error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	defer func() {
		if err != nil {
			l.reports = nil // they are ahead of the file
		}
	}()
	return l.db.Update(func(tx *bbolt.Tx) error {
		if err := l.readReports(tx); err != nil {
			return err
		}
		a := adding{
			Ledger: l, tx: tx, touched: map[Pseudonym][]fact{},
			proved: map[Pseudonym]map[cardlayout.EventID]bool{},
		}
		if err := a.bookOn(string(tx.Bucket(meta).Get(bookedKey))); err != nil {
			return err
		}
		a.leapt = dayAt(tx, leaptKey)
		return do(&a)
	})
}

// add adds batches, and judges the cards that they are about.
func (l *Ledger) add(all []followed) error {
	return l.write(func(a *adding) error {
		for _, f := range all {
			if err := a.bookOn(dayOf(f.batch.Received, l.Zone)); err != nil {
				return err
			}
			if err := a.batch(f.cursor, f.batch); err != nil {
				return err
			}
		}
		if err := a.judge(); err != nil {
			return err
		}
		return a.end(all[len(all)-1])
	})
}

// end notes how far the ledger is.
func (a *adding) end(last followed) error {
	sum, err := sumOf(last.batch)
	into := a.tx.Bucket(meta)
	return errors.Join(err, a.booking(), into.Put(lastKey, sum),
		into.Put(cursorKey, binary.BigEndian.AppendUint64(nil, last.cursor)))
}

// A warning is what a person has to know of a device.
type warning struct {
	device uint16
	what   string
}

// alarm says in the log what a person has to look at, of each device once a day: it may be so of
// each of its entries. 0 is the depot itself.
func (a *adding) alarm(device uint16, what string, more ...any) {
	if a.said[warning{device, what}] == a.day {
		return
	}
	if a.said == nil {
		a.said = map[warning]uint32{}
	}
	a.said[warning{device, what}] = a.day
	if device != 0 {
		more = append([]any{"device", device}, more...)
	}
	a.Log.Error("ledger: alarm: "+what+" (said once a day)", more...)
}

// astray is by how many days the depot's clock goes on or back at once if it is or was wrong. A
// depot that was switched off for as long is rare.
const astray = 31

// bookOn has what follows booked on a day, and what was touched before on its own. A day that is
// over stays over, also if the depot's clock is set back, or batches have overtaken each other at
// midnight: what comes then is booked on the last day. Only a day that cannot have been is left.
func (a *adding) bookOn(today string) error {
	day, number, err := a.notOver(today)
	if err != nil {
		return err
	} else if day == a.booked || number < a.day && a.day-number <= astray {
		a.sayAhead(today)
		return nil
	}
	switch {
	case a.day != 0 && number > a.day+astray:
		a.leapt = number
	case number < a.day:
		a.leapt = 0
		a.Log.Error("ledger: alarm: the depot's clock was wrong: what has come meanwhile is "+
			"booked on a day that was not yet", "booked", a.booked, "today", day)
	}
	if err := a.judge(); err != nil { // each day's rows are booked on it
		return err
	}
	a.booked, a.day = day, number
	return nil
}

// sayAhead says that the depot's clock was ahead, or is behind, by more than midnight explains.
func (a *adding) sayAhead(today string) {
	if number, err := since1970(today); err == nil && number+1 < a.day {
		a.alarm(0, "the depot's clock was ahead, or is behind: set it; what comes until "+a.booked+
			" is booked on that day", "today", today)
	}
}

// notOver is a day, or the last of those that were booked on after it, which have no month between
// them: it is over then, however far the depot's clock has gone meanwhile.
func (a *adding) notOver(day string) (last string, number uint32, err error) {
	if day == "" {
		return "", 0, nil
	}
	if number, err = since1970(day); err != nil { // a clock may be beyond all dates
		day, number, err = cmp.Or(a.booked, "1970-01-01"), a.day, nil
	}
	c := a.tx.Bucket(days).Cursor()
	for k, _ := c.Seek([]byte(day)); k != nil && err == nil; k, _ = c.Next() {
		next, err := since1970(string(k))
		if err != nil || next > number+astray {
			return day, number, err
		}
		day, number = string(k), next
	}
	return day, number, err
}

// batch adds the entries of a batch as facts about their cards.
func (a *adding) batch(cursor uint64, b *depot.Batch) error {
	key := binary.BigEndian.AppendUint16(nil, b.Device)
	var d deviceState
	if err := get(a.tx.Bucket(devices), key, &d); err != nil {
		return err
	}
	for _, e := range d.count(b) {
		if err := a.entry(cursor, e); err != nil {
			return err
		}
	}
	if b.Report != nil && d.ends(b.Report) {
		d.Reported, a.reports[b.Device] = cursor, cursor
	}
	return put(a.tx.Bucket(devices), key, d)
}

// longest is how many bytes an entry that is settled has: those of honest devices have hundreds.
// A card counts its transactions up to highest.
const (
	longest = 16 << 10
	highest = 1<<24 - 1
)

var (
	errLong = errors.New("it is longer than any that a tap makes")
	errHigh = errors.New("no card has done as many transactions as it says")
)

// entry adds a fact about the card of an entry, if it has one.
func (a *adding) entry(cursor uint64, item *journal.Item) error {
	e, err := item.Entry()
	if err == nil && len(item.Raw) > longest {
		err = errLong
	}
	if err == nil && e.Event.Counter > highest {
		err = errHigh
	}
	if err != nil { // no honest device exports what cannot be read
		a.alarm(item.Device, "a device has sent what is no entry of its own: it is kept, and not "+
			"settled", "position", item.Position, "error", err)
		return nil
	}
	of := e.Of
	if e.Kind == journal.Intent || e.Kind == journal.Record {
		of = e.Event.ID
	}
	key := eventKey(of)
	if err := a.takes(&e, key); err != nil {
		return err
	}
	var card Pseudonym
	switch e.Kind {
	case journal.Intent, journal.Record:
		if err := a.open(&e); err != nil {
			a.alarm(item.Device, "whose card an entry is of cannot be opened, and it is not "+
				"settled: name the key of that time in ledger.office, and make the ledger anew",
				"position", item.Position, "error", err)
			return nil
		}
		if e.Event.Card == 0 {
			return nil
		}
		card = a.Pseudonym(e.Event.Card)
		if e.Kind == journal.Intent {
			if err := a.tx.Bucket(intents).Put(key, card[:]); err != nil {
				return err
			}
		}
	default:
		known := a.tx.Bucket(intents).Get(key)
		if known == nil { // its intent is lost, or comes when a gap is filled
			return a.tx.Bucket(ends).Put(key, item.Raw)
		}
		copy(card[:], known)
		if err := a.tx.Bucket(intents).Delete(key); err != nil {
			return err
		}
	}
	a.touched[card] = append(a.touched[card], fact{
		Cursor: cursor, Item: bytes.Clone(item.Raw), Signed: len(e.Event.TMI) > 0,
		Booked: a.day,
	})
	if e.Kind == journal.Intent {
		return a.ended(cursor, key)
	}
	return nil
}

// ended adds the end of an intent if it has come before it.
func (a *adding) ended(cursor uint64, key []byte) error {
	raw := bytes.Clone(a.tx.Bucket(ends).Get(key))
	if raw == nil {
		return nil
	}
	item, _, err := journal.ReadItem(raw)
	if err == nil {
		err = a.tx.Bucket(ends).Delete(key)
	}
	if err != nil {
		return err
	}
	return a.entry(cursor, &item)
}

// eventKey is the key of an event, by its device.
func eventKey(id cardlayout.EventID) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(nil, id.Device), id.Sequence)
}

// readReports reads the last report of each device, unless that was done.
func (l *Ledger) readReports(tx *bbolt.Tx) error {
	if l.reports != nil {
		return nil
	}
	l.reports = map[uint16]uint64{}
	return tx.Bucket(devices).ForEach(func(device, _ []byte) error {
		var d deviceState
		err := get(tx.Bucket(devices), device, &d)
		l.reports[binary.BigEndian.Uint16(device)] = d.Reported
		return err
	})
}

// reported is the cursor since which every device has reported; 0 if one never has.
func (a *adding) reported() (cursor uint64) {
	for n, device := range a.Waited() {
		if at := a.reports[device]; n == 0 || at < cursor {
			cursor = at
		}
	}
	return cursor
}

// judge judges the cards that were touched, and those of which something late is missing now.
func (a *adding) judge() error {
	if a.booked == "" {
		return nil
	}
	before, reported := a.tx.Bucket(rows).Sequence(), a.reported()
	due := a.tx.Bucket(late).Cursor()
	for k, _ := due.First(); k != nil && binary.BigEndian.Uint64(k) <= reported; k, _ = due.Next() {
		card := Pseudonym(k[8:])
		a.touched[card] = append([]fact{}, a.touched[card]...)
	}
	byPseudonym := func(one, other Pseudonym) int { return bytes.Compare(one[:], other[:]) }
	for _, card := range slices.SortedFunc(maps.Keys(a.touched), byPseudonym) {
		if err := a.card(card, a.touched[card], reported); err != nil {
			return err
		}
	}
	clear(a.touched)
	return a.noteRows(before)
}
