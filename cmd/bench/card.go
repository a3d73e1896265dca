package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"leima/cardlayout"
	"leima/cmd/internal/keyring"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/hw/token"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// A keyPath is the key file of a command; empty for the test keys.
type keyPath string

// read reads the keys for a card at a location, "" for none. The test keys cause a remark; for a
// card on a reader they need a file that is marked as such.
func (p keyPath) read(b *bench, at cardLocation) (oncard.Keys, error) {
	if strings.HasPrefix(string(p), token.Scheme) {
		return oncard.Keys{}, mistake(errors.New("the keys on a token are for validator and " +
			"console: name a key file (--keys)"))
	}
	_, metal := at.onReader()
	keys, err := keySource(string(p), "", metal).Read()
	var unread syscall.Errno
	switch {
	case err == nil && p == "":
		b.remark("test keys: not for real cards")
	case err == nil && keys.Test:
		b.remark("%s", keyring.Warning)
	case err != nil && !errors.As(err, &unread):
		return keys, mistake(err)
	}
	return keys, err
}

// keySource is the source of keys for a program that has the test keys.
func keySource(path, passphrase string, metal bool) keyring.Source {
	return keyring.Source{
		Keys: path, Passphrase: passphrase, RealReader: metal,
		Test: new(sim.TestKeys()),
	}
}

// proving are the keys of an issuer, whose Transaction MAC key verifies the signatures of cards.
func (p keyPath) proving(b *bench) (oncard.Keys, error) {
	keys, err := p.read(b, "")
	if err == nil && keys.TMAC == (cardlayout.Key{}) {
		err = mistake(errors.New("the key file has no [issuer] part: the keys of a bus prove no " +
			"signature; name the issuer's file (--keys)"))
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

// withoutPackage removes the name of the package from an error.
func withoutPackage(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return cause(inner)
	}
	return err
}

// saveCard writes a card image, with the mode of a key file: an image holds the card's keys in
// plain.
func saveCard(path string, card *emu.Card) error { return replace(path, 0o600, card.Save) }

// advice says what to do about an error of a card.
func advice(err error, real bool) string {
	switch {
	case errors.Is(err, servicepoint.ErrSilent):
		return "it is blank, of another system, or keeps everything to itself; a card of ours is " +
			"read with its keys (--keys)"
	case errors.Is(err, servicepoint.ErrNotBlank):
		return "it has unknown keys: a card of ours needs its key file (--keys)"
	case errors.Is(err, servicepoint.ErrIssued):
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
