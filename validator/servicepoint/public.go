package servicepoint

import (
	"errors"

	"leima/cardlayout/matkakortti"
	"leima/hw"
	"leima/hw/desfire"
)

// ErrSilent means that nothing can be read without a key.
var ErrSilent = errors.New("without a key nothing of the card can be read")

// Public reads the free files of a travel card: HSL's or Waltti's, or a readable one of ours, which
// has the structure of Waltti's. A card of another system, or without free files, is ErrSilent.
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

// readFiles reads the card's free files.
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

// readFile reads a data file, or all records of a history.
func readFile(s *desfire.Session, f matkakortti.File) ([]byte, error) {
	if f.Records == 0 {
		p := make([]byte, f.Size)
		return p, s.Read(f.Number, desfire.Plain, 0, p)
	}
	// The settings of a record file end with the number of records (EV1 data sheet,
	// GetFileSettings). If they cannot be read, the file is read as if it were full.
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
