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

// A Town is several validators, each a Bus with a journal, a list and a clock of its own,
// and one crowd of passengers who hold their cards to any of them. What happens in it comes
// from outside, as acts; an Inquest looks on and says what is not as it must be.
type Town struct {
	*Inquest
	validators []*Bus
	mortals    []*mortal // what stands before each journal
}

// An Act is what happens at one validator: statements of a scenario. A town knows one
// more, for the power of the device:
//
//	die before|after N   the power goes at the Nth call of the journal, before it was kept
//	                     or after, and comes back when the card has left
type Act struct {
	When      time.Time // as it really is
	Validator int
	Lines     []string
}

// OpenTown commissions so many validators. open makes the one with this number, from 1,
// out of the setup.
func OpenTown(validators int, open func(Setup) (*Bus, error)) (*Town, error) {
	t := &Town{mortals: make([]*mortal, validators)}
	cards := map[string]*emu.Card{}
	for n := range validators {
		bus, err := open(Setup{
			Device: uint16(n + 1), Seed: uint64(n + 1),
			Journal: func(j validator.Journal) validator.Journal {
				t.mortals[n] = &mortal{Journal: j}
				return t.mortals[n]
			},
		})
		if err != nil {
			return nil, errors.Join(err, t.Close())
		}
		bus.Cards = cards
		t.validators = append(t.validators, bus)
	}
	t.Inquest = openInquest(t.validators)
	return t, nil
}

// Close takes all validators out of service.
func (t *Town) Close() (err error) {
	for _, bus := range t.validators {
		err = errors.Join(err, bus.Close())
	}
	return err
}

// Play lets an act happen. An error of the inquest is a *Finding; any other is in the act,
// or the town's end.
func (t *Town) Play(ctx context.Context, a Act) error {
	bus := t.validators[a.Validator]
	t.now = a.When
	for _, line := range a.Lines {
		verb, text, _ := strings.Cut(line, " ")
		st := Statement{Script: "town", Verb: verb, Text: strings.TrimSpace(text)}
		var err error
		switch verb {
		case "tap":
			err = t.tap(ctx, a.Validator, st)
		case "die":
			err = t.mortals[a.Validator].condemn(st)
		case "load":
			if _, err = bus.play(ctx, st); err == nil {
				name, _, _ := strings.Cut(st.Text, " ")
				err = t.loaded(name)
			}
		case "card":
			name, _, _ := strings.Cut(st.Text, " ")
			if _, err = bus.play(ctx, st); err == nil {
				err = t.issued(name)
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

// tap holds a card to a validator. Where the device dies meanwhile nobody sees how the tap
// ends, and it starts anew.
func (t *Town) tap(ctx context.Context, n int, st Statement) error {
	bus := t.validators[n]
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
	seen := &o
	if t.mortals[n].dead {
		seen, err = nil, bus.Restart()
	}
	t.mortals[n].spare()
	if err != nil {
		return err
	}
	return t.tapped(n, st.Text, seen)
}

// errDead says that the device has no power any more.
var errDead = errors.New("the power is gone")

// A mortal journal is one whose device loses its power at a given call.
type mortal struct {
	validator.Journal
	left  int // calls until then; 0: it lives
	after bool
	dead  bool
}

// condemn reads "before 2" or "after 2".
func (m *mortal) condemn(st Statement) error {
	words, err := st.words(2)
	if err != nil {
		return err
	}
	m.after = words[0] == "after"
	m.left, err = strconv.Atoi(words[1])
	return err
}

func (m *mortal) spare() { m.left = 0 }

// call does what is left to do before the power goes.
func (m *mortal) call(do func() error) error {
	if m.dead {
		return errDead
	}
	if m.left == 0 {
		return do()
	}
	m.left--
	if m.left > 0 {
		return do()
	}
	m.dead = true
	if m.after {
		_ = do() // nobody hears of it
	}
	return errDead
}

func (m *mortal) Begin(e validator.Event) error {
	return m.call(func() error { return m.Journal.Begin(e) })
}

func (m *mortal) Record(e validator.Event) error {
	return m.call(func() error { return m.Journal.Record(e) })
}

func (m *mortal) Settle(id cardlayout.EventID, r desfire.Receipt) error {
	return m.call(func() error { return m.Journal.Settle(id, r) })
}

func (m *mortal) Void(id cardlayout.EventID) error {
	return m.call(func() error { return m.Journal.Void(id) })
}

// stamp is a time as the statement at reads it.
func stamp(at time.Time) string { return at.Format("2006-01-02 15:04:05") }
