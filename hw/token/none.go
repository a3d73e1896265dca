//go:build !pkcs11

package token

// A Token holds keys that do not leave it. This build has no PKCS#11.
type Token struct{}

// Open returns ErrNotBuilt.
func Open(URI, []byte) (*Token, error) { return nil, ErrNotBuilt }

// Load returns ErrNotBuilt.
func (*Token) Load([]byte, []Named) error { return ErrNotBuilt }

// Description returns ErrNotBuilt.
func (*Token) Description() ([]byte, error) { return nil, ErrNotBuilt }

// CMAC returns ErrNotBuilt.
func (*Token) CMAC(string, []byte) (sum [16]byte, err error) { return sum, ErrNotBuilt }

// Close does nothing.
func (*Token) Close() error { return nil }
