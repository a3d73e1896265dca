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
	"leima/validator/servicepoint"
)

// Conclude ends the day: it opens every journal again and combines them.
func (a *CityAudit) Conclude() error {
	books := &ledger.Ledger{Genuine: servicepoint.VerifyTMAC(a.validators[0].Keys)}
	a.books = books
	for n, bus := range a.validators {
		if err := bus.Restart(); err != nil {
			return err
		}
		if err := a.memory(n, books); err != nil {
			return err
		}
	}
	verdicts, err := a.lines(books)
	if err != nil {
		return err
	}
	for _, p := range books.Actions() {
		if p.Verdict == ledger.Doubled {
			return &Finding{Invariant: "actions", What: fmt.Sprintf(
				"action %d to %d of card %s was done twice", p.Action.Expects, p.Action.Leaves,
				p.Card.Short())}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.cards)) {
		if err := a.account(a.cards[name], verdicts); err != nil {
			return err
		}
	}
	if a.Stats.Spent != a.Stats.Settled+a.Stats.Doubtful {
		return &Finding{Invariant: "money", What: fmt.Sprintf(
			"%v has left all purses, and %v is settled and %v in doubt",
			a.Stats.Spent, a.Stats.Settled, a.Stats.Doubtful)}
	}
	return nil
}

// memory checks that a journal still holds the entries of the day.
func (a *CityAudit) memory(n int, books *ledger.Ledger) error {
	j := a.validators[n].Journal
	if err := j.Verify(nil); err != nil {
		return &Finding{Invariant: "memory", What: err.Error()}
	}
	states, last := map[cardlayout.EventID]journal.Kind{}, uint32(0)
	err := a.validators[n].Entries(0, func(e journal.Entry) error {
		books.Add(e)
		switch e.Kind {
		case journal.Intent, journal.Record:
			if last++; e.Event.ID != (cardlayout.EventID{Device: uint16(n + 1), Sequence: last}) {
				return &Finding{Invariant: "order", What: fmt.Sprintf(
					"validator %d has event %v where event %d should be", n+1, e.Event.ID, last)}
			}
			if e.Kind == journal.Intent {
				states[e.Event.ID] = e.Kind
				if c := a.claims[e.Event.ID]; c == nil || !reflect.DeepEqual(c.event, e.Event) {
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
	for id, c := range a.claims {
		if int(id.Device) == n+1 && states[id] != c.state {
			return &Finding{Invariant: "memory", What: fmt.Sprintf(
				"event %v was %v and is %v", id, c.state, states[id])}
		}
	}
	return nil
}

// lines are the ledger's verdicts on each event, after a check of its verdict on each transaction.
func (a *CityAudit) lines(books *ledger.Ledger) (map[cardlayout.EventID]ledger.Verdict, error) {
	pages := map[cardlayout.Number]*cardAudit{}
	for _, p := range a.cards {
		pages[p.contents.Card.Number] = p
	}
	verdicts := map[cardlayout.EventID]ledger.Verdict{}
	for _, l := range books.Lines() {
		a.Stats.Verdicts[l.Verdict] += int(l.Transactions())
		p := pages[l.Card]
		switch {
		case l.Verdict == ledger.Unproved && a.claims[l.Events[0].ID].tmac != desfire.TMAC{}:
			return nil, p.finding("ledger", "transaction %d is unproved, and was signed", l.Counter)
		case l.Verdict == ledger.Forged || l.Verdict == ledger.Doubled:
			return nil, p.finding("ledger", "transaction %d is %v", l.Counter, l.Verdict)
		case l.Verdict == ledger.Presumed && !a.claims[l.Events[0].ID].committed:
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

// missing checks that all transactions without a journal were loads of the service point. The
// length of the run is the journals' claim, so the card's transactions are counted instead.
func (c *cardAudit) missing(l *ledger.Line) error {
	loads := uint64(0)
	last := min(l.Last, c.contents.Card.Counter)
	for counter := max(l.Counter, c.firstCounter+1); counter <= last; counter++ {
		if load, known := c.commits[counter]; known && load == nil {
			loads++
		}
	}
	if loads != l.Transactions() {
		return c.finding("ledger", "transactions %d to %d are missing, and %d of them were loads",
			l.Counter, l.Last, loads)
	}
	return nil
}

// account checks the transactions of a card one by one, and its purse.
func (a *CityAudit) account(p *cardAudit, verdicts map[cardlayout.EventID]ledger.Verdict) error {
	left := p.first + p.loaded
	for counter := p.firstCounter + 1; counter <= p.contents.Card.Counter; counter++ {
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
			a.Stats.Settled += c.event.Charge
		case ledger.InDoubt, ledger.Open:
			a.Stats.Doubtful += c.event.Charge
		default:
			return p.finding("ledger", "committed event %v, and the ledger says %v", c.event.ID, v)
		}
	}
	if left != p.contents.Card.Purse {
		return p.finding("money", "should have %v and has %v", left, p.contents.Card.Purse)
	}
	a.Stats.Spent += p.first + p.loaded - p.contents.Card.Purse
	return nil
}
