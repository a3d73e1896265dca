package desk

import (
	"leima/hw/desfire"
	"leima/validator"
)

// Genuine tells whether the card itself has signed the event: whether the receipt is
// what the card makes of the event's transaction under its own Transaction MAC key. A
// bus, which has not that key, can neither make nor prove a receipt.
func (k Keys) Genuine(e validator.Event, r desfire.Receipt) bool {
	uid := desfire.UID(e.UID)
	return len(e.Signed) > 0 && k.own(k.TMAC, uid).TransactionMAC(uid, r.TMC, e.Signed) == r.TMV
}
