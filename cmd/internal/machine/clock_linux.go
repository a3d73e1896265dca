package machine

import (
	"time"

	"golang.org/x/sys/unix"
)

// Synced reports whether the kernel's clock is synchronized by NTP or a satellite receiver
// (adjtimex(2), STA_UNSYNC).
func Synced() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}

// Elapsed is how long the machine has run, also while it was suspended. It cannot be set.
func Elapsed() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
		return time.Since(begun)
	}
	return time.Duration(t.Nano())
}

// begun is for a kernel without that clock (before Linux 2.6.39).
var begun = time.Now()
