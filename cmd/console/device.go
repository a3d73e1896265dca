package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/cmd/internal/evidence"
	"leima/cmd/internal/machine"
	"leima/cmd/internal/private"
	"leima/cmd/internal/settings"
	"leima/fare"
	"leima/fare/tariff"
	"leima/validator/console"
	"leima/validator/journal"
)

// The files of a state folder that are not package console's.
const (
	journalFile = "journal"
	clockFile   = "clock"
	keyFile     = "device.key" // signs the heads of the journal
)

// A device is what a console keeps on disk, open.
type device struct {
	config  *config
	journal *journal.Journal
	lists   *blocklist.Store
	tariffs atomic.Pointer[tariff.Set]
	clock   *console.Clock
	log     *slog.Logger
	logFile io.Closer
}

// commission makes the state folder of a new device.
func commission(path string, stdout io.Writer) error {
	c, err := readConfig(path)
	if err != nil {
		return err
	}
	if err := c.commission(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "device %d is commissioned: its journal is %s\n",
		c.Device, c.state(journalFile))
	key, err := journal.DeviceKey(c.state(keyFile))
	if err == nil {
		fmt.Fprintf(stdout, "bench journal verify wants its public key: %s\n",
			journal.PublicText(key))
	}
	return err
}

func (c *config) commission() error {
	if err := os.MkdirAll(c.file(c.State), 0o700); err != nil {
		return fmt.Errorf("making the state folder: %w: nothing can be kept there", err)
	}
	if err := journal.Create(c.state(journalFile), c.Device); err != nil {
		return err
	}
	_, err := journal.DeviceKey(c.state(keyFile))
	return err
}

// openDevice opens everything in order. What cannot be done without is an error.
func openDevice(c *config, stderr io.Writer) (d *device, err error) {
	d = &device{config: c, lists: blocklist.NewStore(c.area())}
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()
	// With emulated cards nobody's money is lost with a journal.
	if _, err := os.Stat(c.state(journalFile)); err != nil && c.Reader == emulated {
		err := errors.Join(c.commission(), os.MkdirAll(c.file(c.Emulated.Cards), 0o700))
		if err != nil {
			return d, err
		}
	}
	if err := private.Close(c.file(c.State)); err != nil {
		return d, fmt.Errorf("closing the state folder to others: %w: give it to the program's "+
			"user", err)
	}
	if err := d.openLog(stderr); err != nil {
		return d, err
	}
	if d.journal, err = journal.Open(c.state(journalFile)); err != nil {
		return d, err
	}
	if d.journal.Next().Device != c.Device {
		return d, fmt.Errorf("the journal in %s belongs to device %d, and the configuration is "+
			"for %d: use the device's own state folder", c.file(c.State),
			d.journal.Next().Device, c.Device)
	}
	evidence.Begin(d.journal, c.state(keyFile), d.log)
	if d.clock, err = console.OpenClock(c.state(clockFile), time.Now); err == nil {
		d.clock.Measure, d.clock.Real = machine.Elapsed, c.Reader != emulated
	}
	return d, err
}

func (d *device) openLog(stderr io.Writer) (err error) {
	path := d.config.Log
	if path != "" {
		path = d.config.state(path)
	}
	d.log, d.logFile, err = settings.OpenLog(path, stderr)
	return err
}

var errNoTariff = errors.New("there are no tariffs yet: the validator of the bus gives a copy")

// tariff is the one that holds at a time.
func (d *device) tariff(at time.Time) (*fare.Tariff, error) {
	set := d.tariffs.Load()
	if set == nil {
		return nil, errNoTariff
	}
	return set.At(cardlayout.Area(d.config.Area), at)
}

// earliest is the first day of the tariffs on board; zero: there are none.
func (d *device) earliest() time.Time {
	if set := d.tariffs.Load(); set != nil {
		return set.First(cardlayout.Area(d.config.Area))
	}
	return time.Time{}
}

// largestCopy is the longest copy that is taken from the bus: a list of all cards there are.
const largestCopy = 256 << 20

// mirror takes copies of the bus' tariffs and lists into use.
func (d *device) mirror() console.Mirror {
	return console.Mirror{Tariffs: d.openTariffs, List: d.openList, Largest: largestCopy}
}

func (d *device) openTariffs(path string) (func() error, error) {
	set, err := tariff.Load(path, time.LoadLocation)
	if err != nil {
		return nil, err
	}
	return func() error { d.tariffs.Store(set); return nil }, nil
}

func (d *device) openList(full, delta string) (func() error, error) {
	list, err := blocklist.Open(full)
	if err != nil {
		return nil, err
	}
	if err := overlay(list, delta); err != nil {
		return nil, errors.Join(err, list.Close())
	}
	if err := d.lists.Admit(list); err != nil {
		return nil, errors.Join(err, list.Close())
	}
	return func() error { return d.lists.Use(list, nil) }, nil
}

func overlay(list *blocklist.File, path string) error {
	if path == "" {
		return nil
	}
	delta, err := blocklist.Open(path)
	if err != nil {
		return err
	}
	if err := list.Overlay(delta); err != nil {
		return errors.Join(err, delta.Close())
	}
	_, err = list.Added(nil) // that they fit in every card
	return err
}

// Close closes what is open, the journal first.
func (d *device) Close() error {
	var err error
	if d.journal != nil {
		err = d.journal.Close()
	}
	err = errors.Join(err, d.lists.Close())
	if d.logFile != nil {
		err = errors.Join(err, d.logFile.Close())
	}
	return err
}
