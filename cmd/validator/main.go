// Command validator is the device on the bus: it waits for cards, decides, writes
// back and lights the lamp, and keeps what it did in a journal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // a bus need not have time zones installed

	"github.com/alecthomas/kong"

	"leima/cmd/internal/guard"
	"leima/hw"
)

// The exit codes. A service manager restarts after exitFault only: the others need a
// person.
const (
	exitOK    = 0
	exitFault = 1 // the reader is gone: a restart may help
	exitUsage = 2 // the command line or the configuration is wrong
	exitState = 3 // what the device keeps cannot be used
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
	if err := guard.Memory(); err != nil {
		fmt.Fprintln(os.Stderr, "validator:", err)
		os.Exit(exitState)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second) // one Ctrl-C may be told twice
		stop()                  // asked again, the program ends at once
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for its signals.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	command, code, done := parse(&c, args, stdout, stderr)
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

// parse reads the command line. done says that there is nothing left to do.
func parse(c *commands, args []string, stdout, stderr io.Writer) (
	command string, code int, done bool,
) {
	parser := kong.Must(c, kong.Name("validator"), kong.Description(about),
		kong.Writers(stdout, stderr), kong.Exit(func(n int) { code, done = n, true }),
		kong.UsageOnError())
	parsed, err := parser.Parse(args)
	switch {
	case done: // help was asked for
		return "", code, true
	case err != nil:
		fmt.Fprintf(stderr, "validator: %v\nvalidator --help says more\n", err)
		return "", exitUsage, true
	}
	return parsed.Command(), exitOK, false
}

// A usageError is the fault of whoever started the program.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func codeOf(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, hw.ErrReader):
		return exitFault
	}
	return exitState
}
