package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare/sale"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/ledger"
)

// loaded is an event that has picked up actions: each is for the counter after the one
// before, from expects on.
func loaded(e validator.Event, expects uint32, lefts ...sale.ActionStatus) validator.Event {
	for n, left := range lefts {
		at := expects + uint32(n)
		e.Actions = append(e.Actions, sale.ActionResult{
			Expects: at, Leaves: at + 1,
			Kind: sale.ValueAction, Amount: 2000, Status: left,
		})
	}
	return e
}

// Ensure that a load counts once over all journals, no matter who of those that had the same
// list did it, and that one that was done twice is found, also on a copied card that has
// gone on.
func TestPickups(t *testing.T) {
	type found struct {
		expects uint32
		verdict ledger.Verdict
		owners  int
	}
	rows := []struct {
		name    string
		entries []journal.Entry
		want    []found
	}{
		{"done, and then no more", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)), settle(1, 1), intent(at(2, 1, 8, 5)), settle(2, 1),
		}, []found{{0, ledger.Settled, 1}}},
		{"two at once", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 4, 0, 0)), settle(1, 1),
		}, []found{{4, ledger.Settled, 1}, {5, ledger.Settled, 1}}},
		{"left in the list", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, sale.ActionNoRoom)), settle(1, 1),
		}, nil},
		{"torn before the commit, then done elsewhere", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)), intent(loaded(at(2, 1, 7, 5), 0, 0)), settle(2, 1),
		}, []found{{0, ledger.Settled, 1}}},
		{"void, then done", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)), void(1, 1),
			intent(loaded(at(1, 2, 7, 5), 0, 0)), settle(1, 2),
		}, []found{{0, ledger.Settled, 1}}},
		{"not heard, and the card went on elsewhere", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)), intent(at(2, 1, 8, 5)), settle(2, 1),
		}, []found{{0, ledger.InDoubt, 1}}},
		{"not heard by two, of one transaction", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)), intent(loaded(at(2, 1, 7, 5), 0, 0)),
			record(at(3, 1, 8, 9)),
		}, []found{{0, ledger.InDoubt, 2}}},
		{"not heard, and done later by another transaction", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)),
			intent(loaded(at(2, 1, 8, 5), 0, 0)), settle(2, 1),
		}, []found{{0, ledger.Settled, 1}}},
		{"not seen since", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)),
		}, []found{{0, ledger.Open, 1}}},
		{"twice, a transaction apart", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)), settle(1, 1),
			intent(loaded(at(2, 1, 8, 5), 0, 0)), settle(2, 1),
		}, []found{{0, ledger.Doubled, 2}}},
		{"twice, and then another", []journal.Entry{
			intent(loaded(at(1, 1, 7, 0), 0, 0)), settle(1, 1),
			intent(loaded(at(2, 1, 8, 5), 0, 0)), settle(2, 1),
			intent(loaded(at(2, 2, 9, 6), 1, 0)), settle(2, 2),
		}, []found{{0, ledger.Doubled, 2}, {1, ledger.Settled, 1}}},
	}
	for _, row := range rows {
		var l ledger.Ledger
		for _, e := range row.entries {
			l.Add(e)
		}
		var got []found
		for _, p := range l.Actions() {
			require.Equal(t, card, p.Card)
			got = append(got, found{p.Action.Expects, p.Verdict, len(p.Events)})
		}
		require.Equal(t, row.want, got, row.name)
	}
}
