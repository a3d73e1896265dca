package blocklist

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"leima/cardlayout"
)

// check looks for what no list may hold and returns the entries' indexes in the
// order of their numbers. An entry is spoken of by its place: a line, or its
// position.
func check(entries []Entry, places []int, found *faults) []int {
	order := make([]int, len(entries))
	for i, entry := range entries {
		order[i] = i
		if err := entry.check(); err != nil {
			found.add(places[i], err)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(entries[a].Number, entries[b].Number), a-b)
	})
	for n := 1; n < len(order); n++ {
		earlier, later := order[n-1], order[n]
		if entries[earlier].Number == entries[later].Number {
			found.add(places[later], fmt.Errorf("card %s stands at %d already: "+
				"keep the entry with the higher unblocking number",
				entries[later].Number.Short(), places[earlier]))
		}
	}
	return order
}

func (e Entry) check() error {
	switch {
	case !e.Number.Valid():
		return fmt.Errorf("card number %d is none: its check digit is wrong", uint64(e.Number))
	case e.Kind == cardlayout.Bearer:
		return fmt.Errorf("card %s is a bearer card, which cannot be blocked (R-108): "+
			"take it off the list", e.Number.Short())
	case e.Kind != cardlayout.Personal && e.Kind != cardlayout.Company:
		return fmt.Errorf("card %s is of no known kind: want personal or company", e.Number.Short())
	}
	return nil
}

// faultBound is how many faults are told; who has made more has made the same one
// many times.
const faultBound = 20

// faults collects what is wrong with a list.
type faults struct {
	place string // how a place is written, for example "blocked.txt:%d"
	list  []fault
	more  int
}

type fault struct {
	at  int
	err error
}

func (f *faults) add(at int, err error) {
	if len(f.list) == faultBound {
		f.more++
		return
	}
	f.list = append(f.list, fault{at, err})
}

// err joins the faults in the order of their places; nil if there are none.
func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b fault) int { return a.at - b.at })
	told := make([]error, 0, faultBound+1)
	for _, fault := range f.list {
		told = append(told, fmt.Errorf(f.place+": %w", fault.at, fault.err))
	}
	if f.more > 0 {
		told = append(told, fmt.Errorf("and %d more", f.more))
	}
	return errors.Join(told...)
}
