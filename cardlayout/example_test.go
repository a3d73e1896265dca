package cardlayout_test

import (
	"fmt"

	"leima/cardlayout"
)

// A card is a value: what a tap writes is the difference between two of them.
func ExampleCard() {
	var card cardlayout.Card
	if err := card.ParseCard("number 924699 0011 2345 6787, kind personal, purse 10.00"); err != nil {
		fmt.Println(err)
	}
	after := card
	after.Purse -= 250
	fmt.Println(after.Purse, after == card)
	// Output: 7.50 false
}
