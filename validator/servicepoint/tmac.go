package servicepoint

import (
	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/oncard"
)

// VerifyTMAC returns a function that reports whether a TMAC is the card's own signature of an
// event's transaction, by the card's Transaction MAC key: not of another one, which a device may
// have seen, of this card or of another. A bus lacks that key: it can neither make nor verify a
// TMAC. What the card has signed holds its number, sealed with the rights keys of that time.
func VerifyTMAC(k oncard.Keys) func(validator.Event, desfire.TMAC) bool {
	return func(e validator.Event, r desfire.TMAC) bool {
		uid := desfire.UID(e.UID)
		own := k.Own(k.TMAC, uid)
		return len(e.TMI) > 0 && own.TransactionMAC(uid, r.TMC, e.TMI) == r.TMV &&
			isOf(&e, k)
	}
}

// isOf reports whether what a card has signed is an event's transaction: what the card is, and what
// has become of its counter, its last event and its purse.
func isOf(e *validator.Event, keys cardlayout.Seals) bool {
	before, after, err := signed(e, keys)
	change := int64(e.ValueAdded()) - int64(e.Charge)
	return err == nil && after.Number == e.Card && before.Counter == e.Counter &&
		after.Counter == e.Counter+1 && after.Last == e.ID &&
		int64(after.Purse)-int64(before.Purse) == change
}

// signed is the card before and after the transaction that it has signed.
func signed(e *validator.Event, keys cardlayout.Seals) (before, after cardlayout.Card, err error) {
	commands, err := desfire.ReadTMI(e.TMI, cardlayout.RecordSize)
	if err != nil {
		return before, after, err
	}
	was := cardlayout.Image{UID: e.UID}
	is := was
	for n := range commands {
		c := &commands[n]
		if c.File > cardlayout.FileValidation || c.File == cardlayout.FileHistory {
			continue
		}
		if !c.Writes() {
			was.Whole = was.Whole || c.File == cardlayout.FileRights
			is.Whole = was.Whole
			put(&was, c)
		}
		put(&is, c)
	}
	if before, err = cardlayout.Decode(&was, keys); err == nil {
		after, err = cardlayout.Decode(&is, keys)
	}
	return before, after, err
}

// put puts what was read or written into an image.
func put(i *cardlayout.Image, c *desfire.Signed) {
	file := i.File(c.File)
	copy(file[min(c.Offset, len(file)):], c.Data)
}
