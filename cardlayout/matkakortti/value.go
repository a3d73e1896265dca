package matkakortti

import (
	"fmt"

	"leima/cardlayout"
)

// A Moment is a local date and minute of the day (Europe/Helsinki). Its zero is none.
type Moment cardlayout.Stamp

// Damaged says that the card holds a minute that no day has.
func (m Moment) Damaged() bool { return m.Minute >= 24*60 }

func (m Moment) String() string {
	if m.Damaged() {
		return fmt.Sprintf("damaged (%v, minute %d)", m.Day, m.Minute)
	}
	return cardlayout.Stamp(m).String()
}

// MarshalText writes 2006-01-02T15:04, or what String says of a damaged moment.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// A Number is a card's number (ApplicationInstanceId), as the card has it: 18 digits of
// four bits.
type Number [9]byte

// Check is what a card's number says of itself. It is told and not enforced: the number
// in the one public dump of a card was made unreadable, and so has a wrong check digit.
type Check uint8

// What there is to say of a number.
const (
	Valid    Check = iota // its last digit is the Luhn digit of the others
	Mistyped              // it is not
	Damaged               // one is no digit
)

func (c Check) String() string { return word(c, "valid", "wrong check digit", "damaged") }

// MarshalText writes what String does.
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

// digits are the number's, and a question mark for what is none.
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

// MarshalText writes the digits alone.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.digits()), nil }
