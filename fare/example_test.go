package fare_test

import (
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/tariff"
)

// What a boarding comes to follows from the card, the circumstances and the tariff alone.
func ExampleDecide() {
	source, err := faretest.Source("mikkeli-2025")
	if err != nil {
		fmt.Println(err)
	}
	prices, err := tariff.Compile(source.File, source.TOML, time.LoadLocation)
	if err != nil {
		fmt.Println(err)
	}
	card := cardlayout.Card{Kind: cardlayout.Bearer, Area: 227, Group: cardlayout.Adult, Purse: 1000}
	d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:00"), prices)
	fmt.Println(d.Reason, d.Charge, d.After.Purse)
	// Output: value 2.51 7.49
}
