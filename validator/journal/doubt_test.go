package journal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/faretest"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/ledger"
	"leima/validator/sim"
)

func newBus(t testing.TB) *sim.Bus { return newBusOf(t, nil) }

func newBusOf(t testing.TB, instead func(validator.Journal) validator.Journal) *sim.Bus {
	bus, err := sim.NewBus(t.TempDir(), sim.Setup{
		Journal: instead,
		Prices:  faretest.Source,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bus.Close()) })
	return bus
}

// play plays statements, and returns what came out.
func play(t testing.TB, bus *sim.Bus, text string) string {
	t.Helper()
	played, err := bus.Play(context.Background(), sim.Parse("test", text), nil)
	require.NoError(t, err)
	return played.String()
}

// verdicts are what reconciliation says of a card of the bus, in order.
func verdicts(t *testing.T, bus *sim.Bus, name string) (said []string) {
	t.Helper()
	contents, err := bus.Inspect(name)
	require.NoError(t, err)
	var l ledger.Ledger
	require.NoError(t, bus.Journal.Verify(nil))
	require.NoError(t, bus.Entries(0, func(e journal.Entry) error {
		l.Add(e)
		return nil
	}))
	for _, line := range l.Lines() {
		if line.Card == contents.Card.Number {
			said = append(said, line.Verdict.String())
		}
	}
	return said
}

func purse(t *testing.T, bus *sim.Bus, name string) cardlayout.Cents {
	t.Helper()
	contents, err := bus.Inspect(name)
	require.NoError(t, err)
	return contents.Card.Purse
}

const price = cardlayout.Cents(251)

// Ensure that many cards whose commit was not answered are each resolved at their next
// tap, after a restart, and after others have tapped: who has paid is let in and pays no
// more, who has not pays once.
func TestManyInDoubt(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	const cards = 24
	for n := range cards {
		side := []string{"before", "after"}[n%2]
		play(t, bus, fmt.Sprintf("card C%d  purse 10.00\ntear C%d %s commit\ntap C%d", n, n, side, n))
	}
	require.Equal(t, cards, bus.Journal.Unresolved())
	play(t, bus, "restart")
	require.Equal(t, cards, bus.Journal.Unresolved())
	for n := cards - 1; n >= 0; n-- {
		name := fmt.Sprintf("C%d", n)
		said := play(t, bus, "tap "+name)
		if n%2 == 1 {
			require.Contains(t, said, "unheard")
		} else {
			require.Contains(t, said, "accepted")
		}
		require.Equal(t, 1000-price, purse(t, bus, name))
		require.Equal(t, []string{"settled"}, verdicts(t, bus, name))
	}
	require.Zero(t, bus.Journal.Unresolved())
}

// Ensure that a commit which nobody could resolve for two weeks is charged once if the
// card had heard it, and not at all if it had not; that the card's next tap is charged
// for its own journey and for no other; and that reconciliation says which it was.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		side string
		left cardlayout.Cents // in the purse, after the torn tap
		want string
	}{
		{"after", 1000 - price, "presumed"},
		{"before", 1000, "undone"},
	} {
		bus := newBus(t)
		play(t, bus, "card Aino  purse 10.00\ncard Leo  purse 99.00\n"+
			"tear Aino "+row.side+" commit\ntap Aino")
		require.Equal(t, row.left, purse(t, bus, "Aino"))
		play(t, bus, "at 2026-03-15 08:00\nbus trip=70\ntap Leo\nrestart")
		require.Equal(t, 1, bus.Journal.Unresolved(), "in 13 days it may yet come back")
		play(t, bus, "at 2026-03-16 08:00\nbus trip=71\ntap Leo\nrestart")
		require.Zero(t, bus.Journal.Unresolved(), "after 14 it is given up")

		said := play(t, bus, "at 2026-03-17 08:00\nbus trip=72\ntap Aino")
		require.Contains(t, said, "accepted")
		require.Contains(t, said, "charge 2.51")
		require.NotContains(t, said, "unheard")
		require.Equal(t, row.left-price, purse(t, bus, "Aino"))
		require.ElementsMatch(t, []string{row.want, "settled"}, verdicts(t, bus, "Aino"))
	}
}

// Ensure that a card which comes back just before it would be given up is still resolved
// by its tap, although that tap is itself the one that would give it up.
func TestBackBeforeGivenUp(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	play(t, bus, "card Aino  purse 10.00\ntear Aino after commit\ntap Aino\nrestart\n"+
		"at 2026-03-30 08:00\nbus trip=70")
	require.Contains(t, play(t, bus, "tap Aino"), "charge 2.51")
	require.Zero(t, bus.Journal.Unresolved())
	require.Equal(t, 1000-2*price, purse(t, bus, "Aino"))
	require.Equal(t, []string{"settled", "settled"}, verdicts(t, bus, "Aino"))
}

// Ensure that an intent whose time was not known is never given up by its age, which nobody
// knows, and is settled when its card comes back.
func TestGuessedIntentIsNotGivenUp(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	play(t, bus, "card Aino  purse 10.00\ncard Leo  purse 99.00\nat 2026-03-02 08:00\ntap Leo\n"+
		"restart\nat 2000-01-01 00:00\ntear Aino after commit\ntap Aino\n"+
		"restart\nat 2026-03-20 08:00\nbus trip=70\ntap Leo")
	require.Equal(t, 1, bus.Journal.Unresolved())
	require.Contains(t, play(t, bus, "tap Aino"), "charge 2.51")
	require.Zero(t, bus.Journal.Unresolved())
	require.Equal(t, []string{"settled", "settled"}, verdicts(t, bus, "Aino"))
}

// Ensure that a card that was used elsewhere in between stays in doubt through every tap,
// pays for each of its own journeys, and is given up in the end like any other.
func TestUsedElsewhere(t *testing.T) {
	t.Parallel()
	bus := newBus(t)
	play(t, bus, "card Aino  purse 10.00\ntear Aino before commit\ntap Aino\n"+
		"load Aino value 5.00\nat 2026-03-03 08:00\nbus trip=70")
	require.Contains(t, play(t, bus, "tap Aino"), "charge 2.51")
	require.Equal(t, 1, bus.Journal.Unresolved())
	require.Contains(t, play(t, bus, "at 2026-03-17 08:00\nbus trip=71\ntap Aino"), "charge 2.51")
	require.Zero(t, bus.Journal.Unresolved())
	require.Equal(t, 1500-2*price, purse(t, bus, "Aino"))
	said := strings.Join(verdicts(t, bus, "Aino"), ", ")
	require.Equal(t, "in doubt, settled, settled", said, "a load hides what it was")
}

// Ensure that on a bus whose journal is full no card is written to and nobody pays, that a
// commit which is still open is settled all the same, and that all goes on once what is
// there was acknowledged.
func TestFullOnTheBus(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, journal.Create(path, 9))
	small, err := journal.OpenWithin(path, journal.Limits{Size: 64 << 10})
	require.NoError(t, err)
	defer small.Close()
	bus := newBusOf(t, func(validator.Journal) validator.Journal { return small })
	play(t, bus, "card Aino  purse 10.00\ncard Leo  purse 10.00\ntear Aino after commit\ntap Aino")
	for err == nil {
		err = small.Record(validator.Event{ID: small.Next(), Fault: strings.Repeat("x", 400)})
	}
	require.ErrorIs(t, err, journal.ErrFull)
	for err = nil; err == nil; {
		err = small.Record(validator.Event{ID: small.Next()})
	}
	require.Contains(t, play(t, bus, "tap Leo"), "fault")
	require.Equal(t, cardlayout.Cents(1000), purse(t, bus, "Leo"))
	require.Equal(t, 1, small.Unresolved())
	require.Contains(t, play(t, bus, "tap Aino"), "fault")
	require.Zero(t, small.Unresolved(), "it is settled, although its tap has no room")
	require.Equal(t, 1000-price, purse(t, bus, "Aino"))

	require.NoError(t, small.Acknowledge(small.Extent().Last))
	require.Contains(t, play(t, bus, "tap Leo"), "charge 2.51")
	require.NotContains(t, play(t, bus, "tap Aino"), "charge")
	require.Equal(t, 1000-price, purse(t, bus, "Aino"))
	require.NoError(t, small.Verify(nil))
}

// A lagging journal loses the ends of boardings that a power cut takes before they are durable.
type lagging struct {
	validator.Journal
	lose *bool
}

func (l lagging) Settle(id cardlayout.EventID, r desfire.TMAC) error {
	if *l.lose {
		*l.lose = false
		return nil
	}
	return l.Journal.Settle(id, r)
}

// Ensure that a boarding whose end is lost with the power, after the lamp, is charged once: its
// card is told green again on the same trip, also if it was loaded elsewhere in between, and pays
// its next journey on another.
func TestEndIsLostWithThePower(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		then string // after the cut
		said string
		left cardlayout.Cents
		want []string
	}{
		"on the same trip": {"tap Aino", "unheard", 1000 - price, []string{"settled"}},
		"on another": {
			"bus trip=70\nat +2h\ntap Aino", "charge 2.51", 1000 - 2*price,
			[]string{"settled", "settled"},
		},
		"loaded meanwhile": {
			"load Aino value 5.00\ntap Aino", "unheard", 1500 - price,
			[]string{"settled", "missing"},
		}, // the load is in another journal
		"never again": {"bus trip=70", "", 1000 - price, []string{"open"}},
	} {
		lose := false
		bus := newBusOf(t, func(j validator.Journal) validator.Journal { return lagging{j, &lose} })
		play(t, bus, "card Aino  purse 10.00")
		lose = true
		require.Contains(t, play(t, bus, "tap Aino"), "accepted  value  charge 2.51", name)
		require.Equal(t, 1, bus.Journal.Unresolved(), name)
		require.Contains(t, play(t, bus, "restart\n"+row.then), row.said, name)
		require.Equal(t, row.left, purse(t, bus, "Aino"), name)
		require.ElementsMatch(t, row.want, verdicts(t, bus, "Aino"), name)
	}
}
