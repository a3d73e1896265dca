package desk

import (
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// Contents are everything on a card that the keys at hand can read.
type Contents struct {
	UID     cardlayout.UID
	Profile Profile

	// Application is what the card tells anyone. From a readable card it comes without
	// protection; its number is to be believed only where Card has the same.
	Application cardlayout.Application

	// Card is the card as it is decoded at a tap, and its value ticket.
	Card cardlayout.Card

	// History holds up to seven use events, the newest last.
	History []cardlayout.Record

	// Image holds the files' bytes, sealed as they are; of the history the newest
	// record.
	Image cardlayout.Image

	// Signature is the card's latest, zero where it gives none.
	Signature desfire.Receipt

	// Holder is nil where none is kept and where the holder key is not at hand.
	Holder *cardlayout.Holder
}

// Inspect reads all of a card and changes nothing. The keys need only be those of
// what is to be read: without the holder key the holder is left out.
func Inspect(card hw.Card, k Keys, random io.Reader) (Contents, error) {
	v, err := open(card, &k, random)
	if err == nil {
		err = v.readRest(&k, random)
	}
	if err != nil {
		return Contents{}, fmt.Errorf("inspecting the card: %w", err)
	}
	return v.Contents, nil
}

// readRest reads what a tap does not.
func (v *visit) readRest(k *Keys, random io.Reader) error {
	for _, step := range []func() error{
		func() error { return v.read(cardlayout.FileControl, v.Image.Control[:]) },
		v.readTicket,
		v.readHistory,
		v.readApplication,
		v.readSignature,
		func() error { return v.readHolder(k, random) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) readTicket() error {
	err := v.read(cardlayout.FileTicket, v.Image.Ticket[:])
	if err == nil {
		v.Card.Ticket, err = cardlayout.UnpackTicket(v.Image.Ticket)
	}
	return err
}

func (v *visit) readHistory() (err error) {
	mode := v.Profile.mode(cardlayout.FileHistory)
	v.History, v.Image.Record, err = validator.ReadHistory(v.session, mode)
	return err
}

func (v *visit) readApplication() error {
	const file = cardlayout.FileApplication
	var p [cardlayout.ApplicationSize]byte
	err := v.session.Read(file, v.Profile.freely(file), 0, p[:])
	if err == nil {
		v.Application, err = cardlayout.UnpackApplication(p)
	}
	return err
}

// readSignature reads the Transaction MAC file: counter and value.
func (v *visit) readSignature() error {
	if !v.Card.TransactionMAC {
		return nil
	}
	var err error
	v.Signature, err = v.session.Receipt(cardlayout.FileTMAC)
	return err
}

// readHolder comes last, for it changes the session's key. A file of zeros is as it
// was created.
func (v *visit) readHolder(k *Keys, random io.Reader) error {
	if k.Holder == nil {
		return nil
	}
	own := k.application(v.session.UID())[keyHolderRead]
	if err := v.session.Reauthenticate(keyHolderRead, own, random); err != nil {
		return err
	}
	var p [cardlayout.HolderSize]byte
	if err := v.read(cardlayout.FileHolder, p[:]); err != nil {
		return err
	}
	if p == [cardlayout.HolderSize]byte{} {
		return nil
	}
	h, err := cardlayout.OpenHolder(p, v.UID, v.Card.Number, k.Keys)
	if err != nil {
		return err
	}
	v.Holder = &h
	return nil
}
