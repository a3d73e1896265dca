package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"leima/blocklist/bundle"
	"leima/cardlayout"
	"leima/cmd/internal/feed"
	"leima/cmd/internal/settings"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
)

// A config is what a device is told before it starts. Its paths are relative to the
// file it stands in.
type config struct {
	State      string            `toml:"state"`      // folder of journal, lists and tariffs
	Device     uint16            `toml:"device"`     // its own number, 1 to 16383
	Area       uint8             `toml:"area"`       // whose prices and lists it uses
	Reader     string            `toml:"reader"`     // emulated or pcsc
	Pattern    string            `toml:"pattern"`    // which PC/SC reader; without it the first
	Language   string            `toml:"language"`   // of the panel: fi, sv or en
	Keys       string            `toml:"keys"`       // key file, or test for the test keys
	Passphrase string            `toml:"passphrase"` // file that opens a sealed key file
	Tariffs    []string          `toml:"tariffs"`    // sources, compiled into the state folder
	Stops      string            `toml:"stops"`      // timetable feed (GTFS), which knows the zones
	Log        string            `toml:"log"`        // file; without it standard error
	Budget     settings.Duration `toml:"budget"`     // longest tap before its commit; 0: no limit

	// Organisation is the seller of what the driver loads on this reader, 14 bits.
	Organisation uint16 `toml:"organisation"`

	API struct {
		Listen      []string `toml:"listen"`      // unix:api.sock in the state folder, or host:port
		Token       string   `toml:"token"`       // file; for whoever comes over the network
		Certificate string   `toml:"certificate"` // file, PEM
		Key         string   `toml:"key"`         // file, PEM
	} `toml:"api"`

	Display struct {
		Listen string `toml:"listen"` // host:port of the passenger's display
	} `toml:"display"`

	BlockList struct {
		Required bool               `toml:"required"` // no service without one
		Limit    settings.Duration  `toml:"limit"`    // … or with one older than this
		Keys     []bundle.PublicKey `toml:"keys"`     // whose bundles are taken
		Inbox    string             `toml:"inbox"`    // folder of bundles; else in the state folder
		Poll     settings.Duration  `toml:"poll"`     // how often it is looked into; 0: at SIGHUP
		Largest  int64              `toml:"largest"`  // list, in MiB
		Cap      int                `toml:"cap"`      // cards a list may add and have written
	} `toml:"block_list"`

	ActionList struct {
		Keys    []bundle.PublicKey `toml:"keys"`    // whose action lists are taken
		Largest int64              `toml:"largest"` // list, in MiB
	} `toml:"action_list"`

	Journal struct {
		Size int `toml:"size"`       // MiB of entries that are kept; 0: 256
		Days int `toml:"doubt_days"` // until an unanswered commit is given up; 0: 14
	} `toml:"journal"`

	Service struct {
		Line    string `toml:"line"`
		Stop    string `toml:"stop"`
		Vehicle uint16 `toml:"vehicle"`
		Trip    uint16 `toml:"trip"`
		Zone    string `toml:"zone"` // without it that of the stop in the feed
	} `toml:"service"`

	Emulated struct {
		Script string            `toml:"script"` // who gets on where
		Start  time.Time         `toml:"start"`  // of the first day
		Rate   int               `toml:"rate"`   // kbit/s
		Frame  int               `toml:"frame"`  // bytes
		Pace   settings.Duration `toml:"pace"`   // a passenger takes this long

		// Open goes on after the script, with cards that are laid on the reader by hand.
		Open bool `toml:"open"`
	} `toml:"emulated"`

	path string

	// unread is why the feed could not be read of a device that goes on without it.
	unread error
}

// The readers. The emulated one needs no hardware.
const (
	emulated = "emulated"
	cable    = "pcsc"
)

// testKeys names the keys that everybody has.
const testKeys = "test"

// maxDevice is the largest device number that a value ticket holds.
const maxDevice = 1<<14 - 1

// maxList is the largest list that may be allowed, in MiB.
const maxList = 1 << 16

// maxActions is the largest action list that may be allowed, in MiB.
const maxActions = 64

// readConfig reads and checks a configuration. Its error names file and line.
func readConfig(path string) (*config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	c := &config{path: path, Reader: emulated, Language: string(validator.Finnish)}
	c.BlockList.Poll = settings.Duration(10 * time.Second)
	c.BlockList.Largest, c.BlockList.Cap = 256, 10_000
	c.ActionList.Largest = 16
	if err := settings.Decode(path, text, c); err != nil {
		return nil, err
	}
	err = c.locate()
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// locate takes the zone of the first stop from the feed, where there is one and no zone is
// written.
func (c *config) locate() error {
	if c.Stops == "" {
		return nil
	}
	stops, _, err := feed.Stops(c.file(c.Stops))
	switch {
	case err != nil && c.Service.Zone != "": // it is known all the same where the bus begins
		c.unread = err
		return nil
	case err != nil:
		return fmt.Errorf("%w: mend the feed, or say in service.zone where the bus begins", err)
	}
	stop, known := stops.Lookup(c.Service.Stop)
	switch {
	case c.Service.Zone != "":
	case !known:
		return fmt.Errorf("service.stop is %q: the feed %s has no such stop", c.Service.Stop,
			c.Stops)
	case stop.Zone == 0:
		return fmt.Errorf("service.stop is %q: the feed %s gives it no zone: want service.zone",
			c.Service.Stop, c.Stops)
	default:
		c.Service.Zone = stop.Zones().String()
	}
	return nil
}

func (c *config) check() error {
	zone, err := cardlayout.ParseZones(c.Service.Zone)
	switch {
	case c.State == "":
		return errors.New("state is missing: want the folder of the journal")
	case c.Device < 1 || c.Device > maxDevice:
		return fmt.Errorf("device is %d: want its number, 1 to %d", c.Device, maxDevice)
	case c.Area == 0:
		return errors.New("area is missing: want its code, for example 227 for Mikkeli")
	case c.Reader != emulated && c.Reader != cable:
		return fmt.Errorf("reader is %q: want emulated or pcsc", c.Reader)
	case c.Keys == "" && c.Reader != emulated:
		return errors.New("keys is missing: want the key file, or test for cards of a bench")
	case !slices.Contains(validator.Languages, validator.Language(c.Language)):
		return fmt.Errorf("language is %q: want one of %v", c.Language, validator.Languages)
	case c.Organisation >= 1<<14:
		return fmt.Errorf("organisation is %d: want its number, 0 to %d", c.Organisation, 1<<14-1)
	case c.checkDoors() != nil:
		return c.checkDoors()
	case err != nil || zone.Count() != 1:
		return fmt.Errorf("service.zone is %q: want the zone of the first stop, A to J",
			c.Service.Zone)
	case c.place().Check() != nil:
		return fmt.Errorf("service: %w", c.place().Check())
	case c.Journal.Size < 0 || c.Journal.Size > 1<<20 || c.Journal.Days < 0 || c.Journal.Days > 366:
		return errors.New("journal: size is 0 to 1048576 MiB, and doubt_days are 0 to 366")
	case c.BlockList.Largest < 1 || c.BlockList.Largest > maxList || c.BlockList.Cap < 0:
		return fmt.Errorf("block_list.largest is %d and cap %d: want 1 to %d MiB, and 0 cards "+
			"or more", c.BlockList.Largest, c.BlockList.Cap, maxList)
	case c.ActionList.Largest < 1 || c.ActionList.Largest > maxActions:
		return fmt.Errorf("action_list.largest is %d: want 1 to %d MiB: it lies in memory",
			c.ActionList.Largest, maxActions)
	case c.Reader == emulated && !slices.Contains(rates, c.Emulated.Rate):
		return fmt.Errorf("emulated.rate is %d: want one of %v", c.Emulated.Rate, rates)
	case c.Reader == emulated && !slices.Contains([]int{64, 128, 256}, c.Emulated.Frame):
		return fmt.Errorf("emulated.frame is %d: want 64, 128 or 256", c.Emulated.Frame)
	}
	return nil
}

// rates are the bit rates in kbit/s, in the order of emu.Rate.
var rates = []int{106, 212, 424, 848}

// limits are those of the journal.
func (c *config) limits() journal.Limits {
	return journal.Limits{
		Size:  uint64(c.Journal.Size) << 20,
		Doubt: time.Duration(c.Journal.Days) * 24 * time.Hour,
	}
}

func (c *config) rate() emu.Rate { return emu.Rate(slices.Index(rates, c.Emulated.Rate)) }

// place is where service begins.
func (c *config) place() validator.Place {
	zone, _ := cardlayout.ParseZones(c.Service.Zone) // checked
	return validator.Place{
		Line: c.Service.Line, Stop: c.Service.Stop, Vehicle: c.Service.Vehicle,
		Trip: c.Service.Trip, Zone: zone.First(),
	}
}

// file is a path of the configuration; state is one inside the state folder.
func (c *config) file(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.path), name)
}

func (c *config) state(name string) string { return filepath.Join(c.file(c.State), name) }
