package actionlist

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
)

// format is the version of the encoding. It comes first, so that a newer one is refused.
const format = 1

// ErrMalformed means that bytes are no list of this format as New makes it.
var ErrMalformed = errors.New("the bytes are no action list that this program knows: " +
	"make the list again, or update the program")

type wire struct {
	_       struct{} `cbor:",toarray"`
	Format  uint8
	Area    cardlayout.Area
	Version uint32
	Made    int64
	Entries []Entry
}

var decMode = canonical.Within(MostEntries, 5)

// Encode writes the list. Equal lists have equal bytes.
func (l *List) Encode() ([]byte, error) {
	w := wire{
		Format: format, Area: l.area, Version: l.version, Made: l.made.Unix(),
		Entries: make([]Entry, len(l.actions)),
	}
	for n := range w.Entries {
		w.Entries[n] = Entry{Card: l.cards[n], Action: l.actions[n]}
	}
	raw, err := canonical.Encode.Marshal(&w)
	if err != nil {
		return nil, fmt.Errorf("encoding action list version %d: %w", l.version, err)
	}
	return raw, nil
}

// Decode reads what Encode wrote: the list that it returns encodes back to the same bytes.
// ErrMalformed means that they are no list; any other error names the entry that New would refuse.
func Decode(raw []byte) (*List, error) {
	var w wire
	if err := decMode.Unmarshal(raw, &w); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if w.Format != format {
		return nil, fmt.Errorf("%w: it is of format %d and not %d", ErrMalformed, w.Format, format)
	}
	l, err := listOf(w.Area, w.Version, time.Unix(w.Made, 0), w.Entries)
	if err != nil {
		return nil, err
	}
	again, err := l.Encode()
	if err == nil && !bytes.Equal(again, raw) {
		err = fmt.Errorf("%w: the same list has a shorter encoding", ErrMalformed)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}
