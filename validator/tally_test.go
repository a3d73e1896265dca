package validator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

// receipt is who has paid what.
func receipt(paid map[fare.Payer]cardlayout.Cents) (lines fare.Lines) {
	for payer, amount := range paid {
		lines = append(lines, fare.Line{Item: fare.ValueItem, Amount: amount, Payer: payer})
	}
	return lines
}

// Ensure that a shift adds up to what its events say, each sum to its own: persons, purses,
// the driver's cash, and what others have paid.
func TestTally(t *testing.T) {
	cash := receipt(map[fare.Payer]cardlayout.Cents{fare.TheCustomer: 500, fare.TheEmployer: 1500})
	back := receipt(map[fare.Payer]cardlayout.Cents{fare.TheCustomer: -500, fare.TheEmployer: -1500})
	for name, row := range map[string]struct {
		event validator.Event
		want  validator.Tally
	}{
		"one boards": {validator.Event{Reason: fare.Value, Charge: 210, Persons: 1},
			validator.Tally{Persons: 1, Charged: 210}},
		"a party boards": {validator.Event{Reason: fare.Value, Charge: 630, Persons: 3},
			validator.Tally{Persons: 3, Charged: 630}},
		"nobody said how many": {validator.Event{Reason: fare.Season}, validator.Tally{Persons: 1}},
		"told again":           {validator.Event{Reason: fare.Unheard, Persons: 3}, validator.Tally{}},
		"sent away":            {validator.Event{Reason: fare.BalanceLow, Persons: 3}, validator.Tally{}},
		"an alarm":             {validator.Event{Reason: fare.Blocked}, validator.Tally{Alarms: 1}},
		"value": {validator.Event{Reason: fare.ValueLoaded, Added: 2000, Receipt: cash},
			validator.Tally{Loads: 1, Loaded: 2000, Cash: 500, Others: 1500}},
		"a season": {validator.Event{Reason: fare.SeasonLoaded, Receipt: cash},
			validator.Tally{Loads: 1, Cash: 500, Others: 1500}},
		"taken back": {validator.Event{Reason: fare.LoadTakenBack, Added: -2000, Receipt: back},
			validator.Tally{Loads: -1, Loaded: -2000, Cash: -500, Others: -1500}},
		"tickets": {validator.Event{Reason: fare.SingleSold, Persons: 2, Receipt: receipt(
			map[fare.Payer]cardlayout.Cents{fare.TheCustomer: 540})},
			validator.Tally{Tickets: 2, Cash: 540}},
	} {
		var tally validator.Tally
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
	var tally validator.Tally
	event := validator.Event{Reason: fare.ValueLoaded, Added: 2000, Receipt: receipt(
		map[fare.Payer]cardlayout.Cents{fare.TheCustomer: 500, fare.TheEmployer: 1500})}
	tally.Leave(&event)
	tally.Leave(&event)
	require.Equal(t, validator.Tally{Open: 2, OpenCash: 1000}, tally)
}
