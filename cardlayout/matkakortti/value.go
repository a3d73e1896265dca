package matkakortti

import (
	"fmt"

	"leima/cardlayout"
)

// A Moment is a local date and minute of the day (Europe/Helsinki). Zero is no moment.
type Moment cardlayout.Stamp

// damaged reports whether the card holds a minute that no day has.
func (m Moment) damaged() bool { return m.Minute >= 24*60 }

func (m Moment) String() string {
	if m.damaged() {
		return fmt.Sprintf("damaged (%v, minute %d)", m.Day, m.Minute)
	}
	return cardlayout.Stamp(m).String()
}

// MarshalText writes 2006-01-02T15:04, or the output of String if the moment is damaged.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// A Number is a card's number (ApplicationInstanceId) as stored: 18 digits of four bits.
type Number [9]byte

// Check is the result of checking a number. It is shown, not enforced: the number in the only
// public dump of a card was made unreadable and has a wrong check digit.
type Check uint8

// The results.
const (
	Valid    Check = iota // the last digit is the Luhn digit of the others
	Mistyped              // it is not
	Damaged               // a digit is out of range
)

func (c Check) String() string { return word(c, "valid", "wrong check digit", "damaged") }

// MarshalText writes the output of String.
func (c Check) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Check checks the number.
func (n Number) Check() Check {
	var sum cardlayout.Number
	for _, d := range n.digits() {
		if d == '?' {
			return Damaged
		}
		sum = sum*10 + cardlayout.Number(d-'0')
	}
	if !sum.Valid() {
		return Mistyped
	}
	return Valid
}

// digits are the number's digits, with a question mark for one out of range.
func (n Number) digits() string {
	var text []byte
	for _, b := range n {
		for _, d := range [...]byte{b >> 4, b & 0x0F} {
			if d > 9 {
				d = '?' - '0'
			}
			text = append(text, '0'+d)
		}
	}
	return string(text)
}

// String writes the number in the groups printed on cards: 6-4-4-4.
func (n Number) String() string {
	d := n.digits()
	return d[:6] + " " + d[6:10] + " " + d[10:14] + " " + d[14:]
}

// MarshalText writes only the digits.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.digits()), nil }
