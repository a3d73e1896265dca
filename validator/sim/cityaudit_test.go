package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/ledger"
	"leima/validator/servicepoint"
)

// A CityAudit looks over the shoulders of all validators of a town. It reads every card
// after every visit with the issuer's keys, so that it knows what each commit was, and
// compares that with what the journals say. It knows nothing of what the town will do next,
// and nothing of tears and power cuts. It says when one of these is not so:
//
//  1. Counters: between two visits a card changes by nothing or by one transaction, and
//     by none without its counter.
//  2. Intents: what a validator has committed on a card it had begun in its journal
//     before, with the counter and the charge that the card then shows.
//  3. Verdicts: no event is settled that the card has not committed, and none is void
//     that it has.
//  4. Order: an event is open only after a tap whose commit was not answered, or whose
//     device lost its power, and is closed when the card comes back and tells. Event
//     numbers have no gap.
//  5. Truth: after green the card carries an event that is in the journal.
//  6. Silence: a tap that is to be tried again, or that the device could not serve, leaves
//     the card as it was.
//  7. Once: within a minute on one trip a boarding is charged once, whichever of the bus's
//     validators meets the card, wherever their clocks are right to a minute, and wherever
//     the second does not know the time.
//  8. Blocks: a blocked card is not accepted.
//  9. Loads: a load at the service point changes the purse by what it says, or nothing; one
//     that waited in action lists is done once, no matter who has it, and the card's action
//     counter goes with it.
//  10. Clock: an event has the time of its device's clock, or is estimated and then not
//     before the one before it; it says that the clock is kept if and only if it is, and
//     believes none that is weeks off, or years if it is kept. By an estimate nobody is
//     refused as expired, pays beside a season that covers the way, or pays twice on a trip;
//     and nobody is told to have stamped already by a stamp that lies in the future.
//
// And when the day is over:
//
//  11. Memory: every journal, opened anew, is whole and says what it said before.
//  12. Money: what left all purses is what the journals have settled, and what is in doubt.
//  13. Ledger: the journals together name the event of each transaction of each card, or
//     hold it in doubt; missing are none but the loads; none is doubled or forged.
//     None that the card committed is undone, and none that it has not is presumed, wherever
//     any clock stood. Unproved are those alone whose signature a load took with it.
type CityAudit struct {
	books   *ledger.Ledger // once the day is concluded
	batches uint64         // that a depot was sent

	Stats Stats
	Last  *validator.Outcome // of the last tap; nil: its outcome was lost

	now        time.Time // the true time
	validators []*Bus
	read       []uint64    // of each journal: the position of the last entry
	last       []time.Time // … and the time of its last event
	claims     map[cardlayout.EventID]*claim
	cards      map[string]*cardAudit
}

// Stats counts the events of a city.
type Stats struct {
	Taps         int
	Unseen       int // because the device lost its power
	Endings      map[validator.Ending]int
	Reasons      map[fare.Reason]int
	Commits      int
	Loads        int
	Actions      int // loads from action lists
	Estimated    int // taps at an unknown time
	Synchronized int // … at a synchronized one
	Verdicts     map[ledger.Verdict]int
	Spent        cardlayout.Cents // the sum of all payments from purses
	Settled      cardlayout.Cents // … that the journals have settled
	Doubtful     cardlayout.Cents // … that are in doubt
}

// A Finding is a violation of an invariant.
type Finding struct {
	Invariant string // its name, as listed at CityAudit
	Passenger string // the card's passenger; empty if it concerns no single card
	What      string
}

// Error implements error.
func (f *Finding) Error() string {
	return fmt.Sprintf("%s: %s %s", f.Invariant, f.Passenger, f.What)
}

// A claim is an event of a journal that was to change a card.
type claim struct {
	event     validator.Event
	state     journal.Kind // Intent while it is open, then Settle or Void
	committed bool         // according to the card
	tmac      desfire.TMAC
}

// A cardAudit is what the audit knows about one card.
type cardAudit struct {
	name         string
	contents     servicepoint.Contents
	first        cardlayout.Cents // in the purse
	loaded       cardlayout.Cents
	firstCounter uint32            // the card's counter when it was issued
	commits      map[uint32]*claim // by the counter after them; nil: a load
	place        validator.Place   // of the last charge
	at           time.Time
	clockRight   bool // the clock of that charge was right
}

func newCityAudit(validators []*Bus) *CityAudit {
	return &CityAudit{
		validators: validators, read: make([]uint64, len(validators)),
		last:   make([]time.Time, len(validators)),
		claims: map[cardlayout.EventID]*claim{}, cards: map[string]*cardAudit{},
		Stats: Stats{
			Endings: map[validator.Ending]int{}, Reasons: map[fare.Reason]int{},
			Verdicts: map[ledger.Verdict]int{},
		},
	}
}

// inspect reads a card with the issuer's keys, without its holder.
func (a *CityAudit) inspect(name string) (servicepoint.Contents, error) {
	bus := a.validators[0]
	keys := bus.Keys
	keys.Holder = nil
	return servicepoint.Inspect(emu.Air{}.Present(bus.Cards[name]), keys, bus.Rand)
}

// Card is the content of a passenger's card after its last tap or load.
func (a *CityAudit) Card(name string) cardlayout.Card { return a.cards[name].contents.Card }

// issued adds a new card; a known one is unchanged.
func (a *CityAudit) issued(name string) error {
	if a.cards[name] != nil {
		return nil
	}
	held, err := a.inspect(name)
	a.cards[name] = &cardAudit{
		name: name, contents: held, first: held.Card.Purse, firstCounter: held.Card.Counter,
		commits: map[uint32]*claim{},
	}
	return err
}

// loaded checks a load at the service point.
func (a *CityAudit) loaded(name string) error {
	p := a.cards[name]
	before := p.contents
	held, err := a.inspect(name)
	if err != nil {
		return err
	}
	p.contents = held
	rise := held.Card.Purse - before.Card.Purse
	switch {
	case same(&before, &held):
	case held.Card.Counter != before.Card.Counter+1 || rise < 0:
		return p.finding("loads", "a load led from transaction %d to %d and left %v more",
			before.Card.Counter, held.Card.Counter, rise)
	default:
		a.Stats.Loads++
		p.loaded += rise
		p.commits[held.Card.Counter] = nil
	}
	return nil
}

func (c *cardAudit) finding(invariant, format string, args ...any) error {
	return &Finding{Invariant: invariant, Passenger: c.name, What: fmt.Sprintf(format, args...)}
}

// same reports whether a card is unchanged.
func same(a, b *servicepoint.Contents) bool {
	return a.Card == b.Card && a.Image == b.Image && a.TMAC == b.TMAC &&
		slices.Equal(a.History, b.History)
}

// tapped checks a tap at validator n. o is nil if its outcome was lost; late means that the power
// went after it, with what was not durable: the end of its intent.
func (a *CityAudit) tapped(n int, name string, o *validator.Outcome, late bool) error {
	p := a.cards[name]
	before := p.contents
	held, err := a.inspect(name)
	if err != nil {
		return err
	}
	p.contents = held
	a.tally(o)
	closed, err := a.entries(n)
	if err != nil {
		return err
	}
	c, err := a.commit(n, p, &before)
	if err != nil {
		return err
	}
	for _, id := range closed {
		if err := a.verdict(p, id); err != nil {
			return err
		}
	}
	if err := a.once(p, c); err != nil || o == nil {
		return err
	}
	if !late {
		err = a.order(n, p, &before, o)
	}
	return cmp.Or(err, a.truth(p, c, o, late), a.quiet(p, &before, o),
		p.stamped(&before, o), a.ended(p, &before, o))
}

func (a *CityAudit) tally(o *validator.Outcome) {
	a.Last = o
	a.Stats.Taps++
	if o == nil {
		a.Stats.Unseen++
		return
	}
	a.Stats.Endings[o.Ending]++
	if o.Ending <= validator.Refused {
		a.Stats.Reasons[o.Decision.Reason]++
	}
	switch {
	case o.Event.Estimated:
		a.Stats.Estimated++
	case o.Event.Synchronized:
		a.Stats.Synchronized++
	}
}

// entries reads the new entries of a journal, and returns the events that were closed.
func (a *CityAudit) entries(n int) (closed []cardlayout.EventID, err error) {
	err = a.validators[n].Entries(a.read[n]+1, func(e journal.Entry) error {
		a.read[n] = e.Position
		switch e.Kind {
		case journal.Intent:
			a.claims[e.Event.ID] = &claim{event: e.Event, state: journal.Intent}
			return a.clock(n, &e.Event)
		case journal.Record:
			return a.clock(n, &e.Event)
		default:
			if a.claims[e.Of] == nil {
				return &Finding{Invariant: "order", What: fmt.Sprintf(
					"validator %d closes event %d, which it never began", n+1, e.Of.Sequence)}
			}
			a.claims[e.Of].state, a.claims[e.Of].tmac = e.Kind, e.TMAC
			closed = append(closed, e.Of)
		}
		return nil
	})
	return closed, err
}

// longestTap bounds the duration of a tap by the modelled time.
const longestTap = 10 * time.Second

func (a *CityAudit) clock(n int, e *validator.Event) error {
	bus, last := a.validators[n], a.last[n]
	shows := bus.Clock.Now()
	ago, wrong := shows.Sub(e.At), shows.Sub(a.now)
	kept := bus.synchronized != nil && *bus.synchronized
	a.last[n] = e.At
	finding := func(format string, args ...any) error {
		return &Finding{Invariant: "clock", What: fmt.Sprintf(format, args...)}
	}
	switch {
	case e.Estimated && e.At.Before(last):
		return finding("validator %d estimates %v, and has an event of %v", n+1, e.At, last)
	case !e.Estimated && (ago < 0 || ago > longestTap):
		return finding("event %v is of %v, %v before its device's clock", e.ID, e.At, ago)
	case e.Synchronized && !kept:
		return finding("event %v says that its clock is kept, and nobody does", e.ID)
	case kept && wrong.Abs() <= longestTap && !e.Synchronized:
		return finding("event %v of a clock that is right and kept says otherwise", e.ID)
	case wrong.Abs() > farOff && !e.Estimated && !e.Synchronized, wrong.Abs() > neverSynchronized &&
		e.Synchronized:
		return finding("event %v believes a clock that is %v ahead", e.ID, wrong)
	}
	return nil
}

// No clock is believed that is off by farOff, unless it is synchronized, and none that is off by
// neverSynchronized.
const (
	farOff            = 35 * 24 * time.Hour
	neverSynchronized = 4 * 366 * 24 * time.Hour
)

// commit finds the commit of a tap, and checks it against the journal; nil if none.
func (a *CityAudit) commit(n int, p *cardAudit, before *servicepoint.Contents) (*claim, error) {
	was, is := before.Card, p.contents.Card
	switch {
	case is.Counter == was.Counter && same(before, &p.contents):
		return nil, nil
	case is.Counter != was.Counter+1:
		return nil, p.finding("counters", "went from transaction %d to %d in one visit",
			was.Counter, is.Counter)
	}
	c := a.claims[is.Last]
	switch {
	case c == nil || is.Last == was.Last || int(is.Last.Device) != n+1:
		return nil, p.finding("intents", "carries event %v, and validator %d never began it",
			is.Last, n+1)
	case c.event.Card != is.Number || c.event.Counter != was.Counter:
		return nil, p.finding("intents", "carries event %v of another card, or of transaction %d",
			is.Last, c.event.Counter+1)
	case was.Purse+c.event.ValueAdded()-is.Purse != c.event.Charge || c.event.Balance != is.Purse:
		return nil, p.finding("intents", "paid %v and has %v, and event %v says %v and %v",
			was.Purse+c.event.ValueAdded()-is.Purse, is.Purse, is.Last, c.event.Charge,
			c.event.Balance)
	}
	if err := p.checkActions(was.ActionCounter, &c.event); err != nil {
		return nil, err
	}
	c.committed = true
	p.commits[is.Counter] = c
	p.loaded += c.event.ValueAdded()
	a.Stats.Commits++
	if c.event.ValueAdded() > 0 {
		a.Stats.Actions++
	}
	return c, nil
}

// checkActions checks that the event's actions lead the card's action counter step by step to its
// present value.
func (c *cardAudit) checkActions(counter uint32, e *validator.Event) error {
	for _, a := range e.Actions {
		switch {
		case a.Status != 0:
			continue
		case a.Expects != counter:
			return c.finding("actions", "event %v does action %d to %d at counter %d", e.ID,
				a.Expects, a.Leaves, counter)
		}
		counter = a.Leaves
	}
	if counter != c.contents.Card.ActionCounter {
		return c.finding("actions", "has action counter %d, and event %v led it to %d",
			c.contents.Card.ActionCounter, e.ID, counter)
	}
	return nil
}

// verdict checks the journal's verdict on a closed event.
func (a *CityAudit) verdict(p *cardAudit, id cardlayout.EventID) error {
	c := a.claims[id]
	if c.state == journal.Settle && c.committed || c.state == journal.Void && !c.committed ||
		c.state != journal.Settle && c.state != journal.Void {
		return nil
	}
	return p.finding("verdicts", "sees event %v closed with %v, and committed on the card: %v", id,
		c.state, c.committed)
}

// right reports whether the device's clock was right to a minute.
func (a *CityAudit) right(e *validator.Event) bool {
	off := e.At.Sub(a.now)
	return off.Abs() <= soon*time.Second
}

func (a *CityAudit) once(p *cardAudit, c *claim) error {
	if c == nil || c.event.Charge == 0 {
		return nil
	}
	e := &c.event
	again := p.place.SameTrip(e.Place) && !p.at.IsZero() && a.now.Sub(p.at) <= soon*time.Second
	// otherwise a stamp may be wrong without anything to tell
	told := e.Estimated || p.clockRight && a.right(e)
	p.place, p.at, p.clockRight = e.Place, a.now, a.right(e)
	if again && told && e.Command == "" {
		return p.finding("once", "paid %v again on trip %d", e.Charge, e.Place.Trip)
	}
	return nil
}

func (a *CityAudit) order(n int, p *cardAudit, before *servicepoint.Contents,
	o *validator.Outcome,
) error {
	served := o.Ending <= validator.Refused && o.Event.Card != 0
	for _, open := range a.validators[n].Journal.Pending(p.contents.Card.Number) {
		told := open.ID == before.Card.Last || open.Counter == before.Card.Counter
		switch {
		case open.ID == o.Event.ID && !errors.Is(o.Err, desfire.ErrCommitUnknown):
			return p.finding("order", "was %v, and event %v is open", o.Ending, open.ID)
		case open.ID != o.Event.ID && served && told:
			return p.finding("order", "came back, and event %v is still open", open.ID)
		}
	}
	return nil
}

func (a *CityAudit) truth(p *cardAudit, now *claim, o *validator.Outcome, late bool) error {
	if o.Ending != validator.Accepted {
		return nil
	}
	last := a.claims[p.contents.Card.Last]
	switch {
	case last == nil || last.state != journal.Settle && !(late && last.state == journal.Intent):
		return p.finding("truth", "green, and event %v is not settled", p.contents.Card.Last)
	case o.Decision.Reason != fare.Recovered && now == nil:
		return p.finding("truth", "green for %v, and the card knows nothing of it",
			o.Decision.Reason)
	}
	return nil
}

// stamped checks that no passenger is refused by a time in the future.
func (c *cardAudit) stamped(before *servicepoint.Contents, o *validator.Outcome) error {
	if o.Ending == validator.Refused && o.Decision.Reason == fare.AlreadyStamped &&
		cardlayout.InstantOf(o.Event.At) < before.Card.Journey.Boarded {
		return c.finding("clock", "was stamped already, at a time that is still to come")
	}
	return nil
}

// ended checks that nothing has ended by an unknown time.
func (a *CityAudit) ended(p *cardAudit, before *servicepoint.Contents, o *validator.Outcome) error {
	d := &o.Decision
	switch {
	case !o.Event.Estimated || o.Ending > validator.Refused:
		return nil
	case d.Reason == fare.Expired:
		return p.finding("clock", "is refused as expired by a time that is not known")
	case o.Event.Command != "" || d.Reason != fare.Value && d.Reason != fare.BalanceLow:
		return nil
	}
	for _, s := range before.Card.Seasons {
		if s.Days > 0 && s.Area == o.Event.UsedIn && s.Zones.Cover(o.Event.Zones) {
			return p.finding("clock", "pays %v beside a season, by a time that is not known",
				d.Charge)
		}
	}
	return nil
}

func (a *CityAudit) quiet(p *cardAudit, before *servicepoint.Contents, o *validator.Outcome) error {
	err := errors.Join(silence(*o, same(before, &p.contents)), blocks(*o, before.Card))
	if err != nil {
		return p.finding("silence or blocks", "%v", err)
	}
	return nil
}
