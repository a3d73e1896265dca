package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
	_ "time/tzdata"

	"github.com/alecthomas/kong"

	"leima/cmd/internal/guard"
	"leima/cmd/internal/program"
)

// The exit codes.
const (
	exitOK      = 0
	exitRefused = 1 // a rule refuses it, or a check has failed
	exitUsage   = 2 // the command line or an input text is wrong
	exitFailed  = 3 // a file or a card cannot be used
)

const about = `Issues, inspects, loads and checks travel cards, emulated ones in images and real
ones on a PC/SC reader, plays scenarios, builds block lists and tariff files, and reads
journals. A card is named by its image, or by reader: and a part of the reader's name;
reader: alone is the first reader.

Exit codes: 0 done; 1 a rule refuses it, or what was compared or checked is not as it
should be; 2 the command line, or a text given to it, is wrong; 3 it could not be done: a
file or a card cannot be used.`

// commands are the command line, each command in its file.
type commands struct {
	Issue   issueCommand   `cmd:"" help:"Make a card from a description."`
	Inspect inspectCommand `cmd:"" help:"Show what is on a card."`
	Load    loadCommand    `cmd:"" help:"Load value or a season onto a card."`
	Rekey   rekeyCommand   `cmd:"" help:"Give an issued card the newest keys."`
	Migrate migrateCommand `cmd:"" help:"Move an issued card to the newest layout."`
	Erase   eraseCommand   `cmd:"" help:"Make a card blank again."`
	Check   checkCommand   `cmd:"" help:"Say what an inspector wants to know of a card."`
	Run     runCommand     `cmd:"" help:"Play scenarios and compare what comes out."`
	Bus     busCommands    `cmd:"" help:"An emulated bus with its programs."`
	Fare    fareCommand    `cmd:"" help:"Price a trip and say why."`
	List    listCommands   `cmd:"" help:"Block lists."`
	Tariff  tariffCommands `cmd:"" help:"Tariffs."`
	Single  singleCommand  `cmd:"" help:"Sell a paper single ticket."`
	Claim   claimCommand   `cmd:"" help:"Compute what an obstacle is made good with."`
	Faulty  faultyCommand  `cmd:"" help:"Count the free rides on a faulty card."`
	Refund  refundCommand  `cmd:"" help:"Give back value and seasons that are not needed."`
	Correct correctCommand `cmd:"" help:"Put right what was debited in error."`
	Reverse reverseCommand `cmd:"" help:"Take a wrong load back."`
	Replace replaceCommand `cmd:"" help:"Give a new card for one that cannot be used."`
	Group   groupCommand   `cmd:"" help:"Put another customer group on a card."`
	Terms   termsCommand   `cmd:"" help:"Count the days and amounts that the terms give."`
	Stops   stopsCommand   `cmd:"" help:"Show the stops and zones of a timetable feed."`
	Drive   driveCommand   `cmd:"" help:"Play the computer of a bus that drives a trip."`
	Fleet   fleetCommand   `cmd:"" help:"Try a depot with a fleet of emulated buses."`
	Keys    keysCommands   `cmd:"" help:"Key files."`
	Journal journalCommand `cmd:"" help:"Journals."`

	Readers   readersCommand   `cmd:"" help:"List the PC/SC readers."`
	Emulate   emulateCommand   `cmd:"" help:"Offer a card image to PC/SC programs."`
	Probe     probeCommand     `cmd:"" help:"Say what card lies where."`
	Verify    verifyCommand    `cmd:"" help:"Prove events by the cards' signatures."`
	Reconcile reconcileCommand `cmd:"" help:"Add up the journals of several devices."`
	Record    recordCommand    `cmd:"" help:"Keep the conversation of a tap on tape."`
	Replay    replayCommand    `cmd:"" help:"Do a tap on tape again."`
	Soak      soakCommand      `cmd:"" help:"Tap a card again and again and measure it."`
	Tear      tearCommand      `cmd:"" help:"Cut a card's power everywhere in a tap."`
	Measure   measureCommand   `cmd:"" help:"Measure what taps take."`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "bus" { // the programs of a bus have their own exit codes
		program.Main("bench", exitFailed, func(ctx context.Context) int {
			return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		})
	}
	if err := guard.Memory(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(exitFailed)
	}
	ctx, stop := signal.NotifyContext(context.Background(), guard.Ends...)
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second) // one Ctrl-C may arrive twice
		stop()                  // at the next one the program ends at once
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program without its signals.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newBench(stdin, stdout, stderr).run(ctx, args)
}

// run carries out a command line and reports errors.
func (b *bench) run(ctx context.Context, args []string) int {
	err := b.command(ctx, args)
	if err == nil || errors.Is(err, errReported) {
		err = cmp.Or(b.out.complete(), err)
	}
	if err != nil && !errors.Is(err, errReported) {
		b.remark("bench: %v", err)
	}
	return codeOf(err)
}

// command parses the command line and runs what it names.
func (b *bench) command(ctx context.Context, args []string) error {
	if len(args) == 1 && args[0] == "--version" { // some commands have a --version of a list
		b.say("%s", program.Named("bench"))
		return nil
	}
	helped := false
	parser, err := kong.New(&commands{}, kong.Name("bench"), kong.Description(about),
		kong.Writers(b.out, b.err), kong.Exit(func(int) { helped = true }),
		kong.Help(printHelp), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(b))
	if err != nil {
		return fmt.Errorf("internal error: %w", err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped, b.out.lost != nil:
		return nil
	case err != nil:
		return mistake(fmt.Errorf("%s\n%s", program.InWords(err), seeHelp(err)))
	}
	return parsed.Run()
}
