package ledger_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/ledger"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const card cardlayout.Number = 924699001123456787

// at is an event of a device that read the card's counter, so many minutes after noon.
func at(device uint16, sequence uint32, counter uint32, minutes int) validator.Event {
	return validator.Event{
		ID: cardlayout.EventID{Device: device, Sequence: sequence}, Card: card, Counter: counter,
		At: noon.Add(time.Duration(minutes) * time.Minute),
	}
}

func intent(e validator.Event) journal.Entry { return journal.Entry{Kind: journal.Intent, Event: e} }

func record(e validator.Event) journal.Entry { return journal.Entry{Kind: journal.Record, Event: e} }

func settle(device uint16, sequence uint32) journal.Entry {
	return journal.Entry{
		Kind: journal.Settle,
		Of:   cardlayout.EventID{Device: device, Sequence: sequence},
	}
}

// doubt gives an event up.
func doubt(device uint16, sequence uint32) journal.Entry {
	e := settle(device, sequence)
	e.Kind = journal.InDoubt
	return e
}

// paid is an event that took 2.50 and left a balance, and read one that did not.
func paid(e validator.Event, balance cardlayout.Cents) validator.Event {
	e.Charge, e.Balance = 250, balance
	return e
}

func read(e validator.Event, balance cardlayout.Cents) validator.Event {
	e.Balance = balance
	return e
}

// unread is an event that has read the card, but not what was in its purse.
func unread(e validator.Event) validator.Event {
	e.BalanceUnknown = true
	return e
}

// sold is an event of a driver who has taken 40.00 in cash: for an amount that it added to
// the purse and left a balance, or for a season that added nothing.
func sold(e validator.Event, added, balance cardlayout.Cents) validator.Event {
	e.Added, e.Balance = added, balance
	e.Receipt = sale.Lines{{Item: sale.SeasonItem, Amount: 4000, Payer: fare.PayerCustomer}}
	return e
}

// twenty is an event that picked 20.00 up, and took as much.
func twenty(e validator.Event) validator.Event {
	e = loaded(e, 0, 0)
	e.Charge = 2000
	return e
}

func void(device uint16, sequence uint32) journal.Entry {
	e := settle(device, sequence)
	e.Kind = journal.Void
	return e
}

// Ensure that every card adds up, or that it is said what does not.
func TestVerdicts(t *testing.T) {
	type found struct {
		counter uint32
		verdict ledger.Verdict
		owners  int
	}
	rows := []struct {
		name    string
		entries []journal.Entry
		want    []found
	}{
		{"two devices, one after the other", []journal.Entry{
			intent(at(1, 1, 7, 0)), settle(1, 1), intent(at(2, 1, 8, 5)), settle(2, 1),
		}, []found{{8, ledger.Settled, 1}, {9, ledger.Settled, 1}}},
		{"the journals in the other order", []journal.Entry{
			intent(at(2, 1, 8, 5)), settle(2, 1), intent(at(1, 1, 7, 0)), settle(1, 1),
		}, []found{{8, ledger.Settled, 1}, {9, ledger.Settled, 1}}},
		{"a void is no transaction", []journal.Entry{
			intent(at(1, 1, 7, 0)), void(1, 1), intent(at(1, 2, 7, 1)), settle(1, 2),
		}, []found{{8, ledger.Settled, 1}}},
		{"a load, or a device that is not here", []journal.Entry{
			intent(at(1, 1, 7, 0)), settle(1, 1), record(at(2, 1, 9, 5)),
		}, []found{{8, ledger.Settled, 1}, {9, ledger.Missing, 0}}},
		{"a copied card", []journal.Entry{
			intent(at(1, 1, 7, 0)), settle(1, 1), intent(at(2, 1, 7, 5)), settle(2, 1),
		}, []found{{8, ledger.Doubled, 2}}},
		{"not heard, and seen a transaction further", []journal.Entry{
			intent(at(1, 1, 7, 0)), record(at(2, 1, 8, 5)),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"not heard, and another owns the transaction", []journal.Entry{
			intent(at(1, 1, 7, 0)), intent(at(2, 1, 7, 5)), settle(2, 1),
		}, []found{{8, ledger.Settled, 1}, {8, ledger.Undone, 1}}},
		{"not heard, and its own device meets the card as it was", []journal.Entry{
			intent(at(1, 1, 7, 0)), record(at(1, 2, 7, 5)),
		}, []found{{8, ledger.Undone, 1}}},
		{"the same by a clock that has gone back since", []journal.Entry{
			intent(at(1, 1, 7, 0)), record(at(1, 2, 7, -500)),
		}, []found{{8, ledger.Undone, 1}}},
		{"its own device met the card before, by a clock that was ahead", []journal.Entry{
			record(at(1, 1, 7, 5)), intent(at(1, 2, 7, 0)),
		}, []found{{8, ledger.Open, 1}}},
		{"another met the card as it was: before or after, no clock can tell", []journal.Entry{
			intent(at(1, 1, 7, 0)), record(at(2, 1, 7, 5)),
		}, []found{{8, ledger.Open, 1}}},
		{"another met the card before, by a clock that is a day ahead", []journal.Entry{
			record(at(2, 1, 7, 24*60)), intent(at(1, 1, 7, 0)),
		}, []found{{8, ledger.Open, 1}}},
		{"given up, and the purse says that it was this", []journal.Entry{
			intent(paid(at(1, 1, 7, 0), 750)), doubt(1, 1), record(read(at(2, 1, 8, 5), 750)),
		}, []found{{8, ledger.Presumed, 1}}},
		{"given up, and a later charge says that it was this", []journal.Entry{
			intent(paid(at(1, 1, 7, 0), 750)), doubt(1, 1),
			intent(paid(at(2, 1, 8, 5), 500)), settle(2, 1),
		}, []found{{8, ledger.Presumed, 1}, {9, ledger.Settled, 1}}},
		{"given up, and the purse says that it was another", []journal.Entry{
			intent(paid(at(1, 1, 7, 0), 750)), doubt(1, 1), record(read(at(2, 1, 8, 5), 1000)),
		}, []found{{8, ledger.Missing, 0}, {8, ledger.Undone, 1}}},
		{"given up, and a load hides it", []journal.Entry{
			intent(paid(at(1, 1, 7, 0), 750)), doubt(1, 1), record(read(at(2, 1, 9, 5), 2750)),
		}, []found{{8, ledger.InDoubt, 1}, {9, ledger.Missing, 0}}},
		{"given up, and it cost nothing", []journal.Entry{
			intent(at(1, 1, 7, 0)), doubt(1, 1), record(at(2, 1, 8, 5)),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"given up, and two claim it", []journal.Entry{
			intent(paid(at(1, 1, 7, 0), 750)), doubt(1, 1),
			intent(paid(at(2, 1, 7, 1), 750)), doubt(2, 1), record(read(at(2, 2, 8, 5), 750)),
		}, []found{{8, ledger.InDoubt, 2}}},
		{"given up, and another owns the transaction", []journal.Entry{
			intent(paid(at(1, 1, 7, 0), 750)), doubt(1, 1), intent(paid(at(2, 1, 7, 5), 750)),
			settle(2, 1),
		}, []found{{8, ledger.Settled, 1}, {8, ledger.Undone, 1}}},
		{"given up, and seen as it was", []journal.Entry{
			intent(paid(at(1, 1, 7, 0), 750)), doubt(1, 1), record(read(at(1, 2, 7, 5), 1000)),
		}, []found{{8, ledger.Undone, 1}}},
		{"given up with a load, and the purse says that it was another", []journal.Entry{
			intent(paid(loaded(at(1, 1, 7, 0), 0, 0), 2750)), doubt(1, 1),
			record(read(at(2, 1, 8, 5), 1000)),
		}, []found{{8, ledger.Missing, 0}, {8, ledger.Undone, 1}}},
		{"given up with a load, and the purse says that it was this", []journal.Entry{
			intent(paid(loaded(at(1, 1, 7, 0), 0, 0), 2750)), doubt(1, 1),
			record(read(at(2, 1, 8, 5), 2750)),
		}, []found{{8, ledger.Presumed, 1}}},
		{"given up, and it cost what it loaded", []journal.Entry{
			intent(read(twenty(at(1, 1, 7, 0)), 1000)), doubt(1, 1),
			record(read(at(2, 1, 8, 5), 1000)),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"a load was not heard, and the purse says that it was this", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), record(read(at(2, 1, 8, 5), 3000)),
		}, []found{{8, ledger.Presumed, 1}}},
		{"a load was given up, and a later charge says that it was this", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), doubt(1, 1),
			intent(paid(at(2, 1, 8, 5), 2750)), settle(2, 1),
		}, []found{{8, ledger.Presumed, 1}, {9, ledger.Settled, 1}}},
		{"a load was taken back, unheard", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), -2000, 1000)), record(read(at(2, 1, 8, 5), 1000)),
		}, []found{{8, ledger.Presumed, 1}}},
		{"a load was not heard, and the purse says that it was another", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), record(read(at(2, 1, 8, 5), 1000)),
		}, []found{{8, ledger.Missing, 0}, {8, ledger.Undone, 1}}},
		{"a load was not heard, and the purse holds what nobody knows of", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), record(read(at(2, 1, 8, 5), 1500)),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"a load was not heard, and two say differently what there was", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), record(read(at(2, 1, 8, 5), 3000)),
			record(read(at(3, 1, 8, 5), 1000)),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"a load was not heard, and nobody has read the purse before", []journal.Entry{
			intent(sold(unread(at(1, 1, 7, 0)), 2000, 3000)), record(read(at(2, 1, 8, 5), 3000)),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"a load was not heard, and nobody has read the purse since", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), record(unread(read(at(2, 1, 8, 5), 3000))),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"a load was not heard, and one who has not read the purse says 0", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), record(read(at(2, 1, 8, 5), 3000)),
			record(unread(at(3, 1, 8, 6))),
		}, []found{{8, ledger.Presumed, 1}}},
		{"a load was not heard, and the purse was read a transaction later", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), record(read(at(2, 1, 9, 5), 3000)),
		}, []found{{8, ledger.InDoubt, 1}, {9, ledger.Missing, 0}}},
		{"two loads were not heard", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), intent(sold(at(2, 1, 7, 1), 2000, 3000)),
			record(read(at(3, 1, 8, 5), 3000)),
		}, []found{{8, ledger.InDoubt, 2}}},
		{"two loads were not heard, one after the other", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), intent(sold(at(2, 1, 8, 1), 500, 3500)),
			record(read(at(3, 1, 9, 5), 3500)),
		}, []found{{8, ledger.Presumed, 1}, {9, ledger.Presumed, 1}}},
		{"a season was sold and not heard, and the purse is as it left it", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 0, 1000)), record(read(at(2, 1, 8, 5), 1000)),
		}, []found{{8, ledger.Presumed, 1}}},
		{"a season was sold and not heard, and the purse has changed", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 0, 1000)), record(read(at(2, 1, 8, 5), 750)),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"a load was not heard, and the card was not seen since", []journal.Entry{
			intent(sold(at(1, 1, 7, 0), 2000, 3000)), record(read(at(2, 1, 7, 5), 1000)),
		}, []found{{8, ledger.Open, 1}}},
		{"the same journal twice", []journal.Entry{
			intent(at(1, 1, 7, 0)), settle(1, 1), intent(at(1, 1, 7, 0)), settle(1, 1),
		}, []found{{8, ledger.Settled, 1}}},
		{"two events of one number that differ", []journal.Entry{
			intent(at(1, 1, 7, 0)), settle(1, 1), intent(at(1, 1, 7, 1)), settle(1, 1),
		}, []found{{8, ledger.Doubled, 2}}},
		{"open, and the purse says that it was this", []journal.Entry{
			intent(paid(at(1, 1, 7, 0), 750)), record(read(at(2, 1, 8, 5), 750)),
		}, []found{{8, ledger.InDoubt, 1}}},
		{"not heard, and not seen since", []journal.Entry{
			intent(at(1, 1, 7, 0)),
		}, []found{{8, ledger.Open, 1}}},
	}
	for _, row := range rows {
		var l ledger.Ledger
		for _, e := range row.entries {
			l.Add(e)
		}
		var got []found
		for _, line := range l.Lines() {
			require.Equal(t, card, line.Card)
			got = append(got, found{line.Counter, line.Verdict, len(line.Events)})
		}
		require.Equal(t, row.want, got, row.name)
	}
}

// Ensure that an event which the card has not signed is forged, and that nobody without
// the key says so.
func TestForged(t *testing.T) {
	signed := at(1, 1, 7, 0)
	signed.TMI = []byte("what the card signs")
	var l ledger.Ledger
	l.Add(intent(signed))
	l.Add(settle(1, 1))
	require.Equal(t, ledger.Settled, l.Lines()[0].Verdict)
	wrong := settle(1, 1)
	wrong.TMAC = desfire.TMAC{TMC: 2}
	l.Add(wrong)
	l.Genuine = func(e validator.Event, r desfire.TMAC) bool { return r.TMC == 1 }
	require.Equal(t, ledger.Forged, l.Lines()[0].Verdict)
}

// Ensure that an event whose answer was lost is not called forged because a load took the
// card's signature away before the device met the card again; but that one which says so
// of itself is, where the next transaction is somebody's: a load it was not.
func TestSignatureLostToALoad(t *testing.T) {
	signed := at(1, 1, 7, 0)
	signed.TMI = []byte("what the card signs")
	l := ledger.Ledger{Genuine: func(_ validator.Event, r desfire.TMAC) bool { return r.TMC == 1 }}
	l.Add(intent(signed))
	l.Add(settle(1, 1)) // with no receipt
	require.Equal(t, ledger.Unproved, l.Lines()[0].Verdict, "the power went before the next event")
	l.Add(record(at(1, 2, 9, 5)))
	require.Equal(t, ledger.Unproved, l.Lines()[0].Verdict)
	require.Equal(t, ledger.Missing, l.Lines()[1].Verdict, "the load")

	next := at(2, 1, 8, 3)
	next.TMI = signed.TMI
	l.Add(intent(next))
	answered := settle(2, 1)
	answered.TMAC = desfire.TMAC{TMC: 1}
	l.Add(answered)
	require.Equal(t, ledger.Forged, l.Lines()[0].Verdict)
	require.Equal(t, ledger.Settled, l.Lines()[1].Verdict)
}

// Ensure that an event of which a device says that the card was not asked to sign it is forged if the
// card signs, which a false signature does not show, and nobody without the key.
func TestLeftOut(t *testing.T) {
	signed := at(1, 2, 8, 1)
	signed.TMI = []byte("what the card signs")
	answered := settle(1, 2)
	for _, c := range []struct {
		tmc  uint32
		key  bool
		want ledger.Verdict
	}{
		{1, true, ledger.Forged}, {2, true, ledger.Settled}, {1, false, ledger.Settled},
	} {
		var l ledger.Ledger
		if c.key {
			l.Genuine = func(_ validator.Event, r desfire.TMAC) bool { return r.TMC == 1 }
		}
		answered.TMAC = desfire.TMAC{TMC: c.tmc}
		l.Add(intent(at(1, 1, 7, 0)))
		l.Add(settle(1, 1))
		l.Add(intent(signed))
		l.Add(answered)
		require.Equal(t, c.want, l.Lines()[0].Verdict, "%v", c)
	}
}

// Ensure that a device that makes up a transaction which a card has signed for another one, or says
// that the card was not asked, does not put that one in question; that two which are signed, of which
// none is, or nobody knows, are doubled.
func TestMadeUpDoublesNothing(t *testing.T) {
	true1, false1 := desfire.TMAC{TMC: 1}, desfire.TMAC{TMC: 2}
	for _, c := range []struct {
		signed []desfire.TMAC // by the devices 1, 2 …; none: it was not asked
		key    bool
		want   []ledger.Verdict
	}{
		{[]desfire.TMAC{true1, false1}, true, []ledger.Verdict{ledger.Forged, ledger.Settled}},
		{[]desfire.TMAC{true1, {}}, true, []ledger.Verdict{ledger.Forged, ledger.Settled}},
		{[]desfire.TMAC{false1, {}, true1}, true, []ledger.Verdict{ledger.Forged, ledger.Forged, ledger.Settled}},
		{[]desfire.TMAC{true1, true1}, true, []ledger.Verdict{ledger.Doubled}},
		{[]desfire.TMAC{true1, true1, false1}, true, []ledger.Verdict{ledger.Forged, ledger.Doubled}},
		{[]desfire.TMAC{false1, false1}, true, []ledger.Verdict{ledger.Doubled}},
		{[]desfire.TMAC{{}, {}}, true, []ledger.Verdict{ledger.Doubled}},
		{[]desfire.TMAC{true1, false1}, false, []ledger.Verdict{ledger.Doubled}},
	} {
		var l ledger.Ledger
		if c.key {
			l.Genuine = func(_ validator.Event, r desfire.TMAC) bool { return r.TMC == 1 }
		}
		for n, r := range c.signed {
			e, answered := at(uint16(n+1), 1, 7, 0), settle(uint16(n+1), 1)
			if r != (desfire.TMAC{}) {
				e.TMI, answered.TMAC = []byte("what the card signs"), r
			}
			l.Add(intent(e))
			l.Add(answered)
		}
		var got []ledger.Verdict
		for _, line := range l.Lines() {
			got = append(got, line.Verdict)
		}
		require.Equal(t, c.want, got, "%v", c)
	}
}

// Ensure that what a device has left out does not cost a look at all signatures of the card each
// time: a device that lies would keep the back office busy.
func TestEachSignatureIsLookedAtTwice(t *testing.T) {
	const each = 50
	looks := 0
	l := ledger.Ledger{Genuine: func(validator.Event, desfire.TMAC) bool { looks++; return false }}
	for n := range uint32(2 * each) {
		e, answered := at(1, n+1, n, 0), settle(1, n+1)
		if n%2 == 0 {
			e.TMI, answered.TMAC = []byte("what the card signs"), desfire.TMAC{TMC: 1}
		}
		l.Add(intent(e))
		l.Add(answered)
	}
	require.Len(t, l.Lines(), 2*each)
	require.LessOrEqual(t, looks, 2*each)
}

// Ensure that a card nobody could read takes part in nothing, and that cards are kept
// apart.
func TestCardsApart(t *testing.T) {
	var l ledger.Ledger
	other := at(1, 2, 90, 1)
	other.Card = 924699001123456795
	l.Add(record(validator.Event{ID: cardlayout.EventID{Device: 1, Sequence: 1}}))
	l.Add(intent(other))
	l.Add(settle(1, 2))
	l.Add(intent(at(1, 3, 7, 2)))
	l.Add(settle(1, 3))
	lines := l.Lines()
	require.Len(t, lines, 2)
	require.Equal(t, card, lines[0].Card)
	require.EqualValues(t, 91, lines[1].Counter)
}

// Ensure that what a journal claims of a card costs nobody's memory, and that nothing of it is
// lost: what lies between two events is one line, wherever in 32 bits they are.
func TestMissingIsOneLine(t *testing.T) {
	const top = math.MaxUint32
	type line struct {
		counter, last uint32
		verdict       ledger.Verdict
		transactions  uint64
	}
	for _, row := range []struct {
		first, second uint32
		want          []line
	}{
		{0, 5_000_000, []line{
			{1, 1, ledger.Settled, 1},
			{2, 5_000_000, ledger.Missing, 4_999_999},
			{5_000_001, 5_000_001, ledger.Settled, 1},
		}},
		{7, top, []line{
			{8, 8, ledger.Settled, 1},
			{9, top, ledger.Missing, top - 8},
			{0, 0, ledger.Settled, 1},
		}},
		{top - 2, top, []line{
			{top - 1, top - 1, ledger.Settled, 1},
			{top, top, ledger.Missing, 1},
			{0, 0, ledger.Settled, 1},
		}},
		{top - 1, top, []line{{top, top, ledger.Settled, 1}, {0, 0, ledger.Settled, 1}}},
	} {
		var l ledger.Ledger
		l.Add(intent(at(1, 1, row.first, 0)))
		l.Add(settle(1, 1))
		l.Add(intent(at(2, 1, row.second, 5)))
		l.Add(settle(2, 1))
		var got []line
		for _, x := range l.Lines() {
			got = append(got, line{x.Counter, x.Last, x.Verdict, x.Transactions()})
		}
		require.Equal(t, row.want, got)
	}

	var l ledger.Ledger
	l.Add(record(at(1, 1, 0, 0)))
	l.Add(intent(at(1, 2, 4, 0)))
	l.Add(void(1, 2))
	l.Add(record(at(2, 1, top, 0)))
	require.Len(t, l.Lines(), 1, "what is void parts no run")
	require.EqualValues(t, uint64(top), l.Lines()[0].Transactions())
}

// Ensure that amounts which add up to more than an amount holds prove nothing.
func TestAmountsThatOverflow(t *testing.T) {
	var l ledger.Ledger
	l.Add(intent(sold(at(1, 1, 7, 0), math.MaxInt32, math.MinInt32+999))) // 10.00 and as much
	l.Add(record(read(at(2, 1, 7, 1), 1000)))
	l.Add(record(read(at(2, 2, 8, 5), math.MinInt32+999)))
	require.Equal(t, ledger.InDoubt, l.Lines()[0].Verdict)
}
