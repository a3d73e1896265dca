// Package bus is the program of the bus on an emulated reader, with the passengers of a script and
// an emulated clock in place of hardware.
//
// It uses the validator as any bus does. Its one rule: it is only for emulated cards.
package bus

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"leima/cmd/internal/emulated"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/onboard"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/hw/emu"
	"leima/hw/panel"
	"leima/validator/lists/bundle"
	"leima/validator/sim"
)

// A Config is the configuration of a bus and its surroundings.
type Config struct {
	onboard.Config

	Emulated struct {
		Script string            `toml:"script"` // of the passengers
		Start  time.Time         `toml:"start"`  // of the first day
		Rate   int               `toml:"rate"`   // kbit/s
		Frame  int               `toml:"frame"`  // bytes
		Pace   settings.Duration `toml:"pace"`   // time for each passenger

		// Open continues after the script, with cards that are put on the reader by hand.
		Open bool `toml:"open"`
	} `toml:"emulated"`
}

// read reads and checks a configuration. An error names file and line.
func read(path string) (*Config, error) {
	c := &Config{}
	c.Bench = true
	if err := c.Config.Read(path, c); err != nil {
		return nil, err
	}
	var err error
	switch {
	case !slices.Contains(emulated.Rates, c.Emulated.Rate):
		err = fmt.Errorf("%s: emulated.rate is %d: want one of %v", path, c.Emulated.Rate,
			emulated.Rates)
	case !slices.Contains([]int{64, 128, 256}, c.Emulated.Frame):
		err = fmt.Errorf("%s: emulated.frame is %d: want 64, 128 or 256", path, c.Emulated.Frame)
	}
	return c, err
}

func (c *Config) rate() emu.Rate { return emu.Rate(slices.Index(emulated.Rates, c.Emulated.Rate)) }

// Serve runs the bus from its start to its end. pace, if not empty, replaces that of the
// configuration.
func Serve(ctx context.Context, path, pace string, drive Drive, run onboard.Run) error {
	c, err := read(path)
	if err == nil && pace != "" {
		err = c.Emulated.Pace.UnmarshalText([]byte(pace))
	}
	if err != nil {
		return program.Usage(err)
	}
	if drive.Feed != "" { // from where the command is given, not from where the configuration is
		if c.Stops, err = filepath.Abs(drive.Feed); err != nil {
			return err
		}
	}
	source := c.Source()
	source.Test = new(sim.TestKeys())
	ring, err := keyring.Open(source)
	if err != nil {
		return program.Usage(err)
	}
	public, signer, err := ed25519.GenerateKey(nil)
	if err != nil {
		return errors.Join(err, ring.Close())
	}
	c.BlockList.Keys = append(c.BlockList.Keys, bundle.PublicKey(public))
	return errors.Join(c.Config.Serve(ctx, ring, run, func(d *onboard.Device,
		screen *panel.Terminal,
	) (onboard.Environment, error) {
		w, err := newEmulation(c, drive, d, ring.EmulatedKeys, screen)
		if err != nil {
			return onboard.Environment{}, err
		}
		w.signer = signer
		return w.environment(), nil
	}), ring.Close())
}
