package terminal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/sim"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// at sets the time of several devices.
func at(clock string, all ...*sim.Bus) {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err)
	}
	now, err := time.ParseInLocation("2006-01-02 15:04:05", clock, zone)
	if err != nil {
		panic(err)
	}
	for _, bus := range all {
		bus.Clock.Set(now)
	}
}

// Ensure that a load which was torn before its commit is not told as done because the card
// bears an older one like it, no matter who has stamped the card meanwhile, and however often.
func TestOlderLoadIsNotThisOne(t *testing.T) {
	for _, order := range []string{"driver load 20.00", "driver load season 30 A"} {
		for stamps := range 3 {
			bus, _ := simtest.SignedOn(t)
			other := simtest.Beside(t, bus)
			simtest.Play(t, bus, order+"\ntap Liisa")
			before := simtest.Held(t, bus, "Liisa")
			simtest.Play(t, bus,
				"at 2026-03-02 09:30\nbus trip=3\n"+order+"\ntear Liisa before commit\ntap Liisa")
			for n := range stamps {
				simtest.Play(t, other, "at 2026-03-02 09:30:10\nbus trip="+string(rune('1'+n)))
				require.Equal(t, validator.Accepted, simtest.Present(other, "Liisa").Ending)
			}
			o := simtest.Present(bus, "Liisa")
			require.NotEqual(t, fare.LoadRecovered, o.Decision.Reason, "%s, %d stamps", order, stamps)
			if stamps > 1 { // nobody can tell: the driver is told so, and asks again
				require.Equal(t, fare.NotLoaded, o.Decision.Reason)
				require.Contains(t, o.Decision.Refused.Error(), "it is not known")
				simtest.Play(t, bus, order)
				o = simtest.Present(bus, "Liisa")
			}
			require.True(t, o.Decision.Reason.Loads(), "%s, %d stamps: %v", order, stamps, o.Decision)
			loaded := simtest.Held(t, bus, "Liisa")
			if order == "driver load 20.00" {
				spent := before.Purse + 2000 - loaded.Purse
				require.True(t, 0 <= spent && spent <= 2*210, "loaded once, and %v spent", spent)
			} else {
				require.NotZero(t, loaded.Seasons[1].Days)
			}
		}
	}
}

// Ensure that of two loads that are alike in one minute nobody says that the second was
// done because the card bears the first.
func TestAlikeInOneMinute(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	other := simtest.Beside(t, bus)
	simtest.Play(t, bus,
		"driver load 20.00\ntap Liisa\ndriver load 20.00\ntear Liisa before commit\ntap Liisa")
	for _, trip := range []string{"1", "2"} {
		simtest.Play(t, other, "bus trip="+trip)
		simtest.Present(other, "Liisa")
	}
	o := simtest.Present(bus, "Liisa")
	require.Equal(t, fare.NotLoaded, o.Decision.Reason)
	require.Contains(t, o.Decision.Refused.Error(), "it is not known")
}

// Ensure that a load whose order is given anew is not done twice, whatever keeps the tap
// between from being served, and whatever else is asked then.
func TestOrderGivenAnew(t *testing.T) {
	faults := map[string]func(*validator.Validator) (mend func()){
		"no tariff": func(v *validator.Validator) func() {
			good := v.Tariffs
			v.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, simtest.ErrDisk }
			return func() { v.Tariffs = good }
		},
		"a full journal": func(v *validator.Validator) func() {
			good := v.Journal
			v.Journal = &simtest.FailingJournal{Journal: good, FailRecord: true, FailBegin: true}
			return func() { v.Journal = good }
		},
		"no list": func(v *validator.Validator) func() {
			v.RequireList = true
			return func() { v.RequireList = false }
		},
	}
	for name, fault := range faults {
		for _, amount := range []cardlayout.Cents{2000, 3000} {
			bus, _ := simtest.SignedOn(t)
			v := bus.Validator
			simtest.Play(t, bus, "driver load 20.00\ntear Liisa after commit\ntap Liisa")
			require.NoError(t, bus.Order(terminal.Load{Amount: amount}))
			var mend func()
			require.NoError(t, bus.Validator.Do(func() error { mend = fault(v); return nil }))
			require.Equal(t, validator.Fault, simtest.Present(bus, "Liisa").Ending, name)
			require.NoError(t, bus.Validator.Do(func() error { mend(); return nil }))
			o := simtest.Present(bus, "Liisa")
			require.Equal(t, fare.NotLoaded, o.Decision.Reason, "%s, %v", name, amount)
			require.Contains(t, o.Decision.Refused.Error(), "was not confirmed")
			require.EqualValues(t, 3000, simtest.Held(t, bus, "Liisa").Purse, name)

			require.NoError(t, bus.Order(terminal.Load{Amount: amount}), "who asks again means it")
			require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
			require.Equal(t, 3000+amount, simtest.Held(t, bus, "Liisa").Purse)
		}
	}
}

// Ensure that a load which one device has committed and not heard is not done again by the
// device beside it, nor by itself after a restart, before the driver was told.
func TestLoadByTheOtherReader(t *testing.T) {
	for _, order := range []string{"driver load 20.00", "driver load season 30 A"} {
		bus, _ := simtest.SignedOn(t)
		other := simtest.Beside(t, bus)
		simtest.Play(t, bus, order+"\ntear Liisa after commit\ntap Liisa")
		before := simtest.Held(t, bus, "Liisa")
		simtest.Play(t, bus, "restart")
		for name, desk := range map[string]*sim.Bus{"the other reader": other, "the same": bus} {
			at("2026-03-02 08:02:00", desk)
			simtest.Play(t, desk, order)
			o := simtest.Present(desk, "Liisa")
			require.Equal(t, fare.NotLoaded, o.Decision.Reason, "%s: %s", name, order)
			require.Equal(t, before.Purse, simtest.Held(t, bus, "Liisa").Purse)
			require.Equal(t, before.Seasons, simtest.Held(t, bus, "Liisa").Seasons)
		}
		simtest.Play(t, other, order)
		require.True(t, simtest.Present(other, "Liisa").Decision.Reason.Loads(),
			"who asks again means it")
	}
}

// Ensure that a load like an earlier one is asked about only for a moment, and never by who
// has told the driver of it.
func TestLoadLikeAnEarlierOne(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	other := simtest.Beside(t, bus)
	simtest.Play(t, bus, "driver load 20.00\ntap Liisa\ndriver load 20.00")
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
	simtest.Play(t, other, "at 2026-03-02 08:11\ndriver load 20.00")
	require.Equal(t, fare.ValueLoaded, simtest.Present(other, "Liisa").Decision.Reason)
}

// Ensure that the event of a load, of a refused one and of a take-back names the zones of
// the season, in a zone that is not the bus's, and none for value.
func TestZonesOfALoad(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "bus zone=C")
	zones := func(order string) cardlayout.Zones {
		simtest.Play(t, bus, order)
		require.Equal(t, validator.Accepted, simtest.Present(bus, "Liisa").Ending)
		return simtest.LastEvent(t, bus).Zones
	}
	season := zones("driver load season 30 A")
	require.Equal(t, simtest.Held(t, bus, "Liisa").Seasons[0].Zones, season)
	require.Equal(t, "A", season.String())
	require.Equal(t, season, zones("driver take back"))
	require.Zero(t, zones("driver load 20.00"))

	zones("driver load season 30 A-B")
	simtest.Play(t, bus, "driver load season 30 A")
	require.Equal(t, fare.NotLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
	require.Equal(t, "A", simtest.LastEvent(t, bus).Zones.String())
}

// a load that was done in one driver's shift is taken back in no other's: the cash of
// the first would be missing from the second's.
func TestTakeBackOfAnotherShift(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "driver load 20.00\ntap Liisa")
	require.NoError(t, bus.Order(terminal.SignOn{Shift: validator.Shift{Driver: 8}, TakeOver: true}))
	err := bus.Order(terminal.TakeBack{By: sale.Driver})
	require.ErrorContains(t, err, "another shift")
	require.ErrorContains(t, err, "service point")
}

// Ensure that a load which nobody was told of is asked about however late its card comes back,
// and whether or not it has travelled meanwhile: one payment is one load.
func TestUnconfirmedLoadIsNeverTooOld(t *testing.T) {
	for _, later := range []string{
		"at +11m", "at +6m\ntap Liisa\nat +1m",
		"at +11m\ntap Liisa\nat +11m", "at 2026-03-05 09:00",
	} {
		bus, _ := simtest.SignedOn(t)
		simtest.Play(t, bus, "driver load 20.00\ntear Liisa after commit\ntap Liisa\n"+later)
		before := simtest.Held(t, bus, "Liisa").Purse
		simtest.Play(t, bus, "driver load 20.00")
		o := simtest.Present(bus, "Liisa")
		require.Equal(t, fare.NotLoaded, o.Decision.Reason, later)
		require.Contains(t, o.Decision.Refused.Error(), "was not confirmed")
		require.Equal(t, before, simtest.Held(t, bus, "Liisa").Purse, later)

		simtest.Play(t, bus, "driver load 20.00")
		require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason,
			"who asks means it")
	}
}

// Ensure that the other reader knows a load of a moment ago also where clocks go back an hour
// in between.
func TestLoadByTheOtherReaderInAutumn(t *testing.T) {
	for _, order := range []string{"driver load 20.00", "driver load season 30 A"} {
		bus, _ := simtest.SignedOn(t)
		other := simtest.Beside(t, bus)
		summer := time.Date(2026, time.October, 25, 0, 58, 0, 0, time.UTC) // 3:58
		bus.Clock.Set(summer)
		other.Clock.Set(summer.Add(4 * time.Minute)) // 3:02 once more
		simtest.Play(t, bus, order+"\ntear Liisa after commit\ntap Liisa")
		before := simtest.Held(t, bus, "Liisa")
		simtest.Play(t, other, order)
		require.Equal(t, fare.NotLoaded, simtest.Present(other, "Liisa").Decision.Reason, order)
		require.Equal(t, before, simtest.Held(t, bus, "Liisa"))
	}
}

// Ensure that a trip that was not heard either does not hide a load that nobody was told of.
func TestUnconfirmedTripHidesNoLoad(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	other := simtest.Beside(t, bus)
	simtest.Play(t, bus, "driver load 20.00\ntear Liisa after commit\ntap Liisa")
	for _, trip := range []string{"1", "2"} {
		simtest.Play(t, other, "bus trip="+trip)
		require.Equal(t, validator.Accepted, simtest.Present(other, "Liisa").Ending)
	}
	simtest.Play(t, bus, "at +2h\ndriver clear\nbus trip=4\ntear Liisa after commit\ntap Liisa")
	before := simtest.Held(t, bus, "Liisa").Purse
	simtest.Play(t, bus, "driver load 20.00")
	o := simtest.Present(bus, "Liisa")
	require.Equal(t, fare.NotLoaded, o.Decision.Reason)
	require.Contains(t, o.Decision.Refused.Error(), "was not confirmed")
	require.Equal(t, before, simtest.Held(t, bus, "Liisa").Purse)
	require.Equal(t, fare.AlreadyStamped, simtest.Present(bus, "Liisa").Decision.Reason,
		"it is paid")
}
