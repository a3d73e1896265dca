// Package fleet is the buses of a city in one process, with emulated readers: they drive the trips
// of a timetable, board passengers who board the others too, and send their journals to a depot,
// over links that lose, double and fail.
//
// It knows nothing of what a depot makes of the journals.
package fleet

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"leima/fare/tariff"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/place"
	"leima/validator/sim"
	"leima/validator/terminal"
	"leima/validator/upload"
)

// A Plan is the timetable: *onboard.Plan.
type Plan interface {
	Trips() []string
	Trip(id string) (place.Trip, bool)
}

// A Setup describes a fleet.
type Setup struct {
	Folder  string // of the journals, which is empty
	Devices int    // numbered from 1
	Plan    Plan
	Prices  func(name string) (tariff.Source, error)
	Tariff  string // the name of the area's tariff
	Speed   int    // how many times as fast as planned the buses drive, from 1
	Seed    uint64
	Lossy   bool // the links lose and double what is sent, and fail for a while
}

// A Fleet is the buses and their passengers. One goroutine has them board; others send.
type Fleet struct {
	setup  Setup
	buses  []*bus
	cards  map[string]*emu.Card
	random *rand.Rand

	sending sync.WaitGroup
}

// A bus has one device.
type bus struct {
	*sim.Bus
	number   uint16
	key      ed25519.PrivateKey
	trips    []place.Trip // that it drives, one after another
	departed time.Time
	here     string // the statement of where it is
	stop     context.CancelFunc
	dead     bool
}

// cardsEach is how many passengers there are for each bus.
const cardsEach = 5

// Open commissions the devices. progress is told the count of those that are there.
func Open(s Setup, now time.Time, progress func(int)) (*Fleet, error) {
	f := &Fleet{setup: s, cards: map[string]*emu.Card{}, random: rand.New(rand.NewPCG(s.Seed, 16))}
	trips, err := tripsOf(s.Plan)
	if err != nil {
		return nil, err
	}
	for n := range s.Devices {
		b, err := f.commission(uint16(n + 1))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("device %d: %w", n+1, err), f.Close())
		}
		b.trips = append(trips[n%len(trips):len(trips):len(trips)], trips[:n%len(trips)]...)
		b.departed = now.Add(-time.Duration(f.random.IntN(600)) * time.Second)
		f.buses = append(f.buses, b)
		progress(n + 1)
	}
	return f, nil
}

// tripsOf are the trips that have stops with zones.
func tripsOf(p Plan) (all []place.Trip, err error) {
	for _, id := range p.Trips() {
		if t, known := p.Trip(id); known && len(t.Calls) > 1 && len(t.Calls[0].Zones) > 0 {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the feed has no trip whose stops have zones")
	}
	return all, nil
}

// commission makes a device, in which a driver is on duty.
func (f *Fleet) commission(number uint16) (*bus, error) {
	folder := filepath.Join(f.setup.Folder, strconv.Itoa(int(number)))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	key, err := journal.DeviceKey(filepath.Join(folder, "device.key"))
	if err != nil {
		return nil, err
	}
	b := &bus{number: number, key: key, stop: func() {}}
	b.Bus, err = sim.NewBus(folder, sim.Setup{
		Prices: f.setup.Prices, Device: number, Seed: f.setup.Seed + uint64(number), Key: key,
		Chip: emu.EV2,
	})
	if err != nil {
		return nil, err
	}
	b.Cards = f.cards
	if err = b.Prices([]string{f.setup.Tariff}); err == nil {
		_, err = b.Do(terminal.SignOn{Shift: validator.Shift{Driver: 100 + uint32(number)}})
	}
	return b, err
}

// Keys are the devices' numbers and public keys, as a depot's register wants them.
func (f *Fleet) Keys() iter.Seq2[uint16, string] {
	return func(yield func(uint16, string) bool) {
		for _, b := range f.buses {
			if !yield(b.number, journal.PublicText(b.key)) {
				return
			}
		}
	}
}

// Send begins to send all journals to a depot, until the context ends.
func (f *Fleet) Send(ctx context.Context, url string, authorities *x509.CertPool) error {
	for _, b := range f.buses {
		link, err := upload.NewHTTP(b.number, b.key, authorities)
		if err != nil {
			return err
		}
		if f.setup.Lossy {
			link.Transport = &Link{Next: link.Transport, Gap: 20 * time.Second}
		}
		sender := upload.Client{
			Device: b.number, URL: url, HTTP: link, Journal: b.Journal,
			Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}
		var own context.Context
		own, b.stop = context.WithCancel(ctx)
		f.sending.Go(func() { sender.Run(own) })
	}
	return nil
}

// Die takes the power from a bus for good: it sends what it has never again.
func (f *Fleet) Die(number uint16) {
	b := f.buses[number-1]
	b.dead = true
	b.stop()
}

// Waiting are the entries that living buses have not sent, and those of dead ones.
func (f *Fleet) Waiting() (living, dead uint64) {
	for _, b := range f.buses {
		extent := b.Journal.Extent()
		if b.dead {
			dead += extent.Unacknowledged()
		} else {
			living += extent.Unacknowledged()
		}
	}
	return living, dead
}

// Entries are the entries of all journals.
func (f *Fleet) Entries() (n uint64) {
	for _, b := range f.buses {
		n += b.Journal.Extent().Last
	}
	return n
}

// Export writes the whole journal of a device, as it was sent.
func (f *Fleet) Export(number uint16, item func(raw []byte) error) error {
	return f.buses[number-1].Journal.Export(0, func(_ uint64, raw []byte) error {
		return item(raw)
	})
}

// Close takes all buses out of service, once nothing is sent any more.
func (f *Fleet) Close() (err error) {
	for _, b := range f.buses {
		b.stop()
	}
	f.sending.Wait()
	for _, b := range f.buses {
		err = errors.Join(err, b.Bus.Close())
	}
	return err
}

// A Tap is a passenger's boarding.
type Tap struct {
	Device  uint16
	Card    string
	Torn    bool
	Outcome validator.Outcome
}

// Of a thousand taps so many are torn, and so many are of a passenger who loads value for cash.
const (
	tornOf1000 = 40
	loadOf1000 = 30
)

// Board has some passenger board some bus that lives. A card that is torn is presented again there,
// or somewhere else later.
func (f *Fleet) Board(ctx context.Context, now time.Time) (t Tap, err error) {
	b := f.buses[f.random.IntN(len(f.buses))]
	for b.dead {
		b = f.buses[f.random.IntN(len(f.buses))]
	}
	b.Clock.Set(now)
	t = Tap{Device: b.number, Card: "p" + strconv.Itoa(f.random.IntN(cardsEach*len(f.buses)))}
	text := b.drive(now, f.setup.Speed)
	if f.cards[t.Card] == nil {
		text += "card " + t.Card + "  group adult, purse 20.00\n"
	}
	if f.random.IntN(1000) < loadOf1000 {
		text += "driver load 20.00\n"
	}
	if text != "" {
		if _, err = b.Play(ctx, sim.Parse("fleet", text), nil); err != nil {
			return t, err
		}
	}
	var tear emu.Tear
	if t.Torn = f.random.IntN(1000) < tornOf1000; t.Torn {
		tear = f.tear()
	}
	t.Outcome, _, err = b.Present(ctx, f.cards[t.Card], tear)
	return t, err
}

// tear pulls the card away somewhere, mostly at the commit, before or after the card has acted.
func (f *Fleet) tear() (t emu.Tear) {
	if f.random.IntN(2) == 0 {
		t.Exchange = 1 + f.random.IntN(9)
	} else {
		t.Code = byte(desfire.CodeCommitTransaction)
	}
	if f.random.IntN(2) == 0 {
		t.Side = emu.After
	}
	return t
}

// drive is the statement that says where the bus is now; empty if it is where it was.
func (b *bus) drive(now time.Time, speed int) string {
	trip := &b.trips[0]
	gone := now.Sub(b.departed) * time.Duration(speed)
	if gone > trip.Calls[len(trip.Calls)-1].Planned+time.Minute {
		b.trips = append(b.trips[1:], b.trips[0])
		b.departed, gone, trip = now, 0, &b.trips[0]
	}
	call := 0
	for call+1 < len(trip.Calls) && trip.Calls[call+1].Planned <= gone {
		call++
	}
	zone := trip.Calls[call].Zones
	if len(zone) == 0 {
		zone = trip.Calls[0].Zones
	}
	here := fmt.Sprintf("bus line=%s stop=%s vehicle=%d trip=%d zone=%c\n", trip.Line,
		trip.Calls[call].ID, b.number, trip.Number, 'A'+zone[0]-1)
	if here == b.here {
		return ""
	}
	b.here = here
	return here
}
