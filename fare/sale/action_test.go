package sale_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// waitingValue is twenty euros that wait for the card of the load tests, today and the
// thirteen days after.
func waitingValue(expects, leaves uint32) sale.Action {
	return sale.Action{
		Expects: expects, Leaves: leaves, First: loadDay, Last: loadDay + sale.ActionDays - 1,
		Kind: sale.ValueAction, Amount: 2000, Organisation: 55, Device: 77,
	}
}

func waitingSeason(expects, leaves uint32) sale.Action {
	a := waitingValue(expects, leaves)
	a.Kind, a.Amount = sale.SeasonAction, 7500
	a.Product, a.Zones, a.Days = loadAnybody, loadAB, 30
	return a
}

func waitingUnblock(expects, leaves uint32) sale.Action {
	a := waitingValue(expects, leaves)
	a.Kind, a.Amount = sale.UnblockAction, 0
	return a
}

func pickUp(card cardlayout.Card, waiting ...sale.Action) (cardlayout.Card, []sale.ActionResult) {
	tap := fare.Tap{At: loadNow, Event: cardlayout.EventID{Device: 9, Sequence: 4}}
	return sale.Apply(card, waiting, tap, loadTariff())
}

func lefts(picked []sale.ActionResult) (all []sale.ActionStatus) {
	for _, p := range picked {
		all = append(all, p.Status)
	}
	return all
}

// Ensure that a load changes the card as the same load at a counter would, but for the
// transaction, which is the tap's.
func TestApplyLoads(t *testing.T) {
	card := loadCard()
	card.ActionCounter = 4
	sold := loadSale()

	want, err := sale.LoadValue(card, sold, loadTariff(), 2000)
	require.NoError(t, err)
	want.Counter, want.ActionCounter = card.Counter, 6
	got, picked := pickUp(card, waitingValue(4, 6))
	require.Equal(t, want, got)
	require.Equal(t, []sale.ActionResult{{Expects: 4, Leaves: 6, Kind: sale.ValueAction, Amount: 2000}}, picked)
	require.EqualValues(t, 2000, picked[0].ValueAdded())

	want, err = sale.LoadSeason(card, sold, loadTariff(), loadAnybody, loadAB)
	require.NoError(t, err)
	want.Counter, want.ActionCounter = card.Counter, 5
	got, picked = pickUp(card, waitingSeason(4, 5))
	require.Equal(t, want, got)
	require.Equal(t, []sale.ActionResult{{
		Expects: 4, Leaves: 5, Kind: sale.SeasonAction, Amount: 7500,
		Product: loadAnybody,
	}}, picked)
	require.Zero(t, picked[0].ValueAdded())
}

// Ensure that what an employer has paid for is kept apart, and never refunded.
func TestApplyKeepsWhoPaid(t *testing.T) {
	value, season := waitingValue(0, 1), waitingSeason(1, 2)
	value.Funder, season.Funder = sale.Employer, sale.Benefit
	got, picked := pickUp(loadCard(), value, season)
	require.Equal(t, []sale.ActionStatus{0, 0}, lefts(picked))
	require.EqualValues(t, 2300, got.Funded)
	require.Equal(t, cardlayout.FundedBenefit, got.Seasons[0].Conditions)
}

// Ensure that an action is done only on the counter that it expects, in order, and never
// again: anyone who has the same list does nothing more.
func TestApplyOnlyOnEquality(t *testing.T) {
	list := []sale.Action{waitingValue(0, 1), waitingValue(1, 3), waitingValue(1, 4), waitingValue(7, 8)}
	card, picked := pickUp(loadCard(), list...)
	require.Equal(t, []sale.ActionStatus{0, 0, sale.ActionCounterMismatch, sale.ActionCounterMismatch}, lefts(picked))
	require.EqualValues(t, 1000+2*2000, card.Purse)
	require.EqualValues(t, 3, card.ActionCounter)

	again, picked := pickUp(card, list...)
	require.Equal(t, card, again)
	require.Equal(t, []sale.ActionStatus{
		sale.ActionCounterMismatch, sale.ActionCounterMismatch, sale.ActionCounterMismatch,
		sale.ActionCounterMismatch,
	}, lefts(picked))
}

// Ensure that what cannot be done is left with its reason, and the card as it was.
func TestApplyLeaves(t *testing.T) {
	value, season, unblock := waitingValue(0, 1), waitingSeason(0, 1), waitingUnblock(0, 1)
	change := func(a sale.Action, change func(*sale.Action)) sale.Action { change(&a); return a }
	rows := map[string]struct {
		action sale.Action
		card   func(*cardlayout.Card)
		left   sale.ActionStatus
	}{
		"done":               {action: value},
		"earlier base":       {value, func(c *cardlayout.Card) { c.ActionCounter = 1 }, sale.ActionCounterMismatch},
		"later base":         {waitingValue(1, 2), nil, sale.ActionCounterMismatch},
		"base first":         {change(waitingValue(1, 2), func(a *sale.Action) { a.Kind = 9 }), nil, sale.ActionCounterMismatch},
		"counter stands":     {waitingValue(0, 0), nil, sale.ActionUnknown},
		"kind":               {change(value, func(a *sale.Action) { a.Kind = 9 }), nil, sale.ActionUnknown},
		"takes money":        {change(value, func(a *sale.Action) { a.Amount = -1 }), nil, sale.ActionUnknown},
		"product":            {change(season, func(a *sale.Action) { a.Product = 99 }), nil, sale.ActionUnknown},
		"last day":           {action: change(value, func(a *sale.Action) { a.First, a.Last = loadDay-13, loadDay })},
		"first day":          {action: change(value, func(a *sale.Action) { a.First = loadDay })},
		"tomorrow":           {change(value, func(a *sale.Action) { a.First = loadDay + 1 }), nil, sale.ActionTooEarly},
		"until yesterday":    {change(value, func(a *sale.Action) { a.First, a.Last = loadDay-14, loadDay-1 }), nil, sale.ActionTooLate},
		"another area":       {value, func(c *cardlayout.Card) { c.Area++ }, sale.ActionWrongCard},
		"another's block":    {unblock, func(c *cardlayout.Card) { c.Area++; c.Blocked = true }, sale.ActionWrongCard},
		"past its life":      {value, func(c *cardlayout.Card) { c.ValidUntil = loadDay - 1 }, sale.ActionWrongCard},
		"blocked":            {value, func(c *cardlayout.Card) { c.Blocked = true }, sale.ActionWrongCard},
		"blocked, season":    {season, func(c *cardlayout.Card) { c.Blocked = true }, sale.ActionWrongCard},
		"blocked bearer":     {action: value, card: func(c *cardlayout.Card) { c.Kind, c.Blocked = cardlayout.Bearer, true }},
		"for its owner":      {change(season, func(a *sale.Action) { a.Product = loadPersonal }), func(c *cardlayout.Card) { c.Kind = cardlayout.Company }, sale.ActionWrongCard},
		"purse just full":    {action: value, card: func(c *cardlayout.Card) { c.Purse = cardlayout.MaxPurse - 2000 }},
		"purse too full":     {value, func(c *cardlayout.Card) { c.Purse = cardlayout.MaxPurse - 1999 }, sale.ActionNoRoom},
		"season waits":       {season, func(c *cardlayout.Card) { c.Seasons[0] = waits() }, sale.ActionNoRoom},
		"season waits 2":     {season, func(c *cardlayout.Card) { c.Seasons[1] = waits() }, sale.ActionNoRoom},
		"one runs":           {action: season, card: func(c *cardlayout.Card) { c.Seasons[0] = runs() }},
		"another length":     {action: change(season, func(a *sale.Action) { a.Days = 14 }), card: func(c *cardlayout.Card) { c.Seasons[0] = runs() }},
		"other zones run":    {change(season, func(a *sale.Action) { a.Zones = zoneA }), func(c *cardlayout.Card) { c.Seasons[0] = runs() }, sale.ActionNoRoom},
		"one has ended":      {action: season, card: func(c *cardlayout.Card) { c.Seasons[0] = ended() }},
		"number runs out":    {unblock, func(c *cardlayout.Card) { c.Unblocking = 255 }, sale.ActionNoRoom},
		"transactions full":  {value, func(c *cardlayout.Card) { c.Counter = 1<<24 - 1 }, sale.ActionNoRoom},
		"seller of a season": {change(season, func(a *sale.Action) { a.Device = 1 << 13 }), nil, sale.ActionNoRoom},
		"price of a season":  {change(season, func(a *sale.Action) { a.Amount = 1 << 16 }), nil, sale.ActionNoRoom},
	}
	for name, row := range rows {
		card := loadCard()
		if row.card != nil {
			row.card(&card)
		}
		got, picked := pickUp(card, row.action)
		require.Equal(t, []sale.ActionStatus{row.left}, lefts(picked), name)
		require.Equal(t, row.left == 0, got != card, name)
		if row.left != 0 {
			require.Zero(t, picked[0].ValueAdded(), name)
		}
	}
}

// Ensure that an unblock raises the unblocking number, so that a bus with an older list
// does not block the card again, that a newer list does, and that loads on either side of
// it come with it and not without.
func TestApplyUnblocks(t *testing.T) {
	prices := loadTariff()
	held := loadCard()
	held.Blocked, held.Unblocking = true, 2
	list := []sale.Action{waitingValue(0, 1), waitingUnblock(1, 2), waitingValue(2, 3)}
	rows := map[string]struct {
		listing fare.Listing
		waiting []sale.Action
		blocked bool
		lefts   []sale.ActionStatus
	}{
		"no list":         {fare.Listing{}, list, false, []sale.ActionStatus{0, 0, 0}},
		"the older list":  {fare.Listing{Listed: true, Unblocking: 2}, list, false, []sale.ActionStatus{0, 0, 0}},
		"a newer list":    {fare.Listing{Listed: true, Unblocking: 3}, list, true, []sale.ActionStatus{sale.ActionWrongCard, sale.ActionCounterMismatch, sale.ActionCounterMismatch}},
		"newer, in order": {fare.Listing{Listed: true, Unblocking: 3}, []sale.Action{waitingUnblock(0, 1), waitingValue(1, 2)}, true, []sale.ActionStatus{0, sale.ActionWrongCard}},
		"not unblocked":   {fare.Listing{}, list[:1], true, []sale.ActionStatus{sale.ActionWrongCard}},
	}
	for name, row := range rows {
		tap := fare.Tap{
			At: loadNow, Event: cardlayout.EventID{Device: 9, Sequence: 4},
			Listing: row.listing,
		}
		loaded, picked := sale.Apply(held, row.waiting, tap, prices)
		require.Equal(t, row.lefts, lefts(picked), name)
		d := fare.Decide(loaded, tap, prices)
		d.Stamp(&held, tap.Event)
		require.Equal(t, row.blocked, d.Reason == fare.Blocked, name)
		require.Equal(t, row.blocked, d.After.Blocked, name)
	}
	open := loadCard()
	open.Unblocking = 2
	loaded, _ := pickUp(open, waitingUnblock(0, 1))
	require.EqualValues(t, 3, loaded.Unblocking, "a list may name a card that no bus has blocked yet")
}

// Ensure that what was loaded is written where nobody travels, as a transaction of this
// event's, and that a decision about a card that nothing was done to stays as it is.
func TestStamp(t *testing.T) {
	held := loadCard()
	held.Purse = 0
	small := waitingValue(0, 1)
	small.Amount = 100
	prices := faretest.Published(t, "mikkeli-2025")
	tap := fare.Tap{
		At: loadNow, Event: cardlayout.EventID{Device: 9, Sequence: 4}, Zone: 1, Zones: 1,
		Trip: 1,
	}
	loaded, _ := sale.Apply(held, []sale.Action{small}, tap, prices)
	d := fare.Decide(loaded, tap, prices)
	d.Stamp(&held, tap.Event)
	require.Equal(t, fare.BalanceLow, d.Reason)
	require.Contains(t, d.Rules(), fare.RuleID(195))
	require.EqualValues(t, 100, d.After.Purse)
	require.Equal(t, held.Counter+1, d.After.Counter)
	require.Equal(t, tap.Event, d.After.Last)

	d = fare.Decide(held, tap, prices)
	same := d
	d.Stamp(&held, tap.Event)
	require.Equal(t, same, d)
}

// randomAction is one that the card may expect, or nearly.
func randomAction(r faretest.Chance, card *cardlayout.Card, today cardlayout.Day) sale.Action {
	a := sale.Action{
		Expects: card.ActionCounter + uint32(r.IntN(3)), Kind: sale.ActionKind(r.IntN(4)),
		First: today + 1 - cardlayout.Day(r.IntN(5)), Amount: cardlayout.Cents(r.IntN(5000)),
		Funder: sale.Funder(r.IntN(3)), Organisation: 55, Device: 77,
	}
	a.Leaves = a.Expects + uint32(r.IntN(3))
	a.Last = a.First + cardlayout.Day(r.IntN(8))
	switch {
	case r.IntN(9) == 0:
		a.Amount = cardlayout.Cents(r.Int32())
	case a.Kind == sale.SeasonAction:
		a.Product, a.Zones, a.Days = []uint16{30, 60, 99}[r.IntN(3)], r.Zones(), uint16(r.IntN(600))
	case a.Kind == sale.UnblockAction:
		a.Amount, a.Funder = 0, sale.Unfunded
	}
	return a
}

// What must hold of every card that actions wait for, whatever they are.
func TestEveryAction(t *testing.T) {
	seen := map[sale.ActionKind]map[sale.ActionStatus]int{}
	faretest.Worlds(t, 3, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		card.ActionCounter = []uint32{0, 22, 254, 65534, 1<<32 - 4}[r.IntN(5)]
		if card.Check() != nil {
			return
		}
		var waiting []sale.Action
		for range r.IntN(4) {
			waiting = append(waiting, randomAction(r, &card, prices.ServiceDay(tap.At)))
		}
		loaded, picked := sale.Apply(card, waiting, tap, prices)
		for _, p := range picked {
			if seen[p.Kind] == nil {
				seen[p.Kind] = map[sale.ActionStatus]int{}
			}
			seen[p.Kind][p.Status]++
		}
		require.Len(t, picked, len(waiting), "an action was forgotten")
		applied(t, card, loaded, tap, picked)
		without, d := fare.Decide(card, tap, prices), fare.Decide(loaded, tap, prices)
		d.Stamp(&card, tap.Event)
		fail := func(what string) { require.Fail(t, what, "%v\n%+v\n%+v", d.Reason, card.Text(), tap) }
		switch {
		case without.Accept() && !d.Accept():
			fail("a passenger was refused for an action")
		case d.After.Purse != loaded.Purse-d.Charge || d.After.ActionCounter != loaded.ActionCounter:
			fail("what was loaded got lost")
		case d.After.Check() != nil:
			fail("the card cannot hold it")
		case d.After != card && (d.After.Counter != card.Counter+1 || d.After.Last != tap.Event):
			fail("a change without this event's stamp")
		}
	})
	for _, kind := range []sale.ActionKind{sale.ValueAction, sale.SeasonAction, sale.UnblockAction} {
		for _, left := range []sale.ActionStatus{
			0, sale.ActionCounterMismatch, sale.ActionUnknown, sale.ActionTooEarly,
			sale.ActionTooLate, sale.ActionWrongCard,
		} {
			require.NotZero(t, seen[kind][left], "the world is too small to see %v of %v", left, kind)
		}
	}
}

// applied must hold of what actions have made of a card.
func applied(t *testing.T, card, loaded cardlayout.Card, tap fare.Tap, picked []sale.ActionResult) {
	t.Helper()
	fail := func(what string) { require.Fail(t, what, "%v\n%+v\n%+v", picked, card.Text(), tap) }
	counter, purse, loads, unblocks := card.ActionCounter, card.Purse, 0, uint8(0)
	for _, p := range picked {
		if p.Status != 0 {
			continue
		}
		if p.Expects != counter || p.Leaves <= counter {
			fail("an action was done on another counter")
		}
		counter = p.Leaves
		purse += p.ValueAdded()
		if p.Kind == sale.UnblockAction {
			unblocks++
		} else {
			loads++
		}
	}
	listed := tap.Listing.Listed && loaded.Unblocking <= tap.Listing.Unblocking
	switch {
	case loaded.ActionCounter != counter || loaded.Purse != purse:
		fail("the card is not what was done to it")
	case loaded.Unblocking != card.Unblocking+unblocks:
		fail("the unblocking number is not what was done to it")
	case loaded.Counter != card.Counter || loaded.Last != card.Last:
		fail("an action took the tap's transaction")
	case counter == card.ActionCounter && loaded != card:
		fail("the card was changed and nothing done")
	case (loaded.Blocked || listed) && card.Kind != cardlayout.Bearer && loads > 0:
		fail("a blocked card was loaded")
	}
}

// Ensure that nothing is done for a passenger who would be refused for it: the load waits
// where the card has no room for it beside a fare.
func TestNobodyIsRefusedForAnAction(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	r := faretest.Chance{Rand: rand.New(rand.NewPCG(8, 8)), Tariff: prices}
	spared := 0
	for range 20_000 {
		card := loadCard()
		card.Layout = 1 // whose state has little room
		card.Kind, card.Purse, card.ValidUntil = cardlayout.Bearer, 10_000, 0
		card.Counter, card.ActionCounter, card.Unblocking = 1<<16, 1<<16-1, 200
		card.Today = cardlayout.Today{Day: loadDay, Spent: cardlayout.Cents(r.IntN(500))}
		tap := fare.Tap{
			At: loadNow, Event: cardlayout.EventID{Device: 900, Sequence: 1 << 16}, Zone: 1,
			Zones: 1, Trip: uint16(r.IntN(900)), Persons: cardlayout.Persons{1 + uint8(r.IntN(9))},
		}
		waiting := []sale.Action{waitingValue(1<<16-1, 1<<16)}
		loaded, picked := sale.Apply(card, waiting, tap, prices)
		without, with := fare.Decide(card, tap, prices), fare.Decide(loaded, tap, prices)
		require.False(t, without.Accept() && !with.Accept())
		if without.Accept() && picked[0].Status == sale.ActionNoRoom {
			spared++
		}
	}
	require.NotZero(t, spared, "no card was full")
}
