package blocklist

import (
	"fmt"
	"sync"
	"time"

	"leima/cardlayout"
)

// A Store is the list in use. It may be used from several goroutines. Before the
// first list it answers that no card is listed, and Loaded says so.
type Store struct {
	area cardlayout.Area

	// inUse is held for reading by every lookup, so that no file is closed under
	// one, and for writing only while two pointers change places.
	inUse sync.RWMutex
	file  *File
}

// NewStore is an empty store for an area's lists.
func NewStore(area cardlayout.Area) *Store { return &Store{area: area} }

// Lookup tells whether the list in use names a card, and with which unblocking
// number. After an error nothing is known of the card.
func (s *Store) Lookup(number cardlayout.Number) (unblocking uint8, listed bool, err error) {
	s.inUse.RLock()
	defer s.inUse.RUnlock()
	if s.file == nil {
		return 0, false, nil
	}
	return s.file.Lookup(number)
}

// Swap takes the list at path into use and closes the one before. A list that is
// damaged, for another area or older is refused, and so is one of the same version
// with another content; then the list in use stays. The same list again is
// accepted, so that a caller may repeat a swap it is not sure of.
func (s *Store) Swap(path string) error {
	next, err := Open(path)
	if err == nil {
		err = s.Use(next)
	}
	return err
}

// Use is Swap for a list that is open already, so that opening it, which reads all of
// it, need not wait for a moment to exchange it. The file is the store's from now on.
func (s *Store) Use(next *File) error {
	path := next.db.Path()
	spent, err := s.exchange(next)
	if spent != nil {
		_ = spent.Close() // it was only read: closing cannot lose anything
	}
	if err != nil {
		return fmt.Errorf("block list %s: %w", path, err)
	}
	return nil
}

// exchange puts next in place, if it may, and returns the file that is in use no
// more: the one before, or next itself.
func (s *Store) exchange(next *File) (spent *File, err error) {
	s.inUse.Lock()
	defer s.inUse.Unlock()
	if err := s.admit(next.edition); err != nil {
		return next, err
	}
	spent, s.file = s.file, next
	return spent, nil
}

// admit tells why a list may not follow the one in use.
func (s *Store) admit(next Edition) error {
	if next.Area != s.area {
		return fmt.Errorf("%w: it is for %d, not %d: fetch the list of area %d",
			ErrArea, next.Area, s.area, s.area)
	}
	if s.file == nil {
		return nil
	}
	used := s.file.edition
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

// Loaded tells whether there is a list.
func (s *Store) Loaded() bool {
	s.inUse.RLock()
	defer s.inUse.RUnlock()
	return s.file != nil
}

// Edition is what the list in use says of itself, all of the same list; zero before
// the first.
func (s *Store) Edition() Edition {
	s.inUse.RLock()
	defer s.inUse.RUnlock()
	if s.file == nil {
		return Edition{}
	}
	return s.file.edition
}

// Version is the version of the list in use; 0 before the first.
func (s *Store) Version() uint32 { return s.Edition().Version }

// Made is when the list in use was made; zero before the first.
func (s *Store) Made() time.Time { return s.Edition().Made }

// Count is how many cards the list in use names.
func (s *Store) Count() int { return s.Edition().Count }

// Close closes the list in use and leaves the store empty.
func (s *Store) Close() error {
	s.inUse.Lock()
	defer s.inUse.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}
