package validator_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/sim"
	"leima/validator/sim/simtest"
)

// closed are the entries that have closed intents, in their order.
func closed(t *testing.T, bus *sim.Bus) (all []journal.Entry) {
	t.Helper()
	require.NoError(t, bus.Entries(0, func(e journal.Entry) error {
		if e.Kind == journal.Settle || e.Kind == journal.Void {
			all = append(all, e)
		}
		return nil
	}))
	return all
}

// Ensure that a commit whose answer was lost is settled with the card's own signature of it,
// wherever the tap that reads it is torn; that a card which signs nothing is asked for none.
func TestReceiptOfAnUnconfirmedCommit(t *testing.T) {
	for _, chip := range []string{"EV1", "EV2"} {
		for n, torn := 1, true; torn; n++ {
			bus := simtest.NewBus(t)
			simtest.Play(t, bus,
				"card Leo  chip "+chip+", purse 10.00\ntear Leo after commit\ntap Leo")
			simtest.Play(t, bus, fmt.Sprintf("tear Leo before %d\ntap Leo", n))
			if torn = bus.Journal.Unresolved() > 0; torn {
				o := simtest.Present(bus, "Leo")
				require.Equal(t, fare.Recovered, o.Decision.Reason, "%s, before %d: %v", chip, n, o.Err)
			}
			require.EqualValues(t, 1000-251, simtest.Held(t, bus, "Leo").Purse)
			settled := closed(t, bus)
			require.Len(t, settled, 1)
			require.Equal(t, journal.Settle, settled[0].Kind)
			require.Equal(t, chip == "EV2", settled[0].TMAC.TMC != 0, "before %d", n)
		}
	}
}

// Ensure that the signature of another transaction is never taken for that of the tap: the
// service point has loaded the card since.
func TestReceiptOfAnotherTransaction(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "tear Aino after commit\ntap Aino")
	rewrite(t, bus, "Aino", func(c cardlayout.Card) cardlayout.Card {
		c.Purse += 500
		return c
	})
	require.Equal(t, fare.Recovered, simtest.Tap(bus).Decision.Reason)
	settled := closed(t, bus)
	require.Len(t, settled, 1)
	require.Equal(t, desfire.TMAC{}, settled[0].TMAC)
}

// Ensure that all commits of a card that wait are looked at: one that others have written
// over stays in doubt, and the one after it is settled.
func TestSecondOfTwoPendingCommits(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "tear Aino after commit\ntap Aino")
	for range 2 {
		rewrite(t, bus, "Aino", func(c cardlayout.Card) cardlayout.Card {
			c.Last = cardlayout.EventID{Device: 99, Sequence: 7}
			return c
		})
	}
	simtest.Play(t, bus, "at +1m\nbus trip=2\ntear Aino after commit\ntap Aino")
	require.Equal(t, 2, bus.Journal.Unresolved())
	require.Equal(t, fare.Recovered, simtest.Tap(bus).Decision.Reason)
	require.Equal(t, 1, bus.Journal.Unresolved())
	settled := closed(t, bus)
	require.Equal(t, simtest.Held(t, bus, "Aino").Last, settled[0].Of)
	require.NotZero(t, settled[0].TMAC, "with the card's own signature")
}

// an acceptance that nobody heard is told on the same vehicle trip for as long as that
// is one boarding, and on another, whose number is the same, only to who has not left.
func TestUnconfirmedBoardingIsOfItsTrip(t *testing.T) {
	for move, want := range map[string]fare.Reason{
		"at +2m": fare.Recovered, "bus line=2": fare.Recovered, "bus line=2\nat +2m": fare.Transfer,
	} {
		bus := simtest.NewBus(t)
		simtest.Play(t, bus, "bus line=1 trip=9\ntear Aino after commit\ntap Aino\n"+move)
		require.Equal(t, want, simtest.Tap(bus).Decision.Reason, move)
	}
}

// departures are numbered by line: the same number on another line is another trip,
// also where the card alone tells of the vehicle; and a card that is pulled away while that
// is read is as it was.
func TestSameNumberOfAnotherTrip(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "bus line=1 trip=9\ntap Aino\nat +1m")
	require.Equal(t, fare.AlreadyStamped, simtest.Tap(bus).Decision.Reason)
	simtest.Play(t, bus, "bus line=2")
	require.Equal(t, fare.Transfer, simtest.Tap(bus).Decision.Reason)
	simtest.Play(t, bus, "at +1m")
	require.Equal(t, fare.AlreadyStamped, simtest.Tap(bus).Decision.Reason,
		"of the trip that it is on now")

	other := simtest.Beside(t, bus)
	simtest.Play(t, other, "tariffs mikkeli-2025\nbus vehicle=7 trip=9 zone=B")
	simtest.Play(t, bus, "card Leo  purse 10.00\nbus vehicle=8 trip=9 zone=B\ntap Leo")
	other.Clock.Set(bus.Clock.Now())
	before := simtest.Memory(t, bus.Cards["Leo"])
	o := other.Validator.Serve(&between{
		card: emu.Air{}.Present(bus.Cards["Leo"]),
		change: func(_ int, command, answer []byte) ([]byte, error) {
			if len(command) > 5 && command[1] == 0xAD && command[5] == cardlayout.FileTicket {
				return nil, context.DeadlineExceeded
			}
			return answer, nil
		},
	})
	require.Equal(t, validator.TryAgain, o.Ending)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Leo"]))
	require.Equal(t, fare.Transfer, simtest.Present(other, "Leo").Decision.Reason)
}
