// Package program is what the devices' programs have in common around what they do: they
// let nobody read their memory, end when they are asked to, and say what is wrong with their
// command line.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"leima/cmd/internal/guard"
)

// UsageCode is the exit code of a wrong command line or configuration: a restart does not
// help.
const UsageCode = 2

// Main runs a program until it ends or is asked to, by Ctrl-C, SIGTERM or one of the signals
// in also: then it ends when what it is doing is done, a tap above all. Nothing else from
// outside ends it, neither a pipe that nobody reads any more nor a terminal that was closed;
// only SIGQUIT does so at once, as Go has it. failed is the exit code of one whose memory
// cannot be guarded.
func Main(name string, failed int, run func(context.Context) int, also ...os.Signal) {
	if err := guard.Memory(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(failed)
	}
	syscall.Umask(0o077) // what the device keeps is its own
	signal.Ignore(syscall.SIGPIPE, syscall.SIGHUP, syscall.SIGALRM, syscall.SIGUSR1,
		syscall.SIGUSR2, syscall.SIGVTALRM, syscall.SIGTTOU, syscall.SIGTTIN)
	ctx, _ := signal.NotifyContext(context.Background(),
		append(also, os.Interrupt, syscall.SIGTERM)...)
	os.Exit(run(ctx))
}

// Parse reads a command line into a kong grammar. done says that there is nothing left to do
// but to end with the code.
func Parse(grammar any, name, about string, args []string, stdout, stderr io.Writer) (
	command string, code int, done bool,
) {
	parser := kong.Must(grammar, kong.Name(name), kong.Description(about),
		kong.Writers(stdout, stderr), kong.Exit(func(n int) { code, done = n, true }),
		kong.UsageOnError())
	parsed, err := parser.Parse(args)
	switch {
	case done: // help was asked for
		return "", code, true
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\n%s --help says more\n", name, err, name)
		return "", UsageCode, true
	}
	return parsed.Command(), 0, false
}

// usage is the fault of whoever started the program.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// Usage marks an error as the fault of whoever started the program; nil stays nil.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return usage{err}
}

// IsUsage tells such an error.
func IsUsage(err error) bool {
	var u usage
	return errors.As(err, &u)
}
