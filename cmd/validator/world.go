package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"leima/blocklist"
	"leima/blocklist/shelf"
	"leima/cardlayout"
	"leima/cmd/internal/feed"
	"leima/cmd/internal/program"
	"leima/cmd/internal/street"
	"leima/cmd/internal/text"
	"leima/fare"
	"leima/fare/actionlist"
	"leima/hw/emu"
	"leima/hw/panel"
	"leima/validator"
	"leima/validator/desk"
	"leima/validator/gtfs"
	"leima/validator/sim"
)

// A world is what is around the emulated reader: the passengers of a script, whose
// cards are kept in the state folder from one day to the next.
type world struct {
	*sim.World
	device    *device
	screen    *panel.Terminal
	script    *sim.Script
	pace      time.Duration
	validator *validator.Validator
	blocked   []blocklist.Entry
	waiting   []actionlist.Entry
	cards     street.Cards
	stage     *street.Local // where cards are laid by hand; nil: only the script lays any
}

// newWorld opens the passengers' cards and sets the clock: to the configured first
// day, or to the day after the last that the journal knows.
func newWorld(c *config, d *device, keys desk.Keys, screen *panel.Terminal) (*world, error) {
	script, err := text.Read(c.file(c.Emulated.Script))
	if err != nil {
		return nil, program.Usage(fmt.Errorf("reading the emulated reader's script: %w", err))
	}
	start := c.Emulated.Start
	tariff, err := d.tariff(start)
	if err != nil {
		return nil, err
	}
	start = nextDay(start, d.journal.Latest(), tariff)
	w := &world{
		device: d, screen: screen, pace: time.Duration(c.Emulated.Pace),
		script: sim.Parse(c.Emulated.Script, string(script)),
		cards:  street.Cards(c.state(cardFolder)),
	}
	if c.Emulated.Open {
		w.stage = &street.Local{Reader: street.NewReader(w.cards, c.rate()), Keys: keys}
	}
	w.World = &sim.World{
		Clock: sim.NewClock(start), Field: emu.NewField(), Keys: keys, Rand: rand.Reader,
		Zone: tariff.Location, Frame: c.Emulated.Frame, Rate: c.rate(),
		Area: cardlayout.Area(c.Area), Tariff: d.tariffs.Load(), Device: w, Say: w.say,
		Feed: func(name string) (*gtfs.Stops, error) {
			stops, _, err := feed.Stops(c.file(name))
			return stops, err
		},
	}
	if err := w.openCards(); err != nil {
		return nil, err
	}
	w.Begin(c.place())
	return w, screen.Note(start.Format("Monday 2 January 2006") + ", line " + c.Service.Line)
}

// station is where the validator works in this street. Where cards are laid by hand the
// clock goes on by itself.
func (w *world) station() station {
	if w.stage == nil {
		return station{reader: w.Field, now: w.Clock.Now, elapsed: w.Clock.Elapsed,
			tapped: w.Tapped, drive: w.drive}
	}
	begun := time.Now()
	return station{
		reader: w.stage.Reader, stage: *w.stage, drive: w.drive,
		now:     func() time.Time { return w.Clock.Now().Add(time.Since(begun)) },
		elapsed: func() time.Duration { return w.Clock.Elapsed() + time.Since(begun) },
	}
}

// nextDay is the first day, or the one after the last event at the same time of day.
func nextDay(start, latest time.Time, t *fare.Tariff) time.Time {
	start = start.In(t.Location)
	for !start.After(latest) {
		start = start.AddDate(0, 0, 1)
	}
	return start
}

// drive plays the script to a validator at work, until its end or ctx's.
func (w *world) drive(ctx context.Context, v *validator.Validator) error {
	w.validator = v
	ctx, cancel := context.WithCancel(ctx)
	serving := make(chan error, 1)
	go func() {
		defer cancel()
		serving <- v.Run(ctx)
	}()
	_, err := w.Play(ctx, w.script, func(st sim.Statement, lines []string) {
		w.after(ctx, st, lines)
	})
	if errors.Is(err, sim.ErrStopped) {
		err = nil
	}
	if w.stage != nil && err == nil {
		<-ctx.Done()
	}
	cancel()
	return errors.Join(err, <-serving)
}

// after keeps the cards as they are now, and lets a spectator look at them.
func (w *world) after(ctx context.Context, st sim.Statement, lines []string) {
	if err := w.saveCards(); err != nil {
		w.device.log.Error("the emulated cards are not kept", "error", err)
	}
	switch st.Verb {
	case "show", "history":
		for _, line := range lines {
			_ = w.screen.Note("       " + line)
		}
	case "tap", "say":
		select {
		case <-time.After(w.pace):
		case <-ctx.Done():
		}
	}
}

func (w *world) say(text string) {
	_ = w.screen.Note(w.Clock.Now().In(w.Zone).Format("15:04  ") + text)
}

// Do implements sim.Device.
func (w *world) Do(c validator.Command) error { return w.validator.Do(c) }

// Block implements sim.Device: a new list takes the place of the one in use.
func (w *world) Block(c cardlayout.Card) error {
	w.blocked = append(w.blocked, blocklist.Entry{
		Number: c.Number, Kind: c.Kind, Unblocking: c.Unblocking,
	})
	return w.publish(w.blocked)
}

// publish has a list of the street signed and taken into use.
func (w *world) publish(entries []blocklist.Entry) error {
	folder, err := os.MkdirTemp("", "leima-street-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path, signed := filepath.Join(folder, "list"), filepath.Join(folder, "list.bundle")
	err = blocklist.Build(path, blocklist.List{
		Version: w.device.lists.Version() + 1, Area: w.Area, Made: w.Clock.Now(), Entries: entries,
	})
	if err == nil {
		_, err = shelf.Sign(signed, path, shelf.Terms{Expires: w.Clock.Now().AddDate(0, 0, 1)},
			w.device.street)
	}
	if err != nil {
		return err
	}
	return w.device.shelf.Apply(signed, w.Clock.Now(), betweenTaps(w.validator))
}

// Act implements sim.Device: the list is for the day, and not kept.
func (w *world) Act(card cardlayout.Number, a fare.Action) error {
	w.waiting = append(w.waiting, actionlist.Entry{Card: card, Action: a})
	list, err := actionlist.New(w.Area, uint32(len(w.waiting)), w.Clock.Now(), w.waiting)
	if err != nil {
		return err
	}
	return w.Do(validator.Renew(func() error {
		w.validator.Actions = list
		return nil
	}))
}

// Restart implements sim.Device.
func (w *world) Restart() error { return errors.New("stop this program and start it again") }

// Prices implements sim.Device.
func (w *world) Prices([]string) error {
	return errors.New("name the tariffs in the configuration")
}

// Keep implements sim.Device.
func (w *world) Keep(bool) error { return errors.New("nobody keeps an emulated street's clock") }

// Report implements sim.Device.
func (w *world) Report() ([]string, error) { return []string{w.device.summary()}, nil }

// openCards finds the cards of the day before.
func (w *world) openCards() error {
	w.Cards = map[string]*emu.Card{}
	names, err := w.cards.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if w.Cards[name], err = w.cards.Read(name); err != nil {
			return err
		}
	}
	return nil
}

// saveCards keeps the cards as they are now. One that is laid by hand is kept by its
// reader: here it is only new once.
func (w *world) saveCards() error {
	for name, card := range w.Cards {
		if w.stage != nil && w.cards.Has(name) {
			continue
		}
		if err := w.cards.Keep(name, card); err != nil {
			return err
		}
		w.cards.KeepAtCommit(name, card)
	}
	return nil
}
