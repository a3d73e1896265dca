package validator

import (
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator/messages"
)

// A Business is the purpose of a card at the reader: to travel, to be looked at, to take a load.
type Business struct {
	Party
	Asked string // the driver's order in words; empty if none

	// Whole: Decide needs all of the card, and not only what a boarding decides by.
	Whole bool

	// History: Decide needs the card's use events.
	History bool

	// Decide decides about the card. It looks nothing up.
	Decide func(held cardlayout.Card, f *Facts) Decision
}

// A Party is the driver's choice of persons and zones for a card.
type Party struct {
	Persons cardlayout.Persons // index 0: of the holder's group
	Zones   cardlayout.Zones   // 0: the usual ones
	Lent    bool               // the user is not the owner
}

// Boarding is the business of a card without an order: to travel.
func Boarding(p Party) Business { return Business{Party: p, Decide: board} }

// board does the waiting actions and then decides the boarding.
func board(held cardlayout.Card, f *Facts) Decision {
	loaded, picked := sale.Apply(held, f.Waiting, f.Tap, f.Tariff)
	return Decision{Decision: fare.Decide(loaded, f.Tap, f.Tariff), Picked: picked}
}

// Facts are all that a decision needs besides the card. Nothing is looked up later.
type Facts struct {
	fare.Tap
	Tariff  *fare.Tariff
	Waiting []sale.Action       // in the action list, in its order
	History []cardlayout.Record // only if the business needs it
}

// actionsWait reports whether an action waits for the card as it is. The list goes on naming those
// that it has had.
func (f *Facts) actionsWait(held *cardlayout.Card) bool {
	return slices.ContainsFunc(f.Waiting, func(a sale.Action) bool {
		return a.Expects == held.ActionCounter
	})
}

// A Decision is the result of a tap, whatever its business.
type Decision struct {
	fare.Decision
	Picked  []sale.ActionResult // of the waiting actions
	Loaded  *sale.Loaded        // or taken back, by a driver; nil if nothing was
	Refused error               // of a load, a *sale.Refusal if it is a refusal
	Look    *Look               // at a card that was only looked at
}

// A Look is what a driver may see of a card: its contents, but not whose it is.
type Look struct {
	Card    cardlayout.Card // without the birth date
	History []cardlayout.Record
	Verdict fare.Verdict
}

// A Terminal is the driver's terminal (kuljettajan laite). All calls come between two taps or from
// the running one.
type Terminal interface {
	// Business is the business of a card.
	Business(held *cardlayout.Card, at time.Time) Business

	// Found reports a load whose commit was not answered: the card has it, or that is not known.
	Found(cardlayout.Number, sale.UnconfirmedLoad)

	// Ended reports the end of a tap.
	Ended(*Outcome)

	// ClockCorrected reports that the device's time has jumped.
	ClockCorrected(by time.Duration)

	// Asked is the order for the next card, in a language; empty if none.
	Asked(messages.Language) string

	// Shift is the current shift; zero if none.
	Shift() Shift
}

// noTerminal is the terminal of a device without a driver.
type noTerminal struct{}

func (noTerminal) Business(*cardlayout.Card, time.Time) Business { return Boarding(Party{}) }
func (noTerminal) Found(cardlayout.Number, sale.UnconfirmedLoad) {}
func (noTerminal) Ended(*Outcome)                                {}
func (noTerminal) ClockCorrected(time.Duration)                  {}
func (noTerminal) Asked(messages.Language) string                { return "" }
func (noTerminal) Shift() Shift                                  { return Shift{} }

// terminal is the driver's terminal, or noTerminal.
func (v *Validator) terminal() Terminal {
	if v.Terminal == nil {
		return noTerminal{}
	}
	return v.Terminal
}
