package signon

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// A Role determines what a person may do on a page, which has roles of its own.
type Role string

// Roles are those of a page, with the least number of digits of their PINs.
type Roles map[Role]int

// A Person is an entry of a page's register. Of the PIN it holds PBKDF2 with HMAC-SHA-256
// (RFC 8018) over HMAC-SHA-256 with the pepper, number and role: with the register alone no PIN can
// be tried, and no role changed.
type Person struct {
	Number uint32 `toml:"number"`
	Role   Role   `toml:"role"`
	Salt   Hex    `toml:"salt"`
	Rounds int    `toml:"rounds"`
	PIN    Hex    `toml:"pin"`
	Pepper Hex    `toml:"pepper,omitempty"` // which pepper; older entries have none
}

// A Pepper is the secret of a fleet with which its PINs are hashed. It is in the key file.
type Pepper []byte

// Format keeps a pepper out of texts.
func (Pepper) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "REDACTED") }

// mark identifies a pepper without revealing it.
func (p Pepper) mark() Hex { return p.mac([]byte("which pepper"))[:markSize] }

func (p Pepper) mac(text []byte) Hex {
	mac := hmac.New(sha256.New, p)
	_, _ = mac.Write(text) // it does not fail (hash.Hash)
	return mac.Sum(nil)
}

// Hex is bytes, written as hexadecimal digits.
type Hex []byte

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hex) UnmarshalText(text []byte) (err error) {
	if *h, err = hex.DecodeString(string(text)); err != nil {
		return errors.New("want hexadecimal digits") // without repeating any of them
	}
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

const (
	// rounds are those for a new PIN (OWASP, Password Storage Cheat Sheet, PBKDF2).
	rounds      = 600_000
	leastRounds = 1_000
	mostRounds  = 10_000_000
	saltSize    = 16
	hashSize    = sha256.Size
	markSize    = 4
)

// longestPIN is the most digits of a PIN.
const longestPIN = 12

// NewPerson is an entry with a new PIN.
func NewPerson(number uint32, role Role, pin string, roles Roles, pepper Pepper,
	random io.Reader,
) (Person, error) {
	p := Person{Number: number, Role: role, Salt: make(Hex, saltSize), Rounds: rounds}
	if shortest := roles[role]; !isPIN(pin, shortest) {
		return p, fmt.Errorf("a PIN for the role %s: want %d to %d digits", role, shortest,
			longestPIN)
	}
	if _, err := io.ReadFull(random, p.Salt); err != nil {
		return p, err
	}
	p.SetPIN(pin, pepper)
	return p, p.Check(roles, pepper)
}

// SetPIN sets the PIN, with the salt and the rounds that the entry has.
func (p *Person) SetPIN(pin string, pepper Pepper) {
	p.PIN, p.Pepper = p.hash(pin, pepper), pepper.mark()
}

// Check finds errors in an entry of the register.
func (p *Person) Check(roles Roles, pepper Pepper) error {
	_, known := roles[p.Role]
	switch {
	case p.Number == 0:
		return errors.New("0 is nobody's number: want another one")
	case !known:
		return fmt.Errorf("%d's role is %.20q: want one of %v", p.Number, p.Role,
			slices.Sorted(maps.Keys(roles)))
	case len(p.Salt) < saltSize || len(p.PIN) != hashSize ||
		p.Rounds < leastRounds || p.Rounds > mostRounds:
		return fmt.Errorf("%d's PIN is not as it was written: set a new one", p.Number)
	case len(p.Pepper) == 0:
		return fmt.Errorf("%d's PIN was set without the pepper of the key file, and opens "+
			"nothing any more: set a new one", p.Number)
	case !bytes.Equal(p.Pepper, pepper.mark()):
		return fmt.Errorf("%d's PIN was set with the pepper of another key file: use that one, "+
			"or set a new PIN", p.Number)
	}
	return nil
}

func isPIN(pin string, shortest int) bool {
	for _, digit := range pin {
		if digit < '0' || digit > '9' {
			return false
		}
	}
	return len(pin) >= shortest && len(pin) <= longestPIN
}

func (p *Person) hash(pin string, pepper Pepper) Hex {
	key, err := pbkdf2.Key(sha256.New, pin, p.Salt, p.Rounds, hashSize)
	if err != nil {
		return nil // only if a standard forbids the salt: the sign-on fails
	}
	return pepper.mac(fmt.Appendf(nil, "%d %s %x", p.Number, p.Role, key))
}

// Find finds the person with a number and a PIN. An unknown number takes as long as a wrong
// PIN: the time does not reveal which numbers exist.
func Find(register []Person, number uint32, pin string, pepper Pepper) (Person, bool) {
	nobody := Person{Salt: make(Hex, saltSize), Rounds: leastRounds, PIN: make(Hex, hashSize)}
	found, right := nobody, 0
	for _, p := range register {
		nobody.Rounds = max(nobody.Rounds, p.Rounds)
		if p.Number == number {
			found, right = p, 1
		}
	}
	if right == 0 {
		found = nobody
	}
	if len(pin) > longestPIN {
		pin = "" // of no driver
	}
	right &= subtle.ConstantTimeCompare(found.hash(pin, pepper), found.PIN)
	return found, right == 1
}
