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

// RekeyResult says what Rekey has renewed on a card.
type RekeyResult struct {
	Number            cardlayout.Number
	Rights, Transport bool

	// Card is the card's content, and Others that by its other files (Contents).
	Card, Others cardlayout.Card
}

// Rekey gives an issued card the newest of the keys that roll: it seals the rights with the newest
// keys, then changes the transport key, then writes its generation to file 8. It needs the
// issuer's keys. The content of the card stays; a new seal counts as a transaction.
//
// It may be repeated after any error and continues where it was torn: at every moment the card's
// keys, and the seal of its rights, are of one of the two generations. A card with the newest keys
// is left alone. A card with any other transport key, such as one two generations back, is
// ErrForged.
func Rekey(card hw.Card, k oncard.Keys, random io.Reader) (RekeyResult, error) {
	err := checkKeys(&k, false)
	if err != nil {
		return RekeyResult{}, fmt.Errorf("giving the card new keys: %w", err)
	}
	r := rekeying{keys: &k, random: random}
	if err = r.open(card); err == nil {
		err = r.renew()
	}
	if err != nil {
		return RekeyResult{}, fmt.Errorf("giving the card new keys: %w", err)
	}
	return r.result, nil
}

// A rekeying is the renewal of one card.
type rekeying struct {
	*cardSession
	keys        *oncard.Keys
	random      io.Reader
	oldKey      desfire.Key // the transport key that opened the card
	application [cardlayout.ApplicationSize]byte
	result      RekeyResult
}

// open finds the card's transport key: the newest, or the one before.
func (r *rekeying) open(card hw.Card) (err error) {
	for _, master := range r.keys.Transports() {
		r.cardSession, err = openWith(card, r.keys, oncard.App(r.keys.Scheme, master), r.random)
		if err == nil {
			r.oldKey = r.keys.Own(master, r.session.UID())
			r.result = RekeyResult{Number: r.Card.Number, Card: r.Card, Others: r.Others}
			return r.readApplicationFile()
		}
		if !errors.Is(err, desfire.AuthenticationError) {
			return err
		}
	}
	return err
}

// readApplicationFile reads file 8 as it is: after a torn write it need not be valid.
func (r *rekeying) readApplicationFile() error {
	const file = cardlayout.FileApplication
	return r.session.Read(file, r.Profile.freeMode(file), 0, r.application[:])
}

// renew proves the card's master key first: a card that was made with stolen keys of a bus has
// another, and gets nothing.
func (r *rekeying) renew() error {
	writes, err := r.Image.Reseal(r.Card, r.Card, r.keys.Keys)
	if err == nil && len(writes) > 0 {
		after := r.Card
		after.Counter++ // else a bus would take the card's signature for that of an open intent
		writes, err = r.Image.Reseal(r.Card, after, r.keys.Keys)
	}
	if err != nil {
		return err
	}
	next := r.keys.Own(r.keys.Transport, r.session.UID())
	application, err := packApplication(r.keys.Version, r.Card.Number)
	r.result.Rights, r.result.Transport = len(writes) > 0, next != r.oldKey
	if err != nil || !r.result.Rights && !r.result.Transport && application == r.application {
		return err
	}
	if err := r.asMaster(); err != nil {
		return err
	}
	if err := r.reseal(writes); err != nil {
		return err
	}
	if r.result.Transport {
		err := r.session.ChangeKey(oncard.TransportKey, &r.oldKey, next, r.keys.Version)
		if err != nil {
			return err
		}
	}
	const file = cardlayout.FileApplication
	return r.session.Write(file, r.Profile.mode(file), 0, application[:])
}

func (r *rekeying) asMaster() error {
	master := r.keys.Own(r.keys.Master, r.session.UID())
	return oncard.Opening(r.session.Reauthenticate(oncard.MasterKey, master, r.random))
}

// reseal comes before the transport key: a card with the newest transport key has the newest seal.
func (r *rekeying) reseal(writes []cardlayout.Write) error {
	if len(writes) == 0 {
		return nil
	}
	if err := r.session.Reauthenticate(oncard.TransportKey, r.oldKey, r.random); err != nil {
		return err
	}
	if _, err := r.commit(writes); err != nil {
		return err
	}
	return r.asMaster()
}
