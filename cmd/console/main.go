// Command console is the driver's console: it serves the driver's page, sends the driver's commands
// to the validator of the bus, and checks, loads and sells by itself while that is down.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	_ "time/tzdata"

	"leima/cardlayout/plain"
	"leima/cmd/internal/device"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/program"
	"leima/cmd/internal/service"
	"leima/cmd/internal/terminal"
)

const about = `Runs the driver's device of a bus.

Exit codes: 0 stopped when asked to; 1 the reader is gone or the address is in use, a
restart may help; 74 what the device keeps in its state folder cannot be used; 78 the command
line or the configuration is wrong. After 78 a restart does not help.

Example:

  console driver add --drivers drivers.toml --number 7 --role driver --keys bus.toml
  console run --config testdata/console.toml`

// commands are the command line.
type commands struct {
	Run struct {
		Config string `help:"The configuration, in TOML." default:"/etc/leima/console.toml"`
	} `cmd:"" help:"Serve the driver's page until stopped."`
	Status struct {
		Config string `help:"The configuration, in TOML." default:"/etc/leima/console.toml"`
		JSON   bool   `help:"Answer in JSON." name:"json"`
	} `cmd:"" help:"Say whether the console runs, or else why not. 0: it runs; 1: it does not."`
	Commission struct {
		Config string `help:"The configuration, in TOML." default:"/etc/leima/console.toml"`
	} `cmd:"" help:"Make the state folder of a new device, with its empty journal."`
	Driver struct {
		Add terminal.Adding `cmd:"" help:"Add a driver to the register, or give one a new PIN."`
	} `cmd:"" help:"The register of those who may sign on."`
}

func main() {
	program.Main("console", device.CodeState, func(ctx context.Context) int {
		return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	}, syscall.SIGHUP)
}

// run is the program without its signals.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stdout, stderr = plain.Writer(stdout), plain.Writer(stderr)
	var c commands
	command, code, done := program.Parse(&c, "console", about, args, stdout, stderr)
	if done {
		return code
	}
	config, err := &terminal.Config{}, error(nil)
	switch command {
	case "run":
		if err = serve(ctx, config, c.Run.Config, stdout, stderr); err != nil {
			device.Ended(config.StateFolder(), service.Console, err)
		}
	case "status":
		if err = config.Read(c.Status.Config, config); err == nil {
			report := config.Folder().Report(service.Console)
			if err = report.Write(stdout, c.Status.JSON); err == nil && !report.Running {
				return device.CodeFault
			}
		}
	case "commission":
		if err = config.Read(c.Commission.Config, config); err == nil {
			err = config.Folder().Commission(stdout)
		}
	case "driver add":
		err = c.Driver.Add.Add(ctx, stdin, stdout, rand.Reader)
	}
	if err != nil {
		fmt.Fprintln(stderr, "console:", err)
	}
	return device.Code(err)
}

// serve is the console on a PC/SC reader.
func serve(
	ctx context.Context, c *terminal.Config, path string, stdout, stderr io.Writer,
) error {
	if err := c.Read(path, c); err != nil {
		return err
	}
	ring, err := keyring.Open(c.Source())
	if err != nil {
		return program.Usage(err)
	}
	return errors.Join(c.Serve(ctx, ring, stdout, stderr, nil), ring.Close())
}
