// Package guard keeps a program's memory, keys above all, from the disk and from other programs. It
// does not know its content.
//
// Its one rule: it is called before the first key is read.
package guard

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Memory keeps the program's memory from the disk and from other programs of the same user: there
// are no core dumps, and no process can attach to it or read its memory (prctl(2), PR_SET_DUMPABLE;
// setrlimit(2), RLIMIT_CORE).
func Memory() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("keeping the memory from other programs: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("keeping the memory out of core dumps: %w", err)
	}
	return nil
}

// Ends are the signals that ask a program to end. For some of them Go would otherwise write all
// stacks, which may hold keys, into the log (os/signal, "Default behavior of signals in Go
// programs").
var Ends = []os.Signal{
	os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGABRT,
	syscall.SIGTRAP, syscall.SIGSYS, syscall.SIGSTKFLT, syscall.SIGILL, syscall.SIGBUS,
	syscall.SIGFPE, syscall.SIGSEGV,
}
