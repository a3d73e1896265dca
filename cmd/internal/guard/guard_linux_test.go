package guard

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Ensure that a program leaves no core dump, and that its memory is nobody else's. It is
// tried in a process of its own, for it cannot be taken back.
func TestMemory(t *testing.T) {
	const guarded = "LEIMA_TEST_GUARDED"
	if os.Getenv(guarded) == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestMemory$")
		child.Env = append(os.Environ(), guarded+"=1")
		out, err := child.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return
	}
	require.NoError(t, Memory())
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	require.NoError(t, err)
	require.Zero(t, dumpable)
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_CORE, &limit))
	require.Zero(t, limit.Cur)
}
