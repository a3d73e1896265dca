// Package program holds the common parts of the programs: they protect their memory, end at a
// signal, and report errors of their command line.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"leima/cmd/internal/guard"
)

// UsageCode is the exit code of a wrong command line or configuration, EX_CONFIG of sysexits.h. It
// is not 2, with which Go ends a program that has panicked: there a restart helps.
const UsageCode = 78

// Main runs a program until it ends or is asked to, by Ctrl-C, SIGTERM, another of guard.Ends or of
// the signals in also: then it finishes its present work, a tap above all. No other signal ends it,
// neither a closed pipe nor a closed terminal. failed is the exit code if the memory cannot be
// guarded.
func Main(name string, failed int, run func(context.Context) int, also ...os.Signal) {
	if err := guard.Memory(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(failed)
	}
	syscall.Umask(0o077) // the device's files are its own
	signal.Ignore(syscall.SIGPIPE, syscall.SIGHUP, syscall.SIGALRM, syscall.SIGUSR1,
		syscall.SIGUSR2, syscall.SIGVTALRM, syscall.SIGTTOU, syscall.SIGTTIN)
	ctx, _ := signal.NotifyContext(context.Background(), append(also, guard.Ends...)...)
	os.Exit(run(ctx))
}

// Parse parses a command line by a kong grammar. done means that the program ends with the code.
func Parse(grammar any, name, about string, args []string, stdout, stderr io.Writer) (
	command string, code int, done bool,
) {
	called := called(name)
	examples := func(of string) string {
		return strings.NewReplacer("\n  "+name+" ", "\n  "+called+" ",
			`"`+name+" ", `"`+called+" ").Replace(of)
	}
	parser := kong.Must(grammar, kong.Name(called), kong.Description(examples(about)),
		kong.Writers(stdout, stderr), kong.Exit(func(n int) { code, done = n, true }),
		kong.UsageOnError(), versioned, kong.Vars{"version": Named(name)})
	for _, command := range parser.Model.Leaves(false) {
		command.Detail = examples(command.Detail)
	}
	parsed, err := parser.Parse(args)
	switch {
	case done: // help was requested
		return "", code, true
	case err != nil:
		fmt.Fprintf(stderr, "%s: %s\n%s --help says more\n", called, InWords(err), called)
		return "", UsageCode, true
	}
	return parsed.Command(), 0, false
}

// called is the name by which a person calls a program: another where a package has installed it.
func called(name string) string {
	if base := filepath.Base(os.Args[0]); base == "leima-"+name {
		return base
	}
	return name
}

// versioned is the version flag of every program.
var versioned = kong.Embed(&struct {
	Version kong.VersionFlag `help:"Print the version and end."`
}{})

// Named is the name of a program with its version.
func Named(program string) string { return strings.TrimSpace(program + " " + Version()) }

// Errors of kong in plain words.
var (
	noValue  = regexp.MustCompile(`expected \w+ value but got "EOL" \(<EOL>\)`)
	noNumber = regexp.MustCompile(`expected a valid (\d+) bit uint`)
	noWhole  = regexp.MustCompile(`expected (?:a valid \d+ bit |an? )?u?int(?: value)?`)
	noFlag   = regexp.MustCompile(` \(short flag\); perhaps try \S+`)
)

// InWords is an error of a command line in plain words.
func InWords(err error) string {
	text := noValue.ReplaceAllString(err.Error(), "want a value after it")
	text = noNumber.ReplaceAllString(text, "want a number, from 0 and of at most $1 bits,")
	text = noWhole.ReplaceAllString(text, "want a whole number")
	return noFlag.ReplaceAllString(text, "")
}

// usage is an error of the caller of the program.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// Usage marks an error as one of the caller of the program; nil stays nil.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return usage{err}
}

// IsUsage recognizes such an error.
func IsUsage(err error) bool {
	var u usage
	return errors.As(err, &u)
}
