package sim

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
)

// A City is several validators, each a Bus with its own journal, lists and clock, and passengers
// who use any of them. Its events come from outside, as steps; a CityAudit checks the results.
type City struct {
	*CityAudit
	validators []*Bus
	journals   []*failingJournal // wrapped around the journals
}

// A Step is a list of statements of a scenario at one validator. A city has one more, for the power
// of the device:
//
//	die before|after N   the power fails at the Nth call of the journal, before or after it is
//	                     stored, and comes back when the card has left
type Step struct {
	When      time.Time // by the true time
	Validator int
	Lines     []string
}

// OpenCity commissions the given number of validators. open makes each, numbered from 1, from a
// setup.
func OpenCity(validators int, open func(Setup) (*Bus, error)) (*City, error) {
	t := &City{journals: make([]*failingJournal, validators)}
	cards := map[string]*emu.Card{}
	for n := range validators {
		bus, err := open(Setup{
			Device: uint16(n + 1), Seed: uint64(n + 1),
			Journal: func(j validator.Journal) validator.Journal {
				t.journals[n] = &failingJournal{Journal: j}
				return t.journals[n]
			},
		})
		if err != nil {
			return nil, errors.Join(err, t.Close())
		}
		bus.Cards = cards
		t.validators = append(t.validators, bus)
	}
	t.CityAudit = newCityAudit(t.validators)
	return t, nil
}

// Close takes all validators out of service.
func (c *City) Close() (err error) {
	for _, bus := range c.validators {
		err = errors.Join(err, bus.Close())
	}
	return err
}

// Play carries out a step. An error of the audit is a *Finding; any other is in the step, or ends
// the city.
func (c *City) Play(ctx context.Context, a Step) error {
	bus := c.validators[a.Validator]
	c.now = a.When
	for _, line := range a.Lines {
		verb, text, _ := strings.Cut(line, " ")
		st := Statement{Script: "town", Verb: verb, Text: strings.TrimSpace(text)}
		var err error
		switch verb {
		case "tap":
			err = c.tap(ctx, a.Validator, st)
		case "die":
			err = c.journals[a.Validator].scheduleFailure(st)
		case "load":
			if _, err = bus.play(ctx, st); err == nil {
				name, _, _ := strings.Cut(st.Text, " ")
				err = c.loaded(name)
			}
		case "card":
			name, _, _ := strings.Cut(st.Text, " ")
			if _, err = bus.play(ctx, st); err == nil {
				err = c.issued(name)
			}
		default:
			_, err = bus.play(ctx, st)
		}
		if err != nil {
			return fmt.Errorf("validator %d: %s: %w", a.Validator+1, line, err)
		}
	}
	return nil
}

// tap presents a card to a validator. If the device loses its power, it restarts, and the ending of
// the tap is unknown; but not if the power went just after it, with an end that was not durable.
func (c *City) tap(ctx context.Context, n int, st Statement) error {
	bus := c.validators[n]
	card, err := bus.card(st.Text)
	if err != nil {
		return err
	}
	tear := bus.tears[st.Text]
	delete(bus.tears, st.Text)
	o, _, err := bus.Present(ctx, card, tear)
	if err != nil {
		return err
	}
	seen, late := &o, c.journals[n].late
	if c.journals[n].failed {
		if !late {
			seen = nil
		}
		err = bus.Restart()
	}
	c.journals[n].cancelFailure()
	if err != nil {
		return err
	}
	return c.tapped(n, st.Text, seen, late)
}

// errPowerLost means that the device has lost its power.
var errPowerLost = errors.New("the power is gone")

// A failingJournal is a journal whose device loses its power at a given call.
type failingJournal struct {
	validator.Journal
	callsLeft int // calls until then; 0: none planned
	afterCall bool
	lagging   bool // what may wait for its flush is lost, and nothing in the tap shows it
	failed    bool
	late      bool // after the tap
}

// scheduleFailure parses "before 2", "after 2" or "later 2".
func (j *failingJournal) scheduleFailure(st Statement) error {
	words, err := st.words(2)
	if err != nil {
		return err
	}
	j.afterCall, j.lagging = words[0] != "before", words[0] == "later"
	j.callsLeft, err = strconv.Atoi(words[1])
	return err
}

func (j *failingJournal) cancelFailure() { j.callsLeft = 0 }

// call carries out a call unless the power fails before.
func (j *failingJournal) call(do func() error) error {
	if j.failed {
		j.late = false
		return errPowerLost
	}
	if j.callsLeft == 0 {
		return do()
	}
	j.callsLeft--
	if j.callsLeft > 0 {
		return do()
	}
	j.failed = true
	if j.afterCall {
		_ = do() // the result is lost
	}
	return errPowerLost
}

func (j *failingJournal) Begin(e validator.Event) error {
	return j.call(func() error { return j.Journal.Begin(e) })
}

func (j *failingJournal) Record(e validator.Event) error {
	return j.call(func() error { return j.Journal.Record(e) })
}

func (j *failingJournal) Flush() error {
	if j.failed {
		j.late = false
		return errPowerLost
	}
	return j.Journal.Flush()
}

func (j *failingJournal) Settle(id cardlayout.EventID, r desfire.TMAC) error {
	return j.end(func() error { return j.Journal.Settle(id, r) })
}

func (j *failingJournal) Void(id cardlayout.EventID) error {
	return j.end(func() error { return j.Journal.Void(id) })
}

// end ends an intent, which may be lost with the power after the tap.
func (j *failingJournal) end(do func() error) error {
	if !j.lagging || j.callsLeft != 1 {
		return j.call(do)
	}
	j.callsLeft, j.failed, j.late = 0, true, true
	return nil
}

// stamp is a time as parsed by the statement at.
func stamp(at time.Time) string { return at.Format("2006-01-02 15:04:05") }
