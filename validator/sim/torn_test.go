package sim_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/sim"
)

// A boarding is a tap that is torn at every frame.
type boarding struct {
	name    string
	setting string // the card, and what went before
	driver  string // what the driver says before each tap
	frame   int    // 0: 64 bytes
	charge  cardlayout.Cents
	load    cardlayout.Cents // that waits in the action list
	action  uint32           // the card's action counter afterwards
}

var boardings = []boarding{
	{name: "value", setting: "card Aino  purse 10.00", charge: 251},
	{name: "value in long frames", frame: 256, setting: "card Aino  purse 10.00", charge: 251},
	{name: "season in long frames", frame: 256, setting: "tariffs kotka-2025\ncard Aino  purse 10.00, " +
		"season1 area=217 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30"},
	{name: "value on a readable card", setting: "card Aino  profile readable, purse 10.00", charge: 251},
	{name: "value without a Transaction MAC", setting: "card Aino  tmac false, purse 10.00", charge: 251},
	{name: "value on an EV1", setting: "card Aino  chip EV1, purse 10.00", charge: 251},
	{
		name: "value on a readable EV1", setting: "card Aino  chip EV1, profile readable, purse 10.00",
		charge: 251,
	},
	{name: "value on an EV3", setting: "card Aino  chip EV3, purse 10.00", charge: 251},
	{name: "party", setting: "card Aino  purse 20.00", driver: "driver 3 persons", charge: 753},
	{name: "season", setting: "tariffs kotka-2025\ncard Aino  purse 10.00, " +
		"season1 area=217 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30"},
	{name: "first day of a season", setting: "tariffs kotka-2025\ncard Aino  purse 10.00, " +
		"season1 area=217 product=30 zones=A days=30"},
	{
		name: "load pick-up", setting: "card Aino  purse 1.00\naction Aino value 20.00",
		charge: 251, load: 2000, action: 1,
	},
	{name: "load pick-up on a readable EV1", setting: "card Aino  chip EV1, profile readable, " +
		"purse 1.00\naction Aino value 20.00", charge: 251, load: 2000, action: 1},
	{name: "season pick-up", setting: "tariffs kotka-2025\ncard Aino  purse 10.00\n" +
		"action Aino season 30 A", action: 1},
	{name: "unblock and load pick-up", setting: "card Aino  kind company, blocked true, purse 1.00\n" +
		"action Aino unblock\naction Aino value 20.00", charge: 251, load: 2000, action: 2},
}

// A torn boarding is on its way: the card was pulled away once.
type torn struct {
	boarding
	*sim.Audit
	before    cardlayout.Card
	first     validator.Outcome
	committed bool
}

// tear begins a boarding on a new bus and pulls the card away.
func tear(t *testing.T, b boarding, how emu.Tear, broken func(validator.Journal) validator.Journal,
) (*torn, error) {
	t.Helper()
	bus := openBus(t, sim.Setup{Journal: broken, Frame: b.frame})
	play(t, bus, b.setting)
	audit, err := sim.NewAudit(bus)
	require.NoError(t, err)
	x := &torn{boarding: b, Audit: audit}
	x.before = x.held(t)
	play(t, bus, b.driver)
	x.first, err = audit.Tap(context.Background(), "Aino", how)
	x.committed = x.held(t).Counter != x.before.Counter
	return x, err
}

func (x *torn) held(t *testing.T) cardlayout.Card {
	t.Helper()
	contents, err := x.Inspect("Aino")
	require.NoError(t, err)
	return contents.Card
}

func play(t *testing.T, bus *sim.Bus, text string) string {
	t.Helper()
	played, err := bus.Play(context.Background(), sim.Parse("test", text), nil)
	require.NoError(t, err)
	return played.String()
}

// comeBack presents the card again and tells what is not as it must be then.
func (x *torn) comeBack(t *testing.T, nextDay bool) error {
	t.Helper()
	times := 1
	if nextDay {
		play(t, x.Bus, "at 2026-03-03 08:00\nbus trip=99")
		if x.committed {
			times = 2
		}
	}
	play(t, x.Bus, x.driver)
	second, err := x.Tap(context.Background(), "Aino", emu.Tear{})
	if err != nil {
		return err
	}
	settled, open, err := x.Closed("Aino")
	held := x.held(t)
	switch {
	case err != nil:
		return err
	case second.Ending != validator.Accepted:
		return fmt.Errorf("the card came back and was %v, %v", second.Ending, second.Decision.Reason)
	case settled != times || open != 0:
		return fmt.Errorf("%d events settled and %d open, not %d and none", settled, open, times)
	case x.before.Purse+x.load-held.Purse != x.charge*cardlayout.Cents(times):
		return fmt.Errorf("%d boardings took %v", times, x.before.Purse+x.load-held.Purse)
	case held.ActionCounter != x.action:
		return fmt.Errorf("the action counter is %d, not %d", held.ActionCounter, x.action)
	case held.Counter-x.before.Counter != uint32(times):
		return fmt.Errorf("%d boardings, %d transactions", times, held.Counter-x.before.Counter)
	}
	return nil
}

// once tears one boarding and lets the card come back. done says that the tap was
// over before the tear.
func once(t *testing.T, b boarding, how emu.Tear, nextDay bool,
	broken func(validator.Journal) validator.Journal,
) (done, committed bool, err error) {
	t.Helper()
	x, err := tear(t, b, how, broken)
	defer func() { require.NoError(t, x.Close()) }()
	if done = x.first.Ending == validator.Accepted; !done && err == nil {
		err = x.comeBack(t, nextDay)
	}
	if err != nil {
		err = fmt.Errorf("torn %v exchange %d, next day %v: %w", how.Side, how.Exchange, nextDay, err)
	}
	return done, x.committed, err
}

// everywhere tears a boarding at every exchange, before and after the card has
// acted, and lets the card come back at once and on the next day. It joins what is
// wrong, and counts what it has tried.
func everywhere(t *testing.T, b boarding, broken func(validator.Journal) validator.Journal,
) (tried, committed int, wrong error) {
	t.Helper()
	for n := 1; ; n++ {
		for _, side := range []emu.Side{emu.Before, emu.After} {
			for _, nextDay := range []bool{false, true} {
				done, changed, err := once(t, b, emu.Tear{Exchange: n, Side: side}, nextDay, broken)
				wrong = errors.Join(wrong, err)
				if done {
					return tried, committed, wrong
				}
				tried++
				if changed {
					committed++
				}
			}
		}
	}
}

// Ensure that a card torn away at any frame, before or after it has acted, pays once
// for a boarding and has one settled event of it, whenever it comes back.
func TestTornEverywhere(t *testing.T) {
	t.Parallel()
	for n := range 2 * len(boardings) {
		b, layout := boardings[n/2], fmt.Sprintf("layout %d", 1+n%2)
		t.Run(b.name+", "+layout, func(t *testing.T) {
			t.Parallel()
			b.setting = strings.ReplaceAll(b.setting, "card Aino  ", "card Aino  "+layout+", ")
			tried, committed, wrong := everywhere(t, b, nil)
			require.NoError(t, wrong)
			require.Greater(t, tried, 30)
			require.Positive(t, committed)
			t.Logf("%d times torn, %d times after the commit", tried, committed)
		})
	}
}

// Ensure that a load that comes with a refusal is done once, too, wherever the card is
// torn away, and that nobody is let in for it: what went unheard was no acceptance.
func TestTornLoadOfWhoIsRefused(t *testing.T) {
	t.Parallel()
	b := boarding{setting: "card Aino  purse 0.10\naction Aino value 1.00"}
	for n := 1; ; n++ {
		for _, side := range []emu.Side{emu.Before, emu.After} {
			x, err := tear(t, b, emu.Tear{Exchange: n, Side: side}, nil)
			require.NoError(t, err)
			second, err := x.Tap(context.Background(), "Aino", emu.Tear{})
			require.NoError(t, err)
			require.Equal(t, validator.Refused, second.Ending, "torn %v exchange %d", side, n)
			require.Equal(t, fare.BalanceLow, second.Decision.Reason)
			held := x.held(t)
			require.EqualValues(t, 110, held.Purse)
			require.EqualValues(t, 1, held.ActionCounter)
			require.Equal(t, x.before.Counter+1, held.Counter)
			settled, open, err := x.Closed("Aino")
			require.NoError(t, err)
			require.Equal(t, []int{1, 0}, []int{settled, open})
			require.NoError(t, x.Close())
			if x.first.Ending == validator.Refused && x.first.Err == nil {
				require.Greater(t, n, 10)
				return
			}
		}
	}
}

// The journals that TestTornEverywhere must not let pass: each forgets one thing.
type (
	noBegin   struct{ validator.Journal }
	noSettle  struct{ validator.Journal }
	noVoid    struct{ validator.Journal }
	noPending struct{ validator.Journal }
)

func (noBegin) Begin(validator.Event) error                    { return nil }
func (noSettle) Settle(cardlayout.EventID, desfire.TMAC) error { return nil }
func (noVoid) Void(cardlayout.EventID) error                   { return nil }
func (noPending) Pending(cardlayout.Number) []validator.Event  { return nil }

// Ensure that the test sees it when begin, settle, void or resume is broken.
func TestTornEverywhereSeesWhatIsBroken(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(validator.Journal) validator.Journal{
		"begin":  func(j validator.Journal) validator.Journal { return noBegin{j} },
		"settle": func(j validator.Journal) validator.Journal { return noSettle{j} },
		"void":   func(j validator.Journal) validator.Journal { return noVoid{j} },
		"resume": func(j validator.Journal) validator.Journal { return noPending{j} },
	} {
		_, _, wrong := everywhere(t, boardings[0], broken)
		require.Error(t, wrong, "without %s nothing was wrong", name)
		first, _, _ := strings.Cut(wrong.Error(), "\n")
		t.Logf("without %s: %s", name, first)
	}
}
