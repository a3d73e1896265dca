package depot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"leima/validator/journal"
)

// writing is what one call of Receive does.
type writing struct {
	r      *Receiver
	device uint16
	chains []Chain
	oldest bool
	report *journal.Item    // nil if there is none, or once it is kept
	held   map[uint8]*Batch // the last one that was looked into, by chain
}

// all keeps what is not kept yet.
func (w *writing) all(ctx context.Context, entries []journal.Item) error {
	for len(entries) > 0 {
		n, err := w.repeated(ctx, entries)
		if err == nil && n == 0 {
			n, err = w.keep(ctx, entries)
		}
		if err != nil {
			return err
		}
		entries = entries[n:]
	}
	if w.report == nil {
		return nil
	}
	return w.keepReport(ctx)
}

// repeated is how many of the entries some chain holds, from the first of them on.
func (w *writing) repeated(ctx context.Context, entries []journal.Item) (n int, err error) {
	for c := range w.chains {
		if n, err = w.kept(ctx, &w.chains[c], entries); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// keep keeps entries up to the first that a chain may hold, and returns how many they are.
func (w *writing) keep(ctx context.Context, entries []journal.Item) (n int, err error) {
	at, err := w.place(ctx, &entries[0])
	if err != nil {
		return 0, err
	}
	begins := func(e journal.Item) bool {
		return slices.ContainsFunc(w.chains, func(c Chain) bool { return c.First == e.Position })
	}
	n = len(entries)
	if next := slices.IndexFunc(entries[1:], begins); next >= 0 {
		n = next + 1
	}
	last, report := &entries[n-1], w.report
	if n < len(entries) {
		report = nil
	}
	if err := w.append(ctx, at, entries[:n], report); err != nil {
		return 0, err
	}
	w.chains[at].Head = Head{last.Position, last.Hash}
	if report != nil {
		w.report = nil
	}
	return n, nil
}

// keepReport keeps a report without entries, of one that is kept.
func (w *writing) keepReport(ctx context.Context) error {
	if w.report.Position == 0 && w.report.Hash == journal.Beginning(w.device) {
		return w.append(ctx, -1, nil, w.report)
	}
	for n := range w.chains {
		hash, holds, err := w.hash(ctx, &w.chains[n], w.report.Position)
		switch {
		case err != nil:
			return err
		case holds && hash == w.report.Hash:
			return w.append(ctx, n, nil, w.report)
		}
	}
	return &GapError{w.heads()}
}

// kept is how many of the entries a chain holds, from the first of them on.
func (w *writing) kept(ctx context.Context, c *Chain, entries []journal.Item) (n int, err error) {
	for n < len(entries) {
		hash, holds, err := w.hash(ctx, c, entries[n].Position)
		if err != nil || !holds || hash != entries[n].Hash {
			return n, err
		}
		n++
	}
	return n, nil
}

// hash is that of the chain's entry at a position, if it holds one.
func (w *writing) hash(ctx context.Context, c *Chain, position uint64) (h [32]byte, holds bool,
	err error,
) {
	if position == c.Position {
		return c.Hash, true, nil
	}
	if !c.holds(position) {
		return h, false, nil
	}
	b := w.held[c.Number]
	if b == nil || !b.Holds(position) {
		if b, err = w.r.Store.Holding(ctx, w.device, c.Number, position); err != nil {
			return h, false, err
		}
		if w.held == nil {
			w.held = map[uint8]*Batch{}
		}
		w.held[c.Number] = b
	}
	return b.Entries[position-b.first()].Hash, true, nil
}

// place finds the chain that an entry continues, which no chain holds, or begins one.
func (w *writing) place(ctx context.Context, e *journal.Item) (chain int, err error) {
	begins := w.oldest || e.Position == 1 && e.Follows(journal.Beginning(w.device))
	for n := range w.chains {
		c := &w.chains[n]
		before, holds, err := w.hash(ctx, c, e.Position-1)
		switch {
		case err != nil:
			return 0, err
		case !holds || !e.Follows(before):
		case e.Position == c.Position+1:
			return n, nil
		default:
			begins = true // a fork
		}
	}
	switch {
	case !begins:
		return 0, &GapError{w.heads()}
	case len(w.chains) == mostChains:
		return 0, fmt.Errorf("%w: the device has %d already", ErrBroken, mostChains)
	}
	w.chains = append(w.chains, Chain{Number: uint8(len(w.chains)), First: e.Position})
	return len(w.chains) - 1, nil
}

func (w *writing) heads() (heads []Head) {
	for n := range w.chains {
		heads = append(heads, w.chains[n].Head)
	}
	return heads
}

// append appends to a chain, or to none if it is -1, and raises the alarm of one that begins.
func (w *writing) append(ctx context.Context, at int, entries []journal.Item,
	report *journal.Item,
) error {
	b := Batch{
		Device: w.device, Received: w.r.Now().UTC().Truncate(time.Second),
		Entries: entries, Report: report,
	}
	if at >= 0 {
		b.Chain = w.chains[at].Number
	}
	err := w.r.Store.Append(ctx, &b)
	if err == nil && len(entries) > 0 && w.chains[at].Position == 0 {
		if alarm, raised := alarmOf(w.device, w.chains, at); raised {
			w.r.Alarm(alarm)
		}
	}
	return err
}
