package actionlist

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"leima/cardlayout"
	"leima/fare/sale"
)

// ErrBase means that a delta is for another list.
var ErrBase = errors.New("the delta is for another action list")

// A Delta leads from one list to a later one. Goroutines may share it.
type Delta struct {
	edition Edition // of the list that it leads to
	base    uint32
	changes []Entry // in order
}

type deltaWire struct {
	_       struct{} `cbor:",toarray"`
	Format  uint8
	Area    cardlayout.Area
	Version uint32
	Made    int64
	Base    uint32
	Count   uint32
	Digest  []byte
	Changes []Entry
}

// NewDelta makes what leads from a list to a later one.
func NewDelta(from, to *List) (*Delta, error) {
	changes := changes(from, to)
	switch {
	case from.Area() != to.Area():
		return nil, fmt.Errorf("%w: one list is for area %d, the other for %d", ErrBase,
			from.Area(), to.Area())
	case from.Version() >= to.Version():
		return nil, fmt.Errorf("%w: version %d does not lead to %d", ErrBase, from.Version(),
			to.Version())
	case len(changes) > MostEntries:
		return nil, fmt.Errorf("the lists differ in %d actions, and a delta has %d at most: "+
			"publish the later one as it is", len(changes), MostEntries)
	}
	return &Delta{to.Edition(), from.Version(), changes}, nil
}

// changes are the entries of a delta.
func changes(from, to *List) (all []Entry) {
	for n := range from.actions {
		if e := from.entry(n); to.at(e) == (Entry{}) {
			all = append(all, gone(e))
		}
	}
	for n := range to.actions {
		if e := to.entry(n); from.at(e) != e {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, compare)
	return all
}

// at is the entry in another's place, with the same card and counters; zero if none.
func (l *List) at(e Entry) Entry {
	n, found := sort.Find(l.Len(), func(n int) int { return compare(e, l.entry(n)) })
	if !found {
		return Entry{}
	}
	return l.entry(n)
}

// gone says that an entry is gone.
func gone(e Entry) Entry {
	return Entry{Card: e.Card, Action: sale.Action{
		Expects: e.Action.Expects, Leaves: e.Action.Leaves,
	}}
}

// Over is the list that the delta leads to from another. ErrBase means that the other is not the
// list that it was made from.
func (d *Delta) Over(base *List) (*List, error) {
	if base.Area() != d.edition.Area || base.Version() != d.base {
		return nil, fmt.Errorf("%w: it changes version %d of area %d, and the list is version %d "+
			"of area %d", ErrBase, d.base, d.edition.Area, base.Version(), base.Area())
	}
	entries := make([]Entry, 0, base.Len()+len(d.changes))
	for n := range base.actions {
		e := base.entry(n)
		if _, changed := slices.BinarySearchFunc(d.changes, e, compare); !changed {
			entries = append(entries, e)
		}
	}
	for _, e := range d.changes {
		if e != gone(e) {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, compare)
	next, err := listOf(d.edition.Area, d.edition.Version, d.edition.Made, entries)
	switch {
	case err != nil:
		return nil, err
	case next.edition != d.edition || !slices.Equal(changes(base, next), d.changes):
		return nil, fmt.Errorf("%w: with it the list does not come out as it should: a delta is "+
			"for the very list that it was made from", ErrBase)
	}
	return next, nil
}

// Edition identifies the list that the delta leads to.
func (d *Delta) Edition() Edition { return d.edition }

// Base is the version of the list that the delta changes.
func (d *Delta) Base() uint32 { return d.base }

// Changes is how many actions are added, changed or gone.
func (d *Delta) Changes() int { return len(d.changes) }

// Encode writes the delta. Equal deltas have equal bytes.
func (d *Delta) Encode() ([]byte, error) {
	e := d.edition
	return encode(&deltaWire{
		Format: format, Area: e.Area, Version: e.Version, Made: e.Made.Unix(), Base: d.base,
		Count: uint32(e.Count), Digest: e.Digest[:], Changes: append([]Entry{}, d.changes...),
	}, e.Version)
}

// DecodeDelta reads what Encode wrote: the delta that it returns encodes back to the same bytes.
// What it leads to is known only over its list.
func DecodeDelta(raw []byte) (*Delta, error) {
	var w deltaWire
	if err := decode(raw, &w, &w.Format); err != nil {
		return nil, err
	}
	d := &Delta{
		edition: Edition{
			Version: w.Version, Area: w.Area, Made: time.Unix(w.Made, 0).UTC(), Count: int(w.Count),
		},
		base: w.Base, changes: w.Changes,
	}
	copy(d.edition.Digest[:], w.Digest)
	again, err := d.Encode()
	switch {
	case err != nil:
		return nil, err
	case !bytes.Equal(again, raw):
		return nil, errLonger
	case w.Base == 0 || w.Base >= w.Version:
		return nil, fmt.Errorf("%w: version %d changes version %d", ErrMalformed, w.Version, w.Base)
	}
	for n := 1; n < len(d.changes); n++ {
		if compare(d.changes[n-1], d.changes[n]) >= 0 {
			return nil, fmt.Errorf("%w: its changes are not in order", ErrMalformed)
		}
	}
	return d, nil
}
