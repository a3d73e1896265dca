package blocklist

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/cardlayout"
)

// A Store is the list in use. Goroutines may share it. Before the first list it answers that no
// card is listed, and Loaded is false.
type Store struct {
	area cardlayout.Area

	// inUse is locked for reading by every lookup, so that no file is closed during one, and for
	// writing only while pointers are exchanged.
	inUse sync.RWMutex
	file  *File
	known *File // the list whose blocks may be written to cards; nil: file's

	// former is a list whose cards are refused as well; nil if none.
	former *File
}

// NewStore makes an empty store for an area's lists.
func NewStore(area cardlayout.Area) *Store { return &Store{area: area} }

// Lookup reports whether the list in use names a card, and with which unblocking number. After an
// error nothing is known of the card.
func (s *Store) Lookup(number cardlayout.Number) (unblocking uint8, listed bool, err error) {
	s.inUse.RLock()
	defer s.inUse.RUnlock()
	return s.lookup(number)
}

func (s *Store) lookup(number cardlayout.Number) (unblocking uint8, listed bool, err error) {
	for _, file := range []*File{s.file, s.former} {
		if file == nil {
			continue
		}
		if unblocking, listed, err = file.Lookup(number); listed || err != nil {
			return unblocking, listed, err
		}
	}
	return 0, false, nil
}

// Provisional reports whether a listed card is refused without writing the block to it: it is new
// on a list with too many new cards, and perhaps there by mistake; or only a former list names it.
// It is false for a card that is not listed.
func (s *Store) Provisional(number cardlayout.Number) (bool, error) {
	s.inUse.RLock()
	defer s.inUse.RUnlock()
	if s.file == nil {
		return false, nil
	}
	unblocking, listed, err := s.file.Lookup(number)
	switch {
	case err != nil:
		return false, err
	case !listed:
		_, former, err := s.lookup(number)
		return former, err
	case s.known == nil:
		return false, nil
	}
	before, known, err := s.known.Lookup(number)
	return err == nil && (!known || before != unblocking), err
}

// Swap takes the list at path into use and closes the previous one. It refuses a list that is
// damaged, for another area or older, or of the same version with other content; then the list in
// use stays. The same list again is accepted, so that a caller may repeat a swap.
func (s *Store) Swap(path string) error {
	next, err := Open(path)
	if err == nil {
		err = s.Use(next, nil)
	}
	return err
}

// Use is Swap for an open list, so that opening it, which reads all of it, need not wait for the
// moment of exchange. If only the blocks that are also in an earlier list may be written to cards,
// known is that list, opened separately. The store owns both files from now on.
func (s *Store) Use(next, known *File) error {
	path := next.Path()
	spent, err := s.Exchange(next, known)
	_ = spent.Close() // it was only read: closing loses nothing
	if err != nil {
		return fmt.Errorf("block list %s: %w", path, err)
	}
	return nil
}

// Exchange is Use without the closing, which takes time: the caller closes what it returns, the
// previous list or, after an error, the refused one.
func (s *Store) Exchange(next, known *File) (spent Pair, err error) {
	s.inUse.Lock()
	defer s.inUse.Unlock()
	if err := s.admit(next); err != nil {
		return Pair{next, known}, err
	}
	spent = Pair{s.file, s.known}
	s.file, s.known = next, known
	return spent, nil
}

// Retain has the cards of a former list refused besides those of the list in use; nil for none. The
// caller closes what it returns.
func (s *Store) Retain(former *File) (spent Pair) {
	s.inUse.Lock()
	defer s.inUse.Unlock()
	spent.list, s.former = s.former, former
	return spent
}

// A Pair is a list and the list whose blocks may be written; either may be nil.
type Pair struct{ list, known *File }

// Close implements io.Closer.
func (p Pair) Close() error {
	var err error
	for _, file := range []*File{p.list, p.known} {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
	}
	return err
}

// Admit reports why Exchange would refuse a list; nil if it would not.
func (s *Store) Admit(next *File) error {
	s.inUse.RLock()
	defer s.inUse.RUnlock()
	return s.admit(next)
}

func (s *Store) admit(file *File) error {
	next := file.Edition()
	if file.base != 0 {
		return fmt.Errorf("%w: a delta without its list", ErrBase)
	}
	if next.Area != s.area {
		return fmt.Errorf("%w: it is for %d, not %d: fetch the list of area %d",
			ErrArea, next.Area, s.area, s.area)
	}
	if s.file == nil {
		return nil
	}
	used := s.file.Edition()
	switch {
	case next.Version < used.Version:
		return fmt.Errorf("%w: version %d, not above %d: the newer one stays in use",
			ErrOlder, next.Version, used.Version)
	case next.Version == used.Version && next != used:
		return fmt.Errorf("%w, %d: give the newer one a higher version; "+
			"the list in use stays", ErrConflict, used.Version)
	}
	return nil
}

// Loaded reports whether there is a list.
func (s *Store) Loaded() bool {
	s.inUse.RLock()
	defer s.inUse.RUnlock()
	return s.file != nil
}

// Edition is the edition of the list in use; zero before the first.
func (s *Store) Edition() Edition {
	s.inUse.RLock()
	defer s.inUse.RUnlock()
	if s.file == nil {
		return Edition{}
	}
	return s.file.Edition()
}

// Version is the version of the list in use; 0 before the first.
func (s *Store) Version() uint32 { return s.Edition().Version }

// Made is when the list in use was made; zero before the first.
func (s *Store) Made() time.Time { return s.Edition().Made }

// Count is the number of cards of the list in use.
func (s *Store) Count() int { return s.Edition().Count }

// Close closes the list in use and leaves the store empty.
func (s *Store) Close() error {
	s.inUse.Lock()
	defer s.inUse.Unlock()
	err := errors.Join(Pair{s.file, s.known}.Close(), Pair{s.former, nil}.Close())
	s.file, s.known, s.former = nil, nil, nil
	return err
}
