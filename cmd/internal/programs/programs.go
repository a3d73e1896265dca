// Package programs builds the project's programs for tests that run them as processes.
package programs

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs are built once for all tests of a package.
var programs struct {
	once   sync.Once
	folder string
	err    error
}

// Folder returns the folder of the programs, built with the tests' own tags.
func Folder(t *testing.T) string {
	t.Helper()
	programs.once.Do(build)
	require.NoError(t, programs.err)
	return programs.folder
}

func build() {
	if programs.folder, programs.err = os.MkdirTemp("", "leima-bin"); programs.err != nil {
		return
	}
	_ = os.Chmod(programs.folder, 0o755) // TestProgramsAreGuarded runs them as another user
	output, err := exec.Command("go", "build", "-tags", Tags, "-o", programs.folder,
		"leima/cmd/validator", "leima/cmd/console", "leima/cmd/bench",
		"leima/cmd/depot").CombinedOutput()
	if err != nil {
		programs.err = fmt.Errorf("%w\n%s", err, output)
	}
}

// Tests are the tests of a package. After them the programs are deleted.
type Tests struct{ *testing.M }

// Run runs the tests and returns the process's exit code.
func (t Tests) Run() int {
	code := t.M.Run()
	_ = os.RemoveAll(programs.folder)
	return code
}
