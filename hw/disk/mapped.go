package disk

import (
	"fmt"
	"runtime/debug"
)

// Mapped runs work on a mapped file and turns a panic into an error that wraps damaged. A page
// that the flash cannot deliver, or that was cut off after the file was opened, arrives as a
// memory fault, and bbolt trusts every page it maps: either would end the program.
func Mapped(damaged error, work func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil { // the words of bbolt or the runtime help nobody
			err = fmt.Errorf("%w: a page of it cannot be read, or is not what it was", damaged)
		}
	}()
	return work()
}
