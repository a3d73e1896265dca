package keyfile

import (
	"bytes"
	"fmt"
	"io"

	"leima/cardlayout"
)

// Generations is how many generations of the transport key a set holds: the one that new
// cards get, and the one before, which is on the cards in people's pockets.
const Generations = 2

// Roll is a key file with a new transport key drawn from random. The one before it becomes
// the former, and what was before that opens no card any more: cards of two generations
// back must have been exchanged.
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
	former := append([]secret{doc.Bus.Transport}, doc.Bus.Former...)
	doc.Bus.Former = former[:min(len(former), Generations-1)]
	doc.Bus.Transport = s.draw()
	*doc.Version++
	if s.err != nil {
		return nil, s.err
	}
	var rolled bytes.Buffer
	if err := doc.write(&rolled); err != nil {
		return nil, err
	}
	// Whatever was drawn must be a set of keys, before anybody throws the old one away.
	_, _, err = parse(name, rolled.Bytes())
	return rolled.Bytes(), err
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

// Public is what may be said of a key file: which system and generation it is for, how many
// transport keys it has, and whether it has the issuer's part.
type Public struct {
	Scheme     cardlayout.Scheme
	Version    uint8
	Transports int
	Issuer     bool
}

// Describe checks the text of a key file and says what may be said of it.
func Describe(name string, text []byte) (Public, error) {
	doc, keys, err := parse(name, text)
	if err != nil {
		return Public{}, err
	}
	return Public{keys.Scheme, keys.Version, 1 + len(keys.Former), doc.Issuer != nil}, nil
}
