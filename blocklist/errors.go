package blocklist

import "errors"

// Errors about a list file as a whole. The wrapping error says what to do.
var (
	// ErrDamaged means that a file is not as it was built. The caller deletes it and fetches the
	// list again.
	ErrDamaged = errors.New("the block list is damaged")

	// ErrFormat means that a file is whole, but in another program's format.
	ErrFormat = errors.New("the block list is in another format")

	// ErrArea means that a list is for another area.
	ErrArea = errors.New("the block list is for another area")

	// ErrOlder means that a list is older than the one in use.
	ErrOlder = errors.New("the block list is older than the one in use")

	// ErrConflict means that a list has the version of the one in use but other content.
	ErrConflict = errors.New("two different block lists have the same version")

	// ErrBase means that a delta is for another base list.
	ErrBase = errors.New("the delta is for another block list")
)
