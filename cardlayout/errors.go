package cardlayout

import "errors"

// Errors returned when a card's bytes are not a card of ours.
var (
	// ErrNotOurs says that the card has no application of ours.
	ErrNotOurs = errors.New("the card is not a travel card of this system")

	// ErrMalformed says that a file holds what no issuer of ours writes.
	ErrMalformed = errors.New("the card's content is damaged")

	// ErrForged says that the card does not hold our keys, or that a sealed file
	// was changed by someone who does not.
	ErrForged = errors.New("the card's content is not authentic")

	// ErrVersion says that a file has a newer layout than this program knows.
	ErrVersion = errors.New("the card's layout is newer than this program")

	// ErrRange says that a value does not fit the card's field for it.
	ErrRange = errors.New("the value does not fit the card")
)
