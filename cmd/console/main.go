// Command console is the driver's device: it serves the driver's page, tells the validator
// of the bus what the driver says, and checks, loads and sells on its own while that is down.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	_ "time/tzdata" // a bus need not have time zones installed

	"leima/cmd/internal/program"
	"leima/hw"
)

// The exit codes. A service manager restarts after exitFault only: the others need a
// person.
const (
	exitOK    = 0
	exitFault = 1                 // no reader, or the address is in use
	exitUsage = program.UsageCode // the command line or the configuration is wrong
	exitState = 3                 // what the device keeps cannot be used
)

const about = `Runs the driver's device of a bus.

Exit codes: 0 stopped when asked to; 1 the reader is gone or the address is in use, a
restart may help; 2 the command line or the configuration is wrong; 3 what the device keeps
in its state folder cannot be used. After 2 and 3 a restart does not help.

Example:

  console driver add --drivers drivers.toml --number 7 --role driver
  console run --config testdata/console.toml`

// commands are the command line.
type commands struct {
	Run struct {
		Config string `help:"The configuration, in TOML." required:"" placeholder:"FILE"`
	} `cmd:"" help:"Serve the driver's page until stopped."`
	Commission struct {
		Config string `help:"The configuration, in TOML." required:"" placeholder:"FILE"`
	} `cmd:"" help:"Make the state folder of a new device, with its empty journal."`
	Driver struct {
		Add adding `cmd:"" help:"Add a driver to the register, or give one a new PIN."`
	} `cmd:"" help:"The register of those who may sign on."`
}

type adding struct {
	Drivers string `help:"The register, in TOML." required:"" placeholder:"FILE"`
	Number  uint32 `help:"The driver's number." required:""`
	Role    string `help:"${enum}." default:"driver" enum:"driver,inspector,provider"`
	PINFile string `help:"File with the PIN, which else is asked for." name:"pin-file"`
}

func main() {
	program.Main("console", exitState, func(ctx context.Context) int {
		return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	}, syscall.SIGHUP)
}

// run is the whole program but for its signals.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c commands
	command, code, done := program.Parse(&c, "console", about, args, stdout, stderr)
	if done {
		return code
	}
	err := error(nil)
	switch command {
	case "run":
		err = serve(ctx, c.Run.Config, stdout, stderr)
	case "commission":
		err = commission(c.Commission.Config, stdout)
	case "driver add":
		err = c.Driver.Add.add(ctx, stdin, stdout, rand.Reader)
	}
	if err != nil {
		fmt.Fprintln(stderr, "console:", err)
	}
	return codeOf(err)
}

// errListen says that nobody could reach the page.
var errListen = errors.New("the page cannot be served")

func codeOf(err error) int {
	switch {
	case err == nil:
		return exitOK
	case program.IsUsage(err):
		return exitUsage
	case errors.Is(err, hw.ErrReader), errors.Is(err, errListen):
		return exitFault
	}
	return exitState
}
