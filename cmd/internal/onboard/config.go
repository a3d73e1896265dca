package onboard

import (
	"errors"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/device"
	"leima/cmd/internal/settings"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/lists/bundle"
	"leima/validator/place"
)

// A Config is the configuration of a validator.
type Config struct {
	device.Config

	Tariffs []string          `toml:"tariffs"` // sources, unsigned: only for bench
	Stops   string            `toml:"stops"`   // timetable feed (GTFS) with the zones
	Budget  settings.Duration `toml:"budget"`  // longest tap before its commit; 0: no limit

	API struct {
		Listen      []string `toml:"listen"`      // unix:api.sock in the state folder, or host:port
		Token       string   `toml:"token"`       // file; for clients over the network
		Certificate string   `toml:"certificate"` // file, PEM
		Key         string   `toml:"key"`         // file, PEM
	} `toml:"api"`

	Display struct {
		Listen string   `toml:"listen"` // host:port of the passenger's display
		Names  []string `toml:"names"`  // further names under which it is served
	} `toml:"display"`

	Metrics struct {
		Listen string `toml:"listen"` // host:port; anybody who reaches it may read
	} `toml:"metrics"`

	Inventory struct {
		Listen string `toml:"listen"` // host:port where ITxPT's inventory is, and announced
	} `toml:"inventory"`

	BlockList struct {
		Required bool               `toml:"required"` // no service without one
		Limit    settings.Duration  `toml:"limit"`    // … or with one older than this
		Keys     []bundle.PublicKey `toml:"keys"`     // of accepted bundles
		Inbox    string             `toml:"inbox"`    // folder of bundles; else in the state folder
		Poll     settings.Duration  `toml:"poll"`     // interval of looking into it; 0: at SIGHUP
		Largest  int64              `toml:"largest"`  // list, in MiB
		Cap      int                `toml:"cap"`      // cards that a list may add and have marked
	} `toml:"block_list"`

	ActionList struct {
		Keys    []bundle.PublicKey `toml:"keys"`    // of accepted action lists
		Largest int64              `toml:"largest"` // list, in MiB
	} `toml:"action_list"`

	TariffList struct {
		Keys []bundle.PublicKey `toml:"keys"` // of accepted tariffs; none: unsigned ones
	} `toml:"tariff_list"`

	Download struct {
		Root string `toml:"root"` // file: the depot's first root; none: nothing is fetched
	} `toml:"download"`

	Journal struct {
		Size int `toml:"size"`       // MiB of stored entries; 0: 256
		Days int `toml:"doubt_days"` // age at which an unanswered commit is given up; 0: 14
		Keep int `toml:"keep_days"`  // age at which an acknowledged entry is deleted; 0: 30
	} `toml:"journal"`

	Service struct {
		Line    string `toml:"line"`
		Stop    string `toml:"stop"`
		Vehicle uint16 `toml:"vehicle"`
		Trip    uint16 `toml:"trip"`
		Zone    string `toml:"zone"` // default: that of the stop in the feed
	} `toml:"service"`

	// Sources say where the bus is.
	Sources struct {
		MQTT        string            `toml:"mqtt"`        // mqtt://host or mqtts://host
		Dialect     string            `toml:"dialect"`     // bob, ruter, fram; "": bob
		Credentials string            `toml:"credentials"` // file: user, next line password
		Prefix      string            `toml:"prefix"`      // of the topics
		GPSD        string            `toml:"gpsd"`        // host:port
		NMEA        string            `toml:"nmea"`        // host:port to hear it at, over UDP
		VDV301      string            `toml:"vdv301"`      // "dns-sd", or host:port
		ITxPT       string            `toml:"itxpt"`       // the same, of its AVMS
		Zones       place.TariffZones `toml:"zones"`       // a source's, by ours: "12" = "A"
	} `toml:"place"`

	// unread is why the feed could not be read, for a device that continues without it.
	unread error
	said   string // the zone of the first stop by the feed
}

// maxList is the largest size of a list that may be allowed, in MiB.
const maxList = 1 << 16

// maxActions is the largest size of an action list that may be allowed, in MiB.
const maxActions = 64

// Read reads and checks a configuration. whole is the value that contains c and into which the file
// is decoded. An error names file and line.
func (c *Config) Read(path string, whole any) error {
	c.BlockList.Poll = settings.Duration(10 * time.Second)
	c.BlockList.Largest, c.BlockList.Cap = 256, 10_000
	c.ActionList.Largest = 16
	if err := c.Config.Read(path, whole); err != nil {
		return err
	}
	err := c.locate()
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (c *Config) check() error {
	zone, err := cardlayout.ParseZones(c.Service.Zone)
	switch {
	case c.Check() != nil:
		return c.Check()
	case len(c.Tariffs) > 0 && len(c.TariffList.Keys) > 0:
		return errors.New("tariffs names unsigned ones, and tariff_list.keys who signs them: " +
			"want one of the two, which on a bus is tariff_list.keys")
	case c.Download.Root != "" && c.Depot.URL == "":
		return errors.New("download.root wants the depot from which lists are fetched: depot.url")
	case c.checkListeners() != nil:
		return c.checkListeners()
	case dialects[c.Sources.Dialect] == nil:
		return fmt.Errorf("place.dialect is %q: want bob, ruter or fram, as the bus's computer "+
			"speaks", c.Sources.Dialect)
	case c.checkComputers() != nil:
		return c.checkComputers()
	case c.Sources.Zones.Check() != nil:
		return fmt.Errorf("place.%w", c.Sources.Zones.Check())
	case err != nil || zone.Count() != 1:
		return fmt.Errorf("service.zone is %q: want the zone of the first stop, A to J",
			c.Service.Zone)
	case c.Place().Check() != nil:
		return fmt.Errorf("service: %w", c.Place().Check())
	case c.Journal.Size < 0 || c.Journal.Size > 1<<20 || c.Journal.Days < 0 ||
		c.Journal.Days > 366 || c.Journal.Keep < 0 || c.Journal.Keep > 366:
		return errors.New("journal: size is 0 to 1048576 MiB, and doubt_days and keep_days are " +
			"0 to 366")
	case c.BlockList.Largest < 1 || c.BlockList.Largest > maxList || c.BlockList.Cap < 0:
		return fmt.Errorf("block_list.largest is %d and cap %d: want 1 to %d MiB, and 0 cards "+
			"or more", c.BlockList.Largest, c.BlockList.Cap, maxList)
	case c.ActionList.Largest < 1 || c.ActionList.Largest > maxActions:
		return fmt.Errorf("action_list.largest is %d: want 1 to %d MiB: it is kept in memory",
			c.ActionList.Largest, maxActions)
	}
	return nil
}

// limits are the limits of the journal.
func (c *Config) limits() journal.Limits {
	return journal.Limits{
		Size:  uint64(c.Journal.Size) << 20,
		Doubt: time.Duration(c.Journal.Days) * 24 * time.Hour,
		Keep:  time.Duration(c.Journal.Keep) * 24 * time.Hour,
	}
}

// Place is where service begins.
func (c *Config) Place() validator.Place {
	zone, _ := cardlayout.ParseZones(c.Service.Zone) // checked
	return validator.Place{
		Line: c.Service.Line, Stop: c.Service.Stop, Vehicle: c.Service.Vehicle,
		Trip: c.Service.Trip, Zone: zone.First(),
	}
}
