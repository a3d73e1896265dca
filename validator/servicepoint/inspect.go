package servicepoint

import (
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// Contents are everything on a card that the given keys can read.
type Contents struct {
	UID     cardlayout.UID
	Profile Profile

	// Application is the public file. From a readable card it comes without protection; its number
	// is proved only if Card has the same.
	Application cardlayout.Application

	// Card is the card as a tap reads it, as a whole, and its value ticket.
	Card cardlayout.Card

	// Others is the card as its other files tell it. On a card of layout 2 that differs, file 7 is
	// right.
	Others cardlayout.Card

	// History holds up to seven use events, the newest last.
	History []cardlayout.Record

	// Image holds the bytes of the files as stored; of the history only the newest record.
	Image cardlayout.Image

	// TMAC is the card's last signature, zero if it gives none.
	TMAC desfire.TMAC

	// Holder is nil if none is stored, and without the holder key.
	Holder *cardlayout.Holder
}

// Inspect reads all of a card and changes nothing. Only the keys of the files to be read are
// needed: without the holder key the holder is left out.
func Inspect(card hw.Card, k oncard.Keys, random io.Reader) (Contents, error) {
	v, err := open(card, &k, random)
	if err == nil {
		err = v.readRest(&k, random)
	}
	if err != nil {
		return Contents{}, fmt.Errorf("inspecting the card: %w", err)
	}
	return v.Contents, nil
}

// readRest reads what a tap does not need.
func (s *cardSession) readRest(k *oncard.Keys, random io.Reader) error {
	for _, step := range []func() error{
		s.readTicket,
		s.readHistory,
		s.readApplication,
		s.readTMAC,
		func() error { return s.readHolder(k, random) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s *cardSession) readTicket() error {
	err := s.read(cardlayout.FileTicket, s.Image.Ticket[:])
	if err == nil {
		s.Card.Ticket, err = cardlayout.UnpackTicket(s.Image.Ticket)
		s.Others.Ticket = s.Card.Ticket
	}
	return err
}

func (s *cardSession) readHistory() (err error) {
	mode := s.Profile.mode(cardlayout.FileHistory)
	s.History, s.Image.Record, err = oncard.ReadHistory(s.session, mode)
	return err
}

func (s *cardSession) readApplication() error {
	const file = cardlayout.FileApplication
	var p [cardlayout.ApplicationSize]byte
	err := s.session.Read(file, s.Profile.freeMode(file), 0, p[:])
	if err == nil {
		s.Application, err = cardlayout.UnpackApplication(p)
	}
	return err
}

// readTMAC reads the Transaction MAC file: counter and value.
func (s *cardSession) readTMAC() error {
	if !s.Card.TransactionMAC {
		return nil
	}
	var err error
	s.TMAC, err = s.session.ReadTMAC(cardlayout.FileTMAC)
	return err
}

// readHolder comes last, since it changes the session's key. A file of zeros is as created.
func (s *cardSession) readHolder(k *oncard.Keys, random io.Reader) error {
	if k.Holder == nil {
		return nil
	}
	own := k.Application(s.session.UID())[oncard.HolderReadKey]
	if err := s.session.Reauthenticate(oncard.HolderReadKey, own, random); err != nil {
		return err
	}
	var p [cardlayout.HolderSize]byte
	if err := s.read(cardlayout.FileHolder, p[:]); err != nil {
		return err
	}
	if p == [cardlayout.HolderSize]byte{} {
		return nil
	}
	h, err := cardlayout.OpenHolder(p, s.UID, s.Card.Number, k.Keys)
	if err != nil {
		return err
	}
	s.Holder = &h
	return nil
}
