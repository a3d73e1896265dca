package servicepoint

import (
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// A cardSession is a card opened with its transport key and read as at a tap.
type cardSession struct {
	session *desfire.Session
	Contents
}

// open opens a card and reads the files of a tap.
func open(card hw.Card, k *oncard.Keys, random io.Reader) (*cardSession, error) {
	if err := checkScheme(k); err != nil {
		return nil, err
	}
	return openWith(card, k, k.App(), random)
}

// openWith is open with given transport keys.
func openWith(card hw.Card, k *oncard.Keys, app desfire.App, random io.Reader) (
	*cardSession, error,
) {
	s, err := desfire.Open(card, app, random)
	if err != nil {
		return nil, oncard.Opening(err)
	}
	v := &cardSession{session: s, Contents: Contents{UID: cardlayout.UID(s.UID())}}
	if v.Image, v.Card, err = oncard.Read(s, k.Keys, random); err != nil {
		return nil, err
	}
	if v.Image.Readable {
		v.Profile = Readable
	}
	return v, v.readOthers(k)
}

// readOthers reads the files that a boarding does not ask, and what they say of the card.
func (s *cardSession) readOthers(k *oncard.Keys) error {
	err := oncard.ReadRest(s.session, &s.Image, &s.Card, k.Keys)
	if err == nil {
		err = s.read(cardlayout.FileControl, s.Image.Control[:])
	}
	if s.Others = s.Card; err != nil || s.Card.Layout == 1 {
		return err
	}
	s.Others, err = s.Image.Others(s.Card, k.Keys)
	return err
}

// connect begins at card level, also if the card has been on the reader since an earlier session.
func connect(card hw.Card) (*desfire.Session, error) {
	s, err := desfire.Connect(card)
	if err == nil {
		err = s.Select(desfire.AID{})
	}
	return s, err
}

func (s *cardSession) read(file byte, p []byte) error {
	return s.session.Read(file, s.Profile.mode(file), 0, p)
}
