//go:build unix

package private

import (
	"io/fs"
	"syscall"
)

// owner is the number of a file's owner.
func owner(info fs.FileInfo) (uid int, known bool) {
	status, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return 0, false
	}
	return int(status.Uid), true
}
