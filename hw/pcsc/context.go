package pcsc

import "time"

// A service is pcscd, as far as this package needs it. Its errors are codes.
type service interface {
	establishContext() (cardContext, error)
}

// A cardContext is one PC/SC context, a connection to pcscd. It is for one goroutine; only cancel
// may be called from another. Readers do not share a context: pcscd serves its calls one after the
// other.
type cardContext interface {
	listReaders() ([]string, error)

	// getStatusChange blocks until a slot differs from its currentState, or until limit has passed,
	// which is codeTimeout. It fills in the eventStates.
	getStatusChange(slots []readerState, limit time.Duration) error

	// cancel ends a getStatusChange that is under way, unless it misses it.
	cancel()

	// connect takes the card in a reader for exclusive use.
	connect(reader string) (cardHandle, error)
	release()
}

// A cardHandle is one PC/SC handle, the connection to a card.
type cardHandle interface {
	// transmit returns an answer that the next call may overwrite. The command has at least one
	// byte.
	transmit(command []byte) ([]byte, error)

	// disconnect releases the card. A card that has left must be left alone: pcscd 1.9.9 takes a
	// failed reset for its removal, and misses the next card if that comes within its poll.
	disconnect(disposition)
}

// A disposition is the state in which a card is released.
type disposition uint8

const (
	leaveCard   disposition = iota
	resetCard               // without any authentication
	unpowerCard             // nor any command under way
)

// A readerState is a reader before and after a wait.
type readerState struct {
	name         string
	currentState stateFlags // as the caller knows it
	eventState   stateFlags // as it is
	atr          []byte
}

// stateFlags are the state of a reader. The upper 16 bits count the cards that came and went
// (pcsclite.h, SCARD_STATE_…; SCardGetStatusChange).
type stateFlags uint32

const (
	stateChanged     stateFlags = 0x0002
	stateUnknown     stateFlags = 0x0004
	stateUnavailable stateFlags = 0x0008 // SCARD_STATE_UNAVAILABLE
	statePresent     stateFlags = 0x0020
	stateMute        stateFlags = 0x0200

	eventCounter = stateFlags(0xFFFF) << 16
)

// cardMask are the flags that concern a card. The others change with each of our own connections,
// and would wake us.
const cardMask = eventCounter | statePresent | stateMute | stateUnknown | stateUnavailable

// plugAndPlay is the pseudo-reader that reports readers coming and going (pcsc-lite,
// SCardGetStatusChange).
const plugAndPlay = `\\?PnP?\Notification`
