package validator_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var runMutants = flag.Bool("mutants", false, "run the named test of every mutant")

// A mutant is a patch that breaks the program in one way, and the test that must fail then.
// Above the patch stand a sentence about what is broken and a line such as
//
//	test: ./validator/sim -run TestTown$
type mutant struct{ name, file, pkg, test string }

var mutantTest = regexp.MustCompile(`(?m)^test: (\./\S+) -run (\S+)$`)

func mutants(t *testing.T) (all []mutant) {
	t.Helper()
	files, err := filepath.Glob("../testdata/mutants/*.patch")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 10)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		header := mutantTest.FindStringSubmatch(string(text))
		require.NotNil(t, header, "%s names no test", file)
		file, err = filepath.Abs(file)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".patch")
		all = append(all, mutant{name, file, header[1], header[2]})
	}
	return all
}

// git runs git in a folder and returns what it says.
func git(folder string, args ...string) (string, error) {
	command := exec.Command("git", args...)
	command.Dir = folder
	said, err := command.CombinedOutput()
	return string(said), err
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

// Ensure that every mutant still applies to the tree as it is, and that its test is there:
// one that does not has ceased to say anything.
func TestMutantsApply(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		require.Empty(t, os.Getenv("CI"), "there is no git here")
		t.Skip("there is no git here")
	}
	for _, m := range mutants(t) {
		said, err := git("..", "apply", "--check", m.file)
		require.NoError(t, err, "%s does not apply any more: %s", m.name, said)
		test, _, _ := strings.Cut(strings.TrimSuffix(m.test, "$"), "/")
		require.True(t, declared(t, filepath.Join("..", m.pkg), test),
			"%s: there is no %s in %s", m.name, test, m.pkg)
	}
}

// declared tells whether a test of this name is in a package.
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

// Ensure that every mutant makes the test fail that it names. All share one copy of the
// tree, so that only what a mutant changes is built anew.
func TestMutants(t *testing.T) {
	if !*runMutants {
		t.Skip("run them with make mutants")
	}
	folder := copied(t)
	for _, m := range mutants(t) {
		t.Run(m.name, func(t *testing.T) {
			said, err := git(folder, "apply", m.file)
			require.NoError(t, err, said)
			defer func() {
				said, err := git(folder, "apply", "--reverse", m.file)
				require.NoError(t, err, said)
			}()
			command := exec.Command("go", "test", "-count=1", "-failfast", "-timeout", "2m",
				"-run", m.test, m.pkg)
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
