package validator_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	runMutants = flag.Bool("mutants", false, "run the named test of every mutant")
	ofMutants  = flag.Int("of", 1, "only of each Nth mutant")
	fromMutant = flag.Int("from", 0, "which of these N")
)

// A mutant breaks the program in one way, and names the test that must fail then. Its edits
// name no place: what they take away stands exactly once in the tree, wherever that is.
type mutant struct {
	name, pkg, test string
	edits           []edit
}

// An edit exchanges lines for others.
type edit struct{ before, after string }

// mutants reads testdata/mutants.txt: of each mutant its name, a sentence about what is broken,
// its test, and its edits in the manner of a diff.
func mutants(t *testing.T) (all []mutant) {
	t.Helper()
	text, err := os.ReadFile("../testdata/mutants.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		last := len(all) - 1
		if name, is := strings.CutPrefix(line, "== "); is {
			all = append(all, mutant{name: strings.TrimSpace(name)})
			continue
		}
		m := &all[last]
		switch mark, rest := line[0], line[1:]; {
		case strings.HasPrefix(line, "test: "):
			_, err := fmt.Sscanf(line, "test: %s -run %s", &m.pkg, &m.test)
			require.NoError(t, err, line)
		case line == "edit:\n":
			m.edits = append(m.edits, edit{})
		case len(m.edits) == 0 || line == "\n":
		default:
			e := &m.edits[len(m.edits)-1]
			if mark != '+' {
				e.before += rest
			}
			if mark != '-' {
				e.after += rest
			}
		}
	}
	return all
}

// mutableFiles are the files of a tree that a mutant may change.
func mutableFiles(t *testing.T, tree string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(tree, func(name string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != tree {
			return fs.SkipDir
		}
		if err == nil && mutable.MatchString(name) && !strings.HasSuffix(name, "_test.go") {
			text, err := os.ReadFile(name)
			all[name] = string(text)
			return err
		}
		return err
	})
	require.NoError(t, err)
	return all
}

var mutable = regexp.MustCompile(`\.(go|js|toml)$|/messages/[a-z]+\.txt$`)

// place is the one file in which an edit can be made.
func (e edit) place(t *testing.T, files map[string]string) (place string) {
	t.Helper()
	found := 0
	for name, text := range files {
		if n := strings.Count(text, e.before); n > 0 {
			place, found = name, found+n
		}
	}
	require.Equal(t, 1, found, "in how many places stands\n%s", e.before)
	return place
}

// copied is a copy of the tree without what is built and what git keeps.
func copied(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		own := filepath.Join(folder, strings.TrimPrefix(filepath.ToSlash(name), "../"))
		switch {
		case err != nil:
			return err
		case name == "..":
			return nil
		case entry.Name() == ".git" || entry.Name() == "bin":
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.Name() == ".tools": // programs that tests start
			tools, err := filepath.Abs(name)
			return cmp.Or(err, os.Symlink(tools, own), fs.SkipDir)
		case entry.IsDir():
			return os.Mkdir(own, 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(own, text, 0o644)
	})
	require.NoError(t, err)
	return folder
}

// Ensure that every mutant can be made of the tree as it is, and that its test is there: one
// that cannot has ceased to say anything.
func TestMutantsApply(t *testing.T) {
	files := mutableFiles(t, "..")
	names := map[string]bool{}
	for _, m := range mutants(t) {
		require.False(t, names[m.name], "there are two of %s", m.name)
		names[m.name] = true
		require.NotEmpty(t, m.edits, m.name)
		for _, e := range m.edits {
			require.NotEqual(t, e.before, e.after, m.name)
			e.place(t, files)
		}
		test, _, _ := strings.Cut(strings.TrimSuffix(m.test, "$"), "/")
		require.True(t, declared(t, filepath.Join("..", m.pkg), test),
			"%s: there is no %s in %s", m.name, test, m.pkg)
	}
}

// declared reports whether a test of this name is in a package.
func declared(t *testing.T, folder, test string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if bytes.Contains(text, []byte("\nfunc "+test+"(")) {
			return true
		}
	}
	return false
}

// Ensure that every mutant makes the test fail that it names. They share two copies of the
// tree, so that only what a mutant changes is built anew.
func TestMutants(t *testing.T) {
	if !*runMutants {
		t.Skip("run them with make mutants")
	}
	trees := make(chan string, 2)
	for range cap(trees) {
		trees <- copied(t)
	}
	for n, m := range mutants(t) {
		if n%*ofMutants != *fromMutant%*ofMutants {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			folder := <-trees
			defer func() { trees <- folder }()
			files := mutableFiles(t, folder)
			broken := maps.Clone(files)
			for _, e := range m.edits {
				place := e.place(t, broken)
				broken[place] = strings.Replace(broken[place], e.before, e.after, 1)
				require.NoError(t, os.WriteFile(place, []byte(broken[place]), 0o644))
				defer func() {
					require.NoError(t, os.WriteFile(place, []byte(files[place]), 0o644))
				}()
			}
			command := exec.Command("go", "test", "-count=1", "-vet=off", "-short", "-failfast", "-timeout",
				"2m", "-run", m.test, m.pkg)
			command.Dir = folder
			output, err := command.CombinedOutput()
			test, _, _ := strings.Cut(strings.TrimSuffix(m.test, "$"), "/")
			require.Error(t, err, "%s %s lets it live", m.pkg, m.test)
			require.Contains(t, string(output), "--- FAIL: "+test, "it was no test that failed")
			t.Logf("%s: %s", test, firstError(string(output)))
		})
	}
}

var errorLine = regexp.MustCompile(`(?m)^\s+Error:\s+(?:Received unexpected error:\s+)?(.*)$`)

// firstError is what a failing test says first.
func firstError(output string) string {
	if found := errorLine.FindStringSubmatch(output); found != nil {
		return found[1]
	}
	return "it failed"
}
