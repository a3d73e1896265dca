package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leima/blocklist"
	"leima/blocklist/shelf"
	"leima/cardlayout"
	"leima/cmd/internal/feed"
	"leima/fare"
	"leima/fare/actionlist"
	"leima/hw/emu"
	"leima/hw/panel"
	"leima/validator"
	"leima/validator/desk"
	"leima/validator/gtfs"
	"leima/validator/sim"
)

// A street is the world of the emulated reader: the passengers of a script, whose
// cards are kept in the state folder from one day to the next.
type street struct {
	*sim.World
	device    *device
	screen    *panel.Terminal
	script    *sim.Script
	pace      time.Duration
	validator *validator.Validator
	blocked   []blocklist.Entry
	waiting   []actionlist.Entry
}

// newStreet opens the passengers' cards and sets the clock: to the configured first
// day, or to the day after the last that the journal knows.
func newStreet(c *config, d *device, keys desk.Keys, screen *panel.Terminal) (*street, error) {
	text, err := os.ReadFile(c.file(c.Emulated.Script))
	if err != nil {
		return nil, usageError{fmt.Errorf("reading the emulated reader's script: %w", err)}
	}
	start := c.Emulated.Start
	tariff, err := d.tariff(start)
	if err != nil {
		return nil, err
	}
	start = nextDay(start, d.journal.Latest(), tariff)
	s := &street{
		device: d, screen: screen, pace: time.Duration(c.Emulated.Pace),
		script: sim.Parse(c.Emulated.Script, string(text)),
	}
	s.World = &sim.World{
		Clock: sim.NewClock(start), Field: emu.NewField(), Keys: keys, Rand: rand.Reader,
		Zone: tariff.Location, Frame: c.Emulated.Frame, Rate: c.rate(),
		Area: cardlayout.Area(c.Area), Tariff: d.tariffs.Load(), Device: s, Say: s.say,
		Feed: func(name string) (*gtfs.Stops, error) {
			stops, _, err := feed.Stops(c.file(name))
			return stops, err
		},
	}
	if err := s.openCards(); err != nil {
		return nil, err
	}
	s.Begin(c.place())
	return s, screen.Note(start.Format("Monday 2 January 2006") + ", line " + c.Service.Line)
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
func (s *street) drive(ctx context.Context, v *validator.Validator) error {
	s.validator = v
	ctx, cancel := context.WithCancel(ctx)
	serving := make(chan error, 1)
	go func() {
		defer cancel()
		serving <- v.Run(ctx)
	}()
	_, err := s.Play(ctx, s.script, func(st sim.Statement, lines []string) {
		s.after(ctx, st, lines)
	})
	if errors.Is(err, sim.ErrStopped) {
		err = nil
	}
	cancel()
	return errors.Join(err, <-serving)
}

// after keeps the cards as they are now, and lets a spectator look at them.
func (s *street) after(ctx context.Context, st sim.Statement, lines []string) {
	if err := s.saveCards(); err != nil {
		s.device.log.Error("the emulated cards are not kept", "error", err)
	}
	switch st.Verb {
	case "show", "history":
		for _, line := range lines {
			_ = s.screen.Note("       " + line)
		}
	case "tap", "say":
		select {
		case <-time.After(s.pace):
		case <-ctx.Done():
		}
	}
}

func (s *street) say(text string) {
	_ = s.screen.Note(s.Clock.Now().In(s.Zone).Format("15:04  ") + text)
}

// Do implements sim.Device.
func (s *street) Do(c validator.Command) error { return s.validator.Do(c) }

// Block implements sim.Device: a new list takes the place of the one in use.
func (s *street) Block(c cardlayout.Card) error {
	s.blocked = append(s.blocked, blocklist.Entry{
		Number: c.Number, Kind: c.Kind, Unblocking: c.Unblocking,
	})
	return s.publish(s.blocked)
}

// publish has a list of the street signed and taken into use.
func (s *street) publish(entries []blocklist.Entry) error {
	folder, err := os.MkdirTemp("", "leima-street-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path, signed := filepath.Join(folder, "list"), filepath.Join(folder, "list.bundle")
	err = blocklist.Build(path, blocklist.List{
		Version: s.device.lists.Version() + 1, Area: s.Area, Made: s.Clock.Now(), Entries: entries,
	})
	if err == nil {
		_, err = shelf.Sign(signed, path, shelf.Terms{Expires: s.Clock.Now().AddDate(0, 0, 1)},
			s.device.street)
	}
	if err != nil {
		return err
	}
	return s.device.shelf.Apply(signed, s.Clock.Now(), betweenTaps(s.validator))
}

// Act implements sim.Device: the list is for the day, and not kept.
func (s *street) Act(card cardlayout.Number, a fare.Action) error {
	s.waiting = append(s.waiting, actionlist.Entry{Card: card, Action: a})
	list, err := actionlist.New(s.Area, uint32(len(s.waiting)), s.Clock.Now(), s.waiting)
	if err != nil {
		return err
	}
	return s.Do(validator.Renew(func() error {
		s.validator.Actions = list
		return nil
	}))
}

// Restart implements sim.Device.
func (s *street) Restart() error { return errors.New("stop this program and start it again") }

// Prices implements sim.Device.
func (s *street) Prices([]string) error {
	return errors.New("name the tariffs in the configuration")
}

// Report implements sim.Device.
func (s *street) Report() ([]string, error) { return []string{s.device.summary()}, nil }

const cardSuffix = ".img"

// openCards finds the cards of the day before.
func (s *street) openCards() error {
	s.Cards = map[string]*emu.Card{}
	files, err := filepath.Glob(s.device.config.state(cardFolder) + "/*" + cardSuffix)
	if err != nil {
		return err
	}
	for _, path := range files {
		card, err := openCard(path)
		if err != nil {
			return fmt.Errorf("opening %s: %w: remove it, and its passenger gets a new card",
				path, err)
		}
		s.Cards[strings.TrimSuffix(filepath.Base(path), cardSuffix)] = card
	}
	return nil
}

func openCard(path string) (*emu.Card, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return emu.Load(file)
}

func (s *street) saveCards() error {
	for name, card := range s.Cards {
		path := filepath.Join(s.device.config.state(cardFolder), name+cardSuffix)
		if err := saveCard(path, card); err != nil {
			return err
		}
	}
	return nil
}

// saveCard replaces an image at once or not at all.
func saveCard(path string, card *emu.Card) error {
	draft := path + ".new"
	file, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // it holds keys
	if err != nil {
		return err
	}
	if err := errors.Join(card.Save(file), file.Close()); err != nil {
		return err
	}
	return os.Rename(draft, path)
}
