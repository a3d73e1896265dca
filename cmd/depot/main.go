// Command depot receives the journals of a fleet's devices, and keeps them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	_ "time/tzdata"

	"leima/cardlayout/plain"
	"leima/cmd/internal/program"
	"leima/cmd/internal/text"
)

const about = `Receives the journals of the devices of a fleet.

Exit codes: 0 done, or stopped when asked to; 1 an address is in use, or no depot is heard, a
restart may help; 74 the depot's folder cannot be used, or the answer cannot be written; 78
the command line or the configuration is wrong. After 78 a restart does not help.

Example:

  depot init depot --name depot.example
  depot device add depot 9 --key "4mBxl2Q…"
  depot serve depot`

// commands are the command line.
type commands struct {
	Init   initCommand  `cmd:"" help:"Make the folder of a new depot."`
	Serve  serveCommand `cmd:"" help:"Receive what devices send, until stopped."`
	Device struct {
		Add      addCommand      `cmd:"" help:"Let a device send, or give it another key."`
		Withdraw withdrawCommand `cmd:"" help:"Let a device send no more: it is not waited for."`
		List     listCommand     `cmd:"" help:"List the devices."`
	} `cmd:"" help:"The register of devices."`
	Root    rootCommand    `cmd:"" help:"Say which keys sign the lists' manifest."`
	Sign    signCommand    `cmd:"" help:"Sign the draft of such a root, where an owner's key is."`
	Publish publishCommand `cmd:"" help:"Let devices fetch lists, or renew the manifest."`
	Person  struct {
		Add    personAdd    `cmd:"" help:"Let a person sign on, or give them a new PIN."`
		Remove personRemove `cmd:"" help:"Let a person sign on no more."`
		List   personList   `cmd:"" help:"List the persons, with their roles."`
	} `cmd:"" help:"Those who may sign on at the page."`
	Export     exportCommand     `cmd:"" help:"Write what devices have sent."`
	Settlement settlementCommand `cmd:"" help:"Write the settlement's rows, as CSV."`
	Verify     verifyCommand     `cmd:"" help:"Verify cards' signatures for a depot that runs."`

	Backup backupCommand `cmd:"" help:"Write a copy of all that is kept. The depot may run."`
}

// A stage writes where a command may write.
type stage struct {
	stdout, stderr io.Writer // text
	bytes          io.Writer // the same as stdout, for what is no text
}

func (s *stage) say(format string, args ...any) { fmt.Fprintf(s.stdout, format+"\n", args...) }

// json writes an answer for machines.
func (s *stage) json(answer any) error {
	encoder := json.NewEncoder(s.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
}

// The exit codes.
const (
	codeFault = 1
	codeState = 74 // EX_IOERR of sysexits.h
)

// unheard is why an address of the configuration cannot be served.
func unheard(setting string, err error) error {
	return fmt.Errorf("%w: %s in %s: %w: want an address of this machine that no other program "+
		"serves", errAddress, setting, configFile, err)
}

// What a restart may help.
var (
	errAddress = errors.New("nobody can be heard") // an address cannot be served
	errSilent  = errors.New("no depot that runs is heard")
)

func main() {
	program.Main("depot", codeState, func(ctx context.Context) int {
		return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	})
}

// An output remembers that something could not be written.
type output struct {
	to   io.Writer
	lost error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.to.Write(b)
	if o.lost == nil && err != nil {
		o.lost = fmt.Errorf("the answer is not complete: %w", text.Cause(err))
	}
	return n, err
}

// run is the program without its signals.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	out := &output{to: stdout}
	s := &stage{plain.Writer(out), plain.Writer(stderr), out}
	var c commands
	command, code, done := program.Parse(&c, "depot", about, args, out, s.stderr)
	if done {
		return code
	}
	var err error
	switch words := strings.Fields(command); strings.Join(words[:min(2, len(words))], " ") {
	case "init <folder>":
		err = c.Init.run(s)
	case "serve <folder>":
		err = c.Serve.run(ctx, s)
	case "device add":
		err = c.Device.Add.run(s)
	case "device withdraw":
		err = c.Device.Withdraw.run(s)
	case "device list":
		err = c.Device.List.run(s)
	case "root <folder>":
		err = c.Root.run(s)
	case "sign <draft>":
		err = c.Sign.run(s)
	case "publish <folder>":
		err = c.Publish.run(s)
	case "person add":
		err = c.Person.Add.run(ctx, s)
	case "person remove":
		err = c.Person.Remove.run(s)
	case "person list":
		err = c.Person.List.run(s)
	case "export <folder>":
		err = c.Export.run(ctx, s)
	case "settlement <folder>":
		err = c.Settlement.run(ctx, s)
	case "verify <socket>":
		err = c.Verify.run(ctx, s)
	case "backup <folder>":
		err = c.Backup.run(ctx, s)
	}
	if out.lost != nil {
		err = out.lost
	}
	switch {
	case err == nil:
		return 0
	case program.IsUsage(err):
		code = program.UsageCode
	case errors.Is(err, errAddress), errors.Is(err, errSilent):
		code = codeFault
	default:
		code = codeState
	}
	fmt.Fprintln(s.stderr, "depot:", err)
	return code
}
