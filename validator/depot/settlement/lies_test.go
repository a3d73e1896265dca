package settlement_test

import (
	"bytes"
	"crypto/sha256"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
	"leima/validator/ledger"
)

// claimed are items as another device would export them, in a chain of its own.
func claimed(t *testing.T, by uint16, items []journal.Item) (all []journal.Item) {
	t.Helper()
	before := journal.Beginning(by)
	for n := range items {
		var i map[uint64]cbor.RawMessage
		require.NoError(t, canonical.Decode.Unmarshal(items[n].Raw, &i))
		before = sha256.Sum256(slices.Concat(before[:], i[4]))
		raw, err := canonical.Encode.Marshal(map[uint64]any{
			1: by, 2: items[n].Position, 3: before, 4: i[4],
		})
		require.NoError(t, err)
		read, err := depot.Items(raw)
		require.NoError(t, err)
		all = append(all, read...)
	}
	return all
}

// cash is an event of a driver who has taken money.
func (f *fleet) cash(device int, at time.Time, cents cardlayout.Cents) validator.Event {
	return validator.Event{
		ID: f.devices[device].Journal.Next(), At: at, Reason: fare.SingleSold, Persons: 1,
		Shift: validator.Shift{
			Driver: 7, Begun: cardlayout.EventID{Device: uint16(device + 1), Sequence: 1},
		},
		Receipt: sale.Lines{{Item: sale.SingleItem, Payer: fare.PayerCustomer, Amount: cents}},
	}
}

// Ensure that a device that sends events of another one moves neither that one's cash nor the
// verdicts on what it has done: its intents stay its own, and are settled by it alone.
func TestEventsOfAnotherDevice(t *testing.T) {
	f := newFleet(t, 1, 2, 2)
	honest := f.devices[0]
	e := f.cash(0, f.now, 2000)
	e.Card, e.Counter, e.Added, e.Balance = f.cards[0].number, 5, 2000, 3000
	require.NoError(t, honest.Journal.Begin(e))
	f.send(0, false)
	f.send(0, true)
	lies := f.devices[0].Items(0)
	e.Card = f.cards[1].number // the same event, of another card
	liar := newFleet(t, 1, 1, 1).devices[0]
	require.NoError(t, liar.Journal.Begin(e))
	lies = append(lies, liar.Items(0)...)
	for n := range lies {
		lies[n].Position = uint64(n + 1)
	}
	_, err := f.receiver.Receive(t.Context(), 2, claimed(t, 2, lies), false)
	require.NoError(t, err, "it is kept")
	f.appended++
	require.NoError(t, honest.Journal.Settle(e.ID, desfire.TMAC{}))
	f.send(0, true)
	f.follow()
	f.agrees()
	all, err := f.ledger.Takings(f.now.Format(time.DateOnly))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.EqualValues(t, 2000, all[0].Cash)
	require.Zero(t, all[0].Unsure)
}

// Ensure that a device that leaves out what a card has to sign has no more of it than one that
// makes it up, where the next transaction is somebody's; and that nobody without the key says so.
func TestUnsignedIsForged(t *testing.T) {
	for _, key := range []bool{true, false} {
		f := newFleet(t, 1, 1, 1)
		if key {
			f.proving(func(_ validator.Event, r desfire.TMAC) bool { return r.TMC == 7 })
		}
		for n, r := range []desfire.TMAC{{}, {TMC: 7}} {
			e := validator.Event{
				ID: f.devices[0].Journal.Next(), At: f.now, Card: f.cards[0].number,
				Counter: uint32(n), Charge: 100, Reason: fare.Value, TMI: []byte("signed"),
			}
			require.NoError(t, f.devices[0].Journal.Begin(e))
			require.NoError(t, f.devices[0].Journal.Settle(e.ID, r))
		}
		f.send(0, true)
		f.follow()
		require.Equal(t, key, f.rows()[0].Verdict == ledger.Forged)
		require.Equal(t, key, f.charged() == 100)
	}
}

// Ensure that what is unproved is looked at again when the next transaction is settled, also if what
// is older has been put away meanwhile.
func TestUnprovedMayBeForged(t *testing.T) {
	defer settlement.Near(1, 1)()
	f := newFleet(t, 1, 2, 1)
	f.proving(func(_ validator.Event, r desfire.TMAC) bool { return r.TMC == 7 })
	c := &f.cards[0]
	c.counter = 7
	begins := func(device int) cardlayout.EventID {
		e := validator.Event{
			ID: f.devices[device].Journal.Next(), At: f.now, Card: c.number, Counter: c.counter,
			Charge: 100, Balance: c.purse - 100, Reason: fare.Value, TMI: []byte("signed"),
		}
		require.NoError(t, f.devices[device].Journal.Begin(e))
		c.counter, c.purse = c.counter+1, c.purse-100
		return e.ID
	}
	unsigned := begins(0)
	require.NoError(t, f.devices[0].Journal.Settle(unsigned, desfire.TMAC{}))
	f.send(0, true)
	next := begins(1)
	require.NoError(t, f.devices[1].Journal.Flush())
	f.send(1, true)
	require.NoError(t, f.devices[0].Journal.Record(validator.Event{
		ID: f.devices[0].Journal.Next(), At: f.now, Card: c.number, Counter: c.counter,
		Balance: c.purse, Reason: fare.Value,
	}))
	f.send(0, true)
	f.follow()
	require.Equal(t, ledger.Unproved, f.rows()[0].Verdict)
	require.NoError(t, f.devices[1].Journal.Settle(next, desfire.TMAC{TMC: 7}))
	f.send(1, true)
	f.follow()
	f.agrees()
	require.EqualValues(t, 100, f.charged())
}

// Ensure that what a device has left out is forged from when it is proved that the card signs, also if
// it has been put away by then, and that the amounts are taken back.
func TestLeftOutIsForged(t *testing.T) {
	defer settlement.Near(1, 2)()
	f := newFleet(t, 1, 2, 1)
	f.proving(genuine)
	tap := func(device, counter int, input string, r desfire.TMAC) {
		e := validator.Event{
			ID: f.devices[device].Journal.Next(), At: f.now, Card: f.cards[0].number,
			Counter: uint32(counter), Charge: 100, Reason: fare.Value, TMI: []byte(input),
		}
		require.NoError(t, f.devices[device].Journal.Begin(e))
		require.NoError(t, f.devices[device].Journal.Settle(e.ID, r))
	}
	for n := range 20 {
		tap(0, n, "", desfire.TMAC{})
		f.send(0, true)
		f.settle()
	}
	require.EqualValues(t, 2000, f.charged())
	tap(1, 20, "true", desfire.TMAC{TMC: 7})
	f.send(1, true)
	f.settle()
	require.EqualValues(t, 2100, f.charged(), "nothing is proved yet")
	f.prove()
	f.agrees()
	require.EqualValues(t, 100, f.charged())
	tap(0, 21, "", desfire.TMAC{})
	f.send(0, true)
	f.follow()
	f.agrees()
	require.EqualValues(t, 100, f.charged())
}

// Ensure that a receipt whose lines come to more than 32 bits hold is taken for what it says, as by
// the books, and not for another amount.
func TestCashBeyond32Bits(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	e := f.cash(0, f.now, math.MaxInt32)
	e.Receipt = append(e.Receipt, e.Receipt...)
	require.NoError(t, f.devices[0].Journal.Record(e))
	f.send(0, true)
	f.follow()
	all, err := f.ledger.Takings(f.now.Format(time.DateOnly))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, int64(2*math.MaxInt32), all[0].Cash)
}

// Ensure that a device cannot keep the ledger busy with one card, or with entries as long as a
// batch; and that what others send about the card is settled all the same.
func TestTooMuchOfOneCard(t *testing.T) {
	defer settlement.Most(50)()
	defer settlement.Near(100, 1)()
	f := newFleet(t, 1, 2, 1)
	long := validator.Event{
		ID: f.devices[0].Journal.Next(), At: f.now, Card: f.cards[0].number, Charge: 100,
		Counter: f.cards[0].counter, Reason: fare.Value,
	}
	long.Line = strings.Repeat("5", 17<<10)
	require.NoError(t, f.devices[0].Journal.Begin(long))
	require.NoError(t, f.devices[0].Journal.Settle(long.ID, desfire.TMAC{}))
	for n := range 200 {
		require.NoError(t, f.devices[0].Journal.Record(validator.Event{
			ID: f.devices[0].Journal.Next(), At: f.now, Card: f.cards[0].number,
			Counter: f.cards[0].counter, Reason: fare.Value,
		}))
		if n%10 == 0 {
			f.taps(1, &f.cards[0])
		}
	}
	f.send(0, true)
	f.send(1, true)
	f.follow()
	require.Equal(t, 50+2*20, f.ledger.Facts())
	require.EqualValues(t, 20*100, f.charged())
}

// Ensure that a day of booking that is over stays as it was when the depot's clock is set back, and
// when batches overtake each other at midnight, also over a restart; and that a clock that was wrong
// by years books nothing on a day to come any longer.
func TestDayThatIsOver(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	for _, step := range []struct{ at, booked string }{
		{"2026-11-30T00:00:01Z", "2026-11-30"},
		{"2026-11-29T23:59:59Z", "2026-11-30"},
		{"2026-11-03T12:00:00Z", "2026-11-30"},
		{"2026-12-01T08:00:00Z", "2026-12-01"},
		{"2038-01-19T03:14:08Z", "2038-01-19"},
		{"2026-12-01T09:00:00Z", "2026-12-01"},
		{"1970-01-01T00:00:00Z", "1970-01-01"},
		{"2026-12-02T00:00:00Z", "2026-12-02"},
	} {
		var err error
		f.now, err = time.Parse(time.RFC3339, step.at)
		require.NoError(t, err)
		require.Equal(t, step.booked, f.booked(), step.at)
		require.NoError(t, f.ledger.Close())
		f.open()
	}
	require.Len(t, f.days(), 5)

	f.now = f.now.AddDate(0, 0, 1) // a day that has no rows so far is begun as well
	f.send(0, true)
	f.follow()
	f.now = f.now.AddDate(0, 0, -1)
	require.Equal(t, "2026-12-03", f.booked())
}

// Ensure that the report of a device's copy does not stand for the device: what the device may still
// have is late, and not missing.
func TestReportOfACopy(t *testing.T) {
	f := newFleet(t, 1, 2, 1)
	f.taps(0, &f.cards[0])
	other := f.devices[0].Copy()
	f.taps(0, &f.cards[0])
	f.taps(0, &f.cards[0])
	f.send(0, true)
	require.NoError(t, f.devices[1].Journal.Record(validator.Event{
		ID: f.devices[1].Journal.Next(), At: f.now, Card: f.cards[0].number,
		Counter: f.cards[0].counter + 1, Reason: fare.Value,
	}))
	f.send(1, true)
	other.Record(1, 1)
	_, err := f.receiver.Receive(t.Context(), 1, append(other.Items(0), other.Report()), false)
	require.NoError(t, err)
	f.appended++
	missing := func(late bool) {
		t.Helper()
		f.follow()
		rows := f.rows()
		require.Equal(t, ledger.Missing, rows[len(rows)-1].Verdict)
		require.Equal(t, late, rows[len(rows)-1].Late)
	}
	missing(true)
	f.send(0, true)
	missing(false)
}

// Ensure that what is wrong with each entry of a device is said once a day, and of the next device
// too.
func TestAlarmsOnceADay(t *testing.T) {
	f := newFleet(t, 1, 2, 1)
	var log bytes.Buffer
	f.ledger.Log = slog.New(slog.NewTextHandler(&log, nil))
	for n, want := range []int{2, 4} {
		for device, d := range f.devices {
			for range 20 {
				e := validator.Event{ID: d.Journal.Next(), At: f.now, Reason: fare.Value}
				e.Line = strings.Repeat("5", 17<<10)
				require.NoError(t, d.Journal.Record(e))
			}
			f.send(device, true)
		}
		f.follow()
		require.Equal(t, want, strings.Count(log.String(), "ledger: alarm: "), "day %d", n)
		f.now = f.now.Add(24 * time.Hour)
	}
}

// Ensure that it is said when what comes is booked on a day to come, since the depot's clock was ahead
// for some days, and not at midnight.
func TestAheadIsSaid(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	var log bytes.Buffer
	f.ledger.Log = slog.New(slog.NewTextHandler(&log, nil))
	today := f.now
	for _, step := range []struct {
		days, said int
	}{{1, 0}, {0, 0}, {12, 0}, {2, 1}, {3, 1}, {12, 1}, {13, 1}, {11, 2}} {
		f.now = today.AddDate(0, 0, step.days)
		f.taps(0, &f.cards[0])
		f.send(0, true)
		f.follow()
		require.Equal(t, step.said, strings.Count(log.String(), "clock was ahead"), "day %d", step.days)
	}
	require.Contains(t, log.String(), "is booked on that day (said once a day)\" today=2026-12-01")
}
