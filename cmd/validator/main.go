// Command validator is the device on the bus: it waits for cards, decides, writes
// back and lights the lamp, and keeps what it did in a journal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // a bus need not have time zones installed

	"leima/cmd/internal/program"
	"leima/hw"
)

// The exit codes. A service manager restarts after exitFault only: the others need a
// person.
const (
	exitOK    = 0
	exitFault = 1                 // the reader is gone: a restart may help
	exitUsage = program.UsageCode // the command line or the configuration is wrong
	exitState = 3                 // what the device keeps cannot be used
)

const about = `Runs the validator of a bus.

Exit codes: 0 stopped when asked to; 1 the reader is gone, a restart may help; 2 the
command line or the configuration is wrong; 3 what the device keeps in its state
folder cannot be used. After 2 and 3 a restart does not help.

Example:

  validator run --config testdata/demo.toml`

// commands are the command line.
type commands struct {
	Run struct {
		Config string `help:"The configuration, in TOML." required:"" placeholder:"FILE"`
		Pace   string `help:"How long the emulated passengers take." placeholder:"1.5s"`
		Plain  bool   `help:"Write a transcript, also on a terminal."`
	} `cmd:"" help:"Serve passengers until stopped. SIGHUP takes new lists and tariffs into use."`
	Commission struct {
		Config string `help:"The configuration, in TOML." required:"" placeholder:"FILE"`
	} `cmd:"" help:"Make the state folder of a new device, with its empty journal."`
}

func main() {
	program.Main("validator", exitState, func(ctx context.Context) int {
		return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	})
}

// run is the whole program but for its signals.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	command, code, done := program.Parse(&c, "validator", about, args, stdout, stderr)
	if done {
		return code
	}
	err := error(nil)
	switch command {
	case "run":
		err = serve(ctx, &c, stdout, stderr)
	case "commission":
		err = commission(c.Commission.Config, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "validator:", err)
	}
	return codeOf(err)
}

func codeOf(err error) int {
	switch {
	case err == nil:
		return exitOK
	case program.IsUsage(err):
		return exitUsage
	case errors.Is(err, hw.ErrReader):
		return exitFault
	}
	return exitState
}
