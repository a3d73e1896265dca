package bus

import (
	"context"
	"fmt"
	"io"

	"leima/cardlayout/plain"
	"leima/cmd/internal/device"
	"leima/cmd/internal/onboard"
	"leima/cmd/internal/program"
)

// The files and the exit codes, as the tests name them.
const (
	journalFile = device.JournalFile
	keyFile     = device.KeyFile
	exitOK      = device.CodeOK
	exitFault   = device.CodeFault
	exitUsage   = device.CodeUsage
	exitState   = device.CodeState
)

// commands are the command line of a test's bus.
type commands struct {
	Run struct {
		Config string `required:""`
		Pace   string
		Plain  bool
	} `cmd:""`
	Commission struct {
		Config string `required:""`
	} `cmd:""`
}

// run is a program of the bus with an emulated reader.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	stderr = plain.Writer(stderr)
	var c commands
	command, code, done := program.Parse(&c, "bus", "", args, stdout, stderr)
	if done {
		return code
	}
	err := error(nil)
	switch command {
	case "run":
		err = Serve(ctx, c.Run.Config, c.Run.Pace, Drive{},
			onboard.Run{Plain: c.Run.Plain, Stdout: stdout, Stderr: stderr})
	case "commission":
		var config *Config
		if config, err = read(c.Commission.Config); err == nil {
			err = config.Folder().Commission(stdout)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "validator:", err)
	}
	return device.Code(err)
}
