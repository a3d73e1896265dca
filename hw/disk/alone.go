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
	defer lock.Close() // and with it the lock goes
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return change()
}
