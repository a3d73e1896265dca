package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// An exemplary command has examples of its use, one a line. They end its help, and a test runs
// them.
type exemplary interface{ examples() string }

const aboutExamples = `
bench issue testdata/cards/aino.txt --out aino.img
bench inspect aino.img
bench run testdata/taps/*.tap
`

func (*commands) examples() string { return aboutExamples }

// printHelp prints kong's help, and the examples of a command or, for the first word of several
// commands, of all of them.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	lines := examplesOf(nodeOf(ctx))
	title := "Example"
	if len(lines) > 1 {
		title = "Examples"
	}
	_, err := fmt.Fprintf(ctx.Stdout, "\n%s:\n\n  %s\n", title, strings.Join(lines, "\n  "))
	return err
}

func nodeOf(ctx *kong.Context) *kong.Node {
	if node := ctx.Selected(); node != nil {
		return node
	}
	for n := len(ctx.Path) - 1; n >= 0; n-- {
		if command := ctx.Path[n].Command; command != nil {
			return command
		}
	}
	return ctx.Model.Node
}

func examplesOf(node *kong.Node) (lines []string) {
	if command, ok := node.Target.Addr().Interface().(exemplary); ok {
		return strings.Split(strings.TrimSpace(command.examples()), "\n")
	}
	for _, child := range node.Children {
		lines = append(lines, examplesOf(child)...)
	}
	return lines
}

// seeHelp names the help for a wrong command line.
func seeHelp(err error) string {
	var parse *kong.ParseError
	command := "bench"
	if errors.As(err, &parse) {
		if node := nodeOf(parse.Context); node != parse.Context.Model.Node {
			command = node.FullPath()
		}
	}
	return command + " --help says more"
}
