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
	"leima/validator/desk"
	"leima/validator/journal"
	"leima/validator/ledger"
)

// An Inquest looks over the shoulders of all validators of a town. It reads every card
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
//     that waited in action lists is done once, whoever has it, and the card's action
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
type Inquest struct {
	Tally Tally
	Last  *validator.Outcome // of the last tap; nil: nobody saw it

	now        time.Time // as it really is
	validators []*Bus
	read       []uint64    // of each journal: the position of the last entry
	last       []time.Time // … and the time of its last event
	claims     map[cardlayout.EventID]*claim
	pages      map[string]*page
}

// A Tally is what a town has seen.
type Tally struct {
	Taps     int
	Unseen   int // whose device lost its power
	Endings  map[validator.Ending]int
	Reasons  map[fare.Reason]int
	Commits  int
	Loads    int
	Pickups  int // loads that waited in action lists
	Guessed  int // taps at a time that was not known
	Kept     int // … at one that was kept
	Verdicts map[ledger.Verdict]int
	Spent    cardlayout.Cents // what has left all purses
	Settled  cardlayout.Cents // … and the journals have settled
	Doubtful cardlayout.Cents // … and they hold in doubt
}

// A Finding is what is not as it must be.
type Finding struct {
	Invariant string // its name, as the Inquest lists it
	Passenger string // whose card it was found on; empty: of no single one
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
	committed bool         // what the card says
	receipt   desfire.Receipt
}

// A page is what the inquest knows of one card.
type page struct {
	name    string
	held    desk.Contents
	first   cardlayout.Cents // in the purse
	loaded  cardlayout.Cents
	opened  uint32            // the card's counter when it was issued
	commits map[uint32]*claim // by the counter they led to; nil: a load
	place   validator.Place   // where it was last charged
	at      time.Time
	right   bool // by a clock that was right
}

func openInquest(validators []*Bus) *Inquest {
	return &Inquest{
		validators: validators, read: make([]uint64, len(validators)),
		last:   make([]time.Time, len(validators)),
		claims: map[cardlayout.EventID]*claim{}, pages: map[string]*page{},
		Tally: Tally{
			Endings: map[validator.Ending]int{}, Reasons: map[fare.Reason]int{},
			Verdicts: map[ledger.Verdict]int{},
		},
	}
}

// inspect reads a card as the issuer does, but for its holder.
func (q *Inquest) inspect(name string) (desk.Contents, error) {
	bus := q.validators[0]
	keys := bus.Keys
	keys.Holder = nil
	return desk.Inspect(emu.Air{}.Present(bus.Cards[name]), keys, bus.Rand)
}

// Held is what a passenger's card held after its last visit.
func (q *Inquest) Held(name string) cardlayout.Card { return q.pages[name].held.Card }

// issued opens the page of a new card; one that is known keeps its own.
func (q *Inquest) issued(name string) error {
	if q.pages[name] != nil {
		return nil
	}
	held, err := q.inspect(name)
	q.pages[name] = &page{
		name: name, held: held, first: held.Card.Purse, opened: held.Card.Counter,
		commits: map[uint32]*claim{},
	}
	return err
}

// loaded notes a visit to the service point.
func (q *Inquest) loaded(name string) error {
	p := q.pages[name]
	before := p.held
	held, err := q.inspect(name)
	if err != nil {
		return err
	}
	p.held = held
	rise := held.Card.Purse - before.Card.Purse
	switch {
	case same(&before, &held):
	case held.Card.Counter != before.Card.Counter+1 || rise < 0:
		return p.finding("loads", "a load led from transaction %d to %d and left %v more",
			before.Card.Counter, held.Card.Counter, rise)
	default:
		q.Tally.Loads++
		p.loaded += rise
		p.commits[held.Card.Counter] = nil
	}
	return nil
}

func (p *page) finding(invariant, format string, args ...any) error {
	return &Finding{Invariant: invariant, Passenger: p.name, What: fmt.Sprintf(format, args...)}
}

// same tells whether nothing on a card has changed.
func same(a, b *desk.Contents) bool {
	return a.Card == b.Card && a.Image == b.Image && a.Signature == b.Signature &&
		slices.Equal(a.History, b.History)
}

// tapped examines a tap at validator n. o is nil where nobody saw how it ended.
func (q *Inquest) tapped(n int, name string, o *validator.Outcome) error {
	p := q.pages[name]
	before := p.held
	held, err := q.inspect(name)
	if err != nil {
		return err
	}
	p.held = held
	q.tally(o)
	closed, err := q.entries(n)
	if err != nil {
		return err
	}
	c, err := q.commit(n, p, &before)
	if err != nil {
		return err
	}
	for _, id := range closed {
		if err := q.verdict(p, id); err != nil {
			return err
		}
	}
	if err := q.once(p, c); err != nil || o == nil {
		return err
	}
	return cmp.Or(q.order(n, p, &before, o), q.truth(p, c, o), q.quiet(p, &before, o),
		p.stamped(&before, o), q.ended(p, &before, o))
}

func (q *Inquest) tally(o *validator.Outcome) {
	q.Last = o
	q.Tally.Taps++
	if o == nil {
		q.Tally.Unseen++
		return
	}
	q.Tally.Endings[o.Ending]++
	if o.Ending <= validator.Refused {
		q.Tally.Reasons[o.Decision.Reason]++
	}
	switch {
	case o.Event.Estimated:
		q.Tally.Guessed++
	case o.Event.Kept:
		q.Tally.Kept++
	}
}

// entries takes in what is new in a journal, and tells which events were closed.
func (q *Inquest) entries(n int) (closed []cardlayout.EventID, err error) {
	err = q.validators[n].Journal.Entries(q.read[n]+1, func(e journal.Entry) error {
		q.read[n] = e.Position
		switch e.Kind {
		case journal.Intent:
			q.claims[e.Event.ID] = &claim{event: e.Event, state: journal.Intent}
			return q.clock(n, &e.Event)
		case journal.Record:
			return q.clock(n, &e.Event)
		default:
			if q.claims[e.Of] == nil {
				return &Finding{Invariant: "order", What: fmt.Sprintf(
					"validator %d closes event %d, which it never began", n+1, e.Of.Sequence)}
			}
			q.claims[e.Of].state, q.claims[e.Of].receipt = e.Kind, e.Receipt
			closed = append(closed, e.Of)
		}
		return nil
	})
	return closed, err
}

// longestTap is more than any tap takes by the modelled time.
const longestTap = 10 * time.Second

func (q *Inquest) clock(n int, e *validator.Event) error {
	bus, last := q.validators[n], q.last[n]
	shows := bus.Clock.Now()
	ago, wrong := shows.Sub(e.At), shows.Sub(q.now)
	kept := bus.kept != nil && *bus.kept
	q.last[n] = e.At
	finding := func(format string, args ...any) error {
		return &Finding{Invariant: "clock", What: fmt.Sprintf(format, args...)}
	}
	switch {
	case e.Estimated && e.At.Before(last):
		return finding("validator %d estimates %v, and has an event of %v", n+1, e.At, last)
	case !e.Estimated && (ago < 0 || ago > longestTap):
		return finding("event %v is of %v, %v before its device's clock", e.ID, e.At, ago)
	case e.Kept && !kept:
		return finding("event %v says that its clock is kept, and nobody does", e.ID)
	case kept && wrong.Abs() <= longestTap && !e.Kept:
		return finding("event %v of a clock that is right and kept says otherwise", e.ID)
	case wrong.Abs() > farOff && !e.Estimated && !e.Kept, wrong.Abs() > neverKept && e.Kept:
		return finding("event %v believes a clock that is %v ahead", e.ID, wrong)
	}
	return nil
}

// In a day's life no clock is believed that is farOff, but for one that is said to be kept, and
// none that is off by neverKept.
const (
	farOff    = 35 * 24 * time.Hour
	neverKept = 4 * 366 * 24 * time.Hour
)

// commit finds out what a visit has committed, and checks it against the journal; nil:
// nothing.
func (q *Inquest) commit(n int, p *page, before *desk.Contents) (*claim, error) {
	was, is := before.Card, p.held.Card
	switch {
	case is.Counter == was.Counter && same(before, &p.held):
		return nil, nil
	case is.Counter != was.Counter+1:
		return nil, p.finding("counters", "went from transaction %d to %d in one visit",
			was.Counter, is.Counter)
	}
	c := q.claims[is.Last]
	switch {
	case c == nil || is.Last == was.Last || int(is.Last.Device) != n+1:
		return nil, p.finding("intents", "carries event %v, and validator %d never began it",
			is.Last, n+1)
	case c.event.Card != is.Number || c.event.Counter != was.Counter:
		return nil, p.finding("intents", "carries event %v of another card, or of transaction %d",
			is.Last, c.event.Counter+1)
	case was.Purse+c.event.Loaded()-is.Purse != c.event.Charge || c.event.Balance != is.Purse:
		return nil, p.finding("intents", "paid %v and has %v, and event %v says %v and %v",
			was.Purse+c.event.Loaded()-is.Purse, is.Purse, is.Last, c.event.Charge,
			c.event.Balance)
	}
	if err := p.pickedUp(was.Actions, &c.event); err != nil {
		return nil, err
	}
	c.committed = true
	p.commits[is.Counter] = c
	p.loaded += c.event.Loaded()
	q.Tally.Commits++
	if c.event.Loaded() > 0 {
		q.Tally.Pickups++
	}
	return c, nil
}

// pickedUp checks that the card's action counter went by the actions that the event names,
// one after the other, and no further.
func (p *page) pickedUp(counter uint32, e *validator.Event) error {
	for _, a := range e.Actions {
		switch {
		case a.Left != 0:
			continue
		case a.Expects != counter:
			return p.finding("actions", "event %v does action %d to %d at counter %d", e.ID,
				a.Expects, a.Leaves, counter)
		}
		counter = a.Leaves
	}
	if counter != p.held.Card.Actions {
		return p.finding("actions", "has action counter %d, and event %v led it to %d",
			p.held.Card.Actions, e.ID, counter)
	}
	return nil
}

// verdict checks what a journal says of an event that is no longer open.
func (q *Inquest) verdict(p *page, id cardlayout.EventID) error {
	c := q.claims[id]
	if c.state == journal.Settle && c.committed || c.state == journal.Void && !c.committed ||
		c.state != journal.Settle && c.state != journal.Void {
		return nil
	}
	return p.finding("verdicts", "sees event %v closed with %v, and committed on the card: %v", id,
		c.state, c.committed)
}

// right tells whether the device's clock was right to a minute.
func (q *Inquest) right(e *validator.Event) bool {
	off := e.At.Sub(q.now)
	return off.Abs() <= soon*time.Second
}

func (q *Inquest) once(p *page, c *claim) error {
	if c == nil || c.event.Charge == 0 {
		return nil
	}
	e := &c.event
	again := p.place.SameTrip(e.Place) && !p.at.IsZero() && q.now.Sub(p.at) <= soon*time.Second
	told := e.Estimated || p.right && q.right(e) // else a stamp says what nobody can know is wrong
	p.place, p.at, p.right = e.Place, q.now, q.right(e)
	if again && told && e.Driver == "" {
		return p.finding("once", "paid %v again on trip %d", e.Charge, e.Place.Trip)
	}
	return nil
}

func (q *Inquest) order(n int, p *page, before *desk.Contents, o *validator.Outcome) error {
	served := o.Ending <= validator.Refused && o.Event.Card != 0
	for _, open := range q.validators[n].Journal.Pending(p.held.Card.Number) {
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

func (q *Inquest) truth(p *page, now *claim, o *validator.Outcome) error {
	if o.Ending != validator.Accepted {
		return nil
	}
	last := q.claims[p.held.Card.Last]
	switch {
	case last == nil || last.state != journal.Settle:
		return p.finding("truth", "green, and event %v is not settled", p.held.Card.Last)
	case o.Decision.Reason != fare.Unheard && now == nil:
		return p.finding("truth", "green for %v, and the card knows nothing of it",
			o.Decision.Reason)
	}
	return nil
}

// stamped checks that nobody is turned away by a time that is still to come.
func (p *page) stamped(before *desk.Contents, o *validator.Outcome) error {
	if o.Ending == validator.Refused && o.Decision.Reason == fare.AlreadyStamped &&
		cardlayout.InstantOf(o.Event.At) < before.Card.Journey.Boarded {
		return p.finding("clock", "was stamped already, at a time that is still to come")
	}
	return nil
}

// ended checks that nothing has ended by a time that is not known.
func (q *Inquest) ended(p *page, before *desk.Contents, o *validator.Outcome) error {
	d := &o.Decision
	switch {
	case !o.Event.Estimated || o.Ending > validator.Refused:
		return nil
	case d.Reason == fare.Expired:
		return p.finding("clock", "is refused as expired by a time that is not known")
	case o.Event.Driver != "" || d.Reason != fare.Value && d.Reason != fare.BalanceLow:
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

func (q *Inquest) quiet(p *page, before *desk.Contents, o *validator.Outcome) error {
	err := errors.Join(silence(*o, same(before, &p.held)), blocks(*o, before.Card))
	if err != nil {
		return p.finding("silence or blocks", "%v", err)
	}
	return nil
}
