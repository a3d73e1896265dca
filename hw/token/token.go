package token

import "errors"

// A Named is a key and its label on the token.
type Named struct {
	Label string
	Key   [16]byte // AES-128
}

// Errors of a token. The text of what they wrap says what to do.
var (
	// ErrNotBuilt means that this program was built without PKCS#11.
	ErrNotBuilt = errors.New("this program is built without PKCS#11: build it with cgo and " +
		"-tags pkcs11, or use a key file")

	// ErrToken means that the token or its library does not do what was asked.
	ErrToken = errors.New("the token of the keys cannot be used")
)

// label is the label of the description; id marks our objects among those of a token.
const label, id = "leima", "leima"
