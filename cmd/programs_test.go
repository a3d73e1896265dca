package cmd_test

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs are built once for all tests, which are as many processes as there are tests.
var programs struct {
	once   sync.Once
	folder string
	err    error
}

// built is the folder of the programs.
func built(t *testing.T) string {
	t.Helper()
	programs.once.Do(func() {
		if programs.folder, programs.err = os.MkdirTemp("", "leima-bin"); programs.err != nil {
			return
		}
		_ = os.Chmod(programs.folder, 0o755) // TestProgramsAreGuarded runs them as another user
		output, err := exec.Command("go", "build", "-tags", tags, "-o", programs.folder,
			"./validator", "./console", "./bench").CombinedOutput()
		if err != nil {
			programs.err = fmt.Errorf("%w\n%s", err, output)
		}
	})
	require.NoError(t, programs.err)
	return programs.folder
}

// tests are all of them, after which the programs are thrown away.
type tests struct{ *testing.M }

func (t tests) Run() int {
	code := t.M.Run()
	_ = os.RemoveAll(programs.folder)
	return code
}
