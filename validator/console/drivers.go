package console

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
)

// A Role determines what a driver may do.
type Role string

// The roles.
const (
	RoleDriver    Role = "driver"
	RoleInspector Role = "inspector" // checks cards, and sells nothing
	RoleProvider  Role = "provider"  // may take back a load that a benefit has paid
)

// A Driver is an entry of the register of drivers. Of the PIN it holds PBKDF2 with HMAC-SHA-256
// (RFC 8018) over HMAC-SHA-256 with the pepper, number and role: with the register alone no PIN can
// be tried, and no role changed.
type Driver struct {
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
	// rounds are the rounds for a new PIN (OWASP, Password Storage Cheat Sheet, PBKDF2).
	rounds      = 600_000
	leastRounds = 1_000
	mostRounds  = 10_000_000
	saltSize    = 16
	hashSize    = sha256.Size
	markSize    = 4
)

// The length of a PIN, in digits.
const (
	shortestPIN  = 4
	providersPIN = 6 // of a provider, who may pay money back
	longestPIN   = 12
)

// NewDriver is an entry with a new PIN.
func NewDriver(number uint32, role Role, pin string, pepper Pepper, random io.Reader) (
	Driver, error,
) {
	d := Driver{
		Number: number, Role: role, Salt: make(Hex, saltSize), Rounds: rounds,
		Pepper: pepper.mark(),
	}
	if shortest := role.shortestPIN(); !isPIN(pin, shortest) {
		return d, fmt.Errorf("the PIN of a %s: want %d to %d digits", role, shortest, longestPIN)
	}
	if _, err := io.ReadFull(random, d.Salt); err != nil {
		return d, err
	}
	d.PIN = d.hash(pin, pepper)
	return d, d.Check(pepper)
}

func (r Role) shortestPIN() int {
	if r == RoleProvider {
		return providersPIN
	}
	return shortestPIN
}

// Check finds errors in an entry of the register.
func (d *Driver) Check(pepper Pepper) error {
	switch {
	case d.Number == 0:
		return errors.New("a driver's number is missing, or 0")
	case d.Role != RoleDriver && d.Role != RoleInspector && d.Role != RoleProvider:
		return fmt.Errorf("driver %d's role is %.20q: want driver, inspector or provider",
			d.Number, d.Role)
	case len(d.Salt) < saltSize || len(d.PIN) != hashSize ||
		d.Rounds < leastRounds || d.Rounds > mostRounds:
		return fmt.Errorf("driver %d's PIN is not as it was written: set a new one with "+
			"console driver add", d.Number)
	case len(d.Pepper) == 0:
		return fmt.Errorf("driver %d's PIN was set without the pepper of the key file, and opens "+
			"nothing any more: set a new one with console driver add", d.Number)
	case !bytes.Equal(d.Pepper, pepper.mark()):
		return fmt.Errorf("driver %d's PIN was set with the pepper of another key file: use that "+
			"one, or set a new PIN with console driver add", d.Number)
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

func (d *Driver) hash(pin string, pepper Pepper) Hex {
	key, err := pbkdf2.Key(sha256.New, pin, d.Salt, d.Rounds, hashSize)
	if err != nil {
		return nil // only if a standard forbids the salt: the sign-on fails
	}
	return pepper.mac(fmt.Appendf(nil, "%d %s %x", d.Number, d.Role, key))
}

// findDriver finds the driver with a number and a PIN. An unknown number takes as long as a wrong
// PIN: the time does not reveal which numbers exist.
func findDriver(register []Driver, number uint32, pin string, pepper Pepper) (Driver, bool) {
	nobody := Driver{Salt: make(Hex, saltSize), Rounds: leastRounds, PIN: make(Hex, hashSize)}
	found, right := nobody, 0
	for _, d := range register {
		nobody.Rounds = max(nobody.Rounds, d.Rounds)
		if d.Number == number {
			found, right = d, 1
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
