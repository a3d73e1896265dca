package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/desk"
	"leima/validator/sim"
)

// A keyPath is the key file of a command, empty for the test keys.
type keyPath string

// read reads the keys. Whoever works with the test keys is told so.
func (p keyPath) read(b *bench) (desk.Keys, error) {
	if p == "" {
		b.remark("test keys: not for real cards")
		return sim.TestKeys(), nil
	}
	keys, err := keyfile.Read(string(p), "")
	var unread syscall.Errno
	if err != nil && !errors.As(err, &unread) {
		return keys, mistake(err)
	}
	return keys, err
}

// openCard reads a card image.
func openCard(path string) (*emu.Card, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	card, err := emu.Load(file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w: take a copy of the image, or issue "+
			"the card again", path, withoutPackage(err))
	}
	return card, nil
}

// withoutPackage leaves out what says where in the program an error came from.
func withoutPackage(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return cause(inner)
	}
	return err
}

// saveCard writes a card image. Its mode is that of a key file: an image holds the
// card's keys as they are.
func saveCard(path string, card *emu.Card) error { return replace(path, 0o600, card.Save) }

// advice is what to do about an error of a card.
func advice(err error, real bool) string {
	switch {
	case errors.Is(err, desk.ErrSilent):
		return "it is blank, of another system, or keeps everything to itself; a card of ours is " +
			"read with its keys (--keys)"
	case errors.Is(err, desk.ErrNotBlank):
		return "it has keys of somebody's: a card of ours needs the file of its keys (--keys)"
	case errors.Is(err, desk.ErrIssued):
		return "take another card, or erase this one"
	case errors.Is(err, cardlayout.ErrNotOurs):
		return "it is blank or of another system; a system's own cards need its key file (--keys)"
	case errors.Is(err, cardlayout.ErrForged), errors.Is(err, desfire.AuthenticationError):
		return "it is a forgery, or was issued with other keys: name their file (--keys)"
	case errors.Is(err, cardlayout.ErrVersion):
		return "use the bench of the release that issued it"
	case real:
		return "the card is as it was; try again"
	case errors.Is(err, cardlayout.ErrMalformed):
		return "take a copy of the image, or issue the card again"
	}
	return "the image is as it was; try again"
}
