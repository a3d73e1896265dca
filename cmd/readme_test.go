// Package cmd_test keeps the pages true.
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

	"leima/cmd/internal/programs"
)

func readme(t *testing.T) string { return page(t, "README") }

// page is one of the project's.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../" + name + ".md")
	require.NoError(t, err)
	return string(text)
}

// pages are all that make promises.
func pages(t *testing.T) (all string) {
	t.Helper()
	for _, name := range []string{"README", "ARCHITECTURE", "CONTRIBUTING", "cmd/README", "SECURITY"} {
		all += page(t, name)
	}
	return all
}

// aFolder is a folder in which the README's commands work as in the project's own.
func aFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	data, err := filepath.Abs("../testdata")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(data, filepath.Join(folder, "testdata")))
	require.NoError(t, os.Symlink(programs.Folder(t), filepath.Join(folder, "bin")))
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
	t.Parallel()
	folder := aFolder(t)
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
	t.Parallel()
	demo, err := os.ReadFile("internal/emulated/bus/testdata/monday.txt")
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
	t.Parallel()
	folder := aFolder(t)
	_, text, _ := strings.Cut(readme(t), "    # One zone costs")
	text, _, _ = strings.Cut("    # One zone costs"+text, "\n\n")
	text = strings.ReplaceAll("\n"+text, "\n    ", "\n")[1:] + "\n"
	path := filepath.Join(folder, "readme.tap")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	run(t, folder, filepath.Join(folder, "bin/bench"), "run", path)
}

// Ensure that the figures of a tap are those that the bench measures.
func TestFigures(t *testing.T) {
	t.Parallel()
	folder, figures := aFolder(t), page(t, "CONTRIBUTING")
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
			require.Contains(t, figures, row)
		}
	}
}

// Ensure that every test which a page names is there, and that each line of what SECURITY says
// of an attacker, of data or of a fault names one.
func TestNamedTests(t *testing.T) {
	t.Parallel()
	quoted := regexp.MustCompile("`(Test[A-Za-z]+)`")
	named := quoted.FindAllStringSubmatch(pages(t), -1)
	require.NotEmpty(t, named)
	rows := 0
	for line := range strings.Lines(page(t, "SECURITY")) {
		if strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "|-") && !strings.Contains(line, "shown by") {
			require.Regexp(t, quoted, line)
			rows++
		}
	}
	require.Greater(t, rows, 60)
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
		require.True(t, strings.Contains(all.String(), "func "+name[1]+"("), "no test is %s", name[1])
	}
}

// Ensure that the pages name files and packages that are there, that ARCHITECTURE has a place for
// each package, and that README and ARCHITECTURE stay short.
func TestPlanOfTheHouse(t *testing.T) {
	paths := regexp.MustCompile("`((?:blocklist|cardlayout|cmd|fare|hw|validator|testdata)(?:/[\\w./-]+)?)`")
	for _, named := range paths.FindAllStringSubmatch(pages(t), -1) {
		_, err := os.Stat("../" + named[1])
		require.NoError(t, err)
	}
	packages := run(t, "..", "go", "list", "-f", "{{if .GoFiles}}{{.ImportPath}}{{end}}", "./...")
	for _, name := range strings.Fields(packages) {
		name = strings.TrimPrefix(name, "leima/")
		require.True(t, strings.Contains(page(t, "ARCHITECTURE"), "`"+name+"`"), "no room %s", name)
	}
	require.LessOrEqual(t, strings.Count(readme(t), "\n"), 200)
	require.LessOrEqual(t, strings.Count(page(t, "ARCHITECTURE"), "\n"), 250)
}
