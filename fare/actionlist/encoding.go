package actionlist

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"leima/cardlayout"
)

// format is the version of the encoding. It stands first, so that a newer one is refused
// and never guessed.
const format = 1

// ErrMalformed says that bytes are no list of this format as New makes it.
var ErrMalformed = errors.New("the bytes are no action list that this program knows: " +
	"have it made again, or renew the program")

type wire struct {
	_       struct{} `cbor:",toarray"`
	Format  uint8
	Area    cardlayout.Area
	Version uint32
	Made    int64
	Entries []Entry
}

var encMode = must(cbor.CoreDetEncOptions().EncMode())

var decMode = must(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	IndefLength:      cbor.IndefLengthForbidden,
	TagsMd:           cbor.TagsForbidden,
	MaxArrayElements: MostEntries,
	MaxNestedLevels:  5,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic("actionlist: internal error: " + err.Error())
	}
	return mode
}

// Encode writes the list. The same list gives the same bytes.
func (l *List) Encode() ([]byte, error) {
	w := wire{Format: format, Area: l.area, Version: l.version, Made: l.made.Unix(),
		Entries: make([]Entry, len(l.actions))}
	for n := range w.Entries {
		w.Entries[n] = Entry{Card: l.cards[n], Action: l.actions[n]}
	}
	raw, err := encMode.Marshal(&w)
	if err != nil {
		return nil, fmt.Errorf("encoding action list version %d: %w", l.version, err)
	}
	return raw, nil
}

// Decode reads what Encode wrote, and nothing else: whatever the bytes, what it returns
// encodes back to them. ErrMalformed says that they are of no list; any other error names
// the entry that New would refuse.
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
