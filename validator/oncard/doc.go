// Package oncard is our card over DESFire: it opens one with its transport key, reads the files
// that a decision needs, its history and its last boarding, and writes the changes of a decision.
// Taps, the driver's terminal and the service point share it.
//
// It knows the place of a file, how it travels and what a failure means for the card. It knows no
// rule, no journal and no clock. Package servicepoint makes and erases cards.
//
// Its one rule: nothing is valid on a card before the session's Commit; after it was sent, the
// caller resolves what happened.
package oncard
