package oncard

import (
	"leima/cardlayout"
	"leima/hw/desfire"
)

// Commit writes the result of Image.Rewrite and makes it valid at once, with the card's signature
// if it gives one. Before the commit is sent the card is unchanged; an error that wraps
// desfire.ErrCommitUnknown came after it. last, if not nil, is called before the commit: its error
// leaves the card as it is.
func Commit(s *desfire.Session, mode desfire.Mode, writes []cardlayout.Write, signed bool,
	last func() error,
) (desfire.TMAC, error) {
	for _, w := range writes {
		if err := write(s, mode, w); err != nil {
			return desfire.TMAC{}, err
		}
	}
	if last != nil {
		if err := last(); err != nil {
			return desfire.TMAC{}, err
		}
	}
	return s.Commit(signed)
}

// write sends one write. The private files are enciphered in either profile.
func write(s *desfire.Session, mode desfire.Mode, w cardlayout.Write) error {
	switch w.File {
	case cardlayout.FileHistory:
		return s.WriteRecord(w.File, mode, w.Data)
	case cardlayout.FileState, cardlayout.FileRights, cardlayout.FileValidation:
		mode = desfire.Full
	}
	return s.Write(w.File, mode, w.Offset, w.Data)
}

// TMI is the Transaction MAC Input that the card signs after the writes.
func TMI(s *desfire.Session, writes []cardlayout.Write) []byte {
	p := s.TMI()
	for _, w := range writes {
		if w.File == cardlayout.FileHistory {
			p = desfire.TMIRecord(p, w.File, w.Data)
		} else {
			p = desfire.TMIWrite(p, w.File, w.Offset, w.Data)
		}
	}
	return p
}
