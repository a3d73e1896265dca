package main

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// guardMemory keeps the keys in memory from the disk and from other programs of the same
// user: no core dump is written, and nobody attaches to the process or reads its memory
// (prctl(2), PR_SET_DUMPABLE; setrlimit(2), RLIMIT_CORE).
func guardMemory() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("keeping the memory from other programs: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("keeping the memory out of core dumps: %w", err)
	}
	return nil
}
