package validator

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/clock"
	"leima/hw/desfire"
)

// A Journal is the device's own memory of what it did. All calls come from one
// tap at a time. Whatever it answers with nil is durable; after an error it is as it
// was before, and the same number is still the next.
type Journal interface {
	// Next is the number that the next event must carry: the one after the last,
	// without a gap.
	Next() cardlayout.EventID

	// Timing is what is known of the times of its events.
	Timing() clock.Memory

	// Pending are the card's intents that are neither settled nor void, oldest
	// first.
	Pending(cardlayout.Number) []Event

	// Begin keeps the intent to change a card. Commit is sent only after it.
	Begin(Event) error

	// Settle notes that the card has committed the intent, with the card's own
	// signature where it gave one. An intent that is not open is an error, here and
	// for Void.
	Settle(cardlayout.EventID, desfire.Receipt) error

	// Void notes that the card has not committed the intent and never will.
	Void(cardlayout.EventID) error

	// Record keeps an event that changed no card.
	Record(Event) error

	// Paid is the load that the reference of a benefit's payment was used for, if it was
	// neither voided nor taken back. While it is open its card may yet deny it.
	Paid(reference string) (by cardlayout.EventID, open, used bool)
}

// A Blocklist tells which cards are blocked.
type Blocklist interface {
	// Lookup tells whether the card is listed, and for which unblocking number.
	// After an error nothing is known of the card.
	Lookup(cardlayout.Number) (unblocking uint8, listed bool, err error)

	// Held tells whether a listed card is refused without the block being written to it,
	// because its list may be wrong.
	Held(cardlayout.Number) (bool, error)

	// Version and Made say which list answers; 0 and the zero time: none does, and
	// no card is listed.
	Version() uint32
	Made() time.Time
}

// Actions tells what waits for a card in the area's action list.
type Actions interface {
	// Lookup are the card's actions, in the order in which they are to be done. They are
	// the caller's to read only. After an error nothing is known of them.
	Lookup(cardlayout.Number) ([]fare.Action, error)
}

// Tariffs finds the tariff that holds at a time. An error means that there is
// none.
type Tariffs func(at time.Time) (*fare.Tariff, error)
