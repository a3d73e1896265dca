package persons

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// blind turns off the echo of a terminal, if it is one, until restore is called.
func blind(stdin io.Reader) (restore func(), terminal bool) {
	file, is := stdin.(*os.File)
	if !is {
		return func() {}, false
	}
	was, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	if err != nil { // not a terminal
		return func() {}, false
	}
	dark := *was
	dark.Lflag &^= unix.ECHO
	_ = unix.IoctlSetTermios(int(file.Fd()), unix.TCSETS, &dark)
	return func() { _ = unix.IoctlSetTermios(int(file.Fd()), unix.TCSETS, was) }, true
}
