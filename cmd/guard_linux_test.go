package cmd_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
)

// nobody is a user who owns nothing.
const nobody = 65534

// Ensure that all programs guard their memory before they do anything else: no core is
// dumped of them, and the kernel keeps their memory from others of the same user. It shows
// that by giving what is in /proc/PID to root (proc(5)).
func TestProgramsAreGuarded(t *testing.T) {
	t.Parallel()
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		require.NotEmpty(t, programs.Tags, "without PC/SC in the tests nothing has moved them there")
		t.Skip("as the tests through PC/SC do, these run where /proc is another's")
	}
	folder := aFolder(t)
	for dir := folder; dir != filepath.Dir(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o005 != 0o005 {
			_ = os.Chmod(dir, info.Mode().Perm()|0o055) // ours, or already open
		}
	}
	fifo := filepath.Join(folder, "fifo") // which nobody ever writes to
	require.NoError(t, syscall.Mkfifo(fifo, 0o644))
	for _, args := range [][]string{
		{"validator", "run", "--config", fifo}, {"console", "run", "--config", fifo}, {"bench", "inspect", fifo},
	} {
		program := exec.Command(filepath.Join(folder, "bin", args[0]), args[1:]...)
		if os.Getuid() == 0 { // whose processes belong to root in any case
			program.SysProcAttr = &syscall.SysProcAttr{
				Credential: &syscall.Credential{Uid: nobody, Gid: nobody},
			}
		}
		require.NoError(t, program.Start(), args)
		t.Cleanup(func() {
			_ = program.Process.Kill()
			_ = program.Wait() // killed
		})
		proc := fmt.Sprintf("/proc/%d", program.Process.Pid)
		require.Eventually(t, func() bool {
			limits, _ := os.ReadFile(proc + "/limits")
			_, rest, _ := strings.Cut(string(limits), "Max core file size")
			info, err := os.Stat(proc + "/limits")
			return err == nil && info.Sys().(*syscall.Stat_t).Uid == 0 &&
				len(rest) > 0 && strings.Join(strings.Fields(rest)[:2], " ") == "0 0"
		}, 10*time.Second, 5*time.Millisecond, "the memory of %v is anybody's", args)
	}
}
