package console

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// A Role is what somebody may do on a bus.
type Role string

// The roles.
const (
	RoleDriver    Role = "driver"
	RoleInspector Role = "inspector" // looks at cards, and charges nobody a ticket
	RoleProvider  Role = "provider"  // may take back what a benefit has paid
)

// A Driver is somebody who may sign on. What is kept of the PIN is what PBKDF2 with
// HMAC-SHA-256 (RFC 8018) makes of it.
type Driver struct {
	Number uint32 `toml:"number"`
	Role   Role   `toml:"role"`
	Salt   Hex    `toml:"salt"`
	Rounds int    `toml:"rounds"`
	PIN    Hex    `toml:"pin"`
}

// Hex is bytes, written as hexadecimal digits.
type Hex []byte

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hex) UnmarshalText(text []byte) (err error) {
	if *h, err = hex.DecodeString(string(text)); err != nil {
		return errors.New("want hexadecimal digits") // and repeat none of them
	}
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

const (
	// rounds are those of a new PIN (OWASP, Password Storage Cheat Sheet, PBKDF2).
	rounds      = 600_000
	leastRounds = 1_000
	mostRounds  = 10_000_000
	saltSize    = 16
	hashSize    = sha256.Size
)

// The length of a PIN, in digits.
const (
	shortestPIN = 4
	longestPIN  = 12
)

// NewDriver is somebody with a new PIN.
func NewDriver(number uint32, role Role, pin string, random io.Reader) (Driver, error) {
	d := Driver{Number: number, Role: role, Salt: make(Hex, saltSize), Rounds: rounds}
	if !isPIN(pin) {
		return d, fmt.Errorf("the PIN: want %d to %d digits", shortestPIN, longestPIN)
	}
	if _, err := io.ReadFull(random, d.Salt); err != nil {
		return d, err
	}
	d.PIN = d.hash(pin)
	return d, d.Check()
}

// Check tells what is wrong with an entry of the register.
func (d *Driver) Check() error {
	switch {
	case d.Number == 0:
		return errors.New("a driver's number is missing, or 0")
	case d.Role != RoleDriver && d.Role != RoleInspector && d.Role != RoleProvider:
		return fmt.Errorf("driver %d's role is %.20q: want driver, inspector or provider",
			d.Number, d.Role)
	case len(d.Salt) < saltSize || len(d.PIN) != hashSize ||
		d.Rounds < leastRounds || d.Rounds > mostRounds:
		return fmt.Errorf("driver %d's PIN is not as it was written: set a new one", d.Number)
	}
	return nil
}

func isPIN(pin string) bool {
	for _, digit := range pin {
		if digit < '0' || digit > '9' {
			return false
		}
	}
	return len(pin) >= shortestPIN && len(pin) <= longestPIN
}

func (d *Driver) hash(pin string) Hex {
	key, err := pbkdf2.Key(sha256.New, pin, d.Salt, d.Rounds, hashSize)
	if err != nil {
		return nil // only where a standard forbids the salt: nobody signs on
	}
	return key
}

// known finds who has a number and a PIN. A number that nobody has takes as long as a
// wrong PIN: nobody learns which numbers there are.
func known(register []Driver, number uint32, pin string) (Driver, bool) {
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
		pin = "" // nobody's
	}
	right &= subtle.ConstantTimeCompare(found.hash(pin), found.PIN)
	return found, right == 1
}
