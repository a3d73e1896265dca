package settlement_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
	"leima/validator/depot/proof"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
	"leima/validator/ledger"
)

// A fleet is devices, the cards that they meet, and a depot with its ledger.
type fleet struct {
	t       *testing.T
	random  *rand.Rand
	devices []*depottest.Device
	sent    []uint64 // positions, by device
	cards   []card
	waited  []uint16

	folder   string
	store    *embedded.Store
	receiver depot.Receiver
	now      time.Time
	appended int
	ledger   *settlement.Ledger

	// genuine verifies what cards have signed; nil if the key is not at hand.
	genuine func(validator.Event, desfire.TMAC) bool
}

// A card has a counter and a purse, as it is in truth.
type card struct {
	number  cardlayout.Number
	counter uint32
	purse   cardlayout.Cents
}

func newFleet(t *testing.T, seed uint64, devices, cards int) *fleet {
	f := &fleet{
		t: t, random: rand.New(rand.NewPCG(seed, 16)), sent: make([]uint64, devices),
		folder: t.TempDir(), now: time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC),
	}
	for n := range devices {
		f.devices = append(f.devices, depottest.NewDevice(t, uint16(n+1)))
		f.waited = append(f.waited, uint16(n+1))
	}
	for n := range cards {
		number := cardlayout.WithCheckDigit(92469900110000000 + uint64(n))
		f.cards = append(f.cards, card{number, f.random.Uint32N(100), 100_00})
	}
	var err error
	f.store, err = embedded.Open(filepath.Join(f.folder, "store"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.store.Close()) })
	f.receiver = depot.Receiver{
		Store: f.store, Now: func() time.Time { return f.now }, Alarm: func(depot.Alarm) {},
	}
	f.open()
	return f
}

func (f *fleet) open() {
	office, err := journal.NewBackOffice()
	require.NoError(f.t, err)
	f.ledger = &settlement.Ledger{
		Office: office, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
		Waited: func() []uint16 { return f.waited }, Proving: f.genuine != nil,
	}
	require.NoError(f.t, f.ledger.Open(filepath.Join(f.folder, "ledger")))
	l := f.ledger
	f.t.Cleanup(func() { _ = l.Close() })
}

// tap has a device meet a card: its answer may be lost, and so may the commit.
func (f *fleet) tap() {
	d, c := f.devices[f.random.IntN(len(f.devices))], &f.cards[f.random.IntN(len(f.cards))]
	event := validator.Event{
		ID: d.Journal.Next(), At: f.now, Card: c.number, Counter: c.counter, Balance: c.purse,
		Reason: fare.Value,
	}
	charge := cardlayout.Cents(f.random.IntN(400))
	committed := func() { c.counter, c.purse = c.counter+1, c.purse-charge }
	switch f.random.IntN(20) {
	case 0: // a load elsewhere, of which no journal knows
		c.counter, c.purse = c.counter+1, c.purse+1000
		return
	case 1:
		if c.counter > 0 && f.random.IntN(3) == 0 { // a copy of the card is used
			c.counter, c.purse = c.counter-1, c.purse+100
		}
	case 2: // it was only read
		require.NoError(f.t, d.Journal.Record(event))
		return
	}
	event.Charge, event.Balance = charge, c.purse-charge
	var signature desfire.TMAC
	event.TMI, signature = f.signed(c)
	require.NoError(f.t, d.Journal.Begin(event))
	switch f.random.IntN(12) {
	case 0: // the answer is lost, and the card has committed
		committed()
	case 1: // it has not
	case 2:
		require.NoError(f.t, d.Journal.Void(event.ID))
	default:
		committed()
		require.NoError(f.t, d.Journal.Settle(event.ID, signature))
	}
}

// signed is what a card has signed, by what its device says; every second card signs.
func (f *fleet) signed(c *card) (input []byte, signature desfire.TMAC) {
	says := f.random.IntN(40)
	switch signs := c.number/10%2 == 0; {
	case says == 0:
		return []byte("true"), desfire.TMAC{TMC: 8} // a false one
	case says == 1 && signs:
		return []byte("true"), desfire.TMAC{} // it was lost
	case says == 2 || !signs:
		return nil, desfire.TMAC{} // as of a card that signs nothing
	}
	return []byte("true"), desfire.TMAC{TMC: 7}
}

// genuine is what the card has signed.
func genuine(e validator.Event, signature desfire.TMAC) bool {
	return string(e.TMI) == "true" && signature.TMC == 7
}

// send sends what one device has, or a part of it; a report follows what is all.
func (f *fleet) send(n int, all bool) {
	items := f.devices[n].Items(f.sent[n])
	if !all && len(items) > 0 {
		items = items[:f.random.IntN(len(items)+1)]
	}
	if all {
		items = append(items, f.devices[n].Report())
	}
	if len(items) == 0 {
		return
	}
	head, err := f.receiver.Receive(f.t.Context(), uint16(n+1), items, false)
	require.NoError(f.t, err)
	f.sent[n] = head.Position
	f.appended++
}

var errEnough = errors.New("that is enough")

// some is a store that is followed up to a cursor.
type some struct {
	depot.Store
	upTo uint64
}

func (s some) Follow(ctx context.Context, after uint64,
	each func(uint64, *depot.Batch) error,
) error {
	if after == s.upTo {
		return errEnough
	}
	return s.Store.Follow(ctx, after, func(cursor uint64, b *depot.Batch) error {
		if err := each(cursor, b); err != nil || cursor < s.upTo {
			return err
		}
		return errEnough
	})
}

// settle has the ledger follow up to where the store is.
func (f *fleet) settle() {
	require.ErrorIs(f.t, f.ledger.Run(f.t.Context(), some{f.store, uint64(f.appended)}), errEnough)
}

// follow has the ledger follow, and proves what cards have signed.
func (f *fleet) follow() {
	f.settle()
	if f.genuine != nil {
		f.prove()
	}
}

// prove verifies what cards have signed.
func (f *fleet) prove() {
	office, err := journal.NewBackOffice()
	require.NoError(f.t, err)
	v := proof.Verifier{Office: office, Genuine: f.genuine, Log: slog.New(slog.DiscardHandler)}
	queue := proof.Here{Ledger: f.ledger, Now: func() time.Time { return f.now }}
	for some := 1; some > 0; {
		some, err = v.Verify(f.t.Context(), queue)
		require.NoError(f.t, err)
	}
}

// proving has what cards sign be proved from now on.
func (f *fleet) proving(genuine func(validator.Event, desfire.TMAC) bool) {
	f.genuine, f.ledger.Proving = genuine, true
}

// books are what the journals come to, as far as they were sent.
func (f *fleet) books() (rows map[string]int, charged int64) {
	books := ledger.Ledger{Genuine: f.genuine}
	for n, d := range f.devices {
		for _, item := range d.Items(0) {
			if item.Position > f.sent[n] {
				break
			}
			e, err := item.Entry()
			require.NoError(f.t, err)
			books.Add(e)
		}
	}
	rows = map[string]int{}
	for _, line := range books.Lines() {
		if line.Verdict == ledger.Open {
			continue
		}
		row := settlement.Row{
			Card: f.ledger.Pseudonym(line.Card), Counter: line.Counter, Last: line.Last,
			Verdict: line.Verdict,
		}
		for _, e := range line.Events {
			row.Device, row.Event, row.Charged = e.ID.Device, e.ID.Sequence, 0
			switch line.Verdict {
			case ledger.Settled, ledger.Presumed, ledger.Unproved:
				row.Charged = int64(e.Charge)
			}
			rows[named(row)]++
			charged += row.Charged
		}
		if len(line.Events) == 0 {
			rows[named(row)]++
		}
	}
	return rows, charged
}

func named(r settlement.Row) string {
	return fmt.Sprintf("%x %d-%d %v event %d/%d: %d", r.Card, r.Counter, r.Last, r.Verdict,
		r.Device, r.Event, r.Charged)
}

// agrees requires that what counts now is what the books say, and that all rows add up to it.
func (f *fleet) agrees() {
	f.t.Helper()
	want, charged := f.books()
	got, sum := map[string]int{}, int64(0)
	var asks, asked []string
	require.NoError(f.t, f.ledger.Current(func(r settlement.Row) error {
		got[named(r)]++
		switch r.Verdict {
		case ledger.InDoubt, ledger.Missing, ledger.Forged, ledger.Doubled:
			asks = append(asks, named(r))
		}
		return nil
	}))
	require.Equal(f.t, want, got)
	require.NoError(f.t, f.ledger.Cases(func(r settlement.Row) error {
		asked = append(asked, named(r))
		return nil
	}))
	require.Equal(f.t, asks, asked)
	require.NoError(f.t, f.ledger.Rows(0, func(r settlement.Row) error {
		sum += r.Charged
		return nil
	}))
	require.Equal(f.t, charged, sum)
}

// days are the totals of the days of booking, and how many rows each has, which are those that are
// found of each.
func (f *fleet) days() map[string][2]int64 {
	days := map[string][2]int64{}
	require.NoError(f.t, f.ledger.Rows(0, func(r settlement.Row) error {
		day := days[r.Booked]
		days[r.Booked] = [2]int64{day[0] + r.Charged, day[1] + 1}
		return nil
	}))
	for booked, want := range days {
		var got [2]int64
		require.NoError(f.t, f.ledger.RowsOf(booked, func(r settlement.Row) error {
			got = [2]int64{got[0] + r.Charged, got[1] + 1}
			return nil
		}))
		require.Equal(f.t, want, got, booked)
	}
	return days
}

// Ensure that whatever devices send in whatever order, weeks late, with the ledger started again at
// any time and cards' signatures verified late, the verdicts are those of the books, and the cases those of them that a person has to
// look at; and that a day that is over keeps its rows. What is looked at of a card stays bounded.
func TestAsTheBooks(t *testing.T) {
	defer settlement.Near(4, 6)()
	seeds := uint64(5)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		f := newFleet(t, seed, 4, 5)
		f.proving(genuine)
		for day := range 30 {
			before := f.days()
			for range 40 {
				f.tap()
				if n := f.random.IntN(4); f.random.IntN(3) == 0 && (n > 0 || day%10 == 9) {
					f.send(n, f.random.IntN(2) == 0)
				}
			}
			f.settle()
			if f.random.IntN(3) > 0 { // otherwise signatures wait
				f.prove()
				f.agrees()
			}
			if f.random.IntN(4) == 0 {
				require.NoError(t, f.ledger.Close())
				f.open()
			}
			for booked, was := range before {
				if booked < f.now.Format(time.DateOnly) {
					require.Equal(t, was, f.days()[booked], "%s was over", booked)
				}
			}
			f.now = f.now.Add(24 * time.Hour)
		}
		for n := range f.devices {
			f.send(n, true)
		}
		f.follow()
		f.agrees()
		require.Less(t, f.ledger.Facts(), 80, "of over 400 of each card")
	}
}

// Ensure that a transaction that no journal holds is late until every device of the register has
// said that it has no more, and missing from then on, whatever the clocks say; and that a device
// that was withdrawn is not waited for.
func TestMissingAndLate(t *testing.T) {
	f := newFleet(t, 1, 3, 1)
	at := func(device int, counter uint32) {
		d := f.devices[device]
		require.NoError(t, d.Journal.Record(validator.Event{
			ID: d.Journal.Next(), At: time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC),
			Card: f.cards[0].number, Counter: counter, Reason: fare.Value,
		}))
	}
	says := func(want ...string) {
		t.Helper()
		f.follow()
		got := []string{}
		require.NoError(t, f.ledger.Current(func(r settlement.Row) error {
			got = append(got, fmt.Sprintf("%d-%d %v late %v", r.Counter, r.Last, r.Verdict, r.Late))
			return nil
		}))
		require.Equal(t, want, got)
	}
	f.send(1, true)
	f.send(2, true)
	at(0, 4)
	at(0, 5)
	f.send(0, true)
	says("5-5 missing late true")
	f.send(1, true)
	says("5-5 missing late true")
	f.waited = []uint16{1, 2} // 3 is withdrawn
	f.send(1, true)
	says("5-5 missing late false")
	at(1, 6)
	f.send(1, true)
	says("5-6 missing late true")
	f.send(0, true)
	says("5-6 missing late false")
}

// Ensure that what a bus holds that was withdrawn, and is brought in when its card has gone on for
// long, takes the place of what was missing, wherever in the card's story that is.
func TestWithdrawnBusComesHome(t *testing.T) {
	defer settlement.Near(4, 6)()
	const taps = 30
	for lost := 0; lost < taps; lost += 4 {
		f := newFleet(t, 1, 2, 1)
		c := &f.cards[0]
		for n := range taps {
			device := 0
			if n == lost {
				device = 1
			}
			f.taps(device, c)
		}
		f.waited = []uint16{1}
		f.send(0, true)
		f.follow()
		require.Less(t, f.ledger.Facts(), taps)
		f.send(1, true)
		f.follow()
		f.agrees()
		require.NoError(t, f.ledger.Current(func(r settlement.Row) error {
			require.Equal(t, ledger.Settled, r.Verdict)
			return nil
		}))
	}
}

// Ensure that of a device with two journals each event is counted once.
func TestForkIsCountedOnce(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	taps := func(d *depottest.Device, counters ...uint32) {
		for _, counter := range counters {
			e := validator.Event{
				ID: d.Journal.Next(), At: f.now, Card: f.cards[0].number, Counter: counter,
				Charge: 100, Reason: fare.Value,
			}
			require.NoError(t, d.Journal.Begin(e))
			require.NoError(t, d.Journal.Settle(e.ID, desfire.TMAC{}))
		}
	}
	taps(f.devices[0], 0, 1)
	other := f.devices[0].Copy()
	taps(f.devices[0], 2)
	taps(other, 3, 4, 5)
	for _, d := range []*depottest.Device{f.devices[0], other} {
		_, err := f.receiver.Receive(t.Context(), 1, d.Items(0), false)
		require.NoError(t, err)
		f.appended++
	}
	f.sent[0] = f.devices[0].Journal.Extent().Last
	f.follow()
	f.agrees()
}

// Ensure that what fills a gap counts as if it had come in its order: also a transaction whose end
// has come before its beginning, and the cash for it.
func TestGapIsFilled(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	d := f.devices[0]
	e := f.cash(0, f.now, 1000)
	e.Card, e.Counter, e.Charge = f.cards[0].number, 4, 100
	require.NoError(t, d.Journal.Begin(e))
	require.NoError(t, d.Journal.Settle(e.ID, desfire.TMAC{}))
	d.Record(1, 1)
	items := d.Items(0)
	for _, sent := range [][]journal.Item{items[1:], items[:1]} {
		_, err := f.receiver.Receive(t.Context(), 1, sent, true)
		require.NoError(t, err)
		f.appended++
	}
	f.sent[0] = items[len(items)-1].Position
	f.follow()
	f.agrees()
	require.EqualValues(t, 100, f.charged())
	all, err := f.ledger.Takings(f.now.Format(time.DateOnly))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.EqualValues(t, 1000, all[0].Cash)
	require.Zero(t, all[0].Unsure)
}

// again is a store that has begun anew.
type again struct{ depot.Store }

func (s again) Follow(ctx context.Context, after uint64,
	each func(uint64, *depot.Batch) error,
) error {
	n := after + 1 // what was followed last is not there any more
	return s.Store.Follow(ctx, 0, func(_ uint64, b *depot.Batch) error {
		n++
		if err := each(n, b); err != nil || b.Report == nil {
			return err
		}
		return errEnough
	})
}

// Ensure that a store that begins anew, and gives all of it again, changes nothing.
func TestStoreBeginsAnew(t *testing.T) {
	f := newFleet(t, 3, 1, 2)
	for range 60 {
		f.tap()
	}
	f.send(0, false)
	f.send(0, true)
	f.follow()
	before := f.days()
	require.NotEmpty(t, before)
	require.ErrorIs(t, f.ledger.Run(t.Context(), again{f.store}), errEnough)
	require.Equal(t, before, f.days())
	f.agrees()
}

// restore puts a store in the place of the fleet's.
func (f *fleet) restore(from []byte) *embedded.Store {
	path := filepath.Join(f.t.TempDir(), "store")
	require.NoError(f.t, os.WriteFile(path, from, 0o600))
	store, err := embedded.Open(path)
	require.NoError(f.t, err)
	f.t.Cleanup(func() { _ = store.Close() })
	f.store, f.receiver.Store = store, store
	return store
}

// Ensure that nothing is lost to the ledger when a copy of the store is put in its place, which has
// fewer batches than the ledger has followed: what comes then is counted, once. If the store has
// gone on without the ledger, that is said.
func TestCopyOfTheStore(t *testing.T) {
	for _, told := range []bool{true, false} {
		f := newFleet(t, 4, 1, 3)
		more := func() {
			for range 20 {
				f.tap()
			}
			f.send(0, true)
		}
		more()
		var older bytes.Buffer
		require.NoError(t, f.store.Backup(&older))
		had := f.sent[0]
		for range 3 {
			more()
		}
		f.follow()
		store := f.restore(older.Bytes())
		if told {
			require.NoError(t, store.Beyond(t.Context(), f.ledger.Cursor()))
		}
		f.sent[0], f.appended = had, 4 // and the device is asked again
		more()
		if !told {
			for range 4 {
				more()
			}
			require.ErrorIs(t, f.ledger.Run(t.Context(), store), settlement.ErrOther)
			continue
		}
		f.appended = 5
		f.follow()
		f.agrees()
	}
}

// Ensure that what a card has not signed is forged, which is a case, has no amount, and stays so
// after the ledger was opened again.
func TestForgedIsACase(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	f.proving(func(e validator.Event, r desfire.TMAC) bool {
		return string(e.TMI) == "signed" && r.TMC == 7
	})
	for n, r := range []desfire.TMAC{{TMC: 7}, {TMC: 8}} {
		e := validator.Event{
			ID: f.devices[0].Journal.Next(), At: f.now, Card: f.cards[0].number,
			Counter: uint32(n), Charge: 100, Reason: fare.Value, TMI: []byte("signed"),
		}
		require.NoError(t, f.devices[0].Journal.Begin(e))
		require.NoError(t, f.devices[0].Journal.Settle(e.ID, r))
	}
	f.send(0, true)
	f.follow()
	for range 2 {
		var forged []settlement.Row
		require.NoError(t, f.ledger.Cases(func(r settlement.Row) error {
			forged = append(forged, r)
			return nil
		}))
		require.Len(t, forged, 1)
		require.Equal(t, ledger.Forged, forged[0].Verdict)
		require.Equal(t, uint32(2), forged[0].Event)
		require.Zero(t, forged[0].Charged)
		require.NoError(t, f.ledger.Close())
		f.open()
	}
}

// Ensure that each card has a pseudonym of its own, in each ledger another.
func TestPseudonyms(t *testing.T) {
	f := newFleet(t, 1, 1, 2)
	require.NotEqual(t, f.ledger.Pseudonym(f.cards[0].number), f.ledger.Pseudonym(f.cards[1].number))
	other := newFleet(t, 2, 1, 1)
	require.NotEqual(t, f.ledger.Pseudonym(f.cards[0].number),
		other.ledger.Pseudonym(f.cards[0].number))
}

// Ensure that who has a damaged ledger is told what to do, and loses nothing of it.
func TestDamagedLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	for _, size := range []int{10_000, 100} {
		damaged := bytes.Repeat([]byte("damage "), size)
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		require.ErrorContains(t, new(settlement.Ledger).Open(path), "move it away and keep it")
		still, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, damaged, still)
	}
}
