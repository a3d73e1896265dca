package oncard

import (
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw/desfire"
)

// Opening translates an error of desfire.Open: ErrNotOurs, ErrForged, or the error itself if it
// does not concern the card.
func Opening(err error) error {
	switch {
	case errors.Is(err, desfire.ErrNotDESFire), errors.Is(err, desfire.ApplicationNotFound),
		errors.Is(err, desfire.IllegalCommand): // it has no AES
		return fmt.Errorf("%w: %w", cardlayout.ErrNotOurs, err)
	case errors.Is(err, desfire.AuthenticationError), errors.Is(err, desfire.NoSuchKey),
		errors.Is(err, desfire.ErrForged):
		return fmt.Errorf("%w: %w", cardlayout.ErrForged, err)
	}
	return err
}

// Read reads and decodes what a boarding decides by: of layout 2 file 7, of layout 1 all that
// ReadRest would read besides. ErrForged and ErrMalformed are the card's fault; any other error
// does not concern the card.
//
// A card without file 7 is of layout 1. Its answer has ended the session, which is opened again.
func Read(s *desfire.Session, keys cardlayout.Seals, random io.Reader) (
	image cardlayout.Image, card cardlayout.Card, err error,
) {
	image.UID = cardlayout.UID(s.UID())
	err = s.Read(cardlayout.FileValidation, desfire.Full, 0, image.Validation[:])
	if errors.Is(err, desfire.FileNotFound) {
		err = s.Reopen(random)
	}
	if err == nil && image.Validation[0] == 0 {
		err = readLayout1(s, &image)
	}
	if err != nil {
		return image, card, reading(err)
	}
	card, err = decode(s, &image, keys)
	return image, card, err
}

// readLayout1 reads a card of layout 1. The first answer shows the access profile, by the mode in
// which it comes.
func readLayout1(s *desfire.Session, image *cardlayout.Image) error {
	mode, err := s.Detect(cardlayout.FileSeasons, image.Seasons[:])
	image.Readable = mode == desfire.MAC
	if err == nil {
		err = s.Read(cardlayout.FileValue, mode, 0, image.Value[:])
	}
	if err == nil {
		err = s.Read(cardlayout.FileState, desfire.Full, 0, image.State[:])
	}
	if err == nil {
		err = s.Read(cardlayout.FileRights, desfire.Full, 0, image.Rights[:])
	}
	return err
}

// ReadRest reads what a load or a look asks besides, unless the image is whole already.
func ReadRest(s *desfire.Session, image *cardlayout.Image, card *cardlayout.Card,
	keys cardlayout.Seals,
) error {
	if image.Whole {
		return nil
	}
	mode := Mode(image)
	err := s.Read(cardlayout.FileRights, desfire.Full, 0, image.Rights[:])
	if err == nil {
		err = s.Read(cardlayout.FileSeasons, mode, 0, image.Seasons[:])
	}
	if err == nil {
		err = s.Read(cardlayout.FileValue, mode, 0, image.Value[:])
	}
	if err != nil {
		return reading(err)
	}
	image.Whole = true
	whole, err := decode(s, image, keys)
	if err == nil {
		*card = whole
	}
	return err
}

// Mode is the mode in which a card's public files travel.
func Mode(image *cardlayout.Image) desfire.Mode {
	if image.Readable {
		return desfire.MAC
	}
	return desfire.Full
}

// decode decodes the card's files. ErrForged: the sealed file says EV2 or later, but the card spoke
// EV1, as a party in between that wants the weaker messaging would.
func decode(
	s *desfire.Session, image *cardlayout.Image, keys cardlayout.Seals,
) (cardlayout.Card, error) {
	card, err := cardlayout.Decode(image, keys)
	if err == nil {
		err = CheckGeneration(s, card.Generation)
	}
	if err != nil {
		return cardlayout.Card{}, err
	}
	return card, nil
}

// CheckGeneration reports whether a session uses the messaging of the card's generation.
func CheckGeneration(s *desfire.Session, generation uint8) error {
	if generation >= 2 && !s.EV2() {
		return fmt.Errorf("%w: an EV%d has spoken EV1", cardlayout.ErrForged, generation)
	}
	return nil
}

// reading translates a read error: ErrForged or ErrMalformed if the card's files are not as we
// issue them; otherwise the next read may succeed. A card that permits nothing any more has lost
// its power and its session, and the reader has not noticed.
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

// ReadHistory reads the card's use events, up to seven, newest last, and the newest as raw bytes.
func ReadHistory(s *desfire.Session, mode desfire.Mode) (
	history []cardlayout.Record, newest [cardlayout.RecordSize]byte, err error,
) {
	const file, size, count = cardlayout.FileHistory, cardlayout.RecordSize,
		cardlayout.HistoryRecords - 1
	data, err := s.ReadRecords(file, mode, size, count)
	if err != nil {
		return nil, newest, reading(err)
	}
	for ; len(data) > 0; data = data[size:] {
		newest = [size]byte(data)
		r, err := cardlayout.UnpackRecord(newest)
		if err != nil {
			return nil, newest, err
		}
		if (r != cardlayout.Record{}) { // a card is issued with empty ones
			history = append(history, r)
		}
	}
	return history, newest, nil
}

// ReadBoarding reads the last boarding of the card's value ticket. An unreadable one is zero and
// keeps nobody from travelling.
func ReadBoarding(s *desfire.Session, mode desfire.Mode) (cardlayout.Boarding, error) {
	const file, at = cardlayout.FileTicket, cardlayout.BoardingAt
	var image [cardlayout.TicketSize]byte
	if err := s.Read(file, mode, at, image[at:]); err != nil {
		return cardlayout.Boarding{}, reading(err)
	}
	if ticket, err := cardlayout.UnpackTicket(image); err == nil {
		return ticket.Boarding, nil
	}
	return cardlayout.Boarding{}, nil
}

// ReadSeasonBoarding is ReadBoarding of the card's seasons.
func ReadSeasonBoarding(s *desfire.Session, mode desfire.Mode) (cardlayout.Boarding, error) {
	const file, at = cardlayout.FileSeasons, cardlayout.SeasonBoardingAt
	var p [cardlayout.SeasonsSize - at]byte
	if err := s.Read(file, mode, at, p[:]); err != nil {
		return cardlayout.Boarding{}, reading(err)
	}
	if boarding, err := cardlayout.UnpackSeasonBoarding(p); err == nil {
		return boarding, nil
	}
	return cardlayout.Boarding{}, nil
}
