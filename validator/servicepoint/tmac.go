package servicepoint

import (
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/oncard"
)

// VerifyTMAC returns a function that reports whether a TMAC is the card's own signature of an
// event's transaction, by the card's Transaction MAC key. A bus lacks that key: it can neither make
// nor verify a TMAC.
func VerifyTMAC(k oncard.Keys) func(validator.Event, desfire.TMAC) bool {
	return func(e validator.Event, r desfire.TMAC) bool {
		uid := desfire.UID(e.UID)
		own := k.Own(k.TMAC, uid)
		return len(e.TMI) > 0 && own.TransactionMAC(uid, r.TMC, e.TMI) == r.TMV
	}
}
