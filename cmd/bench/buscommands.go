package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"

	"leima/cmd/internal/device"
	"leima/cmd/internal/emulated/bus"
	"leima/cmd/internal/emulated/console"
	"leima/cmd/internal/onboard"
)

// busCommands are the whole bus without any hardware: the programs of the bus on emulated readers,
// with emulated cards.
type busCommands struct {
	Run       busRunCommand       `cmd:"" help:"Start validator and console of an emulated bus."`
	Validator busValidatorCommand `cmd:"" help:"Start only the validator."`
	Console   busConsoleCommand   `cmd:"" help:"Start only the driver's console."`
}

// busCodes are the exit codes of the programs of the bus.
const busCodes = `

Exit codes are those of the programs of a bus: 0 stopped when asked to; 1 a reader is gone or an
address in use; 74 what a device keeps in its state folder cannot be used; 78 the command line or
a configuration is wrong.`

type busRunCommand struct {
	Config  string `required:"" placeholder:"FILE" help:"Configuration of the validator."`
	Console string `placeholder:"FILE" help:"Configuration of the console; else there is none."`
	bus.Drive
}

func (*busRunCommand) examples() string {
	return "bench bus run --config testdata/bus.toml --feed testdata/feed --drive 2-0800-0"
}

func (*busRunCommand) Help() string {
	return `The two are processes of their own, as on a bus: each may be killed and started again,
and the other goes on. Ctrl-C ends both.` + busCodes
}

// Run starts the programs and waits until they end.
func (c *busRunCommand) Run(ctx context.Context, b *bench) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	calls := [][]string{{"bus", "validator", "--config", c.Config}}
	if c.Feed != "" {
		calls[0] = append(calls[0], "--feed", c.Feed)
	}
	if c.Drive.Drive != "" {
		calls[0] = append(calls[0], "--drive", c.Drive.Drive, "--speed", strconv.Itoa(c.Speed))
	}
	if c.Console != "" {
		calls[0] = append(calls[0], "--plain")
		calls = append(calls, []string{"bus", "console", "--config", c.Console})
	}
	codes := make([]int, len(calls))
	var running sync.WaitGroup
	for n, args := range calls {
		cmd := exec.CommandContext(ctx, own, args...)
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		running.Go(func() {
			if err := cmd.Run(); err != nil && ctx.Err() == nil {
				b.remark("the %s has ended (%v): bench bus %[1]s --config … starts it again",
					args[1], err)
			}
			codes[n] = max(cmd.ProcessState.ExitCode(), 0)
		})
	}
	running.Wait()
	for _, code := range codes {
		if code != 0 {
			return failure{code, errReported}
		}
	}
	return nil
}

type busValidatorCommand struct {
	Config string `required:"" placeholder:"FILE" help:"The configuration, in TOML."`
	Pace   string `placeholder:"1.5s" help:"How long the emulated passengers take."`
	Plain  bool   `help:"Write a transcript, also on a terminal."`
	bus.Drive
}

func (*busValidatorCommand) examples() string {
	return "bench bus validator --config testdata/demo.toml"
}

func (*busValidatorCommand) Help() string {
	return `The program of the bus, with an emulated reader and the passengers of a script. SIGHUP
takes new lists and tariffs into use.` + busCodes
}

func (c *busValidatorCommand) Run(ctx context.Context, b *bench) error {
	return ended(bus.Serve(ctx, c.Config, c.Pace, c.Drive,
		onboard.Run{Plain: c.Plain, Stdout: os.Stdout, Stderr: b.err}))
}

type busConsoleCommand struct {
	Config string `required:"" placeholder:"FILE" help:"The configuration, in TOML."`
}

func (*busConsoleCommand) examples() string {
	return "bench bus console --config testdata/console.toml"
}

func (*busConsoleCommand) Help() string {
	return `The driver's console, with an emulated reader of its own and a page on which cards are
laid on both readers.` + busCodes
}

func (c *busConsoleCommand) Run(ctx context.Context, b *bench) error {
	return ended(console.Serve(ctx, c.Config, b.out, b.err))
}

// ended is the end of a program of the bus, with its own exit code.
func ended(err error) error {
	if err == nil {
		return nil
	}
	return failure{device.Code(err), err}
}
