package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
	"leima/validator/terminal"
)

// sell has a driver sell something: a ticket without a card, or a load whose answer may be lost.
func (f *fleet) sell(n int, driver uint32) {
	d := f.devices[n]
	e := validator.Event{
		ID: d.Journal.Next(), At: f.now, Reason: fare.SingleSold, Persons: 1,
		Shift: validator.Shift{
			Driver: driver, Begun: cardlayout.EventID{Device: uint16(n + 1), Sequence: 1},
		},
	}
	amount := cardlayout.Cents(f.random.IntN(2000) - 300)
	e.Receipt = sale.Lines{
		{Item: sale.SingleItem, Payer: fare.PayerCustomer, Amount: amount},
		{Item: sale.SingleItem, Payer: fare.PayerEmployer, Amount: 100},
	}
	if f.random.IntN(2) == 0 {
		require.NoError(f.t, d.Journal.Record(e))
		return
	}
	c := &f.cards[f.random.IntN(len(f.cards))]
	e.Card, e.Counter, e.Reason, e.Added = c.number, c.counter, fare.ValueLoaded, amount
	e.Balance = c.purse + amount
	require.NoError(f.t, d.Journal.Begin(e))
	switch f.random.IntN(5) {
	case 0: // it is not answered
	case 1:
		require.NoError(f.t, d.Journal.Void(e.ID))
	default:
		c.counter, c.purse = c.counter+1, c.purse+amount
		require.NoError(f.t, d.Journal.Settle(e.ID, desfire.TMAC{}))
	}
}

// Ensure that a day's takings by driver and device are what the devices' own journals come to, also
// where it is not known whether a card has answered, and also after the store has begun anew.
func TestTakings(t *testing.T) {
	f := newFleet(t, 5, 3, 4)
	for range 4 {
		for range 40 {
			f.sell(f.random.IntN(3), 7+f.random.Uint32N(2))
		}
		f.send(f.random.IntN(3), false)
		f.now = f.now.Add(24 * time.Hour)
	}
	for n := range f.devices {
		f.send(n, true)
	}
	f.follow()
	want := map[settlement.Takings]terminal.Tally{}
	for n, d := range f.devices {
		events, ends := map[uint32]validator.Event{}, map[uint32]journal.Kind{}
		require.NoError(t, d.Journal.Entries(0, func(e journal.Entry) error {
			if e.Event.ID.Sequence != 0 {
				events[e.Event.ID.Sequence], ends[e.Event.ID.Sequence] = e.Event, e.Kind
			} else {
				ends[e.Of.Sequence] = e.Kind
			}
			return nil
		}))
		for id, e := range events {
			of := settlement.Takings{
				Day: e.At.Format(time.DateOnly), Driver: e.Shift.Driver, Device: uint16(n + 1),
			}
			tally := want[of]
			switch ends[id] {
			case journal.Intent, journal.InDoubt:
				tally.AddUnconfirmed(&e)
			case journal.Settle, journal.Record:
				tally.Add(&e)
			}
			want[of] = tally
		}
	}
	got := 0
	for day := range 4 {
		all, err := f.ledger.Takings(f.now.AddDate(0, 0, day-4).Format(time.DateOnly))
		require.NoError(t, err)
		for _, is := range all {
			tally := want[settlement.Takings{Day: is.Day, Driver: is.Driver, Device: is.Device}]
			require.Equal(t, int64(tally.Cash), is.Cash, "%+v", is)
			require.Equal(t, int64(tally.OpenCash), is.Unsure, "%+v", is)
			got++
		}
	}
	require.Equal(t, len(want), got)
	_, err := f.ledger.Takings("yesterday")
	require.Error(t, err)
}

// Ensure that what a driver has taken where the device's clock is wrong, by a minute at midnight or
// by years, stands on the day on which it came: nobody would look for it on a day to come, or long
// ago; and that what comes weeks later stands on its own day.
func TestTakingsOfAWrongDay(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	for _, at := range []time.Time{
		f.now.AddDate(0, 0, 1), f.now.AddDate(12, 0, 0), f.now.AddDate(9000, 0, 0),
		time.Unix(0, 0), time.Unix(-1, 0), f.now.AddDate(0, -3, 0),
	} {
		require.NoError(t, f.devices[0].Journal.Record(f.cash(0, at, 1000)))
	}
	f.send(0, true)
	f.follow()
	all, err := f.ledger.Takings(f.now.Format(time.DateOnly))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.EqualValues(t, 5000, all[0].Cash)
	all, err = f.ledger.Takings(f.now.AddDate(0, -3, 0).Format(time.DateOnly))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.EqualValues(t, 1000, all[0].Cash)
}
