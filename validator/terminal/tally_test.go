package terminal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/terminal"
)

// receipt is who has paid what.
func receipt(paid map[fare.Payer]cardlayout.Cents) (lines sale.Lines) {
	for payer, amount := range paid {
		lines = append(lines, sale.Line{Item: sale.ValueItem, Amount: amount, Payer: payer})
	}
	return lines
}

// Ensure that a shift adds up to what its events say, each sum to its own: persons, purses,
// the driver's cash, and what others have paid.
func TestTally(t *testing.T) {
	cash := receipt(map[fare.Payer]cardlayout.Cents{fare.PayerCustomer: 500, fare.PayerEmployer: 1500})
	back := receipt(map[fare.Payer]cardlayout.Cents{fare.PayerCustomer: -500, fare.PayerEmployer: -1500})
	for name, row := range map[string]struct {
		event validator.Event
		want  terminal.Tally
	}{
		"one boards": {
			validator.Event{Reason: fare.Value, Charge: 210, Persons: 1},
			terminal.Tally{Persons: 1, Charged: 210},
		},
		"a party boards": {
			validator.Event{Reason: fare.Value, Charge: 630, Persons: 3},
			terminal.Tally{Persons: 3, Charged: 630},
		},
		"nobody said how many": {validator.Event{Reason: fare.Season}, terminal.Tally{Persons: 1}},
		"told again":           {validator.Event{Reason: fare.Recovered, Persons: 3}, terminal.Tally{}},
		"sent away":            {validator.Event{Reason: fare.BalanceLow, Persons: 3}, terminal.Tally{}},
		"an alarm":             {validator.Event{Reason: fare.Blocked}, terminal.Tally{Alarms: 1}},
		"value": {
			validator.Event{Reason: fare.ValueLoaded, Added: 2000, Receipt: cash},
			terminal.Tally{Loads: 1, Loaded: 2000, Cash: 500, Others: 1500},
		},
		"a season": {
			validator.Event{Reason: fare.SeasonLoaded, Receipt: cash},
			terminal.Tally{Loads: 1, Cash: 500, Others: 1500},
		},
		"taken back": {
			validator.Event{Reason: fare.LoadTakenBack, Added: -2000, Receipt: back},
			terminal.Tally{Loads: -1, Loaded: -2000, Cash: -500, Others: -1500},
		},
		"tickets": {
			validator.Event{Reason: fare.SingleSold, Persons: 2, Receipt: receipt(
				map[fare.Payer]cardlayout.Cents{fare.PayerCustomer: 540})},
			terminal.Tally{Tickets: 2, Cash: 540},
		},
	} {
		var tally terminal.Tally
		tally.Add(&row.event)
		row.want.Taps = map[fare.Reason]int{row.event.Reason: 1}
		require.Equal(t, row.want, tally, name)
		tally.Add(&row.event)
		require.Equal(t, 2*row.want.Cash, tally.Cash, name)
		require.Equal(t, 2*row.want.Others, tally.Others, name)
		require.Equal(t, 2*row.want.Persons, tally.Persons, name)
		require.Equal(t, 2, tally.Taps[row.event.Reason], name)
	}
}

// Ensure that what nobody has answered is told apart: of the total it is no part.
func TestTallyOfWhatIsOpen(t *testing.T) {
	var tally terminal.Tally
	event := validator.Event{Reason: fare.ValueLoaded, Added: 2000, Receipt: receipt(
		map[fare.Payer]cardlayout.Cents{fare.PayerCustomer: 500, fare.PayerEmployer: 1500})}
	tally.AddUnconfirmed(&event)
	tally.AddUnconfirmed(&event)
	require.Equal(t, terminal.Tally{Open: 2, OpenCash: 1000}, tally)
}
