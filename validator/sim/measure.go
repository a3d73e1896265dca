package sim

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"leima/cardlayout"
	"leima/hw/clock"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/hw/tape"
	"leima/validator"
	"leima/validator/messages"
	"leima/validator/servicepoint"
)

// Taps are the names of the taps that are measured: the most frequent ones.
var Taps = []string{"value", "season", "first use", "transfer"}

// settings are the statements before each of them.
var settings = map[string]string{
	"value": "card Aino  profile PROFILE, purse 10.00",
	"season": "card Aino  profile PROFILE, " +
		"season1 area=227 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30",
	"first use": "card Aino  profile PROFILE, season1 area=227 product=30 zones=A days=30",
	"load":      "card Aino  profile PROFILE\naction Aino value 20.00",
	"transfer":  "card Aino  profile PROFILE, purse 10.00\ntap Aino\nat +10m\nbus trip=2",
}

// Figures are the cost of one tap.
type Figures struct {
	Tap     string
	Profile servicepoint.Profile
	Frame   int
	Stats   emu.Stats

	// Repeat does our side of the same tap again, with the recorded answers of the card: everything
	// from the first command to the decision and the last answer, without card, disk and panel.
	Repeat func() error
}

// Measure measures a tap with a card of this profile and frame size. The bus keeps its files in
// folder.
func Measure(folder string, setup Setup, tap string, profile servicepoint.Profile) (
	Figures, error,
) {
	bus, err := NewBus(folder, setup)
	if err != nil {
		return Figures{}, err
	}
	defer bus.Close()
	setting := bytes.ReplaceAll([]byte(settings[tap]), []byte("PROFILE"), []byte(profile.String()))
	if _, err := bus.Play(context.Background(), Parse(tap, string(setting)), nil); err != nil {
		return Figures{}, err
	}
	contact := emu.Air{}.Present(bus.Cards["Aino"])
	record := tape.Record(contact, bus.Clock.Now)
	v, rewind := bus.Bare(1)
	if o := v.Tap(record); o.Ending != validator.Accepted {
		return Figures{}, fmt.Errorf("measuring a %s tap: it was %v: %w", tap, o.Ending, o.Err)
	}
	f := Figures{Tap: tap, Profile: profile, Frame: setup.Frame, Stats: contact.Stats()}
	player := record.Tape(tape.Header{}).Play()
	f.Repeat = func() error {
		rewind()
		player.Rewind()
		if o := v.Tap(player); o.Ending != validator.Accepted {
			return fmt.Errorf("repeating a %s tap: %w", tap, o.Err)
		}
		return nil
	}
	return f, nil
}

// Bare is the bus's validator without journal, panel and waiting. rewind restarts its random
// numbers, so that the same tap gives the same bytes.
func (b *Bus) Bare(seed uint64) (v *validator.Validator, rewind func()) {
	now, begin := b.Clock.Now(), seedOf(seed)
	random := rand.NewChaCha8(begin)
	return &validator.Validator{
		Panel: noPanel{}, Language: messages.English,
		App: b.Validator.App, Keys: b.Validator.Keys, Journal: nullJournal{},
		Blocklist: b.Validator.Blocklist, Actions: b.actions, Tariffs: b.tariff,
		Now: func() time.Time { return now }, Rand: random, Log: slog.New(slog.DiscardHandler),
		Place: b.place,
	}, func() { random.Seed(begin) }
}

// nullJournal is a journal that keeps nothing.
type nullJournal struct{}

func (nullJournal) Next() cardlayout.EventID {
	return cardlayout.EventID{Device: deviceNumber, Sequence: 1000}
}
func (nullJournal) Timing() clock.Memory                        { return clock.Memory{} }
func (nullJournal) Pending(cardlayout.Number) []validator.Event { return nil }
func (nullJournal) Paid(string) (by cardlayout.EventID, open, used bool) {
	return by, false, false
}
func (nullJournal) Begin(validator.Event) error                   { return nil }
func (nullJournal) Flush() error                                  { return nil }
func (nullJournal) Settle(cardlayout.EventID, desfire.TMAC) error { return nil }
func (nullJournal) Void(cardlayout.EventID) error                 { return nil }
func (nullJournal) Record(validator.Event) error                  { return nil }
