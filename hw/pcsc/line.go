package pcsc

import "time"

// A daemon is pcscd, as far as this package needs it. Its errors are codes.
type daemon interface {
	dial() (line, error)
}

// A line is one connection to pcscd, in PC/SC a context. It is for one goroutine; only
// cancel may be called from another. Contexts are never shared between readers: pcscd
// serves the calls of one context one after the other.
type line interface {
	readers() ([]string, error)

	// await blocks until a slot is no longer as it was known, or limit has passed,
	// which is codeTimeout. It fills in what is seen.
	await(slots []slot, limit time.Duration) error

	// cancel ends an await that is under way, if it does not miss it.
	cancel()

	// connect takes the card in a reader, for nobody else to use meanwhile.
	connect(reader string) (link, error)
	hangUp()
}

// A link is the connection to one card, in PC/SC a handle.
type link interface {
	// transmit returns an answer that may be reused by the next call. The command
	// has at least one byte.
	transmit(command []byte) ([]byte, error)

	// disconnect lets go of the card. A card that has left must be left alone: pcscd
	// 1.9.9 takes a failing reset for its leaving, and does not see the next card if
	// that comes within its poll.
	disconnect(farewell)
}

// A farewell is what a card is left with.
type farewell uint8

const (
	leaveAlone farewell = iota
	reset               // nothing that was authenticated stays
	powerDown           // nor anything that was under way
)

// A slot is a reader as a wait for it goes in and comes out.
type slot struct {
	name  string
	known flags // as the caller knows it
	seen  flags // as it is
	atr   []byte
}

// flags are the state of a reader. The upper 16 bits count the cards that came and
// went (pcsclite.h, SCARD_STATE_…; SCardGetStatusChange).
type flags uint32

const (
	flagChanged flags = 0x0002
	flagUnknown flags = 0x0004
	flagMissing flags = 0x0008 // SCARD_STATE_UNAVAILABLE
	flagPresent flags = 0x0020
	flagMute    flags = 0x0200

	flagsCount = flags(0xFFFF) << 16
)

// matter are the flags that say something about a card. The others change with every
// connection of ours, and would wake us by what we do ourselves.
const matter = flagsCount | flagPresent | flagMute | flagUnknown | flagMissing

// plugAndPlay is a name that stands for the coming and going of readers (pcsc-lite,
// SCardGetStatusChange).
const plugAndPlay = `\\?PnP?\Notification`
