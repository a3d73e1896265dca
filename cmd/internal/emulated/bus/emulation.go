package bus

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/cmd/internal/emulated"
	"leima/cmd/internal/feed"
	"leima/cmd/internal/onboard"
	"leima/cmd/internal/program"
	"leima/cmd/internal/text"
	"leima/fare"
	"leima/fare/actionlist"
	"leima/fare/sale"
	"leima/hw/disk"
	"leima/hw/emu"
	"leima/hw/panel"
	"leima/validator/gtfs"
	"leima/validator/lists"
	"leima/validator/oncard"
	"leima/validator/sim"
	"leima/validator/terminal"
)

// An emulation is the surroundings of the emulated reader: the passengers of a script, whose cards
// are kept in the state folder from one day to the next.
type emulation struct {
	*sim.Simulation
	device   *onboard.Device
	screen   *panel.Terminal
	script   *sim.Script
	pace     time.Duration
	terminal *terminal.Terminal
	blocked  []blocklist.Entry
	waiting  []actionlist.Entry
	cards    emulated.Cards
	signer   ed25519.PrivateKey     // of the lists of this bus, which is its own back office
	control  *emulated.LocalControl // of cards put there by hand; nil: only the script does

	// sources are those of where the bus is; nil: none.
	sources func(func() time.Duration) []onboard.Listener
}

// cardFolder is the folder of the cards in the state folder.
const cardFolder = "cards"

// newEmulation opens the cards and sets the clock: to the configured first day, or to the day after
// the last event in the journal.
func newEmulation(c *Config, way Drive, d *onboard.Device, keys oncard.Keys, screen *panel.Terminal,
) (*emulation, error) {
	script, err := text.Read(c.File(c.Emulated.Script))
	if err != nil {
		return nil, program.Usage(fmt.Errorf("reading the emulated reader's script: %w", err))
	}
	start := c.Emulated.Start
	tariff, err := d.Tariff(start)
	if err != nil {
		return nil, err
	}
	start = nextDay(start, d.Journal.Latest(), tariff)
	sources, err := way.sources(c)
	if err != nil {
		return nil, program.Usage(err)
	}
	w := &emulation{
		device: d, screen: screen, sources: sources, pace: time.Duration(c.Emulated.Pace),
		script: sim.Parse(c.Emulated.Script, string(script)),
		cards:  emulated.Cards(c.InState(cardFolder)),
	}
	if c.Emulated.Open {
		w.control = &emulated.LocalControl{
			Reader: emulated.NewReader(w.cards, c.rate()),
			Keys:   keys,
		}
	}
	w.Simulation = &sim.Simulation{
		Clock: sim.NewClock(start), Field: emu.NewField(), Keys: keys, Rand: rand.Reader,
		Zone: tariff.Location, Frame: c.Emulated.Frame, Rate: c.rate(),
		Area: cardlayout.Area(c.Area), Tariff: d.Set(), Device: w, Say: w.say,
		Feed: func(name string) (*gtfs.Stops, error) {
			stops, _, err := feed.Stops(c.File(name))
			return stops, err
		},
	}
	if err := os.MkdirAll(c.InState(cardFolder), 0o700); err != nil {
		return nil, fmt.Errorf("the folder of the cards cannot be made: %w", text.Cause(err))
	}
	if err := w.openCards(); err != nil {
		return nil, err
	}
	w.Begin(c.Place())
	return w, screen.Note(start.Format("Monday 2 January 2006") + ", line " + c.Service.Line)
}

// environment is the validator's environment. If cards are put on the reader by hand, the clock
// runs.
func (e *emulation) environment() onboard.Environment {
	if e.control == nil {
		return onboard.Environment{
			Reader: e.Field, Now: e.Clock.Now, Elapsed: e.Clock.Elapsed,
			Tapped: e.Tapped, Serve: e.drive,
		}
	}
	begun := time.Now()
	return onboard.Environment{
		Reader: e.control.Reader, Serve: e.drive, Sources: e.sources,
		Handlers: map[string]http.Handler{emulated.Path: emulated.Handler(*e.control)},
		Now:      func() time.Time { return e.Clock.Now().Add(time.Since(begun)) },
		Elapsed:  func() time.Duration { return e.Clock.Elapsed() + time.Since(begun) },
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

// drive plays the script to a running validator, until its end or that of ctx.
func (e *emulation) drive(ctx context.Context, t *terminal.Terminal) error {
	e.terminal = t
	ctx, cancel := context.WithCancel(ctx)
	serving := make(chan error, 1)
	go func() {
		defer cancel()
		serving <- t.Validator.Run(ctx)
	}()
	_, err := e.Play(ctx, e.script, func(st sim.Statement, lines []string) {
		e.after(ctx, st, lines)
	})
	if errors.Is(err, sim.ErrStopped) {
		err = nil
	} else if ctx.Err() == nil {
		err = program.Usage(err) // a mistake in the script
	}
	if e.control != nil && err == nil {
		<-ctx.Done()
	}
	cancel()
	return errors.Join(err, <-serving)
}

// after stores the cards, and shows spectators the statement.
func (e *emulation) after(ctx context.Context, st sim.Statement, lines []string) {
	if err := e.saveCards(); err != nil {
		e.device.Log.Error("the emulated cards are not kept", "error", err)
	}
	switch st.Verb {
	case "show", "history":
		for _, line := range lines {
			_ = e.screen.Note("       " + line)
		}
	case "tap", "say":
		select {
		case <-time.After(e.pace):
		case <-ctx.Done():
		}
	}
}

func (e *emulation) say(text string) {
	_ = e.screen.Note(e.Clock.Now().In(e.Zone).Format("15:04  ") + text)
}

// Do implements sim.Device.
func (e *emulation) Do(c terminal.Command) (terminal.Result, error) { return e.terminal.Do(c) }

// Block implements sim.Device: a new list replaces the one in use.
func (e *emulation) Block(c cardlayout.Card) error {
	e.blocked = append(e.blocked, blocklist.Entry{
		Number: c.Number, Kind: c.Kind, Unblocking: c.Unblocking,
	})
	return e.publish(e.blocked)
}

// publish signs a list and takes it into use.
func (e *emulation) publish(entries []blocklist.Entry) error {
	folder, err := os.MkdirTemp("", "leima-bus-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path, signed := filepath.Join(folder, "list"), filepath.Join(folder, "list.bundle")
	err = blocklist.Build(path, blocklist.List{
		Version: e.device.Lists.Version() + 1, Area: e.Area, Made: e.Clock.Now(), Entries: entries,
	})
	if err == nil {
		err = disk.Sync.Write(signed, 0o600, func(to io.Writer) error {
			terms := lists.Terms{Expires: e.Clock.Now().AddDate(0, 0, 1)}
			_, err := lists.SignBlocks(to, path, terms, e.signer)
			return err
		})
	}
	if err != nil {
		return err
	}
	return e.device.Blocks.Apply(signed, e.Clock.Now(), onboard.BetweenTaps(e.terminal.Validator))
}

// AddAction implements sim.Device: the list is for the day, and not stored.
func (e *emulation) AddAction(card cardlayout.Number, a sale.Action) error {
	e.waiting = append(e.waiting, actionlist.Entry{Card: card, Action: a})
	list, err := actionlist.New(e.Area, uint32(len(e.waiting)), e.Clock.Now(), e.waiting)
	if err != nil {
		return err
	}
	return e.terminal.Validator.Do(func() error {
		e.terminal.Validator.Actions = list
		return nil
	})
}

// Restart implements sim.Device.
func (e *emulation) Restart() error { return errors.New("stop this program and start it again") }

// Prices implements sim.Device.
func (e *emulation) Prices([]string) error {
	return errors.New("name the tariffs in the configuration")
}

// Synchronize implements sim.Device.
func (e *emulation) Synchronize(bool) error {
	return errors.New("an emulated clock is never synchronized")
}

// Report implements sim.Device.
func (e *emulation) Report() ([]string, error) { return []string{e.device.Summary()}, nil }

// openCards opens the cards of the day before.
func (e *emulation) openCards() error {
	e.Cards = map[string]*emu.Card{}
	names, err := e.cards.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if e.Cards[name], err = e.cards.Read(name); err != nil {
			return err
		}
	}
	return nil
}

// saveCards stores the cards. A card that is put there by hand is stored by its reader: here only
// when it is new.
func (e *emulation) saveCards() error {
	for name, card := range e.Cards {
		if e.control != nil && e.cards.Has(name) {
			continue
		}
		if err := e.cards.Save(name, card); err != nil {
			return err
		}
		e.cards.SaveOnCommit(name, card)
	}
	return nil
}
