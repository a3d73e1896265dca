package settlement_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator"
)

// instants are some with their days in Helsinki: around midnight, at the hours that do not exist or
// come twice, at the end of a year and in February.
var instants = []struct{ at, day string }{
	{"2026-03-28T21:59:59Z", "2026-03-28"},
	{"2026-03-28T22:00:00Z", "2026-03-29"}, // midnight, two hours ahead
	{"2026-03-29T00:59:59Z", "2026-03-29"}, // 2.59.59; a second later it is 4.00
	{"2026-03-29T01:00:00Z", "2026-03-29"},
	{"2026-03-29T20:59:59Z", "2026-03-29"},
	{"2026-03-29T21:00:00Z", "2026-03-30"}, // three hours ahead
	{"2026-10-24T21:00:00Z", "2026-10-25"},
	{"2026-10-25T00:30:00Z", "2026-10-25"}, // 3.30
	{"2026-10-25T01:30:00Z", "2026-10-25"}, // 3.30 again
	{"2026-10-25T21:59:59Z", "2026-10-25"},
	{"2026-10-25T22:00:00Z", "2026-10-26"},
	{"2026-12-31T21:59:59Z", "2026-12-31"},
	{"2026-12-31T22:00:00Z", "2027-01-01"},
	{"2028-02-28T22:00:00Z", "2028-02-29"},
	{"2028-02-29T21:59:59Z", "2028-02-29"},
	{"2028-02-29T22:00:00Z", "2028-03-01"},
}

// inZone gives the ledger another zone, as a depot that is started again.
func (f *fleet) inZone(name string) {
	f.t.Helper()
	require.NoError(f.t, f.ledger.Close())
	f.open()
	var err error
	f.ledger.Zone, err = time.LoadLocation(name)
	require.NoError(f.t, err)
}

// Ensure that a tap and a sale are of the day where the depot is, and booked on it: where the clocks
// are changed, at midnight, at the end of a year and on 29 February; in rows, takings and CSV.
func TestDaysWhereTheDepotIs(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	f.inZone("Europe/Helsinki")
	want := map[string]int64{}
	for n, d := range instants {
		var err error
		f.now, err = time.Parse(time.RFC3339, d.at)
		require.NoError(t, err)
		want[d.day] += 100
		f.taps(0, &f.cards[0])
		require.NoError(t, f.devices[0].Journal.Record(f.cash(0, f.now, 100)))
		f.send(0, true)
		f.follow()
		row := f.rows()[n]
		require.Equal(t, []string{d.day, d.day}, []string{row.Travelled, row.Booked}, d.at)
	}
	for day, cents := range want {
		taken, err := f.ledger.Takings(day)
		require.NoError(t, err)
		require.Len(t, taken, 1, day)
		require.Equal(t, cents, taken[0].Cash, day)
		var written bytes.Buffer
		require.NoError(t, f.ledger.WriteRows(day, &written))
		require.Equal(t, 2*cents, 100*int64(strings.Count(written.String(), day)), day)
	}
}

// Ensure that a device's clock makes no day that no date can say.
func TestDayOfNoDate(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	f.now = f.now.AddDate(9000, 0, 0)
	f.taps(0, &f.cards[0])
	f.now = f.now.AddDate(-9000, 0, 0)
	f.send(0, true)
	f.follow()
	require.Empty(t, f.rows()[0].Travelled)
}

// Ensure that a depot's clock that is beyond all dates stops no ledger, neither a new one nor one that
// has booked before, and that what comes later is booked on its day.
func TestClockBeyondAllDates(t *testing.T) {
	for booked, before := range map[string]time.Duration{"1970-01-01": 0, "2026-11-29": time.Hour} {
		f := newFleet(t, 1, 1, 1)
		right := f.now
		if before > 0 {
			f.taps(0, &f.cards[0])
			f.send(0, true)
		}
		f.now = time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC)
		f.inZone("Europe/Helsinki")
		f.taps(0, &f.cards[0])
		f.send(0, true)
		f.follow()
		rows := f.rows()
		require.Equal(t, booked, rows[len(rows)-1].Booked)
		f.now = right.Add(24 * time.Hour)
		f.taps(0, &f.cards[0])
		f.send(0, true)
		f.follow()
		rows = f.rows()
		require.Equal(t, "2026-11-30", rows[len(rows)-1].Booked)
		f.agrees()
	}
}

// Ensure that what is forgotten are days where the depot is: what a device was sure to have done
// after midnight there is settled, however late it comes.
func TestForgottenDayWhereTheDepotIs(t *testing.T) {
	for _, d := range instants {
		f := newFleet(t, 1, 1, 1)
		f.inZone("Europe/Helsinki")
		require.NoError(t, f.ledger.Forget(d.day))
		at, err := time.Parse(time.RFC3339, d.at)
		require.NoError(t, err)
		e := validator.Event{
			ID: f.devices[0].Journal.Next(), At: at, Card: f.cards[0].number, Counter: 4,
			Reason: fare.Value, Synchronized: true,
		}
		require.NoError(t, f.devices[0].Journal.Record(e))
		f.now = at.AddDate(1, 0, 0)
		f.send(0, true)
		f.follow()
		told, err := f.ledger.Story(f.cards[0].number)
		require.NoError(t, err)
		require.Len(t, told, 1, d.at)
	}
}

// Ensure that a depot that is started with another zone changes no sum of a day that is over, takes
// no transaction twice, and no money: neither of what is known, nor of what is open meanwhile.
func TestAnotherZone(t *testing.T) {
	for _, zones := range [][]string{
		{"UTC", "Europe/Helsinki", "UTC"}, {"Pacific/Kiritimati", "Pacific/Pago_Pago"},
	} {
		f := newFleet(t, 11, 3, 4)
		over, cash := map[string][2]int64{}, int64(0)
		for round := range 4 {
			f.inZone(zones[round%len(zones)])
			for range 10 {
				f.tap()
				f.now = f.now.Add(time.Hour)
				require.NoError(t, f.devices[0].Journal.Record(f.cash(0, f.now, 100)))
				cash += 100
				for n := range f.devices {
					f.send(n, true)
				}
				f.follow()
			}
			for day, sum := range over {
				require.Equal(t, sum, f.days()[day], day)
			}
			over = f.days()
			delete(over, f.rows()[len(f.rows())-1].Booked)
		}
		f.agrees()
		for n := range 10 {
			taken, err := f.ledger.Takings(f.now.AddDate(0, 0, 1-n).Format(time.DateOnly))
			require.NoError(t, err)
			for _, of := range taken {
				cash -= of.Cash
			}
		}
		require.Zero(t, cash)
	}
}

// Ensure that no day that is over is booked on again, however often and far the depot's clock is set
// back and forth: neither one of two months ago, nor one that it comes upon on the way back from
// 1970, or from ten years ahead.
func TestDayThatIsOverStaysOver(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	for _, step := range []struct{ at, booked string }{
		{"2026-09-29", "2026-09-29"},
		{"2026-10-20", "2026-10-20"},
		{"2026-11-10", "2026-11-10"},
		{"2026-11-29", "2026-11-29"},
		{"2026-09-29", "2026-11-29"}, // two months back, and forth
		{"2026-10-01", "2026-11-29"},
		{"2026-11-29", "2026-11-29"},
		{"2036-11-29", "2036-11-29"}, // ten years ahead, and back
		{"2026-11-15", "2026-11-29"},
		{"1970-01-01", "1970-01-01"}, // its battery is empty
		{"2026-11-10", "2026-11-29"},
		{"2036-11-20", "2036-11-29"},
		{"2026-11-30", "2026-11-30"},
	} {
		var err error
		f.now, err = time.Parse(time.DateOnly, step.at)
		require.NoError(t, err)
		require.Equal(t, step.booked, f.booked(), step.at)
	}
	f.agrees()
	f.days()
}
