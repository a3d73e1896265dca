package main

import "golang.org/x/sys/unix"

// synced tells whether the kernel's clock is kept right by somebody, NTP or a satellite
// receiver, who has told the kernel so (adjtimex(2), STA_UNSYNC).
func synced() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}
