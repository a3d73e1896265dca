package disk

import (
	"os"
	"syscall"
)

// Alone calls change while nobody else does who asks for the same folder, in this process or
// another: what is read and replaced meanwhile is lost to nobody.
func Alone(folder string, change func() error) error {
	lock, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer func() { _ = Unlock(lock) }() // nothing was written
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return change()
}

// Unlock gives the lock of a file back and closes it. The lock goes also where a program that was
// just started has inherited the file: closing alone would leave it there.
func Unlock(file *os.File) error {
	_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	return file.Close()
}
