package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/ledger"
)

// Ensure that the cash which a shift's report can only call open is told by shift, as far as
// the purses tell.
func TestOpenCash(t *testing.T) {
	morning := validator.Shift{Driver: 77, Begun: cardlayout.EventID{Device: 1, Sequence: 90}}
	evening := validator.Shift{Driver: 78, Begun: cardlayout.EventID{Device: 1, Sequence: 95}}
	in := func(s validator.Shift, e validator.Event) validator.Event {
		e.Shift = s
		return e
	}
	other := func(e validator.Event) validator.Event {
		e.Card = 924699001123456795
		return e
	}
	var l ledger.Ledger
	for _, e := range []journal.Entry{
		intent(in(morning, sold(at(1, 91, 7, 0), 4000, 5000))), settle(1, 91),
		intent(in(morning, sold(at(1, 92, 8, 1), 4000, 9000))), // the purse says that it was this
		record(read(at(2, 1, 9, 5), 9000)),
		intent(in(morning, other(sold(at(1, 93, 3, 6), 4000, 4000)))), // … that it was not
		record(other(read(at(1, 94, 3, 7), 0))),
		intent(in(evening, sold(at(1, 96, 9, 50), -4000, 5000))), // nothing tells
		intent(in(evening, at(1, 97, 11, 51))),                   // nobody has paid for it
	} {
		l.Add(e)
	}
	require.Equal(t, []ledger.Cash{
		{Shift: morning, Presumed: 4000, Undone: 4000}, {Shift: evening, Doubtful: 4000},
	}, l.OpenCash())
}

// Ensure that of cash which a report called open the office is told as well what a device has
// found out when the shift was over, and nothing of what it has found out in time; also of a
// journal that comes twice.
func TestOpenCashIsResolvedLate(t *testing.T) {
	early := validator.Shift{Driver: 77, Begun: cardlayout.EventID{Device: 10, Sequence: 90}}
	late := validator.Shift{Driver: 78, Begun: cardlayout.EventID{Device: 10, Sequence: 95}}
	in := func(s validator.Shift, e validator.Event) validator.Event {
		e.Shift = s
		return e
	}
	told := func(r fare.Reason, e validator.Event) journal.Entry {
		e.Card, e.Reason = 0, r
		return record(e)
	}
	journals := []journal.Entry{
		told(fare.ShiftBegun, in(early, at(1, 90, 0, 0))),
		intent(in(early, sold(at(1, 91, 7, 0), 4000, 5000))), settle(1, 91),
		intent(in(early, sold(at(1, 92, 8, 1), 4000, 9000))), void(1, 92),
		intent(in(early, sold(at(1, 93, 8, 1), 4000, 9000))),
		intent(in(early, sold(at(2, 1, 9, 2), 2000, 11000))),
		intent(in(early, at(1, 94, 11, 3))),
		told(fare.ShiftEnded, in(early, at(1, 95, 0, 4))), settle(1, 93), settle(1, 94),
		told(fare.ShiftBegun, in(late, at(2, 2, 0, 5))), void(2, 1), // without an end, switched off
	}
	for times := range 2 {
		var l ledger.Ledger
		for range times + 1 {
			for _, e := range journals {
				l.Add(e)
			}
		}
		require.Equal(t, []ledger.Cash{{Shift: early, Settled: 4000, Undone: 4000}}, l.OpenCash())
	}
}

// Ensure that a benefit's reference that two loads were paid by is found over all journals,
// however it was typed; that what has loaded nothing in the end has used none; and that an
// employer may order several.
func TestPayments(t *testing.T) {
	by := func(e validator.Event, reference string) validator.Event {
		e = sold(e, 2000, 3000)
		e.Reason, e.Benefit = fare.ValueLoaded, reference
		e.Receipt[0].Payer = fare.PayerBenefit
		return e
	}
	ordered := func(e validator.Event, employer uint32, reference string) validator.Event {
		e = by(e, reference)
		e.Employer, e.Receipt[0].Payer = employer, fare.PayerEmployer
		return e
	}
	back := func(e validator.Event, reference string) validator.Event {
		e = by(e, reference)
		e.Reason = fare.LoadTakenBack
		return e
	}
	type found struct {
		employer  uint32
		reference string
		uses      int
		twice     bool
	}
	for _, row := range []struct {
		name    string
		entries []journal.Entry
		want    []found
	}{
		{
			"once",
			[]journal.Entry{intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1)},
			[]found{{0, "SM-1", 1, false}},
		},
		{"by two devices", []journal.Entry{
			intent(by(at(2, 1, 8, 0), " sm 1 / hello")), settle(2, 1),
			intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1),
		}, []found{{0, "SM-1", 2, true}}},
		{
			"two references",
			[]journal.Entry{
				intent(by(at(2, 1, 8, 0), "SM-2")), settle(2, 1),
				intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1),
			},
			[]found{{0, "SM-1", 1, false}, {0, "SM-2", 1, false}},
		},
		{"the first may not be on the card", []journal.Entry{
			intent(by(at(1, 1, 9, 0), "SM-1")),
			intent(by(at(2, 1, 7, 0), "SM-1")), settle(2, 1),
		}, []found{{0, "SM-1", 2, true}}},
		{"the first was void", []journal.Entry{
			intent(by(at(1, 1, 7, 0), "SM-1")), void(1, 1),
			intent(by(at(1, 2, 7, 1), "SM-1")), settle(1, 2),
		}, []found{{0, "SM-1", 1, false}}},
		{"the first was not done, as the purse says", []journal.Entry{
			intent(by(at(1, 1, 7, 0), "SM-1")), record(read(at(1, 2, 7, 1), 1000)),
			intent(by(at(2, 1, 7, 2), "SM-1")), settle(2, 1),
		}, []found{{0, "SM-1", 1, false}}},
		{"taken back", []journal.Entry{
			intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1),
			intent(back(at(1, 2, 8, 1), "SM-1")), settle(1, 2),
		}, nil},
		{"taken back, and used again", []journal.Entry{
			intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1),
			intent(back(at(1, 2, 8, 1), "SM-1")), settle(1, 2),
			intent(by(at(1, 3, 9, 2), "SM-1")), settle(1, 3),
		}, []found{{0, "SM-1", 1, false}}},
		{"used twice, and one is taken back", []journal.Entry{
			intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1),
			intent(by(at(2, 1, 8, 1), "SM-1")), settle(2, 1),
			intent(back(at(2, 2, 9, 2), "SM-1")), settle(2, 2),
		}, []found{{0, "SM-1", 1, false}}},
		{"it is not known whether it was taken back", []journal.Entry{
			intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1),
			intent(back(at(1, 2, 8, 1), "SM-1")),
		}, []found{{0, "SM-1", 1, false}}},
		{"the journal comes twice", []journal.Entry{
			intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1),
			intent(by(at(1, 1, 7, 0), "SM-1")), settle(1, 1),
		}, []found{{0, "SM-1", 1, false}}},
		{"an employer's orders", []journal.Entry{
			intent(ordered(at(1, 1, 7, 0), 9, "SM-1")), settle(1, 1),
			intent(ordered(at(2, 1, 8, 0), 9, "sm1")), settle(2, 1),
			intent(ordered(at(2, 2, 9, 0), 8, "SM-1")), settle(2, 2),
			intent(by(at(3, 1, 10, 0), "SM-1")), settle(3, 1),
		}, []found{{0, "SM-1", 1, false}, {8, "SM-1", 1, false}, {9, "SM-1", 2, false}}},
	} {
		var l ledger.Ledger
		for _, e := range row.entries {
			l.Add(e)
		}
		var got []found
		for _, p := range l.Payments() {
			got = append(got, found{p.Employer, p.Reference, len(p.Uses), p.Twice()})
			require.EqualValues(t, 4000, p.Uses[0].Amount)
		}
		require.Equal(t, row.want, got, row.name)
	}
}

// Ensure that the cash of two who may both have loaded one transaction is open of both, by
// device and number of their shifts, and that all lines of a receipt count.
func TestOpenCashOfOneTransaction(t *testing.T) {
	var l ledger.Ledger
	var want []ledger.Cash
	for device := uint16(1); device <= 12; device++ {
		shift := validator.Shift{Driver: 77, Begun: cardlayout.EventID{Device: device, Sequence: 1}}
		e := sold(at(device, 2, 7, int(device)), 0, 1000)
		e.Shift = shift
		e.Receipt = append(e.Receipt, sale.Line{
			Item: sale.CommissionItem, Amount: 50,
			Payer: fare.PayerCustomer,
		}, sale.Line{Amount: 700, Payer: fare.PayerEmployer})
		l.Add(intent(e))
		want = append(want, ledger.Cash{Shift: shift, Doubtful: 4050})
	}
	l.Add(record(read(at(50, 1, 9, 60), 1000)))
	require.Equal(t, want, l.OpenCash())
}

// Ensure that a payment is told as it was typed for its first event, whatever the card's
// counter says of the order, and that all who claim one transaction have used it.
func TestPaymentsByEvent(t *testing.T) {
	by := func(e validator.Event, typed string) validator.Event {
		e = sold(e, 2000, 3000)
		e.Reason, e.Benefit = fare.ValueLoaded, typed
		return e
	}
	var l ledger.Ledger
	for _, e := range []journal.Entry{
		intent(by(at(2, 1, 7, 0), "sm 1")), settle(2, 1), intent(by(at(1, 1, 8, 1), "SM-1")), settle(1, 1),
		intent(by(at(4, 1, 8, 2), "sm1")), settle(4, 1),
	} {
		l.Add(e)
	}
	payments := l.Payments()
	require.Len(t, payments, 1)
	require.Equal(t, "SM-1", payments[0].Reference)
	var devices []uint16
	for _, use := range payments[0].Uses {
		devices = append(devices, use.Event.ID.Device)
	}
	require.Equal(t, []uint16{1, 2, 4}, devices)
}

// Ensure that who claims one transaction is told in the order of the devices, in whatever
// order the journals came, and each of who may have one yet by itself.
func TestClaimsAreInOrder(t *testing.T) {
	var doubled, opened ledger.Ledger
	for device := uint16(9); device > 0; device-- {
		doubled.Add(intent(at(device, 1, 7, 0)))
		doubled.Add(settle(device, 1))
		opened.Add(intent(at(device, 1, 7, 0)))
	}
	lines := doubled.Lines()
	require.Len(t, lines, 1)
	require.Equal(t, ledger.Doubled, lines[0].Verdict)
	for n, e := range lines[0].Events {
		require.EqualValues(t, n+1, e.ID.Device)
	}
	lines = opened.Lines()
	require.Len(t, lines, 9)
	for _, line := range lines {
		require.Equal(t, ledger.Open, line.Verdict)
	}
}

// Ensure that all actions that an event has picked up are in the purse that it leaves.
func TestPurseOfTwoActions(t *testing.T) {
	var l ledger.Ledger
	event := loaded(at(1, 1, 7, 0), 0, 0, 0)
	event.Balance = 5000
	l.Add(intent(event))
	l.Add(doubt(1, 1))
	l.Add(record(read(at(2, 1, 8, 5), 5000)))
	lines := l.Lines()
	require.Len(t, lines, 1)
	require.Equal(t, ledger.Presumed, lines[0].Verdict)

	var other ledger.Ledger // where the purse was read before it with another amount
	other.Add(record(read(at(2, 1, 7, 0), 3000)))
	other.Add(intent(event))
	other.Add(doubt(1, 1))
	other.Add(record(read(at(2, 2, 8, 5), 5000)))
	lines = other.Lines()
	require.NotEqual(t, ledger.Presumed, lines[0].Verdict)
}
