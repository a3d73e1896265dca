package validator_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/tariff"
	"leima/validator"
	"leima/validator/sim"
)

// beside is a second device of the same bus, with a number of its own and the same cards.
func beside(t *testing.T, bus *sim.Bus) *sim.Bus {
	t.Helper()
	other, err := sim.NewBus(t.TempDir(), sim.Setup{Device: 77,
		Prices: func(name string) (tariff.Source, error) {
			text, err := os.ReadFile("../testdata/tariffs/" + name + ".toml")
			return tariff.Source{File: name, TOML: text}, err
		}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Close() })
	play(t, other, "tariffs jyvaskyla-2018\nat 2026-03-02 08:00\nbus zone=A vehicle=7 trip=9")
	other.Cards = bus.Cards
	return other
}

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
// bears an older one like it, whoever has stamped the card meanwhile, and however often.
func TestOlderLoadIsNotThisOne(t *testing.T) {
	for _, order := range []string{"driver load 20.00", "driver load season 30 A"} {
		for stamps := range 3 {
			bus, _ := signedOn(t)
			other := beside(t, bus)
			play(t, bus, order+"\ntap Liisa")
			before := held(t, bus, "Liisa")
			play(t, bus, "at 2026-03-02 09:30\nbus trip=3\n"+order+"\ntear Liisa before commit\ntap Liisa")
			for n := range stamps {
				play(t, other, "at 2026-03-02 09:30:10\nbus trip="+string(rune('1'+n)))
				require.Equal(t, validator.Accepted, present(other, "Liisa").Ending)
			}
			o := present(bus, "Liisa")
			require.NotEqual(t, fare.LoadUnheard, o.Decision.Reason, "%s, %d stamps", order, stamps)
			if stamps > 1 { // nobody can tell: the driver is told so, and asks again
				require.Equal(t, fare.NotLoaded, o.Decision.Reason)
				require.Contains(t, o.Decision.Refused.Error(), "nobody can tell")
				play(t, bus, order)
				o = present(bus, "Liisa")
			}
			require.True(t, o.Decision.Reason.Loads(), "%s, %d stamps: %v", order, stamps, o.Decision)
			loaded := held(t, bus, "Liisa")
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
	bus, _ := signedOn(t)
	other := beside(t, bus)
	play(t, bus, "driver load 20.00\ntap Liisa\ndriver load 20.00\ntear Liisa before commit\ntap Liisa")
	for _, trip := range []string{"1", "2"} {
		play(t, other, "bus trip="+trip)
		present(other, "Liisa")
	}
	o := present(bus, "Liisa")
	require.Equal(t, fare.NotLoaded, o.Decision.Reason)
	require.Contains(t, o.Decision.Refused.Error(), "nobody can tell")
}

// Ensure that a load whose order is given anew is not done twice, whatever keeps the tap
// between from being served, and whatever else is asked then.
func TestOrderGivenAnew(t *testing.T) {
	faults := map[string]func(*validator.Validator) (mend func()){
		"no tariff": func(v *validator.Validator) func() {
			good := v.Tariffs
			v.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, errDisk }
			return func() { v.Tariffs = good }
		},
		"a full journal": func(v *validator.Validator) func() {
			good := v.Journal
			v.Journal = &failing{Journal: good, record: true, begin: true}
			return func() { v.Journal = good }
		},
		"no list": func(v *validator.Validator) func() {
			v.RequireList = true
			return func() { v.RequireList = false }
		},
	}
	for name, fault := range faults {
		for _, amount := range []cardlayout.Cents{2000, 3000} {
			bus, _ := signedOn(t)
			v := bus.Validator
			play(t, bus, "driver load 20.00\ntear Liisa after commit\ntap Liisa")
			require.NoError(t, v.Do(validator.Load{Amount: amount}))
			mend := fault(v)
			require.Equal(t, validator.Fault, present(bus, "Liisa").Ending, name)
			mend()
			o := present(bus, "Liisa")
			require.Equal(t, fare.NotLoaded, o.Decision.Reason, "%s, %v", name, amount)
			require.Contains(t, o.Decision.Refused.Error(), "was not heard of")
			require.EqualValues(t, 3000, held(t, bus, "Liisa").Purse, name)

			require.NoError(t, v.Do(validator.Load{Amount: amount}), "who asks again means it")
			require.Equal(t, fare.ValueLoaded, present(bus, "Liisa").Decision.Reason)
			require.Equal(t, 3000+amount, held(t, bus, "Liisa").Purse)
		}
	}
}

// Ensure that a load which one device has committed and not heard is not done again by the
// device beside it, nor by itself after a restart, before the driver was told.
func TestLoadByTheOtherReader(t *testing.T) {
	for _, order := range []string{"driver load 20.00", "driver load season 30 A"} {
		bus, _ := signedOn(t)
		other := beside(t, bus)
		play(t, bus, order+"\ntear Liisa after commit\ntap Liisa")
		before := held(t, bus, "Liisa")
		play(t, bus, "restart")
		for name, desk := range map[string]*sim.Bus{"the other reader": other, "the same": bus} {
			at("2026-03-02 08:02:00", desk)
			play(t, desk, order)
			o := present(desk, "Liisa")
			require.Equal(t, fare.NotLoaded, o.Decision.Reason, "%s: %s", name, order)
			require.Equal(t, before.Purse, held(t, bus, "Liisa").Purse)
			require.Equal(t, before.Seasons, held(t, bus, "Liisa").Seasons)
		}
		play(t, other, order)
		require.True(t, present(other, "Liisa").Decision.Reason.Loads(), "who asks again means it")
	}
}

// Ensure that a load like an earlier one is asked about only for a moment, and never by who
// has told the driver of it.
func TestLoadLikeAnEarlierOne(t *testing.T) {
	bus, _ := signedOn(t)
	other := beside(t, bus)
	play(t, bus, "driver load 20.00\ntap Liisa\ndriver load 20.00")
	require.Equal(t, fare.ValueLoaded, present(bus, "Liisa").Decision.Reason)
	play(t, other, "at 2026-03-02 08:11\ndriver load 20.00")
	require.Equal(t, fare.ValueLoaded, present(other, "Liisa").Decision.Reason)
}

// Ensure that the event of a load, of a refused one and of a take-back names the zones of
// the season, in a zone that is not the bus's, and none for value.
func TestZonesOfALoad(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "bus zone=C")
	zones := func(order string) cardlayout.Zones {
		play(t, bus, order)
		require.Equal(t, validator.Accepted, present(bus, "Liisa").Ending)
		return lastEvent(t, bus).Zones
	}
	season := zones("driver load season 30 A")
	require.Equal(t, held(t, bus, "Liisa").Seasons[0].Zones, season)
	require.Equal(t, "A", season.String())
	require.Equal(t, season, zones("driver take back"))
	require.Zero(t, zones("driver load 20.00"))

	zones("driver load season 30 A-B")
	play(t, bus, "driver load season 30 A")
	require.Equal(t, fare.NotLoaded, present(bus, "Liisa").Decision.Reason)
	require.Equal(t, "A", lastEvent(t, bus).Zones.String())
}

// a load that was done in one driver's shift is taken back in no other's: the cash of
// the first would be missing from the second's.
func TestTakeBackOfAnotherShift(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "driver load 20.00\ntap Liisa")
	require.NoError(t, bus.Validator.Do(validator.SignOn{Shift: validator.Shift{Driver: 8}, Over: true}))
	err := bus.Validator.Do(validator.TakeBack{By: fare.Driver})
	require.ErrorContains(t, err, "another shift")
	require.ErrorContains(t, err, "service point")
}
