//go:build !linux

package machine

import "time"

// Synced is always false here: buses run Linux.
func Synced() bool { return false }

// Elapsed is how long this program has run.
func Elapsed() time.Duration { return time.Since(begun) }

var begun = time.Now()
