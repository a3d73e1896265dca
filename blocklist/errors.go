package blocklist

import "errors"

// Errors about a list file as a whole. What to do is said where they are wrapped.
var (
	// ErrDamaged says that a file does not hold what was built. The caller deletes
	// it and fetches the list again.
	ErrDamaged = errors.New("the block list is damaged")

	// ErrFormat says that a file is whole, but in the format of another program.
	ErrFormat = errors.New("the block list is in another format")

	// ErrArea says that a list was made for another area.
	ErrArea = errors.New("the block list is for another area")

	// ErrOlder says that a list is older than the one in use.
	ErrOlder = errors.New("the block list is older than the one in use")

	// ErrConflict says that a list has the version of the one in use and another
	// content.
	ErrConflict = errors.New("two different block lists have the same version")

	// ErrBase says that a delta is not for the list that it should change.
	ErrBase = errors.New("the delta is for another block list")
)
