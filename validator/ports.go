package validator

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/clock"
	"leima/hw/desfire"
)

// A Journal is the device's memory of what it did. One tap at a time calls it. After an error the
// journal is as before, and the same number is still the next. A call that returns nil is durable,
// but for Begin, and for the Settle and Void of a boarding, which are durable within a second. If
// they cannot be, the next call that writes returns the error, and the intent is open again.
type Journal interface {
	// Next is the number of the next event: the one after the last, without a gap.
	Next() cardlayout.EventID

	// Timing is what the journal knows of the times of its events.
	Timing() clock.Memory

	// Pending are the card's intents that are neither settled nor void, oldest first.
	Pending(cardlayout.Number) []Event

	// Begin writes the intent to change a card. It is durable after Flush, which waits for the
	// disk: meanwhile the card is written. The commit is sent only after Flush.
	Begin(Event) error
	Flush() error

	// Settle records that the card has committed the intent, with the card's signature if it gave
	// one. Settle and Void fail if the intent is not open.
	Settle(cardlayout.EventID, desfire.TMAC) error

	// Void records that the card has not committed the intent and never will.
	Void(cardlayout.EventID) error

	// Record records an event that changed no card.
	Record(Event) error

	// Paid finds the load that a benefit payment's reference has paid for, if it was neither
	// voided nor taken back. While the load is open its card may yet prove that it was not done.
	Paid(reference string) (by cardlayout.EventID, open, used bool)
}

// A Blocklist knows which cards are blocked.
type Blocklist interface {
	// Lookup reports whether the card is listed, and for which unblocking number. After an error
	// nothing is known of the card.
	Lookup(cardlayout.Number) (unblocking uint8, listed bool, err error)

	// Provisional reports whether a listed card is refused without writing the block to it, because
	// its list may be wrong.
	Provisional(cardlayout.Number) (bool, error)

	// Version and Made identify the list that answers; if they are zero there is none, and no card
	// is listed.
	Version() uint32
	Made() time.Time
}

// Actions knows the actions that wait for a card in the area's action list.
type Actions interface {
	// Lookup returns the card's actions, in the order in which they are done. The caller only reads
	// them. After an error nothing is known of them.
	Lookup(cardlayout.Number) ([]sale.Action, error)

	// Version is that of the list that answers, 0: there is none.
	Version() uint32
}

// Tariffs finds the tariff that is valid at a time. An error means that there is none.
type Tariffs func(at time.Time) (*fare.Tariff, error)
