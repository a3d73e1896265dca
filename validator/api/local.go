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
	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
)

// Local is a validator in the same program as a Device. Its fields are set before the
// first call.
type Local struct {
	Validator *validator.Validator
	Journal   *journal.Journal
	Area      cardlayout.Area
	Reader    string // emulated or pcsc
	Boot      string // another one after each start

	// Copies open what Mirror gives.
	Copies map[string]func() (io.ReadCloser, error)

	orders orders

	mu      sync.Mutex
	taps    []kept        // the last ones, the newest last
	count   uint64        // of all taps so far
	changed chan struct{} // closed at the next change

	tallying sync.Mutex // a journal is read by one at a time
}

var _ Device = (*Local)(nil)

// A kept tap has a number of its own: not every tap leaves an event.
type kept struct {
	*validator.Outcome
	serial uint64
}

// most is how many taps are kept: a driver looks back on a stop's passengers.
const most = 40

// Tapped is told of a tap that has ended; it is for validator.Validator.Tapped, and waits
// for nobody.
func (l *Local) Tapped(o validator.Outcome) {
	o.Decision.After.Birth, o.Decision.Loaded = 0, nil // nobody's birth date is kept
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	if l.taps = append(l.taps, kept{&o, l.count}); len(l.taps) > most {
		l.taps = append(l.taps[:0:0], l.taps[1:]...)
	}
	l.wake()
}

// wake tells whoever watches; mu is held.
func (l *Local) wake() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// later are the taps after the first count of them, and what is closed at the next change.
func (l *Local) later(count uint64) (taps []kept, now uint64, changed chan struct{}) {
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
	s, extent := l.Validator.State(), l.Journal.Extent()
	state := State{Boot: l.Boot, Device: s.Device, Area: uint8(l.Area), Now: s.Now,
		Estimated: s.Estimated, Clock: clocks[s.Time.Quality], Fault: clockFaults[s.Time.Fault],
		Reader: l.Reader, Healthy: s.Trouble == nil, Paused: s.Paused,
		Place: placeOf(s.Place), Shift: shiftOf(s.Shift), Tariff: s.Tariff, List: s.List,
		ListMade: s.ListMade, Journal: Journal{Events: l.Journal.Next().Sequence - 1,
			Open: extent.Open, Bytes: int64(extent.Size), Limit: int64(extent.Limit)}}
	if s.Trouble != nil {
		state.Cause = s.Trouble.Error()
	}
	if s.Asked != "" {
		state.Asked = &Asked{s.Asked, s.Until, s.Begun, s.Lapsed}
	}
	return state, nil
}

// Offer implements Device.
func (l *Local) Offer(context.Context) (Offer, error) {
	t, err := l.Validator.Tariffs(l.Validator.Time())
	if err != nil {
		return Offer{}, &Refused{http.StatusServiceUnavailable, err.Error()}
	}
	return offerOf(t, l.Validator.Organisation, l.Validator.Time()), nil
}

// Taps implements Device: the last taps, the newest first.
func (l *Local) Taps(context.Context) ([]Tap, error) {
	outcomes, _, _ := l.later(0)
	taps := make([]Tap, 0, len(outcomes))
	for n := len(outcomes) - 1; n >= 0; n-- {
		taps = append(taps, l.tap(outcomes[n]))
	}
	return taps, nil
}

func (l *Local) tap(k kept) Tap {
	t, _ := l.Validator.Tariffs(k.Event.At) // without one the products have no names
	tap := tapOf(k.Outcome, t)
	tap.Serial = k.serial
	return tap
}

// Ask implements Device.
func (l *Local) Ask(_ context.Context, q Question) (Advice, error) {
	t, err := l.Validator.Tariffs(l.Validator.Time())
	if err != nil {
		return Advice{}, &Refused{http.StatusServiceUnavailable, err.Error()}
	}
	switch c := q.Company; {
	case c != nil && c.Infants >= 1 && c.Infants <= cardlayout.MaxPersons &&
		c.InPram >= 0 && c.InPram <= c.Infants:
		company := t.Accompany(c.Infants, c.InPram, c.Paying, l.Validator.Time())
		return Advice{Fares: company.Fares, AdultFree: company.AdultFree,
			Why: companyRules(company)}, nil
	case c == nil && q.Use != nil:
		use, err := q.Use.use()
		if err != nil {
			return Advice{}, bad(err)
		}
		m := fare.Judge(use, &t.Office.Misuse)
		return Advice{Travels: m.Travels, Bearer: m.BearerOnly, Take: m.Take,
			Charge: m.SingleFare, Fee: m.InspectionFee, Why: rulesOf(m.Why)}, nil
	}
	return Advice{}, &Refused{http.StatusBadRequest,
		"a question: want a company of 1 infant and more, not more of them in prams, or a use"}
}

// Watch implements Device.
func (l *Local) Watch(ctx context.Context, tell func(Message)) error {
	_, count, changed := l.later(0)
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
		var taps []kept
		taps, count, changed = l.later(count)
		for _, o := range taps {
			tap := l.tap(o)
			tell(Message{Tap: &tap})
		}
	}
}

// stateNow is the state, and what of it tells whether it has changed.
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
	var tally validator.Tally
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
		tally.Leave(e)
	}
	return tallyOf(&tally), nil
}

// Follow puts the device where another one is. It is no word of the driver's, and leaves no
// event.
func (l *Local) Follow(p Place) error {
	place, err := p.place()
	if err != nil {
		return err
	}
	return l.Validator.Do(validator.Move{Place: place})
}

// Mirror implements Device.
func (l *Local) Mirror(_ context.Context, what string) (io.ReadCloser, error) {
	open, known := l.Copies[what]
	if !known {
		return nil, fs.ErrNotExist
	}
	return open()
}
