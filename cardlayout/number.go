package cardlayout

import (
	"fmt"
	"regexp"
	"unicode"
)

// Number is a card's 18-digit number (ApplicationInstanceId). Its last digit is
// a Luhn check digit over the others.
type Number uint64

const numberDigits = 18

// ParseNumber reads a card number, with or without the blanks people write
// between its groups.
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
				named(d), remedy(text))
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

// named is a character as a person can find it, also where it cannot be seen.
func named(d rune) string {
	if unicode.IsGraphic(d) {
		return fmt.Sprintf("%q", d)
	}
	return fmt.Sprintf("which cannot be seen (U+%04X)", d)
}

// spreadsheet is a number as spreadsheets show one that is too long for them.
var spreadsheet = regexp.MustCompile(`^\s*\d([.,]\d+)?[eE]\+?\d+\s*$`)

// remedy is what to do about a character that is no digit.
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

// Valid tells whether the number has at most 18 digits and the right check
// digit.
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

// Short is what a log may carry: enough to tell two cards apart at the kerb, not
// enough to follow one.
func (n Number) Short() string { return fmt.Sprintf("…%04d", uint64(n)%10000) }
