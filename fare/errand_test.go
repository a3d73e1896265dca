package fare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// desk is a card at the driver's desk, for something to be loaded.
func desk(e fare.Errand) fare.Tap {
	e.Sale = loadSale()
	e.Sale.Channel = fare.DriverDesk
	return fare.Tap{At: loadNow, Event: cardlayout.EventID{Device: 77, Sequence: 5}, Zone: 1,
		Zones: loadA, Trip: 11, Errand: &e}
}

// a load is one transaction of the card, which is this event's, and takes no fare;
// what is refused leaves the card as it was.
func TestErrand(t *testing.T) {
	prices := loadTariff()
	rows := []struct {
		name   string
		errand fare.Errand
		reason fare.Reason
		added  cardlayout.Cents
	}{
		{"value", fare.Errand{Amount: 2000}, fare.ValueLoaded, 2000},
		{"season", fare.Errand{Season: fare.SeasonOrder{Product: loadAnybody, Zones: loadA}},
			fare.SeasonLoaded, 0},
		{"no multiple", fare.Errand{Amount: 1500}, fare.NotLoaded, 0},
		{"no such season", fare.Errand{Season: fare.SeasonOrder{Product: 99, Zones: loadA}},
			fare.NotLoaded, 0},
		{"nothing", fare.Errand{}, fare.NotLoaded, 0},
	}
	for _, row := range rows {
		card, tap := loadCard(), desk(row.errand)
		d := fare.Decide(card, tap, prices)
		require.Equal(t, row.reason, d.Reason, row.name)
		require.Zero(t, d.Charge, row.name)
		require.False(t, d.Accept(), "nobody travels by it")
		if row.reason == fare.NotLoaded {
			require.Equal(t, card, d.After, row.name)
			require.Error(t, d.Refused, row.name)
			continue
		}
		require.NoError(t, d.Refused, row.name)
		require.Equal(t, card.Purse+row.added, d.After.Purse, row.name)
		require.Equal(t, card.Counter+1, d.After.Counter, row.name)
		require.Equal(t, tap.Event, d.After.Last, row.name)
		require.Equal(t, card, d.Loaded.Before, row.name)
		require.Equal(t, d.After, d.Loaded.After, row.name)
	}
}

// a blocked card is blocked at the desk, too.
func TestErrandOfABlockedCard(t *testing.T) {
	tap := desk(fare.Errand{Amount: 2000})
	tap.Listing = fare.Listing{Listed: true}
	d := fare.Decide(loadCard(), tap, loadTariff())
	require.Equal(t, fare.Blocked, d.Reason)
	require.True(t, d.After.Blocked)
	require.EqualValues(t, 1000, d.After.Purse)
}

// what is taken back leaves the purse as it was before the load, and gives the
// money back; a load that the card does not have as its last transaction stays.
func TestErrandTakesBack(t *testing.T) {
	prices := loadTariff()
	prices.Office.Value.Commission[fare.DriverDesk] = 50
	loaded := fare.Decide(loadCard(), desk(fare.Errand{Amount: 2000}), prices)
	require.EqualValues(t, 2050, loaded.Loaded.Receipt.PaidBy(fare.TheCustomer))

	back := desk(fare.Errand{Back: loaded.Loaded, By: fare.Driver})
	back.Event.Sequence++
	d := fare.Decide(loaded.After, back, prices)
	require.Equal(t, fare.LoadTakenBack, d.Reason)
	require.Equal(t, loadCard().Purse, d.After.Purse)
	require.EqualValues(t, -2050, d.Loaded.Receipt.PaidBy(fare.TheCustomer))
	require.Equal(t, loaded.After.Counter+1, d.After.Counter)

	other := loadCard() // the load was not committed, and another tap of the card was
	other.Counter, other.Last.Sequence = loaded.After.Counter, 9
	d = fare.Decide(other, back, prices)
	require.Equal(t, fare.NotLoaded, d.Reason)
	require.Equal(t, other, d.After)
}

// Ensure that a load that was committed and not heard of is not done again, and pays for
// no trip.
func TestErrandUnheard(t *testing.T) {
	prices := loadTariff()
	tap := desk(fare.Errand{Amount: 2000})
	card := fare.Decide(loadCard(), tap, prices).After
	tap.Unheard = fare.Earlier{Event: tap.Event, At: cardlayout.InstantOf(loadNow), Trip: 11,
		Loaded: true, Asked: true}
	tap.Event.Sequence++
	d := fare.Decide(card, tap, prices)
	require.Equal(t, fare.LoadUnheard, d.Reason)
	require.Equal(t, card, d.After)
	require.Nil(t, d.Loaded)

	tap.Unheard.Asked = false // by another order than the one that stands
	d = fare.Decide(card, tap, prices)
	require.Equal(t, fare.NotLoaded, d.Reason)
	require.Equal(t, card, d.After)

	back := tap // to take back what was not heard of
	back.Errand = &fare.Errand{Sale: tap.Errand.Sale, By: fare.Driver,
		Back: &fare.Loaded{Sale: tap.Errand.Sale, Before: loadCard(), After: card}}
	d = fare.Decide(card, back, prices)
	require.Equal(t, fare.LoadTakenBack, d.Reason)
	require.Equal(t, loadCard().Purse, d.After.Purse)

	tap.Errand = nil
	d = fare.Decide(card, tap, prices)
	require.NotEqual(t, fare.Unheard, d.Reason)
}

// what waits in the action list waits on while the card is at the desk.
func TestErrandLeavesActions(t *testing.T) {
	tap := desk(fare.Errand{Amount: 2000})
	tap.Waiting = []fare.Action{{Leaves: 1, First: loadDay, Last: loadDay,
		Kind: fare.ValueAction, Amount: 500}}
	after, picked := fare.Apply(loadCard(), tap, loadTariff())
	require.Equal(t, loadCard(), after)
	require.Empty(t, picked)
}

// Ensure that a decision at the desk names the product, the zones and the rule that its
// document stands on: of the load, of what takes it back, and of what refuses it.
func TestErrandNamesWhatItIs(t *testing.T) {
	prices := loadTariff()
	prices.ValueProduct = 9
	season := fare.Errand{Season: fare.SeasonOrder{Product: loadAnybody, Zones: loadAB}}
	decide := func(card cardlayout.Card, e fare.Errand, sequence uint32) fare.Decision {
		tap := desk(e)
		tap.Event.Sequence = sequence
		return fare.Decide(card, tap, prices)
	}
	value := decide(loadCard(), fare.Errand{Amount: 2000}, 5)
	first := decide(value.After, season, 6)
	later := desk(fare.Errand{Season: fare.SeasonOrder{Product: loadAnybody, Zones: loadAB}})
	later.At = loadNow.Add(time.Hour) // so that it is no repetition
	second := fare.Decide(first.After, later, prices)
	for name, row := range map[string]struct {
		done    fare.Decision
		reason  fare.Reason
		product uint16
		zones   cardlayout.Zones
		rules   []fare.RuleID
	}{
		"value":    {value, fare.ValueLoaded, 9, 0, []fare.RuleID{61}},
		"a season": {first, fare.SeasonLoaded, loadAnybody, loadAB, []fare.RuleID{61}},
		"value taken back": {decide(value.After, fare.Errand{Back: value.Loaded, By: fare.Driver}, 8),
			fare.LoadTakenBack, 9, 0, []fare.RuleID{125}},
		"a season taken back": {decide(first.After, fare.Errand{Back: first.Loaded, By: fare.Driver}, 8),
			fare.LoadTakenBack, loadAnybody, loadAB, []fare.RuleID{125}},
		"the second one": {decide(second.After, fare.Errand{Back: second.Loaded, By: fare.Driver}, 8),
			fare.LoadTakenBack, loadAnybody, loadAB, []fare.RuleID{125}},
		"refused by a rule": {decide(loadCard(), fare.Errand{Amount: 1500}, 5), fare.NotLoaded, 0, 0,
			[]fare.RuleID{61}},
		"refused by none": {decide(value.After, fare.Errand{Amount: 2000}, 6), fare.NotLoaded, 0, 0, nil},
	} {
		require.Equal(t, row.reason, row.done.Reason, "%s: %v", name, row.done.Refused)
		require.Equal(t, row.product, row.done.Product, name)
		require.Equal(t, row.zones, row.done.Zones, name)
		require.Equal(t, row.rules, append([]fare.RuleID(nil), row.done.Rules()...), name)
	}
}

// Ensure that nothing is done for an order that nobody has come for, and that the driver is
// told which it was.
func TestLateErrand(t *testing.T) {
	d := fare.Decide(loadCard(), desk(fare.Errand{Amount: 2000, Late: true}), loadTariff())
	require.Equal(t, fare.NotLoaded, d.Reason)
	require.Equal(t, loadCard(), d.After)
	var refusal *fare.Refusal
	require.ErrorAs(t, d.Refused, &refusal)
	require.Equal(t, "load 20.00", refusal.Asked)
}

// Ensure that a load like the one before is asked about for ten minutes, to both sides: the
// clocks of two devices differ.
func TestSameLoadAgain(t *testing.T) {
	first := fare.Decide(loadCard(), desk(fare.Errand{Amount: 2000}), loadTariff()).After
	for minutes, want := range map[time.Duration]fare.Reason{
		-11: fare.ValueLoaded, -10: fare.NotLoaded, 0: fare.NotLoaded, 10: fare.NotLoaded,
		11: fare.ValueLoaded,
	} {
		tap := desk(fare.Errand{Amount: 2000})
		tap.At = loadNow.Add(minutes * time.Minute)
		tap.Event.Sequence++
		require.Equal(t, want, fare.Decide(first, tap, loadTariff()).Reason, minutes)
	}
}
