package api

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"leima/cardlayout"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/messages"
	"leima/validator/terminal"
)

// Local is a Device in the same program as its validator. Its fields are set before the first call.
type Local struct {
	Terminal *terminal.Terminal
	Journal  *journal.Journal
	Area     cardlayout.Area
	Reader   string // emulated or pcsc
	Boot     string // different after each start

	// Located is what the sources of the bus's place say; nil: there are none.
	Located func() *Located

	// Upload is how the sending of the journal goes; nil: it is sent to no depot.
	Upload func() *Upload

	// Download is how the fetching of lists goes; nil: they are fetched from no depot.
	Download func() *Download

	// Actions is the version of the action list; nil: there is none.
	Actions func() uint32

	// Timetable finds the next departures of a line; nil: there is no timetable.
	Timetable func(line string, now time.Time) Departures

	// Copies open the files for Mirror.
	Copies map[string]func() (io.ReadCloser, error)

	orders orders

	mu      sync.Mutex
	taps    []keptTap     // the last ones, newest last
	count   uint64        // of all taps so far
	changed chan struct{} // closed at the next change

	tallying sync.Mutex // one journal reader at a time
}

var _ Device = (*Local)(nil)

// A keptTap has a serial number, as not every tap leaves an event.
type keptTap struct {
	*validator.Outcome
	serial uint64
}

// maxTaps is how many taps are kept: a driver looks back at one stop's passengers.
const maxTaps = 40

// Tapped takes a tap that has ended; it is for validator.Validator.Tapped, and does not wait.
func (l *Local) Tapped(o validator.Outcome) {
	o.Decision.After.Birth, o.Decision.Loaded = 0, nil // no birth date is kept
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	if l.taps = append(l.taps, keptTap{&o, l.count}); len(l.taps) > maxTaps {
		l.taps = append(l.taps[:0:0], l.taps[1:]...)
	}
	l.notify()
}

// notify wakes the watchers; mu is locked.
func (l *Local) notify() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// tapsAfter are the taps after the first count of them, their new count, and a channel that is
// closed at the next change.
func (l *Local) tapsAfter(count uint64) (taps []keptTap, now uint64, changed chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	missed := min(l.count-count, uint64(len(l.taps)))
	return append(taps, l.taps[uint64(len(l.taps))-missed:]...), l.count, l.changed
}

// State implements Device.
func (l *Local) State(context.Context) (State, error) {
	s, extent := l.Terminal.State(), l.Journal.Extent()
	state := State{
		Boot: l.Boot, Device: s.Device, Area: uint8(l.Area), Now: s.Now,
		Estimated: s.Estimated, Clock: clocks[s.Time.Quality], Fault: clockFaults[s.Time.Fault],
		Reader: l.Reader, Version: l.Terminal.Validator.Version, Healthy: s.Trouble == nil,
		Paused: s.Paused,
		Place:  placeOf(s.Place), Shift: shiftOf(s.Shift), Tariff: s.Tariff, List: s.List,
		ListMade: s.ListMade, Journal: Journal{
			Events: l.Journal.Next().Sequence - 1,
			Open:   extent.Open, Bytes: int64(extent.Size), Limit: int64(extent.Limit),
			Unacknowledged: extent.Unacknowledged(),
		},
	}
	if l.Located != nil {
		state.Located = l.Located()
	}
	if l.Upload != nil {
		state.Upload = l.Upload()
	}
	if l.Download != nil {
		state.Download = l.Download()
	}
	if l.Actions != nil {
		state.Actions = l.Actions()
	}
	if s.Trouble != nil {
		cause := WordsOf(s.Trouble)
		state.Cause = &cause
	}
	if s.Order != (terminal.NextTap{}) {
		t, _ := l.Terminal.Validator.Tariffs(s.Now) // without one a product is its code
		what := words(func(l messages.Language) string { return s.Order.In(l, t) })
		state.Order = &PendingOrder{what, s.Until, s.Begun, s.Load, s.Expired, s.Unconfirmed}
	}
	return state, nil
}

// Offer implements Device.
func (l *Local) Offer(context.Context) (Offer, error) {
	t, err := l.Terminal.Validator.Tariffs(l.Terminal.Validator.Time())
	if err != nil {
		return Offer{}, Refuse(http.StatusServiceUnavailable, "%v", err)
	}
	return offerOf(t, l.Terminal.Organisation, l.Terminal.Validator.Time()), nil
}

// Departures implements Device.
func (l *Local) Departures(_ context.Context, line string) (Departures, error) {
	now := l.Terminal.Validator.Time()
	t, err := l.Terminal.Validator.Tariffs(now)
	if err != nil || l.Timetable == nil {
		return Departures{}, nil
	}
	return l.Timetable(line, now.In(t.Location)), nil
}

// Taps implements Device: the last taps, the newest first.
func (l *Local) Taps(context.Context) ([]Tap, error) {
	outcomes, _, _ := l.tapsAfter(0)
	taps := make([]Tap, 0, len(outcomes))
	for n := len(outcomes) - 1; n >= 0; n-- {
		taps = append(taps, l.tap(outcomes[n]))
	}
	return taps, nil
}

func (l *Local) tap(k keptTap) Tap {
	t, _ := l.Terminal.Validator.Tariffs(k.Event.At) // without one the products have no names
	tap := tapOf(k.Outcome, t)
	tap.Serial = k.serial
	return tap
}

// Ask implements Device.
func (l *Local) Ask(_ context.Context, q Question) (Advice, error) {
	t, err := l.Terminal.Validator.Tariffs(l.Terminal.Validator.Time())
	if err != nil {
		return Advice{}, Refuse(http.StatusServiceUnavailable, "%v", err)
	}
	switch c := q.Companions; {
	case c != nil && c.Infants >= 1 && c.Infants <= cardlayout.MaxPersons &&
		c.InPram >= 0 && c.InPram <= c.Infants:
		company := t.CompanionFares(c.Infants, c.InPram, c.Paying, l.Terminal.Validator.Time())
		return Advice{
			Fares: company.Due, AdultFree: company.AdultFree,
			Why: companionRules(company),
		}, nil
	case c == nil && q.Use != nil:
		use, err := q.Use.cardUse()
		if err != nil {
			return Advice{}, badRequest(err)
		}
		m := sale.AssessUse(use, &t.Terms.Misuse)
		return Advice{
			Travels: m.Travels, Bearer: m.BearerOnly, Confiscate: m.Confiscate,
			Charge: m.SingleFare, Fee: m.InspectionFee, Why: rulesOf(m.Why),
		}, nil
	}
	return Advice{}, Refuse(http.StatusBadRequest,
		"a question: want a company of 1 infant and more, not more of them in prams, or a use")
}

// Watch implements Device.
func (l *Local) Watch(ctx context.Context, tell func(Message)) error {
	_, count, changed := l.tapsAfter(0)
	last := ""
	for every := time.NewTicker(time.Second); ; {
		if state, now := l.stateNow(); now != last {
			last = now
			tell(Message{State: &state})
		}
		select {
		case <-ctx.Done():
			every.Stop()
			return ctx.Err()
		case <-every.C:
		case <-changed:
		}
		var taps []keptTap
		taps, count, changed = l.tapsAfter(count)
		for _, o := range taps {
			tap := l.tap(o)
			tell(Message{Tap: &tap})
		}
	}
}

// stateNow is the state, and a text that differs if it has changed.
func (l *Local) stateNow() (State, string) {
	state, _ := l.State(context.Background())
	still := state
	still.Now = time.Time{}
	text, _ := json.Marshal(still)
	return state, string(text)
}

// Tally implements Device.
func (l *Local) Tally(ctx context.Context, shift Shift) (Tally, error) {
	l.tallying.Lock()
	defer l.tallying.Unlock()
	of := shift.shift()
	open := map[cardlayout.EventID]*validator.Event{}
	var tally terminal.Tally
	err := l.Journal.Entries(0, func(e journal.Entry) error {
		switch intent := open[e.Of]; {
		case e.Kind == journal.Intent && e.Event.Shift == of:
			open[e.Event.ID] = &e.Event
		case e.Kind == journal.Record && e.Event.Shift == of:
			tally.Add(&e.Event)
		case e.Kind == journal.Settle && intent != nil:
			tally.Add(intent)
			delete(open, e.Of)
		case e.Kind == journal.Void:
			delete(open, e.Of)
		}
		return ctx.Err()
	})
	if err != nil {
		return Tally{}, err
	}
	for _, e := range open {
		tally.AddUnconfirmed(e)
	}
	return tallyOf(&tally), nil
}

// Follow moves the device to the place of another one. It is no driver's command and leaves no
// event.
func (l *Local) Follow(p Place) error {
	place, err := p.place()
	if err != nil {
		return err
	}
	_, err = l.Terminal.Do(terminal.Move{Place: place})
	return err
}

// Mirror implements Device.
func (l *Local) Mirror(_ context.Context, what string) (io.ReadCloser, error) {
	open, known := l.Copies[what]
	if !known {
		return nil, fs.ErrNotExist
	}
	return open()
}
