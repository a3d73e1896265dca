package sim

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/fare"
	"leima/fare/actionlist"
	"leima/fare/sale"
	"leima/fare/tariff"
	"leima/hw"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/gtfs"
	"leima/validator/journal"
	"leima/validator/messages"
	"leima/validator/oncard"
	"leima/validator/terminal"
)

// Setup describes a bus. The zero value of a field is the usual choice.
type Setup struct {
	// Prices finds a tariff by its name.
	Prices func(name string) (tariff.Source, error)

	// Feed, if not nil, finds the stops of a timetable by the name of its feed.
	Feed func(name string) (*gtfs.Stops, error)

	// Clear has the journal show the cards of events, which are otherwise sealed, each in another
	// way.
	Clear bool

	// Journal, if not nil, wraps the validator's journal, to test faults of it.
	Journal func(validator.Journal) validator.Journal

	// Keys are the system's, if not the test keys.
	Keys *oncard.Keys

	// Device is the validator's number; 0 is the usual one.
	Device uint16

	// Key is the device's own key, if not the one of every bus.
	Key ed25519.PrivateKey

	Chip  emu.Chip // of new cards
	Frame int      // of new cards
	Rate  emu.Rate
	Seed  uint64
	Rand  io.Reader // in place of the seeded random numbers, for physical cards
}

// A Bus is a Simulation with its own validator, which keeps its files in a folder.
type Bus struct {
	*Simulation
	Validator *validator.Validator
	Terminal  *terminal.Terminal
	Journal   *journal.Journal
	Lists     *blocklist.Store

	setup        Setup
	folder       string
	blocked      []blocklist.Entry
	lists        uint32
	waiting      []actionlist.Entry
	synchronized *bool             // the clock is synchronized; nil: its state is unknown
	actions      validator.Actions // nil before the first list

	serving sync.WaitGroup
	stop    context.CancelFunc
}

// deviceNumber is the bus's number if the setup has none.
const deviceNumber = 9

// first is the place of a bus before any statement.
var first = validator.Place{Line: "1", Stop: "tori", Vehicle: 42, Trip: 1, Zone: 1}

// NewBus commissions a bus in an empty folder and starts it.
func NewBus(folder string, setup Setup) (*Bus, error) {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		return nil, err
	}
	b := &Bus{setup: setup, folder: folder}
	b.Simulation = &Simulation{
		Clock: NewClock(time.Date(2026, time.March, 2, 6, 0, 0, 0, zone)),
		Zone:  zone, Keys: setup.keys(), Rand: setup.random(),
		Chip: setup.Chip, Frame: setup.Frame, Rate: setup.Rate, Device: b, Feed: setup.Feed,
	}
	b.Begin(first)
	if err := journal.Create(b.path("journal"), cmp.Or(setup.Device, deviceNumber)); err != nil {
		return nil, err
	}
	if err := b.Prices([]string{"mikkeli-2025"}); err != nil {
		return nil, err
	}
	return b, b.start()
}

func (s Setup) keys() oncard.Keys {
	if s.Keys != nil {
		return *s.Keys
	}
	return TestKeys()
}

func (s Setup) random() io.Reader {
	if s.Rand != nil {
		return s.Rand
	}
	return stream(s.Seed)
}

// stream is a random source that repeats with the same seed.
func stream(seed uint64) io.Reader { return rand.NewChaCha8(seedOf(seed)) }

func seedOf(seed uint64) (s [32]byte) {
	binary.LittleEndian.PutUint64(s[:], seed)
	return s
}

func (b *Bus) path(name string) string { return filepath.Join(b.folder, name) }

// start opens the device's files and starts serving.
func (b *Bus) start() (err error) {
	if b.Journal, err = journal.Open(b.path("journal")); err != nil {
		return err
	}
	if !b.setup.Clear {
		err := b.Journal.SealTo(journal.BackOfficePublic(TestBackOffice()), b.setup.key())
		if err != nil {
			return err
		}
	}
	b.Lists = blocklist.NewStore(b.Area)
	if b.lists > 0 {
		if err := b.Lists.Swap(b.path("blocklist")); err != nil {
			return err
		}
	}
	b.Field = emu.NewField()
	b.Validator = &validator.Validator{
		Reader: b.Field, Panel: noPanel{}, Language: messages.English,
		App: oncard.App(b.Keys.Scheme, b.Keys.Transport), Keys: onBoard(b.Keys),
		Journal: b.Journal, Blocklist: b.Lists, Actions: b.actions, Tariffs: b.tariff,
		Now: b.Clock.Now, Elapsed: b.Clock.Elapsed, Synced: b.synced(), Earliest: b.earliest,
		Rand: b.Rand, Log: slog.New(slog.DiscardHandler), Tapped: b.Tapped, Place: b.place,
	}
	if b.setup.Journal != nil {
		b.Validator.Journal = b.setup.Journal(b.Journal)
	}
	b.Terminal = terminal.New(b.Validator, 0)
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	b.serving.Go(func() { _ = b.Validator.Run(ctx) }) // it ends with the field
	return nil
}

func (s Setup) key() ed25519.PrivateKey {
	if s.Key != nil {
		return s.Key
	}
	return deviceKey
}

// deviceKey is the signing key of every bus.
var deviceKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// Entries calls each for the entries of the journal from a position on, as the back office reads
// them.
func (b *Bus) Entries(from uint64, each func(journal.Entry) error) error {
	reader, err := journal.NewBackOffice(TestBackOffice())
	if err != nil {
		return err
	}
	return b.Journal.Entries(from, func(e journal.Entry) error {
		if err := reader.Open(&e); err != nil {
			return err
		}
		return each(e)
	})
}

// onBoard are the data keys that are also on a bus.
func onBoard(k oncard.Keys) cardlayout.Keys {
	k.Holder = nil
	return k.Keys
}

func (b *Bus) tariff(at time.Time) (*fare.Tariff, error) { return b.Tariff.At(b.Area, at) }

// Close takes the bus out of service.
func (b *Bus) Close() error {
	b.stop()
	b.serving.Wait()
	return errors.Join(b.Field.Close(), b.Lists.Close(), b.Journal.Close())
}

// synced is the state of the clock if any is known: before, the clock is an emulated one.
func (b *Bus) synced() func() bool {
	if b.synchronized == nil {
		return nil
	}
	kept := *b.synchronized
	return func() bool { return kept }
}

// Synchronize implements Device.
func (b *Bus) Synchronize(kept bool) error {
	b.synchronized = &kept
	return b.Validator.Do(func() error {
		b.Validator.Synced = b.synced()
		return nil
	})
}

// earliest is the first day of the tariffs on board.
func (b *Bus) earliest() time.Time { return b.Tariff.First(b.Area) }

// Do implements Device.
func (b *Bus) Do(c terminal.Command) (terminal.Result, error) { return b.Terminal.Do(c) }

// Restart implements Device.
func (b *Bus) Restart() error {
	if err := b.Close(); err != nil {
		return err
	}
	return b.start()
}

// Block implements Device.
func (b *Bus) Block(c cardlayout.Card) error {
	earlier := func(e blocklist.Entry) bool { return e.Number == c.Number }
	entries := append(slices.DeleteFunc(slices.Clone(b.blocked), earlier), blocklist.Entry{
		Number: c.Number, Kind: c.Kind, Unblocking: c.Unblocking,
	})
	err := blocklist.Build(b.path("blocklist"), blocklist.List{
		Version: b.lists + 1, Area: b.Area, Made: b.Clock.Now(), Entries: entries,
	})
	if err != nil {
		return err
	}
	b.blocked, b.lists = entries, b.lists+1
	return b.Lists.Swap(b.path("blocklist"))
}

// AddAction implements Device. The list goes by way of its encoding, as one that was sent does.
func (b *Bus) AddAction(card cardlayout.Number, a sale.Action) error {
	waiting := append(b.waiting, actionlist.Entry{Card: card, Action: a})
	version := uint32(len(waiting))
	list, err := actionlist.New(b.Area, version, b.Clock.Now(), waiting)
	if err != nil {
		return err
	}
	raw, err := list.Encode()
	if err == nil {
		list, err = actionlist.Decode(raw)
	}
	if err != nil {
		return err
	}
	b.waiting, b.actions = waiting, list
	return b.Validator.Do(func() error {
		b.Validator.Actions = list
		return nil
	})
}

// Prices implements Device.
func (b *Bus) Prices(names []string) error {
	var sources []tariff.Source
	var tariffs []*fare.Tariff
	for _, name := range names {
		source, err := b.setup.Prices(name)
		if err != nil {
			return err
		}
		t, err := tariff.Compile(source.File, source.TOML, time.LoadLocation)
		if err != nil {
			return err
		}
		sources, tariffs = append(sources, source), append(tariffs, t)
	}
	set, err := tariff.SetOf(sources, tariffs)
	if err != nil {
		return err
	}
	b.Tariff, b.Area = set, tariffs[0].Area
	if b.Validator == nil {
		return nil
	}
	return b.Restart() // the block list is the area's
}

// Report implements Device.
func (b *Bus) Report() ([]string, error) {
	count := map[journal.Kind]int{}
	err := b.Journal.Entries(0, func(e journal.Entry) error { count[e.Kind]++; return nil })
	if err == nil {
		err = b.Journal.Verify(nil)
	}
	return []string{fmt.Sprintf("events %d: settled %d, void %d, open %d, without a write %d",
		count[journal.Intent]+count[journal.Record], count[journal.Settle], count[journal.Void],
		b.Journal.Unresolved(), count[journal.Record])}, err
}

// noPanel is a panel that shows nothing.
type noPanel struct{}

func (noPanel) Show(hw.Signal) error { return nil }
