package settlement_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot/settlement"
	"leima/validator/ledger"
)

// rows are all rows.
func (f *fleet) rows() (all []settlement.Row) {
	require.NoError(f.t, f.ledger.Rows(0, func(r settlement.Row) error {
		all = append(all, r)
		return nil
	}))
	return all
}

// charged is the sum of all rows.
func (f *fleet) charged() (sum int64) {
	for _, r := range f.rows() {
		sum += r.Charged
	}
	return sum
}

// taps has a device charge a card.
func (f *fleet) taps(device int, c *card) {
	d := f.devices[device]
	e := validator.Event{
		ID: d.Journal.Next(), At: f.now, Card: c.number, Counter: c.counter, Charge: 100,
		Balance: c.purse - 100, Reason: fare.Value,
	}
	require.NoError(f.t, d.Journal.Begin(e))
	require.NoError(f.t, d.Journal.Settle(e.ID, desfire.TMAC{}))
	c.counter, c.purse = c.counter+1, c.purse-100
}

// booked has a device charge a card and send that, and is the day on which it is booked.
func (f *fleet) booked() string {
	f.taps(0, &f.cards[0])
	f.send(0, true)
	f.follow()
	rows := f.rows()
	return rows[len(rows)-1].Booked
}

// Ensure that a year after something was booked no row says whose card it was and no story tells
// it, while every day keeps its sum; that what is younger stays; and that what comes about a time
// that was forgotten is counted by nobody and makes nothing else missing.
func TestForget(t *testing.T) {
	defer settlement.Near(4, 6)()
	f := newFleet(t, 1, 2, 2)
	gone, stays := &f.cards[0], &f.cards[1]
	for range 20 {
		f.taps(0, gone)
		f.taps(0, stays)
	}
	f.send(0, true)
	f.follow()
	f.taps(1, stays) // this is sent after it was forgotten
	f.now = f.now.AddDate(0, 6, 0)
	for range 20 {
		f.taps(0, stays)
	}
	f.send(0, true)
	f.follow()
	days, charged := f.days(), f.charged()
	before := f.now.AddDate(-1, 7, 0)

	require.NoError(t, f.ledger.Forget("2026-11-29")) // nothing was booked before
	require.NotEqual(t, settlement.Pseudonym{}, f.rows()[0].Card)
	require.NoError(t, f.ledger.Forget(before.Format(time.DateOnly)))
	for _, r := range f.rows() {
		if r.Verdict == ledger.Missing {
			continue // between what was forgotten and what was not
		}
		require.Equal(t, r.Booked < before.Format(time.DateOnly), r.Card == settlement.Pseudonym{},
			"%+v", r)
	}
	require.Equal(t, days, f.days())
	told, err := f.ledger.Story(gone.number)
	require.NoError(t, err)
	require.Empty(t, told)
	told, err = f.ledger.Story(stays.number)
	require.NoError(t, err)
	require.Len(t, told, 20)
	for _, a := range told {
		require.Equal(t, f.now, a.Event.At)
	}

	for range 30 {
		f.taps(0, stays)
	}
	f.taps(0, gone)
	f.send(0, true)
	f.send(1, true)
	f.follow()
	require.Equal(t, charged+3100, f.charged())
	asked := 0
	require.NoError(t, f.ledger.Cases(func(settlement.Row) error { asked++; return nil }))
	require.Zero(t, asked)
}

// Ensure that no clock is believed that leaps by years, for a month and as long as nothing has come:
// a year's cards would be forgotten, with what is open. One that is right again is, at once.
func TestWhichDayIsBelieved(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	comes := func(at string) time.Time {
		var err error
		f.now, err = time.Parse(time.DateOnly, at)
		require.NoError(t, err)
		f.send(0, true)
		f.follow()
		return f.now
	}
	f.follow()
	require.True(t, f.ledger.Believes(f.now), "there is nothing to forget")
	today := comes("2026-11-29")
	require.True(t, f.ledger.Believes(today))
	require.True(t, f.ledger.Believes(today.AddDate(0, 0, 31)))
	require.False(t, f.ledger.Believes(today.AddDate(12, 0, 0)))
	require.False(t, f.ledger.Believes(time.Unix(0, 0)), "it has begun anew")
	wrong := comes("2038-01-19")
	require.False(t, f.ledger.Believes(wrong), "it has come by that clock")
	require.True(t, f.ledger.Believes(comes("2026-11-30")))
	require.False(t, f.ledger.Believes(comes("2027-03-01")), "the depot was off for the winter")
	for _, day := range []string{"2027-03-20", "2027-04-01"} {
		require.False(t, f.ledger.Believes(comes(day)), day)
	}
	require.True(t, f.ledger.Believes(comes("2027-04-02")))
}

// Ensure that what comes a year late about a card that was forgotten makes nothing missing when the
// card is used again, in one batch or in several; that what a device whose clock was not right says
// of that time is settled; and that the next use is.
func TestComesAfterItWasForgotten(t *testing.T) {
	for _, sure := range []bool{true, false} {
		f := newFleet(t, 1, 2, 1)
		c := &f.cards[0]
		f.taps(0, c)
		f.send(0, true)
		f.send(1, true)
		for range 2 {
			e := validator.Event{
				ID: f.devices[1].Journal.Next(), At: f.now, Card: c.number, Counter: c.counter,
				Charge: 100, Balance: c.purse - 100, Reason: fare.Value, Synchronized: sure,
			}
			require.NoError(t, f.devices[1].Journal.Begin(e))
			require.NoError(t, f.devices[1].Journal.Settle(e.ID, desfire.TMAC{}))
			c.counter, c.purse = c.counter+1, c.purse-100
		}
		for range 5 {
			f.taps(0, c)
		}
		f.send(0, true)
		f.follow()
		f.now = f.now.AddDate(1, 1, 0)
		require.NoError(t, f.ledger.Forget(f.now.AddDate(-1, 0, 0).Format(time.DateOnly)))
		before := len(f.rows())
		late := f.devices[1].Items(0)
		for n := range late {
			_, err := f.receiver.Receive(t.Context(), 2, late[n:n+1], false)
			require.NoError(t, err)
			f.appended++
		}
		f.follow()
		if sure {
			require.Len(t, f.rows(), before)
		} else {
			require.Len(t, f.rows(), before+2)
			continue
		}
		f.taps(0, c)
		f.send(0, true)
		f.follow()
		rows := f.rows()[before:]
		require.Len(t, rows, 1)
		require.Equal(t, c.counter, rows[0].Counter)
	}
}

// Ensure that whatever has come before, forgetting changes no sum, and what is told afterwards of
// each card is what the books say. What is forgotten is older than what a device may still find.
func TestForgetChangesNoSum(t *testing.T) {
	defer settlement.Near(4, 6)()
	f := newFleet(t, 7, 3, 4)
	for day := range 120 {
		for range 6 {
			f.tap()
		}
		for n := range f.devices {
			f.send(n, day%30 == 29)
		}
		f.follow()
		if day%30 == 29 {
			before := f.days()
			require.NoError(t, f.ledger.Forget(f.now.AddDate(0, 0, -45).Format(time.DateOnly)))
			require.Equal(t, before, f.days())
		}
		if f.random.IntN(9) == 0 {
			require.NoError(t, f.ledger.Close())
			f.open()
		}
		f.now = f.now.Add(24 * time.Hour)
	}
	want, charged := f.books()
	require.Equal(t, charged, f.charged())
	some := 0
	require.NoError(t, f.ledger.Current(func(r settlement.Row) error {
		require.NotZero(t, want[named(r)], "%s", named(r))
		some++
		return nil
	}))
	require.Positive(t, some)
}

// Ensure that a depot whose clock is in 1970 forgets nothing, neither then nor once it is right, and
// that what comes then is settled.
func TestForgetsNothingIn1970(t *testing.T) {
	f := newFleet(t, 1, 1, 2)
	f.taps(0, &f.cards[0])
	f.send(0, true)
	f.follow()
	for _, at := range []time.Time{time.Unix(0, 0).UTC(), f.now} {
		require.NoError(t, f.ledger.Forget(at.AddDate(-1, 0, 0).Format(time.DateOnly)))
		told, err := f.ledger.Story(f.cards[0].number)
		require.NoError(t, err)
		require.Len(t, told, 1)
	}
	require.NoError(t, f.devices[0].Journal.Record(validator.Event{
		ID: f.devices[0].Journal.Next(), At: f.now, Card: f.cards[1].number, Counter: 4,
		Reason: fare.Value, Synchronized: true,
	}))
	f.send(0, true)
	f.follow()
	told, err := f.ledger.Story(f.cards[1].number)
	require.NoError(t, err)
	require.Len(t, told, 1)
}

// Ensure that a ledger that is made anew years later settles all that the store holds, on the days on
// which it came, before it forgets whose card it was.
func TestMadeAnewAfterYears(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	for range 3 {
		e := validator.Event{
			ID: f.devices[0].Journal.Next(), At: f.now, Card: f.cards[0].number,
			Counter: f.cards[0].counter, Charge: 100, Reason: fare.Value, Synchronized: true,
		}
		f.cards[0].counter++
		require.NoError(t, f.devices[0].Journal.Begin(e))
		require.NoError(t, f.devices[0].Journal.Settle(e.ID, desfire.TMAC{}))
		f.send(0, true)
	}
	f.follow()
	before := f.days()
	require.NoError(t, f.ledger.Close())
	require.NoError(t, os.Remove(filepath.Join(f.folder, "ledger")))
	f.open()
	f.now = f.now.AddDate(2, 0, 0)
	require.False(t, f.ledger.Believes(f.now), "what is to be forgotten is not settled yet")
	f.follow()
	require.Equal(t, before, f.days())
}
