package cardlayout

import "errors"

// Errors about a card's bytes, keys and values.
var (
	// ErrNotOurs means that the card has no application of ours.
	ErrNotOurs = errors.New("the card is not a travel card of this system")

	// ErrMalformed means that a file holds what our issuer never writes.
	ErrMalformed = errors.New("the card's content is damaged")

	// ErrForged means that the card does not have our keys, or that a sealed file was changed
	// without them.
	ErrForged = errors.New("the card's content is not authentic")

	// ErrVersion means that a file has a newer layout than this program knows.
	ErrVersion = errors.New("the card's layout is newer than this program")

	// ErrKeys means that the keys cannot be used, which is no fault of the card.
	ErrKeys = errors.New("the keys do not answer")

	// ErrRange means that a value does not fit its field on the card.
	ErrRange = errors.New("the value does not fit the card")
)
