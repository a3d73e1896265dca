package blocklist

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash"

	"leima/cardlayout"
)

// errOrder means that a file's cards are not in order, so that a lookup could miss one.
var errOrder = fmt.Errorf("%w: its cards are not in order", ErrDamaged)

// Added counts the cards of a list that are not in former, or there with another unblocking number;
// former may be nil. It reads the whole list and compares it with its edition: a delta over the
// wrong base list is found here.
func (f *File) Added(former *File) (added int, err error) {
	next, sum := merge(f), newTally()
	var known *merger
	if former != nil {
		known = merge(former)
	}
	for ; next.ok; next.next() {
		sum.add(next.record)
		if known == nil || !known.names(next.record) {
			added++
		}
	}
	if err := next.err; err != nil {
		return 0, fmt.Errorf("going through the block list: %w", err)
	}
	if known != nil && known.err != nil {
		return 0, fmt.Errorf("going through the block list before: %w", known.err)
	}
	return added, f.tallies(sum)
}

// tallies compares the cards found with the list's edition.
func (f *File) tallies(sum *tally) error {
	edition := f.Edition()
	switch {
	case sum.count == edition.Count && sum.digest() == edition.Digest:
		return nil
	case f.delta != nil:
		return fmt.Errorf("%w: with it the list does not come out as it should: a delta is "+
			"for the very list that it was made from", ErrBase)
	}
	return fmt.Errorf("%w: its cards are not those that it was made of", ErrDamaged)
}

// names moves to a record's card and reports whether the list has the same record. The caller asks
// in order.
func (m *merger) names(r record) bool {
	for m.ok && m.record.number < r.number {
		m.next()
	}
	return m.ok && m.record == r
}

// A tally is the number of a list's cards and their digest.
type tally struct {
	count int
	sum   hash.Hash
	bytes [9]byte
}

func newTally() *tally { return &tally{sum: sha256.New()} }

func (t *tally) add(r record) {
	t.count++
	putNumber(t.bytes[:8], r.number)
	t.bytes[8] = r.unblocking
	t.sum.Write(t.bytes[:])
}

func (t *tally) digest() (d [sha256.Size]byte) {
	t.sum.Sum(d[:0])
	return d
}

// BuildDelta writes the delta from one full list to another to a new file at path. A device that
// uses the first list reaches the second with it.
func BuildDelta(path string, from, to *File) error {
	err := replace(path, func(draft string) (int64, error) { return writeDelta(draft, from, to) })
	if err != nil {
		return fmt.Errorf("writing block list delta %s: %w", path, err)
	}
	return nil
}

func writeDelta(draft string, from, to *File) (int64, error) {
	old, next := from.Edition(), to.Edition()
	switch {
	case from.base != 0 || from.delta != nil || to.base != 0:
		return 0, fmt.Errorf("%w: want two full lists", ErrBase)
	case old.Area != next.Area:
		return 0, fmt.Errorf("%w: one is for %d, the other for %d", ErrArea, old.Area, next.Area)
	case old.Version >= next.Version:
		return 0, fmt.Errorf("%w: version %d does not lead to %d", ErrOlder, old.Version,
			next.Version)
	}
	changes, err := changes(from, to)
	if err != nil {
		return 0, err
	}
	head := headerOf(next)
	head.Base, head.Changes = old.Version, uint32(len(changes))
	return write(draft, changes, func([sha256.Size]byte) header { return head })
}

// changes are the records of a delta, in order.
func changes(from, to *File) (all []record, err error) {
	old, next := merge(from), merge(to)
	for old.ok || next.ok {
		switch order := compareNumbers(old, next); {
		case order < 0:
			all = append(all, record{number: old.record.number, removed: true})
			old.next()
		case order > 0:
			all = append(all, next.record)
			next.next()
		default:
			if old.record != next.record {
				all = append(all, next.record)
			}
			old.next()
			next.next()
		}
	}
	return all, cmp.Or(old.err, next.err)
}

// compareNumbers reports which card comes first; any card comes before none.
func compareNumbers(a, b *merger) int {
	number := func(m *merger) cardlayout.Number {
		if !m.ok {
			return 1<<64 - 1
		}
		return m.record.number
	}
	return cmp.Compare(number(a), number(b))
}
