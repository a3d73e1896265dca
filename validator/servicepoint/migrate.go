package servicepoint

import (
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// Migrate moves a card of layout 1 to the newest layout: it creates file 7, and one transaction
// fills it and marks file 5, so that an older program refuses the card. It needs the issuer's keys.
// The content of the card, with its counter, stays.
//
// It may be repeated after any error: a file 7 that was created and not filled holds zeros and
// counts for nothing, as if it were not there. A card of the newest layout is left alone, and
// moved is false. ErrFull: the card has no room for the file and stays as it is.
func Migrate(card hw.Card, k oncard.Keys, random io.Reader) (c Contents, moved bool, err error) {
	err = checkKeys(&k, false)
	var s *cardSession
	if err == nil {
		s, err = open(card, &k, random)
	}
	if err == nil && s.Card.Layout != cardlayout.NewestLayout {
		moved, err = true, s.migrate(&k, random)
	}
	if err != nil {
		return Contents{}, false, fmt.Errorf("moving the card to layout %d: %w",
			cardlayout.NewestLayout, err)
	}
	return s.Contents, moved, nil
}

func (s *cardSession) migrate(k *oncard.Keys, random io.Reader) error {
	next := s.Card
	next.Layout = cardlayout.NewestLayout
	next.Counter++ // else a bus would take the card's signature for that of an open intent
	writes, err := s.Image.Reseal(s.Card, next, k.Keys)
	if err != nil {
		return err
	}
	if err := s.createValidation(k, random); err != nil {
		return err
	}
	if _, err := s.commit(writes); err != nil {
		return err
	}
	s.Card, s.Others = next, next
	return nil
}

// createValidation creates file 7 unless a torn move has. That the card proves its master key shows
// that it was not made with the stolen keys of a bus.
func (s *cardSession) createValidation(k *oncard.Keys, random io.Reader) error {
	master := k.Own(k.Master, s.session.UID())
	err := oncard.Opening(s.session.Reauthenticate(oncard.MasterKey, master, random))
	if err != nil {
		return err
	}
	f := file{no: cardlayout.FileValidation, rights: travelRights, size: cardlayout.ValidationSize}
	err = s.session.CreateBackupFile(f.layout(s.Profile))
	switch {
	case errors.Is(err, desfire.OutOfEEPROM):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case err != nil && !errors.Is(err, desfire.DuplicateError):
		return err
	}
	return oncard.Opening(s.session.Reopen(random))
}
