package sale_test

import (
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
)

// A load changes a card, or is refused by a rule that says what to do instead.
func ExampleLoadValue() {
	tariff := &fare.Tariff{
		Area: 227, Location: time.UTC,
		Load: fare.LoadRule{Least: 500, Most: 10000},
	}
	card := cardlayout.Card{
		Number: cardlayout.WithCheckDigit(92469900010000001),
		Kind:   cardlayout.Bearer, Area: 227, Group: cardlayout.Adult, Purse: 1000,
	}
	seller := sale.Sale{At: time.Date(2026, time.March, 2, 14, 0, 0, 0,
		time.UTC), Organisation: 55, Device: 77}
	for _, amount := range []cardlayout.Cents{2000, 100} {
		after, err := sale.LoadValue(card, seller, tariff, amount)
		fmt.Println(after.Purse, err)
	}
	// Output:
	// 30.00 <nil>
	// 10.00 loading 1.00 €: the least that may be loaded is 5.00 € (R-004): ask for more
}
