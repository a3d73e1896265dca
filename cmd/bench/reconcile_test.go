package main

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
)

// Ensure that a load which was done twice is named, and that the exit code says it; and that
// one that was done once is named only on request.
func TestReconcileNamesActions(t *testing.T) {
	folder(t)
	require.NoError(t, journal.Create("loads", 4711))
	j, err := journal.Open("loads")
	require.NoError(t, err)
	keep := func(counter uint32) {
		event := validator.Event{
			ID: j.Next(), At: time.Date(2026, 3, 2, 8, int(counter), 0, 0, time.UTC),
			Card: cardlayout.WithCheckDigit(92469900110000001), Counter: counter, Reason: fare.Value,
			Charge: 251, Actions: []sale.ActionResult{{Leaves: 1, Kind: sale.ValueAction, Amount: 2000}},
		}
		require.NoError(t, j.Begin(event))
		require.NoError(t, j.Settle(event.ID, desfire.TMAC{}))
	}
	keep(7)
	require.NoError(t, j.Close())
	came := tool(t, "", "reconcile", "loads")
	require.Zero(t, came.code, came.err)
	require.NotContains(t, came.out, "action 0 to 1")
	came = tool(t, "", "reconcile", "loads", "--all")
	require.Contains(t, came.out, "action 0 to 1  settled  value 20.00 picked up  device 4711 event 1")
	came = tool(t, "", "journal", "show", "loads")
	require.Contains(t, came.out, "charge 2.51  balance 0.00  value 20.00 picked up")
	came = tool(t, "", "journal", "show", "loads", "--json")
	require.Contains(t, came.out, `"kind": "value"`)

	j, err = journal.Open("loads")
	require.NoError(t, err)
	keep(8)
	require.NoError(t, j.Close())
	came = tool(t, "", "reconcile", "loads")
	require.Equal(t, exitRefused, came.code, came.err)
	require.Contains(t, came.out, "action 0 to 1  doubled  value 20.00 picked up")
}

// aDevice is a journal that a test writes.
type aDevice struct {
	*testing.T
	*journal.Journal
}

func newDevice(t *testing.T, name string, number uint16) aDevice {
	require.NoError(t, journal.Create(name, number))
	j, err := journal.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return aDevice{t, j}
}

// loads keeps a driver's load of 20.00; what is done may be nothing.
func (d aDevice) loads(counter uint32, by fare.Payer, reference string, employer uint32,
	done func(cardlayout.EventID) error,
) {
	event := validator.Event{
		ID: d.Next(), At: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC),
		Card: cardlayout.WithCheckDigit(92469900110000001), Counter: counter,
		Reason: fare.ValueLoaded, Added: 2000, Balance: cardlayout.Cents(2000 * (counter + 1)),
		Receipt: sale.Lines{{Item: sale.ValueItem, Amount: 2000, Payer: by, Rule: 4}},
		Benefit: reference, Employer: employer, Shift: validator.Shift{
			Driver: 77,
			Begun:  cardlayout.EventID{Device: 8, Sequence: 3},
		},
	}
	require.NoError(d, d.Begin(event))
	if done != nil {
		require.NoError(d, done(event.ID))
	}
}

func (d aDevice) settle(id cardlayout.EventID) error { return d.Settle(id, desfire.TMAC{}) }

// Ensure that the back office is told which references wait for a receipt and which were used
// twice over all journals, what employers have ordered, and what has become of the cash that
// a shift's report called open, in text and in JSON.
func TestReconcilePayments(t *testing.T) {
	folder(t)
	one, two := newDevice(t, "one", 1), newDevice(t, "two", 2)
	one.loads(0, fare.PayerBenefit, "SM-1", 0, one.settle)
	one.loads(1, fare.PayerBenefit, "SM-2", 0, one.Void)
	one.loads(1, fare.PayerBenefit, "SM-2", 0, one.settle)
	two.loads(2, fare.PayerEmployer, "PO 5", 9, two.settle)
	one.loads(3, fare.PayerEmployer, "po-5", 9, one.settle)
	one.loads(4, fare.PayerCustomer, "", 0, nil)
	two.loads(5, fare.PayerCustomer, "", 0, two.settle)
	two.loads(6, fare.PayerCustomer, "", 0, func(id cardlayout.EventID) error {
		ended := validator.Event{
			ID: two.Next(), Reason: fare.ShiftEnded,
			Shift: validator.Shift{Driver: 77, Begun: cardlayout.EventID{Device: 8, Sequence: 3}},
		}
		return errors.Join(two.Record(ended), two.settle(id))
	})
	require.NoError(t, one.Close())
	require.NoError(t, two.Close())

	came := tool(t, "", "reconcile", "one", "two")
	require.Zero(t, came.code, came.err)
	for _, said := range []string{
		"benefit  reference SM-1  to be matched\n", "benefit  reference SM-2  to be matched\n",
		"card …0012  20.00 paid  settled  2026-03-02T08:00:00Z  device 1 event 1\n",
		"employer 9  reference po-5  ordered\n",
		"driver 77  shift 8-3  open cash  20.00 presumed, 0.00 undone, 0.00 in doubt, " +
			"20.00 settled since\n",
		"transaction 5  presumed  device 1 event 5  charge 0.00  added 20.00\n",
	} {
		require.Contains(t, came.out, said)
	}
	came = tool(t, "", "reconcile", "one", "two", "--json")
	require.Zero(t, came.code, came.err)
	for _, said := range []string{
		`"reference": "SM-2"`, `"verdict": "to be matched"`,
		`"employer": 9`, `"verdict": "ordered"`, `"amount_cents": 2000`,
		`"presumed_cents": 2000`, `"settled_cents": 2000`, `"driver": 77`,
	} {
		require.Contains(t, came.out, said)
	}

	three := newDevice(t, "three", 3)
	three.loads(6, fare.PayerBenefit, " sm 1 / hello", 0, three.settle)
	require.NoError(t, three.Close())
	came = tool(t, "", "reconcile", "one", "two", "three", "one")
	require.Equal(t, exitRefused, came.code, came.err)
	require.Contains(t, came.out, "benefit  reference SM-1  used twice\n")
	require.Contains(t, came.out, "device 3 event 1\n")
	require.Contains(t, tool(t, "", "reconcile", "three", "one", "--json").out,
		`"verdict": "used twice"`)
}

// Ensure that what a lying device claims is one line, of which the sum tells the number.
func TestReconcileRunOfMissing(t *testing.T) {
	folder(t)
	liar := newDevice(t, "liar", 1)
	liar.loads(0, fare.PayerCustomer, "", 0, liar.settle)
	liar.loads(5_000_000, fare.PayerCustomer, "", 0, liar.settle)
	require.NoError(t, liar.Close())
	came := tool(t, "", "reconcile", "liar")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, "transactions 2 to 5000000 (4999999)  missing\n"+
		"5000001 transactions: 2 settled, 4999999 missing\n")
	require.Contains(t, tool(t, "", "reconcile", "liar", "--json").out,
		"\"last\": 5000000,\n    \"transactions\": 4999999")
}
