package console

import "leima/validator/api"

// Sum adds up two devices' parts.
var Sum = sum

// Merge has the taps of both devices in one order.
func Merge(theirs, mine []api.Tap) (serials []uint64) {
	for _, tap := range merge(theirs, mine) {
		serials = append(serials, tap.Serial)
	}
	return serials
}
