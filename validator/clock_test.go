package validator_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/hw/clock"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// Ensure that the time of a tap comes from the best source there is, as the table in doc.go
// has it, and that the event says when it is estimated; also after a restart, for the mark
// is in the journal.
func TestClockSources(t *testing.T) {
	const lastEvent = "2026-03-02 08:00:00"
	for name, row := range map[string]struct {
		list      string // when it was made
		synced    bool
		clock     string
		then      string // the clock, a tap later; or nothing
		want      string
		estimated bool
	}{
		"trusted":                       {clock: "2026-03-02 09:00:00", want: "2026-03-02 09:00:00"},
		"the same second":               {clock: lastEvent, want: lastEvent},
		"parked for weeks":              {clock: "2026-04-01 09:00:00", want: "2026-04-01 09:00:00"},
		"ahead of any parked bus":       {clock: "2026-04-01 09:00:01", want: lastEvent, estimated: true},
		"years ahead":                   {clock: "2031-01-01 00:00:00", want: lastEvent, estimated: true},
		"behind, but after the list":    {list: "2026-03-01 04:00:00", clock: "2026-03-02 07:00:00", want: lastEvent, estimated: true},
		"behind the list, too":          {list: "2026-03-01 04:00:00", clock: "2026-02-28 07:00:00", want: lastEvent, estimated: true},
		"behind, without a list":        {clock: "2026-03-02 07:59:59", want: lastEvent, estimated: true},
		"begun in 1970":                 {clock: "1970-01-01 00:00:10", want: lastEvent, estimated: true},
		"synced, behind the last event": {synced: true, clock: "2026-03-02 07:00:00", want: "2026-03-02 07:00:00"},
		"synced, behind everything": {
			synced: true, list: "2026-03-01 04:00:00", clock: "2026-02-20 07:00:00",
			want: lastEvent, estimated: true,
		},
		"synced, 1024 weeks back": {
			synced: true, clock: "2006-07-17 09:00:00", want: lastEvent,
			estimated: true,
		},
		"synced, 1024 weeks ahead": {
			synced: true, clock: "2045-10-16 09:00:00", want: lastEvent,
			estimated: true,
		},
		"synced, a year ahead": {
			synced: true, clock: "2027-03-02 09:00:00",
			want: "2027-03-02 09:00:00",
		},
		"behind, and counts past the last event": {
			clock: "2026-03-02 07:55:00",
			then:  "2026-03-02 08:55:00", want: "2026-03-02 09:00:00", estimated: true,
		},
		"it counts on": {
			clock: "1970-01-01 00:00:10", then: "1970-01-01 00:05:10",
			want: "2026-03-02 08:05:00", estimated: true,
		},
		"stepped back meanwhile": {
			clock: "1970-01-01 00:10:00", then: "1970-01-01 00:00:00",
			want: lastEvent, estimated: true,
		},
		"stepped forward, still behind": {
			clock: "1970-01-01 00:00:00", then: "2026-03-02 07:00:00",
			want: lastEvent, estimated: true,
		},
		"set right meanwhile": {
			clock: "1970-01-01 00:00:00", then: "2026-03-02 08:30:00",
			want: "2026-03-02 08:30:00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			bus := simtest.NewBus(t)
			if row.list != "" {
				simtest.Play(t, bus, "card Leo  kind company\nat "+row.list+"\nblock Leo")
			}
			simtest.Play(t, bus, "at "+lastEvent+"\ntap Aino\nrestart\nbus trip=2")
			if row.synced {
				bus.Validator.Synced = func() bool { return true }
			}
			simtest.Play(t, bus, "at "+row.clock)
			o := simtest.Tap(bus)
			if row.then != "" {
				simtest.Play(t, bus, "bus trip=3\nat "+row.then)
				o = simtest.Tap(bus)
			}
			require.Equal(t, validator.Accepted, o.Ending, "no clock refuses anybody: %v", o.Decision.Reason)
			require.Equal(t, row.want, o.Event.At.In(bus.Zone).Format(time.DateTime))
			require.Equal(t, row.estimated, o.Event.Estimated)
		})
	}
}

// Ensure that a device which has lost its time before its first event serves nobody at a
// price of its own making.
func TestNeverHadTheTime(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "at 1970-01-01 00:10")
	faulty(t, bus, "no tariff covers")
	simtest.Play(t, bus, "at 2026-03-02 08:00")
	require.Equal(t, validator.Accepted, simtest.Tap(bus).Ending)
}

// Ensure that what needs the time goes by it as the table in doc.go has it when it is
// estimated, on a clock that begins in 1970 ten minutes after Maija's first tap: at once,
// and after so many hours of its own count. What waits, and what a driver has said, have
// tests of their own.
func TestDecisionsByAnEstimate(t *testing.T) {
	const season = "card Maija  area 217, season1 area=217 product=30 zones=A days=30"
	for name, row := range map[string]struct {
		card, first string
		limit       time.Duration // of the block list's age
		want        fare.Reason
		after       string
		then        fare.Reason
	}{
		"value":    {"card Maija  purse 50.00", "", 0, fare.Value, "3h", fare.Value},
		"transfer": {"card Maija  purse 50.00", "tap Maija", 0, fare.Transfer, "3h", fare.Value},
		"a season goes on": {
			season + " from=2026-02-01 to=2026-03-02, purse 50.00", "tap Maija", 0,
			fare.Season, "23h", fare.Season,
		},
		"a season waits": {season, "", 0, fare.Season, "1h", fare.Season},
		"past its life":  {"card Maija  valid 2026-03-02, purse 50.00", "", 0, fare.Value, "23h", fare.Value},
		"age of the block list": {
			"card Maija  kind company, purse 50.00",
			"card Leo  kind company\nblock Leo", 72 * time.Hour, fare.Value, "3h", fare.Value,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bus := simtest.NewBus(t)
			simtest.Play(t, bus, "tariffs kotka-2025\ncard Ella  area 217, purse 50.00\n"+row.card+
				"\nat 2026-03-02 07:50\n"+row.first+
				"\nbus trip=8\nat +10m\ntap Ella\nat 1970-01-01 00:00\nbus trip=9")
			bus.Validator.RequireList, bus.Validator.ListLimit = row.limit > 0, row.limit
			maija := func() validator.Outcome {
				o := bus.Validator.Serve(emu.Air{}.Present(bus.Cards["Maija"]))
				require.True(t, o.Event.Estimated)
				require.Equal(t, validator.Accepted, o.Ending, "%v", o.Decision.Reason)
				return o
			}
			require.Equal(t, row.want, maija().Decision.Reason)
			simtest.Play(t, bus, "bus trip=10\nat +"+row.after)
			require.Equal(t, row.then, maija().Decision.Reason)
		})
	}
}

// Ensure that an event says how far its time was known and when it was last, and that the state
// says so, and the journal after a start.
func TestEventSaysItsTime(t *testing.T) {
	bus := simtest.NewBus(t)
	say := func(quality clock.Quality, last string) {
		t.Helper()
		e := simtest.Tap(bus).Event
		require.Equal(t, quality == clock.Unknown, e.Estimated)
		require.Equal(t, quality == clock.Synchronized, e.Synchronized)
		kept := ""
		if !e.LastSync.IsZero() {
			kept = e.LastSync.In(bus.Zone).Format(time.TimeOnly)
		}
		require.Equal(t, last, kept)
		require.Equal(t, e, simtest.LastEvent(t, bus))
		require.Equal(t, quality, bus.Terminal.State().Time.Quality)
	}
	say(clock.Plausible, "")
	simtest.Play(t, bus, "sync on\nat 2026-03-02 08:00")
	say(clock.Synchronized, "")
	simtest.Play(t, bus, "sync off\nat 2026-03-02 09:00")
	say(clock.Plausible, "08:00:00")
	simtest.Play(t, bus, "clock 2038-01-19 09:00")
	say(clock.Unknown, "08:00:00")
	require.Equal(t, clock.Impossible, bus.Terminal.State().Time.Fault)
	simtest.Play(t, bus, "restart\nat 2026-03-02 10:00")
	say(clock.Plausible, "08:00:00")
}

// Ensure that what the driver has said of the next card, and the card that was looked at, wait
// for as long as they had left when the time is put right, in either direction.
func TestOrdersWhenTheTimeIsPutRight(t *testing.T) {
	for _, step := range []string{"+3h", "-3h"} {
		bus := simtest.NewBus(t)
		simtest.Play(t, bus,
			"at 2026-03-02 08:00\ntap Aino\nat +10m\nbus trip=2\ndriver 2 persons\nsync on\n"+
				"at +50s\nclock "+step)
		require.Equal(t, "2 persons", bus.Terminal.State().Order.String(), step)
		simtest.Play(t, bus, "at +11s")
		require.Empty(t, bus.Terminal.State().Order, step)
	}
}

// Ensure that a list of which nobody knows the age is used, and that one which was too old when
// the time was last known is not.
func TestAgeOfTheListByAnUnknownTime(t *testing.T) {
	bus := simtest.NewBus(t)
	limit := func() { bus.Validator.RequireList, bus.Validator.ListLimit = true, 72*time.Hour }
	simtest.Play(t, bus, "card Leo  kind company\nat 2026-03-02 08:00\nblock Leo\nat +80h\nrestart")
	limit()
	require.ErrorIs(t, simtest.Tap(bus).Err, validator.ErrNoList)
	simtest.Play(t, bus, "restart\nat 2026-02-20 08:00")
	limit()
	o := simtest.Tap(bus)
	require.True(t, o.Event.Estimated)
	require.Equal(t, validator.Accepted, o.Ending)
	simtest.Play(t, bus,
		"sync on\nat 2026-03-06 08:00\ntap Aino\nsync off\nrestart\nat 2026-03-05 08:00")
	limit()
	o = simtest.Tap(bus)
	require.True(t, o.Event.Estimated)
	require.ErrorIs(t, o.Err, validator.ErrNoList)
}

// Ensure that no interval which is negative refuses a passenger: what an earlier validator
// wrote whose clock was ahead, by a second or by years, lets a card board here as if it had
// not been there, at the most for another fare.
func TestNegativeIntervals(t *testing.T) {
	for name, card := range map[string]string{
		"value":         "card Maija  area 217, purse 50.00",
		"season":        "card Maija  area 217, purse 50.00, season1 area=217 product=30 zones=A days=30 from=2026-02-01 to=2026-12-31",
		"first use":     "card Maija  area 217, purse 50.00, season1 area=217 product=30 zones=A days=30",
		"another's":     "card Maija  purse 50.00",
		"company's":     "card Maija  area 217, kind company, purse 50.00",
		"on a read EV1": "card Maija  area 217, chip EV1, profile readable, purse 50.00",
	} {
		for _, ahead := range []string{"1s", "59s", "10m", "2h", "26h", "8760h"} {
			for _, trip := range []string{"1", "2"} { // the same trip, and another
				bus := simtest.NewBus(t)
				simtest.Play(t, bus,
					"tariffs kotka-2025\n"+card+"\nat 2026-03-02 08:00\nat +"+ahead+"\nbus trip=1")
				first := bus.Validator.Serve(emu.Air{}.Present(bus.Cards["Maija"]))
				require.Equal(t, validator.Accepted, first.Ending)
				bus.Validator.Synced = func() bool { return true } // this one knows the time
				simtest.Play(t, bus, "at 2026-03-02 08:00\nbus trip="+trip)
				o := bus.Validator.Serve(emu.Air{}.Present(bus.Cards["Maija"]))
				require.False(t, o.Event.Estimated)
				require.Equal(t, validator.Accepted, o.Ending, "%s, %s ahead, trip %s: %v", name, ahead,
					trip, o.Decision.Reason)
			}
		}
	}
}

// Ensure that a card which was looked at stays so for as long as it had left when the time was
// put right.
func TestLookWhenTheTimeIsPutRight(t *testing.T) {
	for _, step := range []string{"+3h", "-3h"} {
		bus := simtest.NewBus(t)
		simtest.Play(t, bus, "at 2026-03-02 08:00\ncard Liisa  kind personal, born 1980-05-17\n"+
			"sync on\ndriver check\ntap Liisa\nat +50s\nclock "+step)
		ask := func() error {
			return bus.Order(terminal.Identify{Birth: 1})
		}
		require.NoError(t, ask(), step)
		simtest.Play(t, bus, "at +11s")
		require.Error(t, ask(), step)
	}
}

// Ensure that a clock without a measure beside it is its own, and goes on.
func TestClockIsItsOwnMeasure(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "at 2026-03-02 08:00\ntap Aino")
	v := bus.Validator
	v.Elapsed, v.Synced, v.Emulated = nil, func() bool { return false }, false
	begun := v.Time()
	bus.Clock.Set(bus.Clock.Now().Add(5 * time.Minute))
	require.Equal(t, 5*time.Minute, v.Time().Sub(begun))
}

// Ensure that a time before the first day of the tariffs on board is nobody's, no matter who says
// it, and that one from there on is believed.
func TestTimeBeforeTheFirstTariff(t *testing.T) {
	bus := simtest.NewBus(t)
	v := bus.Validator
	v.Synced, v.Emulated = func() bool { return true }, false
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	v.Built, v.Earliest = time.Time{}, func() time.Time { return first }
	fault := func(at time.Time) clock.Fault {
		bus.Clock.Set(at)
		return v.Timing().Fault
	}
	require.Equal(t, clock.Impossible, fault(first.AddDate(0, 0, -3)))
	require.Equal(t, clock.NoFault, fault(first))
	v.Built = first.AddDate(0, 6, 0)
	require.Equal(t, clock.Impossible, fault(first.AddDate(0, 3, 0)), "the program is younger")
}

// Ensure that the log says when the time gets worse and when it gets better, once each.
func TestTimeIsTold(t *testing.T) {
	bus := simtest.NewBus(t)
	var log bytes.Buffer
	bus.Validator.Log = slog.New(slog.NewTextHandler(&log, nil))
	v := bus.Validator
	say := func(text string) string {
		log.Reset()
		simtest.Play(t, bus, text)
		v.Timing()
		v.Timing()
		require.LessOrEqual(t, strings.Count(log.String(), "\n"), 1, text)
		return log.String()
	}
	say("at 2026-03-02 08:00")
	require.Contains(t, say("sync on"), "the time is kept right")
	require.Contains(t, say("sync off"), "the time is no longer kept right")
	require.Empty(t, say("at +1m"))
	require.Contains(t, say("sync on\nclock 2045-10-16 09:00"), "the time is not known")
	require.Empty(t, say("at +1m"))
	require.Contains(t, say("clock right\nat +1m"), "the time is kept right")
	say("sync off")
	require.Contains(t, say("clock +3h"), "the time is not known")
	require.Contains(t, say("clock right"), "the time is plausible again")
}

// Ensure that a clock which goes by another device whose time is plausible is believed for
// what it is, and not for more.
func TestTimeOfAnotherDevice(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "at 2026-03-02 08:00\ntap Aino")
	v := bus.Validator
	counted := v.Elapsed()
	v.Elapsed = func() time.Duration { return counted }
	v.Synced, v.Emulated = func() bool { return false }, false
	v.Timing()
	bus.Clock.Set(bus.Clock.Now().AddDate(0, 2, 0))
	require.Equal(t, clock.Unknown, v.Timing().Quality, "nobody says so")
	v.Relayed = func() bool { return false }
	require.Equal(t, clock.Unknown, v.Timing().Quality, "nor does the other")
	v.Relayed = func() bool { return true }
	require.Equal(t, clock.Plausible, v.Timing().Quality)
	v.Synced = func() bool { return true }
	require.Equal(t, clock.Synchronized, v.Timing().Quality)
}

// Ensure that an acceptance which nobody heard is told, and not charged again, where the clock
// that stamped it was hours behind and was put right meanwhile.
func TestUnconfirmedBeforeTheTimeWasPutRight(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus,
		"at 2026-03-02 05:00\ntear Aino after commit\ntap Aino\nsync on\nclock +3h")
	require.Equal(t, fare.Recovered, simtest.Tap(bus).Decision.Reason)
	require.EqualValues(t, 1000-251, simtest.Held(t, bus, "Aino").Purse)
}

// Ensure that a journey which had ended when the time was last known does not go on because it
// is not known now, and that one which had not does.
func TestJourneyAtTheTimeLastKnown(t *testing.T) {
	for until, want := range map[string]fare.Reason{"at +2h": fare.Value, "at +1h": fare.Transfer} {
		bus := simtest.NewBus(t)
		simtest.Play(t, bus,
			"card Leo  purse 10.00\nat 2026-03-02 08:00\nsync on\ntap Aino\n"+until+
				"\nbus trip=2\ntap Leo\nsync off\nclock 2045-10-16 09:00\nbus trip=3")
		o := simtest.Tap(bus)
		require.True(t, o.Event.Estimated)
		require.Equal(t, want, o.Decision.Reason, until)
	}
}
