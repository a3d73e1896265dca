// Package console is the program of the driver's console on an emulated reader, with a page on
// which cards are put on both readers.
//
// Its one rule: it is only for emulated cards.
package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"leima/cmd/internal/emulated"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/program"
	"leima/cmd/internal/terminal"
	"leima/cmd/internal/text"
	"leima/hw/emu"
	"leima/validator/api"
	page "leima/validator/console"
	"leima/validator/sim"
)

// A Config is the configuration of a console and its surroundings.
type Config struct {
	terminal.Config

	Emulated struct {
		Cards string `toml:"cards"` // folder of the cards
		Rate  int    `toml:"rate"`  // kbit/s
	} `toml:"emulated"`
}

// read reads and checks a configuration. An error names file and line.
func read(path string) (*Config, error) {
	c := &Config{}
	c.Bench = true
	c.Emulated.Rate = 848
	err := c.Config.Read(path, c)
	switch {
	case err != nil:
	case c.Emulated.Cards == "":
		err = fmt.Errorf("%s: emulated.cards is missing: want the folder of the cards", path)
	case !slices.Contains(emulated.Rates, c.Emulated.Rate):
		err = fmt.Errorf("%s: emulated.rate is %d: want one of %v", path, c.Emulated.Rate,
			emulated.Rates)
	}
	return c, program.Usage(err)
}

// Serve runs the console from its start to its end.
func Serve(ctx context.Context, path string, stdout, stderr io.Writer) error {
	c, err := read(path)
	if err != nil {
		return err
	}
	source := c.Source()
	source.Test = new(sim.TestKeys())
	ring, err := keyring.Open(source)
	if err != nil {
		return program.Usage(err)
	}
	around := func() (terminal.Environment, error) {
		folder := c.File(c.Emulated.Cards)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return terminal.Environment{},
				fmt.Errorf("the folder of the cards %s cannot be made: %w: "+
					"name another", folder, text.Cause(err))
		}
		rate := emu.Rate(slices.Index(emulated.Rates, c.Emulated.Rate))
		reader := emulated.NewReader(emulated.Cards(folder), rate)
		return terminal.Environment{
			Reader: reader,
			Emulation: func(client *api.Client) page.Emulation {
				return bothReaders{
					bus: emulated.RemoteControl{Send: client.Send},
					own: emulated.LocalControl{Reader: reader, Keys: ring.EmulatedKeys},
				}
			},
		}, nil
	}
	return errors.Join(c.Config.Serve(ctx, ring, stdout, stderr, around), ring.Close())
}
