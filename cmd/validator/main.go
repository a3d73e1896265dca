// Command validator is the validator on the bus: it waits for cards, decides, writes them and
// lights the lamp, and keeps a journal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	_ "time/tzdata"

	"leima/cardlayout/plain"
	"leima/cmd/internal/device"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/onboard"
	"leima/cmd/internal/program"
	"leima/cmd/internal/service"
)

const about = `Runs the validator of a bus.

Exit codes: 0 stopped when asked to; 1 the reader is gone or an address is in use, a restart may
help; 74 what the device keeps in its state folder cannot be used; 78 the command line or the
configuration is wrong. After 78 a restart does not help.

Example:
  validator run --config testdata/reader.toml
  validator status --config testdata/reader.toml --json`

// commands are the command line.
type commands struct {
	Run struct {
		Config string `help:"The configuration, in TOML." default:"/etc/leima/validator.toml"`
		Plain  bool   `help:"Write a transcript, also on a terminal."`
	} `cmd:"" help:"Serve passengers until stopped. SIGHUP takes new lists and tariffs into use."`
	Status struct {
		Config string `help:"The configuration, in TOML." default:"/etc/leima/validator.toml"`
		JSON   bool   `help:"Answer in JSON." name:"json"`
	} `cmd:"" help:"Say how it is, what is wrong and what to do. 0: it serves; 1: it does not."`
	Commission struct {
		Config string `help:"The configuration, in TOML." default:"/etc/leima/validator.toml"`
	} `cmd:"" help:"Make the state folder of a new device, with its empty journal."`
}

func main() {
	program.Main("validator", device.CodeState, func(ctx context.Context) int {
		return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	})
}

// run is the program without its signals.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	stderr = plain.Writer(stderr)
	var c commands
	command, code, done := program.Parse(&c, "validator", about, args, stdout, stderr)
	if done {
		return code
	}
	config, err := &onboard.Config{}, error(nil)
	switch command {
	case "run":
		if err = serve(ctx, config, c.Run.Config,
			onboard.Run{Plain: c.Run.Plain, Stdout: stdout, Stderr: stderr}); err != nil {
			device.Ended(config.StateFolder(), service.Validator, err)
		}
	case "status":
		if config, err = asked(c.Status.Config); err == nil {
			status := config.Status(ctx)
			if err = status.Write(stdout, c.Status.JSON); err == nil && !status.Serves() {
				return device.CodeFault
			}
		}
	case "commission":
		if err = program.Usage(config.Read(c.Commission.Config, config)); err == nil {
			err = config.Folder().Commission(stdout)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "validator:", err)
	}
	return device.Code(err)
}

// asked is the configuration of a validator that is asked how it is: an emulated bus's, or a bus's.
func asked(path string) (*onboard.Config, error) {
	var emulated struct {
		onboard.Config

		Emulated map[string]any `toml:"emulated"`
	}
	emulated.Bench = true
	if err := emulated.Read(path, &emulated); err == nil || emulated.Emulated != nil {
		return &emulated.Config, program.Usage(err)
	}
	c := &onboard.Config{}
	return c, program.Usage(c.Read(path, c))
}

// serve is the validator on a PC/SC reader.
func serve(ctx context.Context, c *onboard.Config, path string, run onboard.Run) error {
	if err := c.Read(path, c); err != nil {
		return program.Usage(err)
	}
	ring, err := keyring.Open(c.Source())
	if err != nil {
		return program.Usage(err)
	}
	return errors.Join(c.Serve(ctx, ring, run, c.WithPCSC), ring.Close())
}
