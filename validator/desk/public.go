package desk

import (
	"errors"

	"leima/cardlayout/matkakortti"
	"leima/hw"
	"leima/hw/desfire"
)

// ErrSilent says that a card gives nothing away.
var ErrSilent = errors.New("without a key nothing of the card can be read")

// Public reads of a travel card what anybody may: the card is HSL's or Waltti's, or a
// readable one of ours, which is laid out as Waltti's are. A card of none of these systems,
// and one that keeps everything to itself, is ErrSilent.
func Public(card hw.Card) (matkakortti.Dump, error) {
	s, err := desfire.Connect(card)
	if err != nil {
		return matkakortti.Dump{}, err
	}
	uid := s.UID()
	for _, system := range matkakortti.Systems {
		err := s.Select(system.AID())
		if errors.Is(err, desfire.ApplicationNotFound) {
			continue
		}
		if err != nil {
			return matkakortti.Dump{}, err
		}
		files, err := readFiles(s, system)
		if err == nil && len(files) == 0 {
			err = ErrSilent
		}
		return matkakortti.Dump{UID: uid[:], System: system, Files: files}, err
	}
	return matkakortti.Dump{}, ErrSilent
}

// readFiles reads the files that the card gives away.
func readFiles(s *desfire.Session, system matkakortti.System) (map[byte][]byte, error) {
	files := map[byte][]byte{}
	for _, f := range system.Files() {
		p, err := readFile(s, f)
		var refused desfire.Status
		switch {
		case err == nil:
			files[f.Number] = p
			continue
		case !errors.As(err, &refused):
			return nil, err
		}
		if err := s.Select(system.AID()); err != nil { // a refusal has ended the session
			return nil, err
		}
	}
	return files, nil
}

// readFile reads a file of data, or the records of a history, as many as there are.
func readFile(s *desfire.Session, f matkakortti.File) ([]byte, error) {
	if f.Records == 0 {
		p := make([]byte, f.Size)
		return p, s.Read(f.Number, desfire.Plain, 0, p)
	}
	// The settings of a record file end in how many there are (EV1 data sheet,
	// GetFileSettings). Where they are kept secret, it is full or nothing is read.
	count := f.Records
	settings, err := s.FileSettings(f.Number)
	if n := len(settings); err == nil && n >= 13 {
		count = min(count, int(settings[n-3]))
	}
	if err != nil || count == 0 {
		return nil, err
	}
	return s.ReadRecords(f.Number, desfire.Plain, f.Size, count)
}
