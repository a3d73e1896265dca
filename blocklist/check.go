package blocklist

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"leima/cardlayout"
)

// check finds what no list may hold and returns the entries' indexes in the order of their numbers.
// Its faults name an entry by its place: a line, or its position.
func check(entries []Entry, places []int, found *problems) []int {
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

// faultBound is how many faults are reported: more are usually the same fault many times.
const faultBound = 20

// problems collects the faults of a list.
type problems struct {
	place string // how a place is written, for example "blocked.txt:%d"
	list  []problem
	more  int
}

type problem struct {
	at  int
	err error
}

func (f *problems) add(at int, err error) {
	if len(f.list) == faultBound {
		f.more++
		return
	}
	f.list = append(f.list, problem{at, err})
}

// err joins the faults in the order of their places; nil if none.
func (f *problems) err() error {
	if len(f.list) == 0 {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b problem) int { return a.at - b.at })
	all := make([]error, 0, faultBound+1)
	for _, fault := range f.list {
		all = append(all, fmt.Errorf(f.place+": %w", fault.at, fault.err))
	}
	if f.more > 0 {
		all = append(all, fmt.Errorf("and %d more", f.more))
	}
	return errors.Join(all...)
}
