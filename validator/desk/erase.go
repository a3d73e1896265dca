package desk

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
)

// Erase makes a blank card of one of ours again, for test cards: our application is
// deleted with all that is in it, and the card's own key becomes the AES key of zeros,
// version 0, one of Blanks. Other applications stay, and the settings of the card. It
// may be repeated after any error. A card that is blank already, as from the factory, keeps
// its key. ErrNotBlank: the card has neither our key nor that of a blank card.
//
// The card's own key is changed last here too: until then nobody else can undo or
// finish what was begun.
func Erase(card hw.Card, k Keys, random io.Reader) error {
	err := k.checkScheme()
	if err == nil && k.PICC == (cardlayout.Key{}) {
		err = errors.New("the PICC key is not set")
	}
	if err == nil {
		err = erase(card, &k, random)
	}
	if err != nil {
		return fmt.Errorf("erasing the card: %w", err)
	}
	return nil
}

func erase(card hw.Card, k *Keys, random io.Reader) error {
	s, err := connect(card)
	if err != nil {
		return err
	}
	err = s.Authenticate(0, k.own(k.PICC, s.UID()), random)
	blank := errors.Is(err, desfire.AuthenticationError) // erased before, perhaps
	if blank {
		_, err = unlock(s, Blanks(), err, random)
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
func deleteOurs(s *desfire.Session, k *Keys) error {
	all, err := s.ApplicationIDs()
	if err != nil || !slices.Contains(all, k.Scheme.AID) {
		return err
	}
	return s.DeleteApplication(k.Scheme.AID)
}
