package cardlayout

import (
	"fmt"
	"strconv"
	"strings"
)

// Cents is an amount of money in euro cents.
type Cents int32

// The largest amounts that the card's fields hold.
const (
	MaxPurse Cents = 1<<20 - 1 // 20 bits, 10 485.75 €
	MaxFare  Cents = 1<<14 - 1 // 14 bits, 163.83 €
)

// MaxPersons is the largest group a history record holds (5 bits).
const MaxPersons = 31

// String writes the amount as 2.51.
func (c Cents) String() string {
	sign := ""
	n := int64(c)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// ParseCents reads an amount of euros with up to two decimals, 2.51 or 2,51.
func ParseCents(text string) (Cents, error) {
	whole, part, _ := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	for len(part) < 2 {
		part += "0"
	}
	euros, err := strconv.ParseUint(whole, 10, 24)
	cents, err2 := strconv.ParseUint(part, 10, 8)
	if err != nil || err2 != nil || len(part) != 2 || euros > 1e7 {
		return 0, fmt.Errorf("amount %q: want euros and cents, for example 2.51", text)
	}
	return Cents(euros*100 + cents), nil
}
