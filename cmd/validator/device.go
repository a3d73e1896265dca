package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"leima/blocklist"
	"leima/blocklist/inbox"
	"leima/blocklist/shelf"
	"leima/cardlayout"
	"leima/cmd/internal/evidence"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/fare"
	"leima/fare/actionlist/tray"
	"leima/fare/tariff"
	"leima/validator/journal"
)

// The files of a state folder.
const (
	journalFile  = "journal"
	listFolder   = "lists"
	actionFolder = "actions"
	inboxFolder  = "inbox"

	// refusedFolder holds the bundles that were refused last: out of reach for those who fill
	// the inbox.
	refusedFolder = "refused"
	tariffFile    = "tariffs"
	cardFolder    = "cards"

	// keyFile is the device's own: it signs the heads of the journal.
	keyFile = "device.key"
)

// A device is what a validator keeps on disk, open.
type device struct {
	config  *config
	journal *journal.Journal
	lists   *blocklist.Store
	shelf   *shelf.Shelf
	actions *tray.Tray
	street  ed25519.PrivateKey // signs the lists of an emulated street
	tariffs atomic.Pointer[tariff.Set]
	log     *slog.Logger
	logFile io.Closer
}

// commission makes the state folder of a new device.
func commission(path string, stdout io.Writer) error {
	c, err := readConfig(path)
	if err != nil {
		return program.Usage(err)
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
	if err := os.MkdirAll(c.state(cardFolder), 0o700); err != nil {
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
	d = &device{config: c, lists: blocklist.NewStore(cardlayout.Area(c.Area))}
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()
	if err := d.commissionOnce(); err != nil {
		return d, err
	}
	if err := private.Close(c.file(c.State)); err != nil {
		return d, fmt.Errorf("closing the state folder to others: %w: give it to the program's "+
			"user", err)
	}
	if err := d.openLog(stderr); err != nil {
		return d, err
	}
	if c.unread != nil {
		d.log.Error("the timetable feed cannot be read: the bus begins in the zone of its "+
			"configuration", "zone", c.Service.Zone, "error", c.unread)
	}
	if d.journal, err = journal.OpenWithin(c.state(journalFile), c.limits()); err != nil {
		return d, err
	}
	if d.journal.Next().Device != c.Device {
		return d, fmt.Errorf("the journal in %s belongs to device %d, and the configuration is "+
			"for %d: use the device's own state folder", c.file(c.State),
			d.journal.Next().Device, c.Device)
	}
	evidence.Begin(d.journal, c.state(keyFile), d.log)
	if err := d.loadTariffs(inbox.AtOnce); err != nil {
		return d, err
	}
	return d, d.openLists()
}

// commissionOnce commissions a device that has only emulated cards: nobody's money
// is lost with its journal.
func (d *device) commissionOnce() error {
	if _, err := os.Stat(d.config.state(journalFile)); err == nil || d.config.Reader != emulated {
		return nil
	}
	return d.config.commission()
}

func (d *device) openLog(stderr io.Writer) (err error) {
	path := d.config.Log
	if path != "" {
		path = d.config.state(path)
	}
	d.log, d.logFile, err = settings.OpenLog(path, stderr)
	return err
}

// An exchange takes what was read and checked into use at the right moment: at once,
// or between two taps. Reading and checking keep no passenger waiting.
type exchange = inbox.Exchange

// loadTariffs compiles the configured sources into the state folder and takes them
// into use. Without sources it uses what is there.
func (d *device) loadTariffs(apply exchange) error {
	path := d.config.state(tariffFile)
	if len(d.config.Tariffs) > 0 {
		sources, err := d.config.sources()
		if err != nil {
			return err
		}
		if err := tariff.Save(path, sources, time.LoadLocation); err != nil {
			return d.keepTariffs(path, apply, err)
		}
	}
	return d.useTariffs(path, apply)
}

func (d *device) useTariffs(path string, apply exchange) error {
	set, err := tariff.Load(path, time.LoadLocation)
	if err != nil {
		return err
	}
	return apply(func() error {
		d.tariffs.Store(set)
		return nil
	})
}

// keepTariffs goes on with the tariffs of the state folder where new ones cannot be
// written: a full disk must not keep a bus in the depot. A mistake in the sources is
// another matter.
func (d *device) keepTariffs(path string, apply exchange, failed error) error {
	var disk *fs.PathError
	if !errors.As(failed, &disk) || d.useTariffs(path, apply) != nil {
		return failed
	}
	d.log.Error("the tariffs of the last start are used: make room in the state folder",
		"error", failed)
	return nil
}

func (c *config) sources() ([]tariff.Source, error) {
	var sources []tariff.Source
	for _, name := range c.Tariffs {
		written, err := text.Read(c.file(name))
		if err != nil {
			return nil, program.Usage(fmt.Errorf("reading a tariff: %w", err))
		}
		sources = append(sources, tariff.Source{File: name, TOML: written})
	}
	return sources, nil
}

// tariff is the one that holds at a time.
func (d *device) tariff(at time.Time) (*fare.Tariff, error) {
	return d.tariffs.Load().At(cardlayout.Area(d.config.Area), at)
}

// earliest is the first day of the tariffs on board.
func (d *device) earliest() time.Time {
	return d.tariffs.Load().First(cardlayout.Area(d.config.Area))
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
