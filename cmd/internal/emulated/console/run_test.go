package console

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"

	"leima/cardlayout/plain"
	"leima/cmd/internal/device"
	"leima/cmd/internal/program"
	"leima/cmd/internal/terminal"
)

// The exit codes, as the tests name them.
const (
	exitOK    = device.CodeOK
	exitFault = device.CodeFault
	exitUsage = device.CodeUsage
	exitState = device.CodeState
)

// commands are the command line of a test's console.
type commands struct {
	Run struct {
		Config string `required:""`
	} `cmd:""`
	Commission struct {
		Config string `required:""`
	} `cmd:""`
	Driver struct {
		Add terminal.Adding `cmd:""`
	} `cmd:""`
}

// run is a console in an emulated street.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stdout, stderr = plain.Writer(stdout), plain.Writer(stderr)
	var c commands
	command, code, done := program.Parse(&c, "console", "", args, stdout, stderr)
	if done {
		return code
	}
	err := error(nil)
	switch command {
	case "run":
		err = Serve(ctx, c.Run.Config, stdout, stderr)
	case "commission":
		var config *Config
		if config, err = read(c.Commission.Config); err == nil {
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
