package keyfile

import (
	"bytes"
	"fmt"
	"io"

	"leima/cardlayout"
)

// Generations is the number of generations of the bus's keys in a set: that of new cards, and the
// one before, which is on the cards in use.
const Generations = 2

// Roll is a key file with new bus keys drawn from random: the transport key, and those of the
// rights. The present keys become the former ones, and the former ones are dropped: cards of two
// generations back must have been rekeyed.
func Roll(name string, text []byte, random io.Reader) ([]byte, error) {
	doc, _, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	if *doc.Version == maxVersion {
		return nil, fmt.Errorf("%s: version: the keys are of generation %d, the last that a card "+
			"can tell: begin a new system", name, maxVersion)
	}
	s := source{random: random}
	b := doc.Bus
	b.Former = former(b.Transport, b.Former)
	b.FormerRights = former(b.Rights, b.FormerRights)
	b.Transport, b.Rights = s.draw(), []secret{s.draw(), s.draw()}
	if b.Pepper == "" { // otherwise it stays: the PINs are hashed with it
		b.Pepper = s.draw()
	}
	*doc.Version++
	if s.err != nil {
		return nil, s.err
	}
	var rolled bytes.Buffer
	if err := doc.write(&rolled); err != nil {
		return nil, err
	}
	// The new keys must be valid before the old file is thrown away.
	_, _, err = parse(name, rolled.Bytes())
	return rolled.Bytes(), err
}

// former are the generations that a set keeps besides the newest.
func former[T any](last T, before []T) []T {
	all := append([]T{last}, before...)
	return all[:min(len(all), Generations-1)]
}

// Bus is the part of a key file that a bus needs.
func Bus(name string, text []byte) ([]byte, error) {
	doc, _, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	doc.Issuer = nil
	var part bytes.Buffer
	err = doc.write(&part)
	return part.Bytes(), err
}

// Public is what may be shown of a key file: its system and generation, the number of generations
// of transport and rights keys, and whether it has the issuer's part.
type Public struct {
	Scheme     cardlayout.Scheme
	Version    uint8
	Transports int
	Rights     int
	Issuer     bool
	Test       bool // the file declares that its keys are public
}

// Describe checks the text of a key file and returns what may be shown of it.
func Describe(name string, text []byte) (Public, error) {
	doc, keys, err := parse(name, text)
	if err != nil {
		return Public{}, err
	}
	return Public{
		keys.Scheme, keys.Version, 1 + len(keys.Former), keys.Generations(),
		doc.Issuer != nil, keys.Test,
	}, nil
}
