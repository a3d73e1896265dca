package manifest

import (
	"crypto/ed25519"
	"fmt"
	"slices"

	"leima/cardlayout"
	"leima/validator/lists/bundle"
)

// A Root says which keys count.
type Root struct {
	Area    cardlayout.Area // is not written in it, but signed with it
	Version uint64          // from 1
	Owners  Role            // sign the next root
	Signers Role            // sign manifests
}

// rootPayload is a root as it is signed.
type rootPayload struct {
	_       struct{} `cbor:",toarray"`
	Format  uint
	Version uint64
	Owners  rolePayload
	Signers rolePayload
}

type rolePayload struct {
	_     struct{} `cbor:",toarray"`
	Least uint
	Keys  [][]byte
}

func payloadOf(r Role) (p rolePayload) {
	p.Least = r.Least
	for _, key := range r.Keys {
		p.Keys = append(p.Keys, slices.Clone(key[:]))
	}
	return p
}

func (p rolePayload) role() (r Role, err error) {
	r.Least = p.Least
	for _, key := range p.Keys {
		if len(key) != ed25519.PublicKeySize {
			return r, fmt.Errorf("%w: a key has %d bytes", ErrDamaged, len(key))
		}
		r.Keys = append(r.Keys, bundle.PublicKey(key))
	}
	if err := r.check(); err != nil {
		return r, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return r, nil
}

// Sign writes the root, signed with keys of the former root's owners and of its own.
func (r Root) Sign(keys ...ed25519.PrivateKey) ([]byte, error) {
	return seal(rootStatement, r.Area, rootPayload{
		Format: format, Version: r.Version, Owners: payloadOf(r.Owners),
		Signers: payloadOf(r.Signers),
	}, keys)
}

// Countersign adds the signatures of keys to a root that its owners sign one after another, and
// returns what it says. ErrUnsigned means that who has signed it before meant another area, or
// other words. Whether enough have signed it is for ReadRoot and Next.
func Countersign(area cardlayout.Area, raw []byte, keys ...ed25519.PrivateKey) (
	Root, []byte, error,
) {
	root, s, err := rootOf(area, raw)
	if err == nil {
		err = s.meant(rootStatement, area)
	}
	if err != nil {
		return root, nil, err
	}
	raw, err = s.sign(rootStatement, area, keys)
	return root, raw, err
}

// ReadRoot reads a root that is trusted for where it lies. Its own owners must have signed it for
// the area, so that no other file is taken for one.
func ReadRoot(area cardlayout.Area, raw []byte) (Root, error) {
	root, _, err := readRoot(area, raw)
	return root, err
}

func readRoot(area cardlayout.Area, raw []byte) (root Root, s statement, err error) {
	if root, s, err = rootOf(area, raw); err == nil {
		err = root.Owners.has(s, rootStatement, area)
	}
	return root, s, err
}

// rootOf is what a root says, which perhaps nobody has signed.
func rootOf(area cardlayout.Area, raw []byte) (root Root, s statement, err error) {
	var p rootPayload
	if s, err = open(raw, &p); err != nil {
		return root, s, err
	}
	root.Area, root.Version = area, p.Version
	if p.Format != format || p.Version == 0 {
		return root, s, fmt.Errorf("%w: format %d, version %d", ErrDamaged, p.Format, p.Version)
	}
	if root.Owners, err = p.Owners.role(); err == nil {
		root.Signers, err = p.Signers.role()
	}
	return root, s, err
}

// Next reads the root that follows this one.
func (r Root) Next(raw []byte) (Root, error) {
	next, s, err := readRoot(r.Area, raw)
	switch {
	case err != nil:
		return r, err
	case next.Version != r.Version+1:
		return r, fmt.Errorf("%w: it is version %d, and version %d counts now", ErrNotNext,
			next.Version, r.Version)
	}
	if err := r.Owners.has(s, rootStatement, r.Area); err != nil {
		return r, fmt.Errorf("by the root before: %w", err)
	}
	return next, nil
}
