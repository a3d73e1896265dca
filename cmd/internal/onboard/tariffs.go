package onboard

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/machine"
	"leima/cmd/internal/program"
	"leima/cmd/internal/text"
	"leima/fare"
	"leima/fare/tariff"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// checkTariffs refuses unsigned tariffs with a real reader and real keys.
func (c *Config) checkTariffs(ring *keyring.Ring) error {
	if len(c.TariffList.Keys) > 0 || c.Bench || ring.Warning != "" {
		return nil
	}
	return errors.New("the tariffs are not signed, and this is no bench: sign them (bench tariff " +
		"sign), pin the public key as keys of [tariff_list], take tariffs out of the " +
		"configuration, and put the bundle into the inbox")
}

// openTariffs takes the tariffs into use: the sources of the configuration, or signed ones. The
// lists are open by then: a first bundle may wait beside theirs.
func (d *Device) openTariffs() (err error) {
	c := d.config
	if len(c.TariffList.Keys) == 0 {
		return d.loadTariffs(inbox.AtOnce)
	}
	d.tariffs, err = lists.OpenTariffs(c.InState(TariffFolder), c.trust(c.TariffList.Keys, 0),
		time.LoadLocation)
	if err != nil {
		return err
	}
	if d.tariffs.Version() == 0 {
		d.tellAlarm(bundle.Tariffs)
		d.scanAt(c.built(), inbox.AtOnce)
	} else {
		d.logTariffs()
	}
	if d.tariffs.Version() == 0 {
		return fmt.Errorf("there are no tariffs: put the bundle of area %d's (bench tariff sign) "+
			"into %s, and start again", c.Area, c.inbox())
	}
	return nil
}

// built is the time for checking expiry before the clock is known: no earlier than the build of
// this program. An emulated bus has its own time.
func (c *Config) built() time.Time {
	if c.Bench {
		return time.Time{}
	}
	return machine.Built()
}

// logTariffs logs the tariffs in use, and leaves a copy for the driver's console.
func (d *Device) logTariffs() {
	used := d.tariffs.Used()
	d.Log.Info("tariffs in use", "version", used.Version, "tariffs", used.Count)
	err := tariff.Save(d.config.InState(TariffFile), used.Value.Sources, time.LoadLocation)
	if err != nil {
		d.Log.Error("the driver's console gets no new tariffs: make room in the state folder",
			"error", err)
	}
}

// loadTariffs compiles the configured sources into the state folder and takes them into use.
// Without sources it uses the stored ones.
func (d *Device) loadTariffs(apply exchange) error {
	path := d.config.InState(TariffFile)
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

func (d *Device) useTariffs(path string, apply exchange) error {
	set, err := tariff.Load(path, time.LoadLocation)
	if err != nil {
		return err
	}
	return apply(func() error {
		d.unsigned.Store(set)
		return nil
	})
}

// keepTariffs continues with the stored tariffs if new ones cannot be written: a full disk must not
// keep a bus in the depot. A mistake in the sources is an error.
func (d *Device) keepTariffs(path string, apply exchange, failed error) error {
	var disk *fs.PathError
	if !errors.As(failed, &disk) || d.useTariffs(path, apply) != nil {
		return failed
	}
	d.Log.Error("the tariffs of the last start are used: make room in the state folder",
		"error", failed)
	return nil
}

func (c *Config) sources() ([]tariff.Source, error) {
	var sources []tariff.Source
	for _, name := range c.Tariffs {
		written, err := text.Read(c.File(name))
		if err != nil {
			return nil, program.Usage(fmt.Errorf("reading a tariff: %w", err))
		}
		sources = append(sources, tariff.Source{File: name, TOML: written})
	}
	return sources, nil
}

// Tariff is the tariff at a time.
func (d *Device) Tariff(at time.Time) (*fare.Tariff, error) {
	return d.Set().At(cardlayout.Area(d.config.Area), at)
}

// Earliest is the first day of the tariffs on board.
func (d *Device) Earliest() time.Time {
	return d.Set().First(cardlayout.Area(d.config.Area))
}

// Set is all tariffs on board.
func (d *Device) Set() *tariff.Set {
	if d.tariffs != nil {
		return d.tariffs.Used().Value.Set
	}
	return d.unsigned.Load()
}
