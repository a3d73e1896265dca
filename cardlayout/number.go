package cardlayout

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Number is a card's 18-digit number (ApplicationInstanceId). Its last digit is a Luhn check digit
// over the others.
type Number uint64

const numberDigits = 18

// ParseNumber reads a card number, with or without blanks between its groups.
func ParseNumber(text string) (Number, error) {
	var n Number
	digits, place := 0, 0
	for _, d := range text {
		place++
		switch {
		case unicode.IsSpace(d):
			continue
		case d < '0' || d > '9':
			return 0, fmt.Errorf("card number %q: character %d, %s, is no digit: %s", text, place,
				digitName(d), remedy(text))
		}
		if digits++; digits <= numberDigits {
			n = n*10 + Number(d-'0')
		}
	}
	if digits != numberDigits {
		return 0, fmt.Errorf("card number %q has %d digits, not %d", text, digits, numberDigits)
	}
	if !n.Valid() {
		return 0, fmt.Errorf("card number %q is mistyped: its check digit should be %d",
			text, (n / 10).checkDigit())
	}
	return n, nil
}

// HasNumber reports whether free text contains a card's number, with or without blanks or hyphens
// between its groups.
func HasNumber(text string) bool {
	for _, digits := range longNumber.FindAllString(text, -1) {
		digits = strings.Map(func(d rune) rune {
			if d < '0' || d > '9' {
				return -1
			}
			return d
		}, digits)
		for n := range len(digits) - numberDigits + 1 {
			if _, err := ParseNumber(digits[n : n+numberDigits]); err == nil {
				return true
			}
		}
	}
	return false
}

// longNumber matches at least as many digits as a card's number has.
var longNumber = regexp.MustCompile(`\d(?:[ \x{00A0}\t.-]*\d){17,}`)

// digitName writes a character so that people can find it, even an invisible one.
func digitName(d rune) string {
	if unicode.IsGraphic(d) {
		return fmt.Sprintf("%q", d)
	}
	return fmt.Sprintf("which cannot be seen (U+%04X)", d)
}

// spreadsheet matches a number that a spreadsheet has shortened.
var spreadsheet = regexp.MustCompile(`^\s*\d([.,]\d+)?[eE]\+?\d+\s*$`)

// remedy is the remedy for a character that is no digit.
func remedy(text string) string {
	if spreadsheet.MatchString(text) {
		return "a spreadsheet has lost the last digits; make the column one of text, and export " +
			"it again"
	}
	return "want the digits 0 to 9, and blanks between them"
}

// WithCheckDigit completes the first 17 digits of a number.
func WithCheckDigit(body uint64) Number {
	return Number(body)*10 + Number(body).checkDigit()
}

// Valid reports whether the number has at most 18 digits and the right check digit.
func (n Number) Valid() bool {
	return n < 1e18 && n%10 == (n/10).checkDigit()
}

// checkDigit is the Luhn digit that completes n.
func (n Number) checkDigit() Number {
	var sum Number
	for double := true; n > 0; n, double = n/10, !double {
		d := n % 10
		if double {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return (10 - sum%10) % 10
}

// String writes the number in the groups printed on cards: 6-4-4-4.
func (n Number) String() string {
	d := fmt.Sprintf("%018d", uint64(n))
	return d[:6] + " " + d[6:10] + " " + d[10:14] + " " + d[14:]
}

// Short is the part of the number for logs: enough to tell two cards apart on the spot, too little
// to trace one.
func (n Number) Short() string { return fmt.Sprintf("…%04d", uint64(n)%10000) }
