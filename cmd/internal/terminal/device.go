package terminal

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/cmd/internal/device"
	"leima/cmd/internal/machine"
	"leima/fare"
	"leima/fare/tariff"
	"leima/validator/console"
)

// clockFile is the file in the state folder that does not belong to package console.
const clockFile = "clock"

// consoleDevice is a console's open state folder.
type consoleDevice struct {
	*device.Device
	config  *Config
	lists   *blocklist.Store
	tariffs atomic.Pointer[tariff.Set]
	clock   *console.Clock
}

// openDevice opens everything in order. It returns an error if a necessary part is missing.
func openDevice(c *Config, stderr io.Writer) (d *consoleDevice, err error) {
	d = &consoleDevice{config: c, lists: blocklist.NewStore(c.area())}
	if d.Device, err = c.Folder().Open(stderr); err != nil {
		return nil, err
	}
	if d.clock, err = console.OpenClock(c.InState(clockFile), time.Now); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.clock.Measure, d.clock.Real = machine.Elapsed, !c.Bench
	return d, nil
}

var errNoTariff error = fare.Say("there are no tariffs yet: the validator of the bus gives a copy")

// tariff is the tariff at a time.
func (d *consoleDevice) tariff(at time.Time) (*fare.Tariff, error) {
	set := d.tariffs.Load()
	if set == nil {
		return nil, errNoTariff
	}
	return set.At(cardlayout.Area(d.config.Area), at)
}

// earliest is the first day of the tariffs on board; zero if there are none.
func (d *consoleDevice) earliest() time.Time {
	if set := d.tariffs.Load(); set != nil {
		return set.First(cardlayout.Area(d.config.Area))
	}
	return time.Time{}
}

// largestCopy is the largest size of a copy from the bus, in bytes: a list of all cards.
const largestCopy = 256 << 20

// mirror takes copies of the bus's tariffs and lists into use.
func (d *consoleDevice) mirror() console.Mirror {
	return console.Mirror{Tariffs: d.openTariffs, List: d.openList, Largest: largestCopy}
}

func (d *consoleDevice) openTariffs(path string) (func() error, error) {
	set, err := tariff.Load(path, time.LoadLocation)
	if err != nil {
		return nil, err
	}
	return func() error { d.tariffs.Store(set); return nil }, nil
}

func (d *consoleDevice) openList(full, delta string) (func() error, error) {
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
	_, err = list.Added(nil) // they fit together
	return err
}

// Close closes all parts, the journal first.
func (d *consoleDevice) Close() error { return errors.Join(d.Device.Close(), d.lists.Close()) }
