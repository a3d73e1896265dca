package validator

import (
	"errors"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
)

// errSlow says that a tap has used up its time.
var errSlow = errors.New("the card was too slow")

// A watched card is refused its next exchange when the tap's time is up. A commit is
// not cut off: once it is sent, only its answer matters.
type watched struct {
	card  hw.Card
	now   func() time.Time
	until time.Time // zero: no limit
}

func (v *Validator) watch(card hw.Card) *watched {
	w := &watched{card: card, now: v.Now}
	if v.Budget > 0 {
		w.until = v.Now().Add(v.Budget)
	}
	return w
}

func (w *watched) late() bool { return !w.until.IsZero() && w.now().After(w.until) }

// Transmit implements hw.Card.
func (w *watched) Transmit(command []byte) ([]byte, error) {
	if w.late() {
		return nil, errSlow
	}
	return w.card.Transmit(command)
}

// open proves both sides to each other.
func (v *Validator) open(card hw.Card, event *Event) (*desfire.Session, error) {
	app := v.App
	app.Keys = func(uid desfire.UID) []desfire.Authenticator {
		event.UID = uid
		return v.App.Keys(uid)
	}
	session, err := desfire.Open(card, app, v.Rand)
	return session, Opening(err)
}

// Opening says in the card's terms why desfire.Open failed: ErrNotOurs, ErrForged, or
// the error itself, which says nothing of the card.
func Opening(err error) error {
	switch {
	case errors.Is(err, desfire.ErrNotDESFire), errors.Is(err, desfire.ApplicationNotFound),
		errors.Is(err, desfire.IllegalCommand): // it knows no AES key at all
		return fmt.Errorf("%w: %w", cardlayout.ErrNotOurs, err)
	case errors.Is(err, desfire.AuthenticationError), errors.Is(err, desfire.NoSuchKey),
		errors.Is(err, desfire.ErrForged):
		return fmt.Errorf("%w: %w", cardlayout.ErrForged, err)
	}
	return err
}

// ReadImage reads the files that a decision needs. The first answer tells the card's
// access profile: the mode in which its public files travel. ErrForged and
// ErrMalformed are the card's fault; any other error says nothing of the card.
func ReadImage(s *desfire.Session) (image cardlayout.Image, mode desfire.Mode, err error) {
	image.UID = cardlayout.UID(s.UID())
	mode, err = s.Detect(cardlayout.FileSeasons, image.Seasons[:])
	if err == nil {
		err = s.Read(cardlayout.FileValue, mode, 0, image.Value[:])
	}
	if err == nil {
		err = s.Read(cardlayout.FileState, desfire.Full, 0, image.State[:])
	}
	if err == nil {
		err = s.Read(cardlayout.FileRights, desfire.Full, 0, image.Rights[:])
	}
	return image, mode, reading(err)
}

// Decode makes a card of its files. A card that its sealed file says is of EV2 or later
// and that spoke EV1 is ErrForged: whoever stands between it and us would have the
// weaker messaging.
func Decode(
	s *desfire.Session, image *cardlayout.Image, keys cardlayout.Keys,
) (cardlayout.Card, error) {
	card, err := cardlayout.Decode(image, keys)
	if err == nil {
		err = CheckSpoken(s, card.Generation)
	}
	if err != nil {
		return cardlayout.Card{}, err
	}
	return card, nil
}

// CheckSpoken tells whether a session is under the messaging of the card's generation.
func CheckSpoken(s *desfire.Session, generation uint8) error {
	if generation >= 2 && !s.EV2() {
		return fmt.Errorf("%w: an EV%d has spoken EV1", cardlayout.ErrForged, generation)
	}
	return nil
}

// reading tells a card whose files are not as we issue them from a read that may go
// better the next time. One that permits nothing any more has lost its power and forgotten
// who we are, and the reader has not noticed.
func reading(err error) error {
	var status desfire.Status
	switch {
	case errors.Is(err, desfire.ErrForged):
		return fmt.Errorf("%w: %w", cardlayout.ErrForged, err)
	case !errors.As(err, &status):
		return err
	}
	switch status {
	case desfire.FileNotFound, desfire.BoundaryError, desfire.ParameterError,
		desfire.FileDamaged, desfire.ApplicationDamaged, desfire.CardDamaged,
		desfire.CardDisabled:
		return fmt.Errorf("%w: %w", cardlayout.ErrMalformed, err)
	}
	return err
}

// writeBack writes what has changed and makes it valid in one commit. Before the
// commit is sent the card is unchanged whatever happens; an error that wraps
// desfire.ErrCommitUnknown came after it.
func writeBack(s *desfire.Session, field *watched, mode desfire.Mode,
	writes []cardlayout.Write, receipt bool,
) (desfire.Receipt, error) {
	for _, w := range writes {
		if err := Write(s, mode, w); err != nil {
			return desfire.Receipt{}, err
		}
	}
	if field.late() {
		return desfire.Receipt{}, errSlow
	}
	field.until = time.Time{}
	return s.Commit(receipt)
}

// Write sends one stretch of what Image.Rewrite returned. The private files are
// enciphered in either profile. Nothing is valid before the session's Commit.
func Write(s *desfire.Session, mode desfire.Mode, w cardlayout.Write) error {
	switch w.File {
	case cardlayout.FileHistory:
		return s.WriteRecord(w.File, mode, w.Data)
	case cardlayout.FileState, cardlayout.FileRights:
		mode = desfire.Full
	}
	return s.Write(w.File, mode, w.Offset, w.Data)
}

// signing is what the card will sign of this tap once the writes are made.
func signing(s *desfire.Session, writes []cardlayout.Write) []byte {
	p := s.Signed()
	for _, w := range writes {
		if w.File == cardlayout.FileHistory {
			p = desfire.SignedRecord(p, w.File, w.Data)
		} else {
			p = desfire.SignedWrite(p, w.File, w.Offset, w.Data)
		}
	}
	return p
}
