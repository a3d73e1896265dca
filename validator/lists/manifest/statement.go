package manifest

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/validator/lists/bundle"
)

// Why a root or a manifest is refused.
var (
	ErrDamaged  = errors.New("it is damaged, or in another format")
	ErrUnsigned = errors.New("too few of the keys that count have signed it")
	ErrOlder    = errors.New("it is older than the last")
	ErrConflict = errors.New("there are two of one version")
	ErrRoot     = errors.New("it goes by another root")
	ErrNotNext  = errors.New("it is not the next root")
)

// The limits of a statement. LongestStatement is in bytes.
const (
	LongestStatement = 64 << 10
	mostKeys         = 16
	mostObjects      = 64
	format           = 1
)

// What is signed.
const (
	rootStatement     = "leima root"
	manifestStatement = "leima manifest"
)

// decode has the limits of what comes from elsewhere.
var decode = canonical.Within(mostObjects, 8)

// A signature is one of a statement.
type signature struct {
	_         struct{} `cbor:",toarray"`
	Key       []byte
	Signature []byte
}

// A statement is a payload with its signatures.
type statement struct {
	_          struct{} `cbor:",toarray"`
	Payload    []byte
	Signatures []signature
}

// signed is what the keys of a statement sign.
func signed(what string, area cardlayout.Area, payload []byte) ([]byte, error) {
	return canonical.Encode.Marshal([]any{what, area, payload})
}

// seal signs a payload with all keys.
func seal(what string, area cardlayout.Area, payload any, keys []ed25519.PrivateKey) (
	[]byte, error,
) {
	var s statement
	var err error
	if s.Payload, err = canonical.Encode.Marshal(payload); err != nil {
		return nil, err
	}
	return s.sign(what, area, keys)
}

// sign adds the signatures of keys to a statement, and writes it.
func (s statement) sign(what string, area cardlayout.Area, keys []ed25519.PrivateKey) (
	[]byte, error,
) {
	message, err := signed(what, area, s.Payload)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		public := bundle.Public(key)
		s.Signatures = append(s.Signatures, signature{
			Key: public[:], Signature: ed25519.Sign(key, message),
		})
	}
	slices.SortFunc(s.Signatures, func(a, b signature) int { return bytes.Compare(a.Key, b.Key) })
	s.Signatures = slices.CompactFunc(s.Signatures, func(a, b signature) bool {
		return bytes.Equal(a.Key, b.Key)
	})
	return canonical.Encode.Marshal(s)
}

// meant reports whether all who have signed a statement have signed it as what it is taken for.
func (s *statement) meant(what string, area cardlayout.Area) error {
	message, err := signed(what, area, s.Payload)
	for _, by := range s.Signatures {
		if err == nil && !ed25519.Verify(by.Key, message, by.Signature) {
			err = fmt.Errorf("%w: %v has not signed this for area %d", ErrUnsigned,
				bundle.PublicKey(by.Key), area)
		}
	}
	return err
}

// open reads a statement, which nobody has verified, and its payload.
func open(raw []byte, payload any) (s statement, err error) {
	if len(raw) > LongestStatement || decode.Unmarshal(raw, &s) != nil {
		return s, fmt.Errorf("%w: it is no signed statement", ErrDamaged)
	}
	ascending := len(s.Signatures) <= 2*mostKeys // of the former root's, and of the new one's
	for n := range s.Signatures {
		ascending = ascending && len(s.Signatures[n].Key) == ed25519.PublicKeySize &&
			(n == 0 || bytes.Compare(s.Signatures[n-1].Key, s.Signatures[n].Key) < 0)
	}
	again, err := canonical.Encode.Marshal(s)
	if err != nil || !ascending || !bytes.Equal(again, raw) {
		return s, fmt.Errorf("%w: it is not written as it should be", ErrDamaged)
	}
	if decode.Unmarshal(s.Payload, payload) != nil {
		return s, fmt.Errorf("%w: what it says cannot be read: update the program if the depot "+
			"is newer", ErrDamaged)
	}
	return s, nil
}

// A Role is who signs something: as many of the keys as Least.
type Role struct {
	Least uint
	Keys  []bundle.PublicKey
}

func (r Role) check() error {
	sorted := slices.SortedFunc(slices.Values(r.Keys), func(a, b bundle.PublicKey) int {
		return bytes.Compare(a[:], b[:])
	})
	switch {
	case len(r.Keys) == 0 || len(r.Keys) > mostKeys:
		return fmt.Errorf("it names %d keys: want 1 to %d", len(r.Keys), mostKeys)
	case r.Least == 0 || r.Least > uint(len(r.Keys)):
		return fmt.Errorf("it asks for %d of %d keys: want 1 or more, and no more than there are",
			r.Least, len(r.Keys))
	case len(slices.Compact(sorted)) < len(r.Keys):
		return errors.New("it names a key twice")
	}
	return nil
}

// Enough reports whether so many of the role's keys are among others, each counted once.
func (r Role) Enough(keys []ed25519.PrivateKey) bool {
	counted := map[bundle.PublicKey]bool{}
	for _, key := range keys {
		if public := bundle.Public(key); slices.Contains(r.Keys, public) {
			counted[public] = true
		}
	}
	return uint(len(counted)) >= r.Least
}

// has reports whether enough keys of the role have signed a statement.
func (r Role) has(s statement, what string, area cardlayout.Area) error {
	message, err := signed(what, area, s.Payload)
	if err != nil {
		return err
	}
	valid := uint(0)
	for _, by := range s.Signatures {
		if slices.Contains(r.Keys, bundle.PublicKey(by.Key)) &&
			ed25519.Verify(by.Key, message, by.Signature) {
			valid++
		}
	}
	if valid < r.Least {
		return fmt.Errorf("%w: %d of the %d that are needed, for area %d", ErrUnsigned, valid,
			r.Least, area)
	}
	return nil
}
