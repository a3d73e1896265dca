// Package guard keeps what a program holds in memory, keys above all, from the disk and
// from other programs. It knows nothing of what that is.
//
// Its one rule: it is called before the first key is read.
package guard

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Memory keeps the keys in memory from the disk and from other programs of the same
// user: no core dump is written, and nobody attaches to the process or reads its memory
// (prctl(2), PR_SET_DUMPABLE; setrlimit(2), RLIMIT_CORE).
func Memory() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("keeping the memory from other programs: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("keeping the memory out of core dumps: %w", err)
	}
	return nil
}
