package actionlist

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
)

// format is the version of the encoding. It comes first, so that a newer one is refused.
const format = 1

// ErrMalformed means that bytes are no list or delta of this format as Encode makes it.
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
		Format: format, Area: l.Area(), Version: l.Version(), Made: l.Made().Unix(),
		Entries: make([]Entry, l.Len()),
	}
	for n := range w.Entries {
		w.Entries[n] = l.entry(n)
	}
	return encode(&w, w.Version)
}

func encode(w any, version uint32) ([]byte, error) {
	raw, err := canonical.Encode.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encoding action list version %d: %w", version, err)
	}
	return raw, nil
}

// Decode reads what Encode wrote: the list that it returns encodes back to the same bytes.
// ErrMalformed means that they are no list; any other error names the entry that New would refuse.
func Decode(raw []byte) (*List, error) {
	var w wire
	if err := decode(raw, &w, &w.Format); err != nil {
		return nil, err
	}
	l, err := listOf(w.Area, w.Version, time.Unix(w.Made, 0), w.Entries)
	if err == nil && l.edition.Digest != sha256.Sum256(raw) {
		err = errLonger
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

var errLonger = fmt.Errorf("%w: the same has a shorter encoding", ErrMalformed)

func decode(raw []byte, w any, found *uint8) error {
	if err := decMode.Unmarshal(raw, w); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if *found != format {
		return fmt.Errorf("%w: it is of format %d and not %d", ErrMalformed, *found, format)
	}
	return nil
}
