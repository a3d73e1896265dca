// Package keyring gives a device its card keys: from a key file, in memory, or from a token, which
// its masters never leave (package token).
//
// It knows where a configuration's keys are, and which keys may be used with which reader. It knows
// neither the form of a key file nor the use of a token.
//
// Its one rule: the public test keys open no card on a physical reader, unless bench is given a key
// file that is marked as such, and then there is a warning.
package keyring

import (
	"errors"
	"strings"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/hw/desfire"
	"leima/hw/token"
	"leima/validator/journal"
	"leima/validator/oncard"
)

// A Source is the configuration of keys.
type Source struct {
	Keys       string // key file, the URI of a token, or test; empty is test
	Passphrase string // file that opens a sealed key file; empty: see package keyfile
	RealReader bool   // the reader is a real one

	// Test are the test keys of bench; nil: this program has none.
	Test *oncard.Keys

	// BackOffice is the key with which the identity of an event's card is sealed.
	BackOffice journal.BackOfficeKey

	// File finds a path of the configuration; nil: unchanged.
	File func(name string) string
}

// A Ring holds the keys of a device.
type Ring struct {
	App   desfire.App
	Seals cardlayout.Seals

	// EmulatedKeys are the keys with which an emulated bus issues its own cards. A token does not
	// give them: with one, the cards must exist already.
	EmulatedKeys oncard.Keys

	// Warning is shown at each start; empty: none.
	Warning string

	// Close releases the token, if there is one.
	Close func() error
}

// Open finds the keys and checks that they may be used. The holder's key is left out: no name is
// read on board.
func Open(s Source) (*Ring, error) {
	ring, err := open(s)
	if err == nil && s.RealReader && ring.Warning == "" && s.BackOffice.String() == testBackOffice {
		return nil, errors.Join(ErrTestBackOffice, ring.Close())
	}
	return ring, err
}

func open(s Source) (*Ring, error) {
	if strings.HasPrefix(s.Keys, token.Scheme) {
		return openToken(s)
	}
	keys, err := s.Read()
	if err != nil {
		return nil, err
	}
	keys.Holder = nil
	ring := &Ring{
		App: keys.App(), Seals: keys.Keys, EmulatedKeys: keys,
		Close: func() error { return nil },
	}
	if keys.Test && !IsTestKeys(s.Keys) {
		ring.Warning = Warning
	}
	return ring, nil
}

// Read reads the keys of a file, or the test keys if none is named. It checks their use: on a
// physical reader, the test keys need a file that is marked as such.
func (s Source) Read() (keys oncard.Keys, err error) {
	if IsTestKeys(s.Keys) {
		if s.Test == nil || s.RealReader {
			return keys, ErrTestKeys
		}
		return *s.Test, nil
	}
	path, passphrase := s.Keys, s.Passphrase
	if s.File != nil {
		path = s.File(path)
	}
	if passphrase != "" && s.File != nil {
		passphrase = s.File(passphrase)
	}
	if keys, err = keyfile.Read(path, passphrase); err != nil {
		return keys, err
	}
	if !keys.Test && areTestKeys(&keys) {
		if s.RealReader {
			return keys, ErrTestKeys
		}
		keys.Test = true
	}
	return keys, nil
}
