package sim

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator/journal"
	"leima/validator/ledger"
)

// Conclude ends the day: it opens every journal anew and puts them all together.
func (q *Inquest) Conclude() error {
	books := &ledger.Ledger{Genuine: q.validators[0].Keys.Genuine}
	for n, bus := range q.validators {
		if err := bus.Restart(); err != nil {
			return err
		}
		if err := q.memory(n, books); err != nil {
			return err
		}
	}
	verdicts, err := q.lines(books)
	if err != nil {
		return err
	}
	for _, p := range books.Pickups() {
		if p.Verdict == ledger.Doubled {
			return &Finding{Invariant: "actions", What: fmt.Sprintf(
				"action %d to %d of card %s was done twice", p.Action.Expects, p.Action.Leaves,
				p.Card.Short())}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q.pages)) {
		if err := q.account(q.pages[name], verdicts); err != nil {
			return err
		}
	}
	if q.Tally.Spent != q.Tally.Settled+q.Tally.Doubtful {
		return &Finding{Invariant: "money", What: fmt.Sprintf(
			"%v has left all purses, and %v is settled and %v in doubt",
			q.Tally.Spent, q.Tally.Settled, q.Tally.Doubtful)}
	}
	return nil
}

// memory checks that a journal says what it said during the day.
func (q *Inquest) memory(n int, books *ledger.Ledger) error {
	j := q.validators[n].Journal
	if err := j.Verify(nil); err != nil {
		return &Finding{Invariant: "memory", What: err.Error()}
	}
	states, last := map[cardlayout.EventID]journal.Kind{}, uint32(0)
	err := j.Entries(0, func(e journal.Entry) error {
		books.Add(e)
		switch e.Kind {
		case journal.Intent, journal.Record:
			if last++; e.Event.ID != (cardlayout.EventID{Device: uint16(n + 1), Sequence: last}) {
				return &Finding{Invariant: "order", What: fmt.Sprintf(
					"validator %d has event %v where event %d should be", n+1, e.Event.ID, last)}
			}
			if e.Kind == journal.Intent {
				states[e.Event.ID] = e.Kind
				if c := q.claims[e.Event.ID]; c == nil || !reflect.DeepEqual(c.event, e.Event) {
					return &Finding{Invariant: "memory", What: fmt.Sprintf(
						"event %v is not as it was", e.Event.ID)}
				}
			}
		default:
			states[e.Of] = e.Kind
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, c := range q.claims {
		if int(id.Device) == n+1 && states[id] != c.state {
			return &Finding{Invariant: "memory", What: fmt.Sprintf(
				"event %v was %v and is %v", id, c.state, states[id])}
		}
	}
	return nil
}

// lines are what the ledger says of each event, after a check of what it says of each
// transaction.
func (q *Inquest) lines(books *ledger.Ledger) (map[cardlayout.EventID]ledger.Verdict, error) {
	pages := map[cardlayout.Number]*page{}
	for _, p := range q.pages {
		pages[p.held.Card.Number] = p
	}
	verdicts := map[cardlayout.EventID]ledger.Verdict{}
	for _, l := range books.Lines() {
		q.Tally.Verdicts[l.Verdict] += int(l.Transactions())
		p := pages[l.Card]
		switch {
		case l.Verdict == ledger.Unproved && q.claims[l.Events[0].ID].receipt != desfire.Receipt{}:
			return nil, p.finding("ledger", "transaction %d is unproved, and was signed", l.Counter)
		case l.Verdict == ledger.Forged || l.Verdict == ledger.Doubled:
			return nil, p.finding("ledger", "transaction %d is %v", l.Counter, l.Verdict)
		case l.Verdict == ledger.Presumed && !q.claims[l.Events[0].ID].committed:
			return nil, p.finding("ledger", "transaction %d is presumed, and was not committed",
				l.Counter)
		case l.Verdict == ledger.Missing:
			if err := p.missing(&l); err != nil {
				return nil, err
			}
		}
		for _, e := range l.Events {
			verdicts[e.ID] = l.Verdict
		}
	}
	return verdicts, nil
}

// missing checks that what no journal knows of was all loads of the service point's. The run
// is as long as the journals say that it is, and so it is looked at by what the card has done.
func (p *page) missing(l *ledger.Line) error {
	loads := uint64(0)
	last := min(l.Last, p.held.Card.Counter)
	for counter := max(l.Counter, p.opened+1); counter <= last; counter++ {
		if load, known := p.commits[counter]; known && load == nil {
			loads++
		}
	}
	if loads != l.Transactions() {
		return p.finding("ledger", "transactions %d to %d are missing, and %d of them were loads",
			l.Counter, l.Last, loads)
	}
	return nil
}

// account checks the transactions of a card one by one, and its purse.
func (q *Inquest) account(p *page, verdicts map[cardlayout.EventID]ledger.Verdict) error {
	left := p.first + p.loaded
	for counter := p.opened + 1; counter <= p.held.Card.Counter; counter++ {
		c, known := p.commits[counter]
		switch {
		case !known:
			return p.finding("counters", "made transaction %d, and nobody saw it", counter)
		case c == nil: // a load
			continue
		}
		left -= c.event.Charge
		switch v := verdicts[c.event.ID]; v {
		case ledger.Settled, ledger.Unproved, ledger.Presumed:
			q.Tally.Settled += c.event.Charge
		case ledger.InDoubt, ledger.Open:
			q.Tally.Doubtful += c.event.Charge
		default:
			return p.finding("ledger", "committed event %v, and the ledger says %v", c.event.ID, v)
		}
	}
	if left != p.held.Card.Purse {
		return p.finding("money", "should have %v and has %v", left, p.held.Card.Purse)
	}
	q.Tally.Spent += p.first + p.loaded - p.held.Card.Purse
	return nil
}
