// Package cmd_test keeps the README true.
package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	return string(text)
}

// aDesk is a folder in which the README's commands work as in the project's own.
func aDesk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	data, err := filepath.Abs("../testdata")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(data, filepath.Join(folder, "testdata")))
	require.NoError(t, os.Symlink(built(t), filepath.Join(folder, "bin")))
	return folder
}

func run(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = folder
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s %v\n%s", name, args, output)
	return string(output)
}

// Ensure that every command of the README does what it says without an error. What
// make is asked for must be there to be made.
func TestCommands(t *testing.T) {
	folder := aDesk(t)
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	ran := 0
	for _, fence := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		for _, line := range strings.Split(strings.TrimSpace(fence[1]), "\n") {
			line, _, _ = strings.Cut(line, "#")
			words := strings.Fields(line)
			if words[0] == "make" {
				require.Contains(t, string(makefile), "\n"+words[1]+":", line)
				continue
			}
			run(t, folder, filepath.Join(folder, words[0]), words[1:]...)
			ran++
		}
	}
	require.Positive(t, ran)
}

// Ensure that the README's transcript is what the demo says.
func TestTranscript(t *testing.T) {
	demo, err := os.ReadFile("validator/testdata/monday.txt")
	require.NoError(t, err)
	_, text, _ := strings.Cut(readme(t), "    $ make day\n")
	text, _, _ = strings.Cut(text, "\n\n")
	rest := string(demo)
	for _, part := range strings.Split(text, "    …\n") {
		part = strings.ReplaceAll(part, "\n    ", "\n")
		part = strings.TrimPrefix(part, "    ")
		before, after, found := strings.Cut(rest, strings.TrimRight(part, "\n")+"\n")
		require.True(t, found, "the demo does not say:\n%s\nbut:\n%s%s", part, before, after)
		rest = after
	}
}

// Ensure that the README's scenario comes out as it stands there.
func TestScenario(t *testing.T) {
	folder := aDesk(t)
	_, text, _ := strings.Cut(readme(t), "    # One zone costs")
	text, _, _ = strings.Cut("    # One zone costs"+text, "\n\n")
	text = strings.ReplaceAll("\n"+text, "\n    ", "\n")[1:] + "\n"
	path := filepath.Join(folder, "readme.tap")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	run(t, folder, filepath.Join(folder, "bin/bench"), "run", path)
}

// Ensure that the README's figures are those that the bench measures.
func TestFigures(t *testing.T) {
	folder := aDesk(t)
	var all []struct {
		Tap, Card, Profile         string
		Frame, Commands, Exchanges int
		Sent                       int        `json:"bytes_sent"`
		Received                   int        `json:"bytes_received"`
		Modelled                   [4]float64 `json:"modelled_ms"`
	}
	answer := run(t, folder, filepath.Join(folder, "bin/bench"), "measure", "--time", "1ms", "--json")
	require.NoError(t, json.Unmarshal([]byte(answer), &all))
	for _, m := range all {
		row := fmt.Sprintf("| %s | %s | %d | %d | %d | %d | %d | %.1f | %.1f |", m.Tap, m.Card, m.Frame,
			m.Commands, m.Exchanges, m.Sent, m.Received, m.Modelled[0], m.Modelled[3])
		if m.Profile == "enciphered" && m.Frame != 128 {
			require.Contains(t, readme(t), row)
		}
	}
}

// Ensure that every test which the README names is there.
func TestNamedTests(t *testing.T) {
	named := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(readme(t), -1)
	require.NotEmpty(t, named)
	var all strings.Builder
	require.NoError(t, filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			text, bad := os.ReadFile(path)
			all.Write(text)
			err = bad
		}
		return err
	}))
	for _, name := range named {
		require.Contains(t, all.String(), "func "+name[1]+"(")
	}
}
