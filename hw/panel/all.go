package panel

import (
	"errors"

	"leima/hw"
)

// All are several panels that show the same signals.
type All []hw.Panel

// Show implements hw.Panel.
func (a All) Show(s hw.Signal) (err error) {
	for _, p := range a {
		err = errors.Join(err, p.Show(s))
	}
	return err
}
