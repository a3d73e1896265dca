package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that make fuzz runs each fuzz test of the tree.
func TestFuzz(t *testing.T) {
	t.Parallel()
	var want []string
	require.NoError(t, filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Fuzz") {
				folder := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(path, "../")))
				want = append(want, "-fuzz ^"+f.Name.Name+"$ ./"+folder)
			}
		}
		return nil
	}))
	require.NotEmpty(t, want)
	said := run(t, "..", "make", "-s", "fuzz", "FUZZ=echo")
	require.ElementsMatch(t, want, strings.Split(strings.TrimSpace(said), "\n"))
}

// Ensure that the help names whatever else the Makefile's user may ask for.
func TestMakeHelp(t *testing.T) {
	t.Parallel()
	said := run(t, "..", "make", "-s", "help")
	for _, target := range []string{"run", "test", "bin", "nocgo", "fuzz", "check", "pcsc"} {
		require.Regexp(t, "(?m)^"+target+" ", said)
	}
}
