package sim_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
	"leima/validator/sim"
)

// A kind is what a tap may come to, each with its own writes to the card.
type kind struct {
	name    string
	card    string
	earlier bool             // the card has boarded another bus ten minutes before
	before  []string         // what is said to the validator before each tap; %s is the card
	waits   []string         // what waits for the card in every validator's action list
	load    cardlayout.Cents // of that
	charge  cardlayout.Cents
	reason  fare.Reason
}

// kinds are all kinds of taps that write to a card, at the terms of Jyväskylä.
var kinds = []kind{
	{name: "value", card: "purse 10.00", charge: 210, reason: fare.Value},
	{
		name: "season first use", reason: fare.SeasonStarted,
		card: "season1 area=209 product=30 zones=A days=30",
	},
	{
		name: "season", reason: fare.Season,
		card: "season1 area=209 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30",
	},
	{
		name: "waiting season", reason: fare.SeasonFollows,
		card: "season1 area=209 product=30 zones=A days=30 from=2026-01-31 to=2026-03-01, " +
			"season2 area=209 product=30 zones=A days=30",
	},
	{
		name: "day ticket", card: "season1 area=209 product=60 zones=A-B days=1",
		reason: fare.SeasonStarted,
	},
	{name: "transfer", card: "purse 10.00", earlier: true, reason: fare.Transfer},
	{name: "school", reason: fare.School, card: "kind personal, born 2014-06-01, group child, " +
		"purse 10.00, school trips=2 calendar=1 from=360 to=1050 until=2026-05-30"},
	{
		name: "group", card: "purse 20.00", before: []string{"driver 3 persons"}, charge: 630,
		reason: fare.Value,
	},
	{
		name: "load pick-up", card: "purse 1.00", waits: []string{"value 20.00"}, load: 2000, charge: 210,
		reason: fare.Value,
	},
	{
		name: "season pick-up", card: "kind personal, born 1980-05-17, purse 1.00", waits: []string{"season 30 A"},
		reason: fare.SeasonStarted,
	},
	{
		name: "unblocked with a load", card: "kind company, blocked true, purse 1.00",
		waits: []string{"unblock", "value 20.00"}, load: 2000, charge: 210, reason: fare.Value,
	},
	{name: "block write", card: "kind personal, born 1980-05-17, purse 10.00", reason: fare.Blocked},
}

// A way is how a torn card comes back.
type way struct {
	name      string
	validator int // of a town where 0 and 1 are on one bus, and 2 on another
	restart   bool
}

var ways = []way{
	{name: "the same validator"},
	{name: "the other validator on the bus", validator: 1},
	{name: "the same validator, restarted", restart: true},
	{name: "another bus", validator: 2},
}

// A tearing tears cards of one kind in a town of its own.
type tearing struct {
	kind
	*sim.City
	profile, chip string
	cards         int
	clock         time.Time
}

func (x *tearing) act(t *testing.T, at int, lines ...string) {
	t.Helper()
	clock := "at " + x.clock.Format("2006-01-02 15:04:05")
	a := sim.Step{When: x.clock, Validator: at, Lines: append([]string{clock}, lines...)}
	require.NoError(t, x.Play(context.Background(), a), "%s, %s, %s", x.name, x.profile, x.chip)
}

// tap holds the card to a validator, after what is said there.
func (x *tearing) tap(t *testing.T, at int, name string, lines ...string) validator.Outcome {
	t.Helper()
	x.act(t, at, append(append(lines, x.before...), "tap "+name)...)
	return *x.Last
}

// passenger gets a new card, and the rest of what comes before the tap. Everybody boards at
// the same time, if possible.
func (x *tearing) passenger(t *testing.T) string {
	t.Helper()
	x.cards++
	name := fmt.Sprintf("p%d", x.cards)
	if len(x.waits) == 0 {
		x.clock = time.Date(2026, 3, 2, 7, 10, 0, 0, x.clock.Location())
	} else { // by a clock that goes back nothing is picked up
		x.clock = x.clock.Add(10 * time.Second)
	}
	x.act(t, 0, fmt.Sprintf("card %s  profile %s, chip %s, %s", name, x.profile, x.chip, x.card))
	if x.earlier {
		x.clock = x.clock.Add(-10 * time.Minute)
		require.Equal(t, validator.Accepted, x.tap(t, 3, name).Ending)
		x.clock = x.clock.Add(10 * time.Minute)
	}
	for at := range 3 {
		if x.reason == fare.Blocked {
			x.act(t, at, "block "+name)
		}
		for n, action := range x.waits {
			x.act(t, at, fmt.Sprintf("action %s %s expects %d", name, action, n))
		}
	}
	return name
}

// tear pulls a card away at exchange n and lets it come back. done says that the tap was over
// before.
func (x *tearing) tear(t *testing.T, side string, n int, back way) (done, committed bool) {
	t.Helper()
	name := x.passenger(t)
	before := x.Card(name)
	first := x.tap(t, 0, name, fmt.Sprintf("tear %s %s %d", name, side, n))
	where := fmt.Sprintf("%s, %s, %s, torn %s %d, back at %s", x.name, x.profile, x.chip, side, n,
		back.name)
	committed = x.Card(name).Counter != before.Counter
	if first.Err == nil {
		require.Equal(t, x.reason, first.Decision.Reason, "%s: %v, %v", where, first.Decision.Reason, first.Event.Actions)
		require.True(t, committed, where)
		require.Equal(t, x.charge, before.Purse+x.load-x.Card(name).Purse, where)
		return true, true
	}
	if back.restart {
		x.act(t, back.validator, "restart")
	}
	x.clock = x.clock.Add(5 * time.Second)
	x.comeBack(t, name, back, committed, before, where)
	return false, committed
}

// comeBack is the card's second tap, and what must be so afterwards.
func (x *tearing) comeBack(
	t *testing.T, name string, back way, committed bool, before cardlayout.Card, where string,
) {
	t.Helper()
	o := x.tap(t, back.validator, name)
	held := x.Card(name)
	require.NoError(t, o.Err, where)
	require.Equal(t, x.charge, before.Purse+x.load-held.Purse, where)
	require.Equal(t, uint32(len(x.waits)), held.ActionCounter, where)
	want := before.Counter + 1
	switch {
	case x.reason == fare.Blocked:
		require.Equal(t, fare.Blocked, o.Decision.Reason, where)
		require.True(t, held.Blocked, where)
	case committed && back.validator == 0:
		require.Equal(t, fare.Recovered, o.Decision.Reason, where)
	case committed && back.validator == 1:
		require.Equal(t, fare.AlreadyStamped, o.Decision.Reason, where)
	default:
		require.Equal(t, validator.Accepted, o.Ending, where)
		if committed { // they have changed buses
			want++
		}
	}
	require.Equal(t, want, held.Counter, where)
	if back.validator != 0 { // and then to where it was torn, which must not mistake what it meets
		require.NoError(t, x.tap(t, 0, name).Err, where)
	}
}

// everywhere tears at each exchange, on both sides, and comes back in each way.
func (x *tearing) everywhere(t *testing.T) (torn, committed int) {
	t.Helper()
	for n := 1; ; n++ {
		for _, side := range []string{"before", "after"} {
			for _, back := range ways {
				done, changed := x.tear(t, side, n, back)
				if done {
					return torn, committed
				}
				torn++
				if changed {
					committed++
				}
			}
		}
	}
}

// Ensure that whatever a tap writes, a card torn away at any frame, before or after it has
// acted, is charged once and travels, on whichever validator it comes back, also if that was
// switched off in between.
func TestTearEveryKind(t *testing.T) {
	t.Parallel()
	for n, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			torn, committed := 0, 0
			makes := [][2]string{
				{"readable", "EV1"},
				{"enciphered", "EV2"},
				{"readable", "EV2"},
				{"enciphered", "EV1"},
			}
			first, last := 0, 2*len(makes)
			if testing.Short() {
				first = n * 3 % last
				last = first + 1
			}
			for m := first; m < last; m++ {
				k := k
				k.card = fmt.Sprintf("layout %d, %s", 1+m%2, k.card)
				more, changed := tearKind(t, k, makes[m/2][0], makes[m/2][1])
				torn, committed = torn+more, committed+changed
			}
			t.Logf("%d times torn, %d of them after the commit", torn, committed)
		})
	}
}

func tearKind(t *testing.T, k kind, profile, chip string) (torn, committed int) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(t, err)
	x := &tearing{kind: k, City: openTown(t, memory(t), 4, nil), profile: profile, chip: chip}
	x.clock = time.Date(2026, 3, 2, 7, 0, 0, 0, zone)
	for at := range 4 {
		x.act(t, at, "tariffs jyvaskyla-2018", fmt.Sprintf("bus vehicle=%d trip=%d zone=A",
			1+at/2+at/3, 1+at/2+at/3))
	}
	torn, committed = x.everywhere(t)
	require.Greater(t, torn, 60)
	require.GreaterOrEqual(t, committed, len(ways), "at least the lost answer to the commit")
	require.NoError(t, x.Conclude())
	require.NoError(t, x.Close())
	return torn, committed
}
