package desk

import (
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// A visit is a card that was opened with its transport key and read as at a tap.
type visit struct {
	session *desfire.Session
	Contents
}

// open opens a card and reads the files of a tap.
func open(card hw.Card, k *Keys, random io.Reader) (*visit, error) {
	if err := k.checkScheme(); err != nil {
		return nil, err
	}
	s, err := desfire.Open(card, k.app(), random)
	if err != nil {
		return nil, validator.Opening(err)
	}
	v := &visit{session: s, Contents: Contents{UID: cardlayout.UID(s.UID())}}
	var mode desfire.Mode
	if v.Image, mode, err = validator.ReadImage(s); err != nil {
		return nil, err
	}
	if mode == desfire.MAC {
		v.Profile = Readable
	}
	v.Card, err = validator.Decode(s, &v.Image, k.Keys)
	return v, err
}

// connect begins at card level, also with a card that has lain on the reader since an
// earlier visit.
func connect(card hw.Card) (*desfire.Session, error) {
	s, err := desfire.Connect(card)
	if err == nil {
		err = s.Select(desfire.AID{})
	}
	return s, err
}

func (v *visit) read(file byte, p []byte) error {
	return v.session.Read(file, v.Profile.mode(file), 0, p)
}
