package main

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// blind keeps a terminal from showing what is typed, until restore is called.
func blind(stdin io.Reader) (restore func()) {
	file, is := stdin.(*os.File)
	if !is {
		return func() {}
	}
	was, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	if err != nil { // it is no terminal
		return func() {}
	}
	dark := *was
	dark.Lflag &^= unix.ECHO
	_ = unix.IoctlSetTermios(int(file.Fd()), unix.TCSETS, &dark)
	return func() { _ = unix.IoctlSetTermios(int(file.Fd()), unix.TCSETS, was) }
}
