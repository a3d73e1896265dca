package desk

import (
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
)

// A visit is a card that was opened with its transport key and read as at a tap.
type visit struct {
	session *desfire.Session
	Contents
}

// open reads the files of a tap. The first of them tells the profile by the length of
// its answer.
func open(card hw.Card, k *Keys, random io.Reader) (*visit, error) {
	if err := k.checkScheme(); err != nil {
		return nil, err
	}
	s, err := desfire.Open(card, k.app(), random)
	if err != nil {
		return nil, err
	}
	v := &visit{session: s, Contents: Contents{UID: cardlayout.UID(s.UID())}}
	v.Image.UID = v.UID
	mode, err := s.Detect(cardlayout.FileSeasons, v.Image.Seasons[:])
	if err != nil {
		return nil, err
	}
	if mode == desfire.MAC {
		v.Profile = Readable
	}
	if err := v.readTravel(); err != nil {
		return nil, err
	}
	v.Card, err = cardlayout.Decode(&v.Image, k.Keys)
	return v, err
}

func (v *visit) readTravel() error {
	for _, f := range []struct {
		no   byte
		into []byte
	}{
		{cardlayout.FileValue, v.Image.Value[:]},
		{cardlayout.FileState, v.Image.State[:]},
		{cardlayout.FileRights, v.Image.Rights[:]},
	} {
		if err := v.read(f.no, f.into); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) read(file byte, p []byte) error {
	return v.session.Read(file, v.Profile.mode(file), 0, p)
}
