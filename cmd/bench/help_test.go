package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"leima/hw/token"
)

// leaves are the commands that do something, and groups those that only have such.
func nodes(t *testing.T) (leaves, groups []*kong.Node) {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.Name("bench"))
	require.NoError(t, err)
	groups = append(groups, parser.Model.Node)
	for _, node := range parser.Model.Children {
		if len(node.Children) > 0 {
			groups = append(groups, node)
		}
	}
	return parser.Model.Leaves(false), groups
}

// helpOf is what a command says of itself.
func helpOf(t *testing.T, node *kong.Node) string {
	t.Helper()
	words := strings.Fields(strings.TrimPrefix(node.Path(), "bench"))
	for n, word := range words {
		if strings.HasPrefix(word, "<") {
			words = words[:n] // the arguments
			break
		}
	}
	if node.Type == kong.ApplicationNode {
		words = nil
	}
	return done(t, append(words, "--help")...)
}

// Ensure that every command says what it is for, what its exit codes mean, and ends with
// an example.
func TestHelp(t *testing.T) {
	folder(t)
	leaves, groups := nodes(t)
	require.GreaterOrEqual(t, len(leaves), 10)
	var all strings.Builder
	for _, node := range append(groups, leaves...) {
		text := helpOf(t, node)
		_, examples, found := strings.Cut(text, "\nExample")
		require.True(t, found, node.Path())
		_, lines, _ := strings.Cut(examples, ":\n\n")
		require.NotEmpty(t, lines)
		for line := range strings.Lines(lines) {
			require.True(t, strings.HasPrefix(line, "  bench "), "%q", line)
		}
		for line := range strings.Lines(text) {
			require.LessOrEqual(t, len([]rune(line)), 101, "%q", line)
		}
		fmt.Fprintf(&all, "%s\n%s\n", strings.Repeat("=", 80), text)
	}
	golden(t, "help", all.String())
	about := strings.Join(strings.Fields(done(t, "--help")), " ")
	for _, code := range []string{
		"0 done", "1 a rule refuses", "2 the command line", "3 it could not",
	} {
		require.Contains(t, about, code)
	}
}

// Ensure that every example of every help runs, in a folder that has the files it names
// and no other.
func TestExamples(t *testing.T) {
	leaves, groups := nodes(t)
	ran := map[string]bool{}
	for _, node := range append(groups, leaves...) {
		for _, line := range examplesOf(node) {
			if ran[line] {
				continue
			}
			ran[line] = true
			t.Run(line, func(t *testing.T) {
				folder(t)
				require.Contains(t, helpOf(t, node), "\n  "+line+"\n")
				provide(t, inputsOf(line)...)
				pipeline(t, line)
			})
		}
	}
	require.Greater(t, len(ran), 10)
}

// inputsOf are the words of an example that may name files which must be there before.
func inputsOf(line string) (names []string) {
	words := wordsOf(line)
	for n, word := range words {
		made := n > 0 && slices.Contains([]string{"--out", "new", "test"}, words[n-1])
		if !made && !slices.Contains(names, word) {
			names = append(names, word)
		}
	}
	return names
}

// pipeline runs an example as a shell would.
func pipeline(t *testing.T, line string) {
	t.Helper()
	stdin := ""
	for _, call := range strings.Split(line, " | ") {
		words := wordsOf(call)
		require.Equal(t, "bench", words[0])
		var args []string
		for _, word := range words[1:] {
			if files, _ := filepath.Glob(word); strings.Contains(word, "*") {
				require.NotEmpty(t, files, word)
				args = append(args, files...)
			} else {
				args = append(args, word)
			}
		}
		if slices.Contains([]string{"readers", "emulate", "bus", "drive", "fleet"}, args[0]) || strings.Contains(call, readerPrefix) ||
			strings.Contains(call, token.Scheme) {
			understood(t, args) // what comes of it is up to this machine's readers and tokens
			continue
		}
		came := tool(t, stdin, args...)
		require.Zero(t, came.code, "%s: %s", call, came.err)
		stdin = came.out
	}
}

// wordsOf parts a line as a shell does; what stands in quotes is one word.
func wordsOf(line string) (words []string) {
	for n, part := range strings.Split(line, `"`) {
		if n%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}

// Ensure that a wrong command line is answered with what is wrong and where to read on,
// and that nothing is printed where an answer is expected.
func TestWrongCommandLine(t *testing.T) {
	for line, want := range map[string]string{
		"":                                      `expected one of "issue", "inspect"`,
		"isue":                                  `unexpected argument isue, did you mean "issue"?`,
		"list":                                  `"build", "show", "delta", "sign", "open"`,
		"issue":                                 "missing flags: --out=CARD\nbench issue --help",
		"issue a --out":                         "--out: want a value after it",
		"issue a --out b --frame 65":            `--frame must be one of "64","128","256"`,
		"issue a --out b --profile open":        `--profile must be one of "enciphered","readable"`,
		"issue a --out b --uid 05":              `--uid: "05": want 14 hexadecimal digits`,
		"issue a --out b --uid 05112233445566":  `--uid: "05112233445566": want 14 hexadecimal digits`,
		"inspect a b":                           "unexpected argument b",
		"inspect a --jsn":                       "unknown flag --jsn, did you mean \"--json\"?",
		"load a money 1 --tariff t":             `<what> must be one of "value","season" but`,
		"load a value 1":                        "missing flags: --tariff=FILE",
		"load a value 1 --tariff t --device -1": `--device`,
		"list build a --area 300 --version 1 --out b": "--area: want a number, from 0 and of at " +
			`most 8 bits, but got "300"`,
		"list build a --area 227 --out b": "missing flags: --version=N",
		"journal show":                    `expected "<journal>"`,
		"run":                             `expected "<scenario> ..."`,
		"tariff check":                    `expected "<file> ..."`,
	} {
		var out, err bytes.Buffer
		code := run(context.Background(), strings.Fields(line), nil, &out, &err)
		require.Equal(t, exitUsage, code, line)
		require.Empty(t, out.String(), line)
		require.True(t, strings.HasPrefix(err.String(), "bench: "), err.String())
		require.Contains(t, err.String(), want, line)
		require.True(t, strings.HasSuffix(err.String(), " --help says more\n"), err.String())
		keepsSilent(t, err.String(), nil)
	}
}

// understood: the command line is right, and the command would run.
func understood(t *testing.T, args []string) {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.Name("bench"))
	require.NoError(t, err)
	_, err = parser.Parse(args)
	require.NoError(t, err)
}
