package bundle

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
)

// Why a bundle is refused.
var (
	ErrDamaged = errors.New("the bundle is damaged")
	ErrFormat  = errors.New("the bundle is in another format")
	ErrPurpose = errors.New("the bundle is for another purpose")
	ErrArea    = errors.New("the bundle is for another area")
	ErrKey     = errors.New("the bundle is signed with an unknown key")
	ErrForged  = errors.New("the bundle's signature is wrong")
	ErrExpired = errors.New("the bundle has expired")
	ErrLarge   = errors.New("the bundle is too large")
)

// Purpose says what the file of a bundle is.
type Purpose string

// The purposes.
const (
	BlockList Purpose = "blocklist"
	Actions   Purpose = "actions"
	Tariffs   Purpose = "tariffs"
)

// A Manifest says what a file is.
type Manifest struct {
	Purpose       Purpose
	Area          cardlayout.Area
	Version       uint32 // from 1
	Base          uint32 // of a delta: the version of the full list that it changes
	Made, Expires time.Time
	Count         int    // of its entries, with the delta over it if it is one
	Adding        uint32 // cards that the issuer means to add
	Fewer         bool   // the issuer means it to have far fewer entries than the one before
	Digest        [sha256.Size]byte

	Size int64 // of the file, in bytes; Write fills in both
	Sum  [sha256.Size]byte
}

// format is the number of this format.
const format = 1

// wire is a manifest as it is signed.
type wire struct {
	_       struct{} `cbor:",toarray"`
	Format  uint
	Purpose Purpose
	Area    cardlayout.Area
	Version uint32
	Base    uint32
	Made    int64
	Expires int64
	Count   uint32
	Adding  uint32
	Digest  []byte
	Size    int64
	Sum     []byte
}

// Thinned reports whether a list that had so many entries has lost more than half of them: of
// one that was long enough for that to be no day's work.
func Thinned(before, after int) bool {
	const long = 20
	return before >= long && 2*after < before
}

func (m Manifest) marshal() ([]byte, error) {
	raw, err := canonical.Encode.Marshal(wire{
		Format: format, Purpose: m.Purpose, Area: m.Area, Version: m.Version, Base: m.Base,
		Made: m.Made.Unix(), Expires: m.Expires.Unix(), Count: uint32(m.Count), Adding: m.Adding,
		Digest: m.Digest[:], Size: m.Size, Sum: m.Sum[:],
	})
	if err != nil || !m.Fewer {
		return raw, err
	}
	var parts []any
	if err := canonical.Decode.Unmarshal(raw, &parts); err != nil {
		return nil, err
	}
	return canonical.Encode.Marshal(append(parts, true))
}

// meant splits off what stands behind the parts that every manifest has, if it is there.
func meant(payload []byte, parts []cbor.RawMessage) (rest []byte, fewer bool, err error) {
	const always = 12
	if len(parts) != always+1 {
		return payload, false, nil
	}
	if err := canonical.Decode.Unmarshal(parts[always], &fewer); err != nil || !fewer {
		return nil, false, errors.New("it does not say what it means")
	}
	rest, err = canonical.Encode.Marshal(parts[:always])
	return rest, fewer, err
}

func unmarshal(payload []byte) (m Manifest, err error) {
	var parts []cbor.RawMessage
	var number uint
	if err := canonical.Decode.Unmarshal(payload, &parts); err != nil || len(parts) == 0 {
		return m, fmt.Errorf("%w: it has no manifest", ErrDamaged)
	}
	if err := canonical.Decode.Unmarshal(parts[0], &number); err == nil && number != format {
		return m, fmt.Errorf("%w: %d, and this program reads %d: update it", ErrFormat, number,
			format)
	}
	payload, fewer, err := meant(payload, parts)
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var w wire
	if err := canonical.Decode.Unmarshal(payload, &w); err != nil {
		return m, fmt.Errorf("%w: its manifest cannot be read", ErrDamaged)
	}
	m = Manifest{
		Purpose: w.Purpose, Area: w.Area, Version: w.Version, Base: w.Base,
		Made: time.Unix(w.Made, 0).UTC(), Expires: time.Unix(w.Expires, 0).UTC(),
		Count: int(w.Count), Adding: w.Adding, Fewer: fewer, Size: w.Size,
	}
	if len(w.Digest) != len(m.Digest) || len(w.Sum) != len(m.Sum) {
		return m, fmt.Errorf("%w: its check sums have the wrong length", ErrDamaged)
	}
	copy(m.Digest[:], w.Digest)
	copy(m.Sum[:], w.Sum)
	if err := m.check(); err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return m, nil
}

// check is what is wrong with a manifest.
func (m Manifest) check() error {
	switch {
	case m.Purpose != BlockList && m.Purpose != Actions && m.Purpose != Tariffs:
		return fmt.Errorf("its purpose is %q: want %s, %s or %s", m.Purpose, BlockList, Actions,
			Tariffs)
	case m.Version == 0 || m.Area == 0:
		return errors.New("it has no version or no area")
	case m.Base >= m.Version:
		return fmt.Errorf("it is version %d and changes version %d", m.Version, m.Base)
	case !m.Expires.After(m.Made):
		return errors.New("it expires before it is made")
	case m.Size < 0:
		return fmt.Errorf("its file has %d bytes", m.Size)
	}
	return nil
}

// binding is what is authenticated with a bundle and stands not in it.
func binding(purpose Purpose, area cardlayout.Area) ([]byte, error) {
	return canonical.Encode.Marshal([]any{"leima bundle", purpose, area})
}
