package sale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
)

// A presented card is one that is given to the driver, for something to be loaded.
type presented struct {
	fare.Tap
	order   sale.Order
	unheard sale.UnconfirmedLoad
}

// A done order is what it has come to.
type done struct {
	fare.Decision
	Loaded  *sale.Loaded
	Refused error
}

func atDriver(o sale.Order) presented {
	o.Sale = loadSale()
	o.Sale.Channel = fare.OnBoard
	return presented{Tap: fare.Tap{
		At: loadNow, Event: cardlayout.EventID{Device: 77, Sequence: 5},
		Zone: 1, Zones: loadA, Trip: 11,
	}, order: o}
}

func decide(card cardlayout.Card, p presented, t *fare.Tariff) (d done) {
	d.Decision, d.Loaded, d.Refused = p.order.Decide(card, p.Tap, p.unheard, t)
	return d
}

// a load is one transaction of the card, which is this event's, and takes no fare;
// what is refused leaves the card as it was.
func TestOrder(t *testing.T) {
	prices := loadTariff()
	rows := []struct {
		name   string
		order  sale.Order
		reason fare.Reason
		added  cardlayout.Cents
	}{
		{"value", sale.Order{Amount: 2000}, fare.ValueLoaded, 2000},
		{
			"season",
			sale.Order{Season: sale.SeasonOrder{Product: loadAnybody, Zones: loadA}},
			fare.SeasonLoaded, 0,
		},
		{"no multiple", sale.Order{Amount: 1500}, fare.NotLoaded, 0},
		{
			"no such season",
			sale.Order{Season: sale.SeasonOrder{Product: 99, Zones: loadA}},
			fare.NotLoaded, 0,
		},
		{"nothing", sale.Order{}, fare.NotLoaded, 0},
	}
	for _, row := range rows {
		card, tap := loadCard(), atDriver(row.order)
		d := decide(card, tap, prices)
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
func TestOrderOfABlockedCard(t *testing.T) {
	tap := atDriver(sale.Order{Amount: 2000})
	tap.Listing = fare.Listing{Listed: true}
	d := decide(loadCard(), tap, loadTariff())
	require.Equal(t, fare.Blocked, d.Reason)
	require.True(t, d.After.Blocked)
	require.EqualValues(t, 1000, d.After.Purse)
}

// what is taken back leaves the purse as it was before the load, and gives the
// money back; a load that the card does not have as its last transaction stays.
func TestOrderTakesBack(t *testing.T) {
	prices := loadTariff()
	prices.Terms.Value.Commission[fare.OnBoard] = 50
	loaded := decide(loadCard(), atDriver(sale.Order{Amount: 2000}), prices)
	require.EqualValues(t, 2050, loaded.Loaded.Receipt.PaidBy(fare.PayerCustomer))

	back := atDriver(sale.Order{Back: loaded.Loaded, By: sale.Driver})
	back.Event.Sequence++
	d := decide(loaded.After, back, prices)
	require.Equal(t, fare.LoadTakenBack, d.Reason)
	require.Equal(t, loadCard().Purse, d.After.Purse)
	require.EqualValues(t, -2050, d.Loaded.Receipt.PaidBy(fare.PayerCustomer))
	require.Equal(t, loaded.After.Counter+1, d.After.Counter)

	other := loadCard() // the load was not committed, and another tap of the card was
	other.Counter, other.Last.Sequence = loaded.After.Counter, 9
	d = decide(other, back, prices)
	require.Equal(t, fare.NotLoaded, d.Reason)
	require.Equal(t, other, d.After)
}

// Ensure that a load that was committed and not heard of is not done again, and pays for
// no trip.
func TestUnconfirmedOrder(t *testing.T) {
	prices := loadTariff()
	tap := atDriver(sale.Order{Amount: 2000})
	card := decide(loadCard(), tap, prices).After
	tap.unheard = sale.UnconfirmedLoad{Event: tap.Event, Asked: true}
	tap.Event.Sequence++
	d := decide(card, tap, prices)
	require.Equal(t, fare.LoadRecovered, d.Reason)
	require.Equal(t, card, d.After)
	require.Nil(t, d.Loaded)

	tap.unheard.Asked = false // by another order than the one that stands
	d = decide(card, tap, prices)
	require.Equal(t, fare.NotLoaded, d.Reason)
	require.Equal(t, card, d.After)

	back := tap // to take back what was not heard of
	back.order = sale.Order{
		Sale: tap.order.Sale, By: sale.Driver,
		Back: &sale.Loaded{Sale: tap.order.Sale, Before: loadCard(), After: card},
	}
	d = decide(card, back, prices)
	require.Equal(t, fare.LoadTakenBack, d.Reason)
	require.Equal(t, loadCard().Purse, d.After.Purse)

	require.NotEqual(t, fare.Recovered, fare.Decide(card, tap.Tap, prices).Reason)
}

// Ensure that a decision at the desk names the product, the zones and the rule that its
// document stands on: of the load, of what takes it back, and of what refuses it.
func TestOrderNamesWhatItIs(t *testing.T) {
	prices := loadTariff()
	prices.ValueProduct = 9
	season := sale.Order{Season: sale.SeasonOrder{Product: loadAnybody, Zones: loadAB}}
	sold := func(card cardlayout.Card, o sale.Order, sequence uint32) done {
		tap := atDriver(o)
		tap.Event.Sequence = sequence
		return decide(card, tap, prices)
	}
	value := sold(loadCard(), sale.Order{Amount: 2000}, 5)
	first := sold(value.After, season, 6)
	later := atDriver(sale.Order{Season: sale.SeasonOrder{Product: loadAnybody, Zones: loadAB}})
	later.At = loadNow.Add(time.Hour) // so that it is no repetition
	second := decide(first.After, later, prices)
	for name, row := range map[string]struct {
		done    done
		reason  fare.Reason
		product uint16
		zones   cardlayout.Zones
		rules   []fare.RuleID
	}{
		"value":    {value, fare.ValueLoaded, 9, 0, []fare.RuleID{61}},
		"a season": {first, fare.SeasonLoaded, loadAnybody, loadAB, []fare.RuleID{61}},
		"value taken back": {
			sold(value.After, sale.Order{Back: value.Loaded, By: sale.Driver}, 8),
			fare.LoadTakenBack, 9, 0,
			[]fare.RuleID{125},
		},
		"a season taken back": {
			sold(first.After, sale.Order{Back: first.Loaded, By: sale.Driver}, 8),
			fare.LoadTakenBack, loadAnybody, loadAB,
			[]fare.RuleID{125},
		},
		"the second one": {
			sold(second.After, sale.Order{Back: second.Loaded, By: sale.Driver}, 8),
			fare.LoadTakenBack, loadAnybody, loadAB,
			[]fare.RuleID{125},
		},
		"refused by a rule": {
			sold(loadCard(), sale.Order{Amount: 1500}, 5), fare.NotLoaded, 0, 0,
			[]fare.RuleID{61},
		},
		"refused by none": {sold(value.After, sale.Order{Amount: 2000}, 6), fare.NotLoaded, 0, 0, nil},
	} {
		require.Equal(t, row.reason, row.done.Reason, "%s: %v", name, row.done.Refused)
		require.Equal(t, row.product, row.done.Product, name)
		require.Equal(t, row.zones, row.done.Zones, name)
		require.Equal(t, row.rules, append([]fare.RuleID(nil), row.done.Rules()...), name)
	}
}

// Ensure that nothing is done for an order that nobody has come for, and that the driver is
// told which it was.
func TestLateOrder(t *testing.T) {
	d := decide(loadCard(), atDriver(sale.Order{Amount: 2000, Late: true}), loadTariff())
	require.Equal(t, fare.NotLoaded, d.Reason)
	require.Equal(t, loadCard(), d.After)
	var refusal *sale.Refusal
	require.ErrorAs(t, d.Refused, &refusal)
	require.Equal(t, "load 20.00", refusal.Asked.Error())
}

// Ensure that a load like the one before is asked about for ten minutes, to both sides: the
// clocks of two devices differ.
func TestSameLoadAgain(t *testing.T) {
	first := decide(loadCard(), atDriver(sale.Order{Amount: 2000}), loadTariff()).After
	for minutes, want := range map[time.Duration]fare.Reason{
		-11: fare.ValueLoaded, -10: fare.NotLoaded, 0: fare.NotLoaded, 10: fare.NotLoaded,
		11: fare.ValueLoaded,
	} {
		tap := atDriver(sale.Order{Amount: 2000})
		tap.At = loadNow.Add(minutes * time.Minute)
		tap.Event.Sequence++
		require.Equal(t, want, decide(first, tap, loadTariff()).Reason, minutes)
	}
}
