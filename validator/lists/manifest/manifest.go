package manifest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"leima/validator/lists/bundle"
)

// A Manifest says which bundles there are.
type Manifest struct {
	Version       uint64 // from 1, under one root
	Root          uint64 // the version of the root that it goes by
	Made, Expires time.Time
	Objects       []Object
}

// An Object is a bundle, named by its content. No name that somebody has written becomes that of a
// file.
type Object struct {
	Purpose bundle.Purpose
	Version uint32
	Base    uint32 // of a delta: the version of the full list that it changes
	Size    int64  // of the whole bundle, in bytes
	Sum     [sha256.Size]byte
}

// Name is the object's name: its SHA-256 in hex.
func (o Object) Name() string { return hex.EncodeToString(o.Sum[:]) }

// manifestPayload is a manifest as it is signed.
type manifestPayload struct {
	_             struct{} `cbor:",toarray"`
	Format        uint
	Version       uint64
	Root          uint64
	Made, Expires int64
	Objects       []objectPayload
}

type objectPayload struct {
	_       struct{} `cbor:",toarray"`
	Purpose bundle.Purpose
	Version uint32
	Base    uint32
	Size    int64
	Sum     []byte
}

// Issue writes a manifest that goes by the root, signed with keys of its signers.
func (r Root) Issue(m Manifest, keys ...ed25519.PrivateKey) ([]byte, error) {
	p := manifestPayload{
		Format: format, Version: m.Version, Root: m.Root, Made: m.Made.Unix(),
		Expires: m.Expires.Unix(), Objects: []objectPayload{},
	}
	for _, o := range m.Objects {
		p.Objects = append(p.Objects, objectPayload{
			Purpose: o.Purpose, Version: o.Version, Base: o.Base, Size: o.Size,
			Sum: slices.Clone(o.Sum[:]),
		})
	}
	return seal(manifestStatement, r.Area, p, keys)
}

// Peek reads what a manifest says of itself, true or not.
func Peek(raw []byte) (Manifest, error) {
	m, _, err := peek(raw)
	return m, err
}

func peek(raw []byte) (m Manifest, s statement, err error) {
	var p manifestPayload
	if s, err = open(raw, &p); err != nil {
		return m, s, err
	}
	m = Manifest{
		Version: p.Version, Root: p.Root, Made: time.Unix(p.Made, 0).UTC(),
		Expires: time.Unix(p.Expires, 0).UTC(),
	}
	if p.Format != format || m.Version == 0 || !m.Expires.After(m.Made) {
		return m, s, fmt.Errorf("%w: format %d, version %d", ErrDamaged, p.Format, p.Version)
	}
	type kind struct {
		purpose bundle.Purpose
		delta   bool
	}
	named := map[kind]bool{}
	for _, o := range p.Objects {
		k := kind{o.Purpose, o.Base != 0}
		if len(o.Sum) != sha256.Size || o.Size <= 0 || o.Version == 0 || o.Base >= o.Version ||
			named[k] {
			return m, s, fmt.Errorf("%w: it names an object that cannot be", ErrDamaged)
		}
		named[k] = true
		m.Objects = append(m.Objects, Object{
			o.Purpose, o.Version, o.Base, o.Size, [sha256.Size]byte(o.Sum),
		})
	}
	return m, s, nil
}

// Read reads a manifest that goes by this root. last is the last one that counted; zero if none.
// Whether it has expired is for the caller, who knows how far the time is known.
func (r Root) Read(raw []byte, last Manifest) (Manifest, error) {
	m, s, err := peek(raw)
	if err != nil {
		return m, err
	}
	if m.Root != r.Version {
		return m, fmt.Errorf("%w: version %d, and here it is %d", ErrRoot, m.Root, r.Version)
	}
	if err := r.Signers.has(s, manifestStatement, r.Area); err != nil {
		return m, err
	}
	switch {
	case last.Root != r.Version: // a new root: the versions may begin anew
	case m.Version < last.Version:
		return m, fmt.Errorf("%w: version %d, and the last was %d", ErrOlder, m.Version,
			last.Version)
	case m.Version == last.Version && !m.equal(last):
		return m, fmt.Errorf("%w, %d", ErrConflict, m.Version)
	}
	return m, nil
}

func (m Manifest) equal(other Manifest) bool {
	return m.Made.Equal(other.Made) && m.Expires.Equal(other.Expires) &&
		slices.Equal(m.Objects, other.Objects)
}

// Expired reports whether the manifest is over at a time: if nothing newer is heard, somebody may
// keep it back.
func (m Manifest) Expired(at time.Time) bool { return !at.Before(m.Expires) }
