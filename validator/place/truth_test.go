package place_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/validator/place"
)

// Ensure that a bus that drives its trips, of whose sources any may fail at any time, is truly in one
// of the zones in question whenever it is not sure; and that it is not wrongly sure for longer than a
// source may be silent.
func TestPlaceHoldsTheTruth(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		a := arbiter()
		const whole = 7 * 600
		now, metres, trip, last := time.Duration(0), 0.0, "T201", -1
		bob, gnss, pace := true, true, 2.5+5*r.Float64() // the timetable's is 5 m/s
		say := func(words string) {
			if bob {
				report := at(0, place.BoB, words).report
				report.Heard = now
				a.Hear(report)
			}
		}
		say("trip=T201")
		wrong := 0 // seconds
		for range 3600 {
			now += time.Second
			if metres < whole {
				metres += pace
			} else if r.IntN(120) == 0 {
				metres, last = 0, -1
				trip = map[string]string{"T201": "T202", "T202": "T201"}[trip]
				if r.IntN(3) > 0 { // else it says the stop before the trip
					say("trip=" + trip)
				}
			}
			switch r.IntN(600) {
			case 0:
				if bob = !bob; !bob && r.IntN(2) == 0 {
					a.Lose(place.BoB)
				}
			case 1:
				gnss = !gnss
			}
			if call := min(int(metres/600), 7); call != last {
				last = call
				say("stop=" + lines["T201"].Calls[call].ID)
				say("at")
			} else if metres > float64(call)*600+100 && metres < float64(call)*600+110 {
				say("between")
			}
			if int(now/time.Second)%30 == 0 {
				say("trip=" + trip)
			}
			if gnss {
				report := at(0, place.GNSS, "", gone(metres, pace)).report
				report.Heard = now
				a.Hear(report)
			}
			record := a.Where(now)
			truth := cardlayout.ZonesOf(lines["T201"].Calls[last].Zones...)
			zones, most := record.Question, 0
			if record.Sure() {
				zones, most = cardlayout.ZonesOf(append(record.Stop.Zones, record.Next.Zones...)...), 80
			}
			if wrong++; zones&truth != 0 {
				wrong = 0
			}
			require.LessOrEqual(t, wrong, most, "seed %d at %v: at call %d of %s, and %+v",
				seed, now, last, trip, record)
		}
	}
}
