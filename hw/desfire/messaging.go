package desfire

import "fmt"

// Mode is a communication mode: how a command's data crosses the air.
type Mode byte

// The communication modes, as in a file's settings.
const (
	Plain Mode = 0x00
	MAC   Mode = 0x01
	Full  Mode = 0x03

	// managed is the mode of the commands that concern no file: under a MAC both ways
	// on EV2, on the answer alone on EV1, and bare on D40.
	managed Mode = 0xFE
)

// messaging is the secure messaging of one session: it turns a command into what is
// sent and an answer into what is meant. There is one kind for each generation of
// authentication: ev2, ev1 and d40.
type messaging interface {
	// seal protects a command, code ‖ header ‖ data ‖ tail, in place. The first head
	// bytes are never enciphered; the last tail bytes are outside of the checksum that
	// ev1 and d40 put behind the data.
	seal(text []byte, head, tail int, mode Mode) []byte

	// open checks an answer of size bytes of data, or of anySize that is not enciphered,
	// and returns the data, deciphered in place. Whether they are so many is the
	// caller's affair where a MAC vouches for them.
	open(mode Mode, answer []byte, size int) ([]byte, error)

	// wire is the length on the air of an answer of n bytes, n > 0, from a file.
	wire(mode Mode, n int) int

	// digest is the checksum with which ChangeKey shows that the old key is known.
	digest(key []byte) []byte

	// again is how another key is proved within the session, and rekey goes on with it.
	again() Method
	rekey(keys SessionKeys)
}

// anySize is the size of an answer that may have any.
const anySize = -1

const macSize = 8

// unlike is the error for an answer of another length than its command asks for.
func unlike(got, want int) error {
	return fmt.Errorf("%w: %d bytes, not %d", ErrAnswer, got, want)
}
