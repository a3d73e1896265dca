package download_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/actionlist"
	"leima/fare/sale"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
	"leima/validator/lists/manifest"
)

func card(n uint64) cardlayout.Number { return cardlayout.WithCheckDigit(92469900110000000 + n) }

// bought is an action list with a load for each of so many cards.
func bought(t *testing.T, version uint32, cards int) *actionlist.List {
	t.Helper()
	first := cardlayout.DayOf(made)
	var entries []actionlist.Entry
	for n := range cards {
		entries = append(entries, actionlist.Entry{Card: card(uint64(n)), Action: sale.Action{
			Leaves: 1, First: first, Last: first + 13, Kind: sale.ValueAction, Amount: 2000,
		}})
	}
	list, err := actionlist.New(area, version, made, entries)
	require.NoError(t, err)
	return list
}

func signedActions(t *testing.T, list lists.ActionFile) []byte {
	t.Helper()
	var raw bytes.Buffer
	terms := lists.Terms{Expires: made.AddDate(0, 0, 14)}
	_, err := lists.SignActions(&raw, list, terms, issuer)
	require.NoError(t, err)
	return raw.Bytes()
}

// Ensure that a load that was bought now is cut into a delta and is in a device's list at its next
// look, and one that was bought while the depot was not reached, at once when it is; and that it
// costs a device some hundred bytes, however many others wait.
func TestWebLoad(t *testing.T) {
	depot := newDepot(t)
	bus := newBus(depot)
	actions, err := lists.OpenActions(t.TempDir(), bundle.Trust{
		Area: area, Keys: []bundle.PublicKey{bundle.Public(issuer)}, Largest: 1 << 20,
	})
	require.NoError(t, err)
	bus.Lacks = func(o manifest.Object) bool { return actions.Lacks(o.Version, o.Base) }
	bus.Largest = func(bundle.Purpose) int64 { return actions.Largest() }
	bus.Arrived = func() {
		for _, a := range inbox.Scan(bus.Folder, t.TempDir(), bus.now, inbox.AtOnce, bundle.Actions,
			map[bundle.Purpose]inbox.Taker{bundle.Actions: actions.Taker()}) {
			require.NoError(t, a.Err)
		}
	}
	waits := func(n uint64) bool {
		found, err := actions.Lookup(card(n))
		require.NoError(t, err)
		return len(found) == 1
	}
	const many = 10_000
	tonight := bought(t, 1, many)
	buys := func(version uint32, cards int) {
		delta, err := actionlist.NewDelta(tonight, bought(t, version, cards))
		require.NoError(t, err)
		raw := signedActions(t, delta)
		require.Less(t, len(raw), 500)
		depot.publish(raw)
	}
	depot.publish(signedActions(t, tonight))
	bus.starts()
	require.True(t, waits(many-1))
	require.False(t, waits(many))
	require.Len(t, depot.heard(), 2, "the manifest and the list")
	buys(2, many+1)
	require.LessOrEqual(t, bus.polls(), 2*time.Minute)
	require.True(t, waits(many))
	require.Len(t, depot.heard(), 2, "the manifest and the delta")

	depot.goes(true)
	bus.polls()
	require.NotEmpty(t, bus.status.Trouble)
	buys(3, many+2)
	depot.goes(false)
	depot.heard()
	require.False(t, waits(many+1))
	bus.wake <- struct{}{} // before its pause is over
	<-bus.asks
	require.True(t, waits(many+1))
	require.Len(t, depot.heard(), 2, "the manifest and the delta")
	require.Empty(t, bus.status.Trouble)
	bus.holds()
	bus.restarts()
	require.Equal(t, []string{"/v1/manifest"}, depot.heard())
}
