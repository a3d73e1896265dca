package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

var example = regexp.MustCompile(`(?m)^ +depot ([^>\n]+)`)

// Ensure that the help of each command ends with examples, that each is understood as one of this
// command, and that each flag's value is called by a name and not by a type of Go.
func TestHelp(t *testing.T) {
	parser, err := kong.New(&commands{}, kong.Name("depot"), kong.Exit(func(int) {}))
	require.NoError(t, err)
	for _, leaf := range parser.Model.Leaves(false) {
		path, _, _ := strings.Cut(strings.TrimPrefix(leaf.Path(), "depot "), " <")
		code, out, _ := start(t, append(strings.Fields(path), "--help")...)
		require.Zero(t, code)
		require.NotRegexp(t, "=(STRING|U?INT)", out)
		detail, _, _ := strings.Cut(out, "Arguments:\n")
		_, lines, _ := strings.Cut(strings.ReplaceAll(detail, "\\\n", " "), "\nExample")
		examples := example.FindAllStringSubmatch(lines, -1)
		require.NotEmpty(t, examples, path)
		for _, line := range examples {
			parsed, err := parser.Parse(strings.Fields(line[1]))
			require.NoError(t, err, line)
			require.Equal(t, leaf, parsed.Selected(), line)
		}
	}
}

// Ensure that where a package has installed it, examples are of the name that it has there.
func TestExamplesOfThePackage(t *testing.T) {
	was := os.Args[0]
	defer func() { os.Args[0] = was }()
	os.Args[0] = "/usr/bin/leima-depot"
	for _, command := range [][]string{nil, {"publish"}} {
		_, out, _ := start(t, append(command, "--help")...)
		require.Contains(t, out, "\n    leima-depot ")
		require.NotContains(t, out, "\n    depot ")
	}
}
