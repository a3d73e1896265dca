package servicepoint

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// Erase makes one of our cards blank again, for test cards: our application is deleted with its
// content, and the card's own key becomes the AES key of zeros, version 0, one of BlankKeys. Other
// applications and the settings of the card stay. It may be repeated after any error. A blank card,
// also from the factory, keeps its key. ErrNotBlank: the card has neither our key nor that of a
// blank card.
//
// The card's own key is changed last here too: until then only the issuer can undo or finish the
// work.
func Erase(card hw.Card, k oncard.Keys, random io.Reader) error {
	err := checkScheme(&k)
	if err == nil && k.PICC == (cardlayout.Key{}) {
		err = errors.New("the PICC key is not set: want the issuer's key file, which has it")
	}
	if err == nil {
		err = erase(card, &k, random)
	}
	if err != nil {
		return fmt.Errorf("erasing the card: %w", err)
	}
	return nil
}

func erase(card hw.Card, k *oncard.Keys, random io.Reader) error {
	s, err := connect(card)
	if err != nil {
		return err
	}
	err = s.Authenticate(0, k.Own(k.PICC, s.UID()), random)
	blank := errors.Is(err, desfire.AuthenticationError) // perhaps erased before
	if blank {
		_, err = unlock(s, BlankKeys(), err, random)
	}
	if err == nil {
		err = deleteOurs(s, k)
	}
	if err != nil || blank {
		return err
	}
	if err := changeOwn(s, piccKey, 0, zero, 0, random); err != nil {
		return fmt.Errorf("taking the card's own key away: %w", err)
	}
	return nil
}

// deleteOurs deletes our application if it is there.
func deleteOurs(s *desfire.Session, k *oncard.Keys) error {
	all, err := s.ApplicationIDs()
	if err != nil || !slices.Contains(all, k.Scheme.AID) {
		return err
	}
	return s.DeleteApplication(k.Scheme.AID)
}
