package desfire

import "fmt"

// Mode is a communication mode: how the data of a command is protected.
type Mode byte

// The communication modes, as in a file's settings.
const (
	Plain Mode = 0x00
	MAC   Mode = 0x01
	Full  Mode = 0x03

	// managed is the mode of commands that concern no file: a MAC both ways under EV2, on the
	// answer only under EV1, and none under D40.
	managed Mode = 0xFE
)

// secureMessaging is the secure messaging of one session. There is one kind for each generation of
// authentication: ev2, ev1 and d40.
type secureMessaging interface {
	// seal protects a command, code ‖ header ‖ data ‖ tail, in place. The first head bytes are
	// never encrypted; the last tail bytes are outside of the checksum that ev1 and d40 put after
	// the data.
	seal(text []byte, head, tail int, mode Mode) []byte

	// open checks an answer of size bytes of data, or of anySize if it is not encrypted, and
	// returns the data, decrypted in place. If a MAC protects it, the caller checks its length.
	open(mode Mode, answer []byte, size int) ([]byte, error)

	// wireLength is the length of an answer of n bytes, n > 0, from a file as sent.
	wireLength(mode Mode, n int) int

	// keyCRC is the checksum by which ChangeKey proves that the old key is known.
	keyCRC(key []byte) []byte

	// nextMethod is the method by which another key is proved within the session; rekey continues
	// with that key.
	nextMethod() Method
	rekey(keys SessionKeys)
}

// anySize stands for any length of an answer.
const anySize = -1

const macSize = 8

// lengthError is the error for an answer of the wrong length.
func lengthError(got, want int) error {
	return fmt.Errorf("%w: %d bytes, not %d", ErrAnswer, got, want)
}
