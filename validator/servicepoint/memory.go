package servicepoint

import (
	"errors"
	"fmt"
	"slices"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// The memory that a card takes for an application and its files is not published: pages of 32
// bytes, twice for a backup file, are assumed here, as in package emu.
const (
	page    = 32
	keySize = 16
	tmacLen = 12 // counter and value (AN12343)
)

// freeMemory deletes the remains of a torn issuing, and checks that the card has the memory for the
// whole application: otherwise it would be full halfway.
func (i *issuing) freeMemory() error {
	all, err := i.session.ApplicationIDs()
	if err == nil && slices.Contains(all, i.keys.Scheme.AID) {
		err = i.clear(len(all) == 1)
	}
	if err != nil {
		return err
	}
	free, err := i.session.FreeMemory()
	if err != nil {
		return err
	}
	if need := i.memoryNeeded(); free < need {
		return fmt.Errorf("%w: %d bytes are free, and %d are needed: take another card, or have "+
			"its other applications deleted", ErrFull, free, need)
	}
	return nil
}

// memoryNeeded is the memory of the application in bytes.
func (i *issuing) memoryNeeded() int {
	need := page + pages(oncard.ApplicationKeys*keySize)
	for _, f := range filesOf(i.order.Card.Layout) {
		need += f.memory()
	}
	if i.order.Card.TransactionMAC {
		need += pages(tmacLen)
	}
	return need
}

// memory is the memory of a file. A cyclic file takes that of its records; all others take it
// twice, but for the one that only the issuer writes.
func (f file) memory() int {
	switch {
	case f.most > 0:
		return pages(f.size * f.most)
	case f.no == cardlayout.FileApplication:
		return pages(f.size)
	}
	return 2 * pages(f.size)
}

func pages(n int) int { return (n + page - 1) / page * page }

// clear deletes our application from an unfinished card, and no other. If there is no other, the
// card is formatted: an EV1 frees deleted memory only then (stackoverflow.com/q/25370148), and
// would be full after a few tears.
func (i *issuing) clear(alone bool) error {
	if alone {
		err := i.session.Format()
		if !errors.Is(err, desfire.PermissionDenied) {
			return err
		}
		if err := i.selectCard(); err != nil { // formatting is disabled for good
			return err
		}
	}
	return i.session.DeleteApplication(i.keys.Scheme.AID)
}
