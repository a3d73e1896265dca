package place_test

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/validator/place"
)

// Line 2 runs north from stop s1 to s8, 600 metres and two minutes from each to the next. Zones
// A A A B B C C C. Line 9 is a loop that calls at s2 twice.
type plan map[string]place.Trip

func (p plan) Trip(id string) (place.Trip, bool) { t, ok := p[id]; return t, ok }

func (p plan) Numbered(number uint16) (place.Trip, bool) {
	for _, t := range p {
		if t.Number == number {
			return t, true
		}
	}
	return place.Trip{}, false
}

func (p plan) Stop(id string) (place.Stop, bool) {
	for _, t := range p {
		for _, c := range t.Calls {
			if c.ID == id {
				return c.Stop, true
			}
		}
	}
	return place.Stop{}, false
}

const metre = 1 / 111_194.9 // degrees of latitude

func north(metres float64) *place.Position { return &place.Position{Latitude: 62 + metres*metre} }

func call(n int, id string, zone uint8, metres float64) place.Call {
	return place.Call{
		Stop:    place.Stop{ID: id, Zones: []uint8{zone}, Position: north(metres)},
		Planned: time.Duration(n) * 2 * time.Minute,
	}
}

var lines = func() plan {
	two := place.Trip{ID: "T201", Line: "2", Number: 201}
	for n, zone := range []uint8{1, 1, 1, 2, 2, 3, 3, 3} {
		two.Calls = append(two.Calls, call(n, "s"+string(rune('1'+n)), zone, float64(n)*600))
	}
	next := two
	next.ID, next.Number = "T202", 202
	loop := place.Trip{ID: "T901", Line: "9", Number: 901, Calls: []place.Call{
		call(0, "s1", 1, 0), call(1, "s2", 1, 600), call(2, "s4", 2, 1800),
		call(3, "s2", 1, 600), call(4, "s3", 1, 1200),
	}}
	round := place.Trip{ID: "loop", Line: "8", Number: 801, Calls: []place.Call{
		call(0, "s1", 1, 0), call(1, "s3", 1, 1200), call(2, "s4", 2, 1800), call(4, "s5", 2, 2400),
		call(6, "s1", 1, 0),
	}}
	return plan{two.ID: two, next.ID: next, loop.ID: loop, round.ID: round}
}()

// said is something that happens at a minute of the test.
type said struct {
	minute float64
	report place.Report
	lost   place.Source
}

func at(minute float64, s place.Source, words string, more ...func(*place.Report)) said {
	r := place.Report{Source: s}
	for _, word := range strings.Fields(words) {
		what, value, _ := strings.Cut(word, "=")
		switch what {
		case "trip":
			r.Trip = &place.Trip{ID: value}
		case "journey": // by its reference
			r.Trip.Ref = value
		case "own-number": // a driver's, of another company
			r.Trip = &place.Trip{Number: 4711, Line: "2"}
		case "other-line": // a driver's, with the number of a departure of line 2
			r.Trip = &place.Trip{Number: 201, Line: "9"}
		case "departure": // a driver's
			t, _ := lines.Trip(value)
			r.Trip = &place.Trip{Number: t.Number, Line: t.Line}
		case "stop", "next":
			id, zones, _ := strings.Cut(value, ":")
			stop := &place.Stop{ID: id}
			for _, zone := range zones {
				stop.Zones = append(stop.Zones, uint8(zone-'A'+1))
			}
			if what == "stop" {
				r.Stop = stop
			} else {
				r.Next = stop
			}
		case "call":
			r.Stop.CallRef = value
		case "described": // by the computer, which knows no times
			described, _ := lines.Trip(value)
			r.Trip = &place.Trip{ID: value}
			for _, c := range described.Calls {
				r.Trip.Calls = append(r.Trip.Calls, place.Call{Stop: c.Stop})
			}
		case "at":
			r.At = place.AtStop
		case "between":
			r.At = place.Between
		case "kept":
			r.Kept = true
		case "diverted":
			r.State = place.Diverted
		case "off":
			r.State = place.OutOfService
		case "line": // without a trip
			r.Trip = &place.Trip{Line: value}
		case "dead-run":
			r.State = place.DeadRun
		case "open":
			r.Door = place.DoorOpen
		}
	}
	for _, f := range more {
		f(&r)
	}
	return said{minute: minute, report: r}
}

func lost(minute float64, s place.Source) said { return said{minute: minute, lost: s} }

func gone(metres, speed float64) func(*place.Report) {
	return func(r *place.Report) { r.Position = north(metres); r.Position.Speed = speed }
}

func onward(ids ...string) func(*place.Report) {
	return func(r *place.Report) {
		for _, id := range ids {
			r.Onward = append(r.Onward, place.Stop{ID: id})
		}
	}
}

func clock(said time.Time) func(*place.Report) { return func(r *place.Report) { r.Said = said } }

func off(east float64) func(*place.Report) {
	return func(r *place.Report) { r.Position.Longitude = east * metre / 0.469 }
}

func vaguely(metres float64) func(*place.Report) {
	return func(r *place.Report) { r.Position.Accuracy, r.Position.Speed = metres, 0 }
}

// creeping is a position a second, from one minute to another, at half of the pace of the timetable.
func creeping(from, to, metres float64) (all []said) {
	for m := from; m <= to; m += 1.0 / 60 {
		all = append(all, at(m, place.GNSS, "", gone(metres, 2.5)))
		metres += 2.5
	}
	return all
}

// repeating is BoB's journey, every half a minute.
func repeating(from, to float64) (all []said) {
	for m := from; m <= to; m += 0.5 {
		all = append(all, at(m, place.BoB, "trip=T201"))
	}
	return all
}

// frozen is one position a second, always the same and of the same time.
func frozen(from, to, metres float64) (all []said) {
	for m := from; m <= to; m += 1.0 / 60 {
		all = append(all, at(m, place.GNSS, "", gone(metres, 10), clock(time.Unix(100, 0))))
	}
	return all
}

// driving is a position a second, from one minute to another, on the way at ten metres a second.
func driving(from, to, metres float64, more ...func(*place.Report)) (all []said) {
	for m := from; m <= to; m += 1.0 / 60 {
		all = append(all, at(m, place.GNSS, "", append([]func(*place.Report){gone(metres, 10)}, more...)...))
		metres += 10
	}
	return all
}

// The table of sources and of all that can be wrong with them: what the record says at a minute.
// zones are those of the stop, or in question if it is not sure.
var table = map[string]struct {
	saids  []said
	minute float64
	stop   string
	source place.Source
	doubt  place.Doubt
	zones  string
}{
	"nothing has come since the start": {
		nil, 1, "s1", place.Configuration, place.NoNews, "A",
	},
	"bob says trip and stop": {
		[]said{at(1, place.BoB, "trip=T201"), at(1, place.BoB, "stop=s4:B at")},
		2, "s4", place.BoB, place.Sure, "B",
	},
	"a stop in several zones": {
		[]said{at(1, place.BoB, "trip=T201"), at(1, place.BoB, "stop=s4:BC at")},
		2, "s4", place.BoB, place.Sure, "BC",
	},
	"a stop without zones has those of the timetable": {
		[]said{at(1, place.ITxPT, "trip=T201 stop=s6 at")},
		2, "s6", place.ITxPT, place.Sure, "C",
	},
	"a stop that nobody knows has the zones around it": {
		[]said{at(1, place.BoB, "trip=T201 stop=s3:A"), at(2, place.BoB, "stop=new")},
		2, "new", place.BoB, place.OffTrip, "AB",
	},
	"zones that cannot be are left out": {
		[]said{at(1, place.BoB, "trip=T201 stop=s4:KB at")},
		2, "s4", place.BoB, place.Sure, "B",
	},
	"the on-board computer comes before own detection": {
		append(driving(0, 3, -300), at(2, place.BoB, "trip=T201"), at(2.5, place.BoB, "stop=s3:A at")),
		3, "s3", place.BoB, place.Sure, "A",
	},
	"the driver signs on, own detection follows the trip": {
		append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")}, driving(0.1, 3.2, 0)...),
		3.2, "s4", place.GNSS, place.Sure, "B",
	},
	"the driver's word holds until the source says another stop": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s4:B at"), at(1.2, place.Driver, "stop=s2:A"),
			at(1.4, place.BoB, "stop=s4:B at"),
		},
		1.5, "s2", place.Driver, place.Sure, "A",
	},
	"and not longer": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s4:B at"), at(1.2, place.Driver, "stop=s2:A"),
			at(3, place.BoB, "stop=s5:B at"),
		},
		3, "s5", place.BoB, place.Sure, "B",
	},
	"the broker is gone in the middle of a trip": {
		[]said{at(1, place.BoB, "trip=T201 stop=s3:A at"), lost(1.2, place.BoB)},
		5, "s3", place.BoB, place.Stale, "ABC",
	},
	"the broker is gone, and every zone ahead is the same": {
		[]said{at(1, place.BoB, "trip=T201 stop=s6:C at"), lost(1.2, place.BoB)},
		1.9, "s6", place.BoB, place.Sure, "C",
	},
	"the publisher is gone, and the broker is not": {
		[]said{at(1, place.BoB, "trip=T201 stop=s3:A at")},
		3.5, "s3", place.BoB, place.Stale, "ABC",
	},
	"the publisher is back, and the stops in between were not heard": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s3:A at"), at(5, place.BoB, "trip=T201"),
			at(5.5, place.BoB, "trip=T201"),
		},
		5.6, "s3", place.BoB, place.Stale, "ABC",
	},
	"the publisher is back, and satellites have seen that none was missed": {
		append([]said{
			at(1, place.BoB, "trip=T201 stop=s3:A at"), lost(1.2, place.BoB),
			at(2.5, place.BoB, "trip=T201"),
		}, creeping(1, 3, 1200)...),
		3, "s3", place.BoB, place.Sure, "A",
	},
	"no news for ten minutes, moving": {
		[]said{at(1, place.BoB, "trip=T201 stop=s1:A")},
		11.5, "s6", place.Timetable, place.Planned, "ABC",
	},
	"standing at its stop for eleven minutes": {
		append([]said{at(1, place.BoB, "trip=T201 stop=s1:A at")}, repeating(1.5, 11.5)...),
		12, "s1", place.BoB, place.Sure, "A",
	},
	"standing for longer than an hour": {
		[]said{at(1, place.BoB, "stop=s1:A at"), at(70, place.BoB, "trip=none")},
		70, "s1", place.BoB, place.Unknown, "A",
	},
	"retained yesterday": {
		[]said{at(1, place.BoB, "kept trip=T201"), at(1, place.BoB, "kept stop=s5:B next=s6:C")},
		2, "s5", place.BoB, place.Kept, "ABC",
	},
	"retained yesterday, and then live": {
		[]said{
			at(1, place.BoB, "kept trip=T201"), at(1, place.BoB, "kept stop=s5:B"),
			at(1.5, place.BoB, "trip=T201"), at(2, place.BoB, "stop=s6:C at"),
		},
		2, "s6", place.BoB, place.Sure, "C",
	},
	"the broker is back, and the stops in between were not heard": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s3:A at"), lost(1.2, place.BoB),
			at(4, place.BoB, "trip=T201"), at(4.5, place.BoB, "trip=T201"),
			at(5, place.BoB, "trip=T201"),
		},
		5, "s3", place.BoB, place.Stale, "ABC",
	},
	"and are": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s3:A at"), lost(1.2, place.BoB),
			at(4, place.BoB, "trip=T201"), at(4.5, place.BoB, "trip=T201 stop=s5:B at"),
		},
		5, "s5", place.BoB, place.Sure, "B",
	},
	"a live stop before the one that was retained": {
		[]said{
			at(1, place.BoB, "kept trip=T201"), at(1, place.BoB, "kept stop=s6:C"),
			at(1.5, place.BoB, "trip=T201"), at(2, place.BoB, "stop=s2:A at"),
		},
		2, "s2", place.BoB, place.Sure, "A",
	},
	"a trip that was retained is not live by a live stop": {
		[]said{at(1, place.BoB, "kept trip=T201"), at(1.5, place.BoB, "stop=s5:B at")},
		2, "s5", place.BoB, place.Kept, "B",
	},
	"satellites agree with a trip that was retained": {
		append([]said{at(0, place.BoB, "kept trip=T201"), at(3, place.BoB, "stop=s4:B at")},
			driving(0.1, 3.2, 0)...),
		3.2, "s4", place.BoB, place.Sure, "B",
	},
	"what is retained does not take the place of what is live": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s5:B at"), at(2, place.BoB, "kept trip=T202"),
			at(2, place.BoB, "kept stop=s1:A"),
		},
		2, "s5", place.BoB, place.Sure, "B",
	},
	"what is retained comes again after a reconnect, and is no younger": {
		[]said{at(1, place.BoB, "trip=T201 stop=s3:A"), at(9, place.BoB, "kept stop=s3:A")},
		12, "s8", place.Timetable, place.Planned, "ABC",
	},
	"a repetition makes nothing younger": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s3:A"), at(5, place.BoB, "stop=s3:A"),
			at(10, place.BoB, "stop=s3:A"),
		},
		11.5, "s8", place.Timetable, place.Planned, "ABC",
	},
	"a repetition with a newer time of its own does": {
		[]said{
			at(1, place.Ruter, "trip=T201 stop=s1:A", clock(time.Unix(100, 0))),
			at(10, place.Ruter, "stop=s1:A", clock(time.Unix(640, 0))),
		},
		11.5, "s1", place.Ruter, place.Sure, "A",
	},
	"a computer whose clock was in 2038 is as old as it is, until its next stop": {
		[]said{
			at(1, place.Ruter, "trip=T201 stop=s3:A", clock(time.Unix(1<<31, 0))),
			at(5, place.Ruter, "stop=s3:A", clock(time.Unix(1_795_860_000, 0))),
		},
		11.5, "s8", place.Timetable, place.Planned, "ABC",
	},
	"and then it is right again": {
		[]said{
			at(1, place.Ruter, "trip=T201 stop=s3:A", clock(time.Unix(1<<31, 0))),
			at(5, place.Ruter, "stop=s5:B", clock(time.Unix(1_795_860_000, 0))),
		},
		5.1, "s5", place.Ruter, place.Sure, "B",
	},
	"another bus's positions": {
		append([]said{at(0, place.BoB, "trip=T201 stop=s1:A at")}, driving(0.1, 1, 4000)...),
		1, "s1", place.BoB, place.Conflict, "AC",
	},
	"two on-board computers contradict each other": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s2:A at"), at(1.1, place.VDV301, "trip=T201 stop=s6:C at"),
			at(1.2, place.BoB, "trip=T201"),
		},
		2, "s6", place.VDV301, place.Conflict, "AC",
	},
	"two on-board computers speak as one": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s2:A"), at(1.2, place.BoB, "trip=T202 stop=s6:C"),
			at(1.5, place.BoB, "trip=T201 stop=s2:A"),
		},
		2, "s2", place.BoB, place.Conflict, "AC",
	},
	"and one of them is gone": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s2:A"), at(1.2, place.BoB, "trip=T202 stop=s6:C"),
			at(1.5, place.BoB, "trip=T201 stop=s2:A"), at(2, place.BoB, "trip=T201"),
			at(2.5, place.BoB, "trip=T201"), at(3, place.BoB, "trip=T201 stop=s3:A"),
		},
		3, "s3", place.BoB, place.Sure, "A",
	},
	"a computer that is signed on to a wrong trip for some minutes": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s2:A"), at(1.2, place.BoB, "trip=T202"),
			at(3, place.BoB, "trip=T201"), at(3.1, place.BoB, "stop=s3:A"),
		},
		3.2, "s3", place.BoB, place.Sure, "A",
	},
	"a trip that calls at a stop twice": {
		[]said{
			at(0, place.BoB, "trip=T901 stop=s1:A"), at(2, place.BoB, "stop=s2"),
			at(4, place.BoB, "stop=s4"), at(6, place.BoB, "stop=s2 between"),
		},
		6, "s2", place.BoB, place.Sure, "A",
	},
	"a call by its name, and the one at the same stop before it was the last that was heard": {
		[]said{
			at(0, place.Ruter, "trip=T901 stop=s1:A"), at(2, place.Ruter, "stop=s2:A call=one"),
			at(6, place.Ruter, "stop=s2:A call=two"), lost(6.1, place.Ruter),
		},
		6.5, "s2", place.Ruter, place.Sure, "A",
	},
	"a call by the name that it has already": {
		[]said{
			at(0, place.Ruter, "trip=T901 stop=s1:A"), at(2, place.Ruter, "stop=s2:A call=one"),
			at(2.1, place.Ruter, "stop=s2:A call=one", clock(time.Unix(1, 0))), lost(2.2, place.Ruter),
		},
		5, "s2", place.Ruter, place.Stale, "AB",
	},
	"a computer that speaks at stops alone, and satellites agree": {
		append([]said{at(1, place.Ruter, "trip=T201 stop=s3:A")}, creeping(1, 4, 1200)...),
		4, "s3", place.Ruter, place.Sure, "A",
	},
	"a computer that has ended, and satellites see the bus at the next stop": {
		append([]said{at(1, place.Ruter, "trip=T201 stop=s3:A")}, creeping(1, 5.8, 1200)...),
		5.8, "s3", place.Ruter, place.Stale, "ABC",
	},
	"a computer that speaks at stops alone, and nobody else does": {
		[]said{at(1, place.Ruter, "trip=T201 stop=s3:A")},
		4, "s3", place.Ruter, place.Stale, "ABC",
	},
	"a computer that describes the timetable's own trip": {
		[]said{at(1, place.Ruter, "described=T201 stop=s1:A")},
		11.5, "s6", place.Timetable, place.Planned, "ABC",
	},
	"a source that starts again does not take the bus back": {
		[]said{
			at(0, place.BoB, "trip=T201 stop=s1:A at"), at(8, place.BoB, "stop=s5:B at"),
			lost(8.1, place.BoB), at(8.3, place.BoB, "trip=T201 stop=s1:A at"),
		},
		8.4, "s5", place.BoB, place.Conflict, "ABC",
	},
	"and is right again as soon as it goes on": {
		[]said{
			at(0, place.BoB, "trip=T201 stop=s1:A at"), at(8, place.BoB, "stop=s5:B at"),
			at(8.3, place.BoB, "trip=T201 stop=s1:A at"), at(10, place.BoB, "stop=s6:C at"),
		},
		10, "s6", place.BoB, place.Sure, "C",
	},
	"a source that starts again, and says no zones": {
		[]said{
			at(0, place.ITxPT, "trip=T201 stop=s1 at"), at(8, place.ITxPT, "stop=s6 at"),
			at(8.3, place.ITxPT, "stop=s4 at"),
		},
		8.4, "s6", place.ITxPT, place.Conflict, "ABC",
	},
	"a bus that truly begins its trip again": {
		[]said{
			at(0, place.BoB, "trip=T201 stop=s1:A at"), at(8, place.BoB, "stop=s5:B at"),
			at(8.3, place.BoB, "stop=s1:A at"), at(10, place.BoB, "stop=s2:A at"),
		},
		10, "s2", place.BoB, place.Sure, "A",
	},
	"a diversion that is announced": {
		[]said{at(1, place.BoB, "trip=T201 stop=s3:A diverted")},
		1.1, "s3", place.BoB, place.Diversion, "AB",
	},
	"off the way for a minute": {
		append(append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")},
			driving(0.1, 2, 0)...), driving(2, 3.5, 1200, off(400))...),
		3.5, "s2", place.GNSS, place.Diversion, "AB",
	},
	"off the way for a minute, and then without a position": {
		append(append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")},
			driving(0.1, 2, 0)...), driving(2, 3.5, 1200, off(400))...),
		3.8, "s2", place.GNSS, place.Diversion, "ABC",
	},
	"a tunnel": {
		append(append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")},
			driving(0.1, 2, 0)...), driving(7, 7.1, 3000)...),
		7.1, "s6", place.GNSS, place.Sure, "C",
	},
	"in the tunnel": {
		append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")}, driving(0.1, 2, 0)...),
		5, "s2", place.GNSS, place.Stale, "ABC",
	},
	"a bus parked at its first stop": {
		func() (all []said) {
			all = []said{at(0, place.Driver, "departure=T201 stop=s1:A")}
			for m := range 55 {
				all = append(all, at(float64(m), place.GNSS, "", gone(5, 0)))
			}
			return all
		}(), 54, "s1", place.GNSS, place.Sure, "A",
	},
	"the driver is silent, and another zone can be reached": {
		[]said{at(1, place.Driver, "departure=T201 stop=s3:A")},
		4, "s3", place.Driver, place.Stale, "ABC",
	},
	"the driver takes the bus back": {
		[]said{at(1, place.BoB, "trip=T201 stop=s6:C at"), at(2, place.Driver, "stop=s2:A")},
		2, "s2", place.Driver, place.Sure, "A",
	},
	"satellites take no bus back": {
		append(append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")},
			driving(0.1, 3.2, 0)...), driving(3.3, 3.5, 600)...),
		3.5, "s4", place.GNSS, place.Sure, "B",
	},
	"a loop, by satellite": {
		append([]said{at(0, place.Driver, "departure=T901 stop=s1:A")},
			append(driving(0.1, 3.1, 0), at(3.2, place.GNSS, "", gone(1800, 0)),
				at(5.2, place.GNSS, "", gone(600, 0)), at(7.2, place.GNSS, "", gone(1200, 0)))...),
		7.2, "s3", place.GNSS, place.Sure, "A",
	},
	"eleven zones": {
		[]said{at(1, place.BoB, "trip=T201 stop=s4:BACDEFGHIJK at")},
		2, "s4", place.BoB, place.Sure, "ABCDEFGHIJ",
	},
	"a departure that the timetable does not have": {
		[]said{at(1, place.BoB, "trip=T201 stop=s4:B at"), at(1.2, place.Driver, "own-number")},
		1.5, "s4", place.BoB, place.Sure, "B",
	},
	"the next trip begins": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s8:C at"), at(5, place.BoB, "trip=T202"),
			at(5.1, place.BoB, "stop=s1:A at"),
		},
		5.2, "s1", place.BoB, place.Sure, "A",
	},
	"a dead run is no diversion": {
		[]said{at(1, place.ITxPT, "trip=T201 stop=s8"), at(1.2, place.ITxPT, "dead-run")},
		2, "s8", place.ITxPT, place.Sure, "C",
	},
	"a trip that the timetable does not have": {
		[]said{at(1, place.BoB, "trip=extra stop=s4:B at")},
		1.1, "s4", place.BoB, place.Unknown, "B",
	},
	"a stop that is not the trip's": {
		[]said{at(1, place.BoB, "trip=T201 stop=x9:B at")},
		1.1, "x9", place.BoB, place.OffTrip, "B",
	},
	"the driver's trip ends when the on-board computer begins another": {
		[]said{
			at(0, place.BoB, "trip=T201"), at(1, place.Driver, "departure=T901"),
			at(2, place.BoB, "trip=T202"), at(2, place.BoB, "stop=s6:C at"),
		},
		2, "s6", place.BoB, place.Sure, "C",
	},
	"the driver says again what the computer has not taken": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s4:B at"), at(1.2, place.Driver, "stop=s2:A"),
			at(3, place.BoB, "stop=s5:B at"), at(3.2, place.Driver, "stop=s2:A"),
		},
		3.4, "s2", place.Driver, place.Sure, "A",
	},
	"what is next was retained, and the stop is live": {
		[]said{
			at(1, place.BoB, "trip=extra stop=s3:A next=s4:A"), at(1.1, place.BoB, "kept next=s8:C"),
			lost(1.2, place.BoB),
		},
		3, "s3", place.BoB, place.Unknown, "A",
	},
	"the broker is gone on a trip that the timetable does not have": {
		[]said{
			at(1, place.BoB, "trip=extra stop=s3:A next=s4:B"), lost(1.2, place.BoB),
		},
		5, "s3", place.BoB, place.Unknown, "AB",
	},
	"a computer's clock says 1970": {
		[]said{
			at(1, place.VDV301, "trip=T201 stop=s4:B at", clock(time.Unix(10, 0))),
			at(3, place.VDV301, "stop=s5:B at", clock(time.Unix(130, 0))),
		},
		3, "s5", place.VDV301, place.Sure, "B",
	},
	"a computer's clock goes back, and makes nothing younger": {
		[]said{
			at(1, place.VDV301, "trip=T201 stop=s3:A", clock(time.Unix(1e9, 0))),
			at(10, place.VDV301, "stop=s3:A", clock(time.Unix(10, 0))),
		},
		11.5, "s8", place.Timetable, place.Planned, "ABC",
	},
	"its clock has gone back, and the bus goes on": {
		[]said{
			at(1, place.VDV301, "trip=T201 stop=s3:A", clock(time.Unix(1e9, 0))),
			at(3, place.VDV301, "stop=s4:B at", clock(time.Unix(10, 0))),
		},
		3.1, "s4", place.VDV301, place.Sure, "B",
	},
	"one that has zones comes before one that has none": {
		[]said{
			at(1, place.VDV301, "trip=T201 stop=s4:B at"), at(1, place.ITxPT, "trip=T201 stop=s4 at"),
		},
		1.1, "s4", place.VDV301, place.Sure, "B",
	},
	"the better computer falls silent, and the other goes on": {
		append([]said{at(1, place.VDV301, "trip=T201 stop=s4:B at"), lost(1.2, place.VDV301)},
			at(14, place.ITxPT, "trip=T201 stop=s6 at")),
		14.1, "s6", place.ITxPT, place.Sure, "C",
	},
	"a computer says that nothing is driven": {
		[]said{at(1, place.ITxPT, "trip=T201 stop=s8 at"), at(1.2, place.ITxPT, "off")},
		2, "s8", place.ITxPT, place.Sure, "C",
	},
	"a line without a trip": {
		[]said{at(1, place.VDV301, "line=2 stop=s4:B at")},
		1.1, "s4", place.VDV301, place.Sure, "B",
	},
	"the broker is gone on a trip that was retained": {
		[]said{
			at(1, place.BoB, "kept trip=T201"), at(1.5, place.BoB, "stop=s3:A"), lost(1.6, place.BoB),
		},
		5, "s3", place.BoB, place.Kept, "ABC",
	},
	"the broker is gone at a stop that is not the trip's": {
		[]said{
			at(1, place.BoB, "trip=T201 stop=s3:A"), at(2, place.BoB, "stop=x9:A"), lost(2.1, place.BoB),
		},
		6, "x9", place.BoB, place.OffTrip, "ABC",
	},
	"a line's departure with the number of another line's": {
		append([]said{at(0, place.Driver, "other-line stop=s1:A")}, driving(0.1, 3.2, 0)...),
		0.5, "s1", place.Driver, place.Sure, "A",
	},
	"a source that starts again twice": {
		[]said{
			at(0, place.BoB, "trip=T201 stop=s1:A at"), at(8, place.BoB, "stop=s5:B at"),
			at(8.3, place.BoB, "stop=s1:A at"), at(8.5, place.BoB, "stop=s5:B at"),
			at(8.7, place.BoB, "stop=s2:A at"),
		},
		8.9, "s5", place.BoB, place.Conflict, "ABC",
	},
	"a bus that was retained as standing does not stand": {
		[]said{
			at(0.9, place.BoB, "kept at"), at(1, place.BoB, "trip=T201 stop=s1:A"),
			at(1.1, place.BoB, "kept at"), at(11, place.BoB, "trip=T201"),
		},
		12, "s6", place.Timetable, place.Planned, "ABC",
	},
	"a receiver that does not know where it is": {
		append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")},
			driving(0.1, 3.2, 0, vaguely(5000))...),
		3.2, "s4", place.GNSS, place.Sure, "B",
	},
	"positions that are not near enough to any stop": {
		append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")},
			append(driving(0.1, 0.2, 0), driving(0.2, 4.2, 70, off(70))...)...),
		4.2, "s1", place.GNSS, place.Stale, "AB",
	},
	"a receiver that says the same over and over": {
		append([]said{
			at(0, place.Driver, "departure=T201 stop=s1:A"),
			at(0.1, place.GNSS, "", gone(1200, 10), clock(time.Unix(100, 0))),
		},
			frozen(0.2, 3, 1200)...),
		3, "s3", place.GNSS, place.Stale, "ABC",
	},
	"a minute without a position": {
		append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")},
			driving(0.1, 2.1, 0)...),
		3.2, "s3", place.GNSS, place.Stale, "AB",
	},
	"the driver's word is newer than what was retained, and both are old": {
		[]said{
			at(1, place.BoB, "kept stop=s8:C"), at(2, place.Driver, "departure=T201 stop=s1:A"),
		},
		13, "s6", place.Timetable, place.Planned, "ABC",
	},
	"a second departure, with its stop, is heard a moment before it is asked for": {
		[]said{at(1, place.Driver, "departure=T201 stop=s8:C"), at(5.0001, place.Driver, "departure=T202 stop=s6:C")},
		6, "s6", place.Driver, place.Sure, "C",
	},
	"the trip is over, and the bus drives back unannounced": {
		append([]said{at(0, place.Driver, "departure=T201 stop=s1:A")},
			append(driving(0.1, 7.2, 0), driving(8, 15, 4200, func(r *place.Report) {
				r.Position.Latitude = 2*north(4200).Latitude - r.Position.Latitude
			})...)...),
		15, "s8", place.GNSS, place.Stale, "ABC",
	},
	"the broker is gone, and the trip should be over": {
		[]said{at(1, place.BoB, "trip=T201 stop=s6:C at"), lost(1.2, place.BoB)},
		9, "s6", place.BoB, place.Stale, "ABC",
	},
	"another bus's positions, every five seconds and a bit": {
		append([]said{at(0, place.BoB, "trip=T201 stop=s1:A at")}, func() (all []said) {
			for m := 0.1; m < 1; m += 5.6 / 60 {
				all = append(all, at(m, place.GNSS, "", gone(4000, 10)))
			}
			return all
		}()...),
		1, "s1", place.BoB, place.Conflict, "AC",
	},
	"a source that starts again on a loop": {
		[]said{
			at(0, place.BoB, "trip=loop stop=s1:A at"), at(4, place.BoB, "stop=s4:B at"),
			lost(4.1, place.BoB), at(4.3, place.BoB, "trip=loop stop=s1:A at"),
		},
		4.4, "s4", place.BoB, place.Conflict, "AB",
	},
	"two on-board computers contradict each other, and nothing is known of the trip": {
		[]said{
			at(1, place.BoB, "stop=y1:A at"), at(1.1, place.VDV301, "stop=y2:C at"),
		},
		2, "y2", place.VDV301, place.Conflict, "AC",
	},
	"a journey that is described after its stop is the same trip": {
		[]said{
			at(1, place.Ruter, "trip=T201 journey=one stop=s8:C"),
			at(5, place.Ruter, "trip=two journey=two stop=s6:C"),
			at(5.1, place.Ruter, "trip=T202 journey=two"), lost(5.2, place.Ruter),
		},
		5.9, "s6", place.Ruter, place.Sure, "C",
	},
	"the broker is gone, and nothing is known of what is ahead": {
		[]said{at(1, place.BoB, "stop=s3:A"), lost(1.2, place.BoB)},
		2, "s3", place.BoB, place.Stale, "A",
	},
	"the broker is gone, and what is ahead was said without zones": {
		[]said{at(1, place.BoB, "trip=extra stop=s3:A", onward("s4", "s6")), lost(1.2, place.BoB)},
		5, "s3", place.BoB, place.Unknown, "ABC",
	},
}

func zonesOf(set cardlayout.ZoneSet) (text string) {
	for zone := range set.All {
		text += string(rune('A' + zone - 1))
	}
	return text
}

func arbiter() *place.Arbiter {
	a := &place.Arbiter{Expected: true, Plan: lines}
	a.Hear(place.Report{
		Source: place.Configuration,
		Trip:   &place.Trip{Number: 1}, Stop: &place.Stop{ID: "s1", Zones: []uint8{1}},
	})
	return a
}

// Ensure that the cases which the page for operators names are in the table.
func TestPageNamesCases(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../cmd/README.md")
	require.NoError(t, err)
	named := regexp.MustCompile("«([^»]+)»").FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(named), 30)
	for _, name := range named {
		require.Contains(t, table, name[1])
	}
}

// Ensure that the record is what the table of sources and faults says, whenever it is asked in
// between.
func TestTable(t *testing.T) {
	t.Parallel()
	for name, c := range table {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := arbiter()
			minutes := func(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }
			now := time.Duration(0)
			pass := func(until time.Duration) {
				for ; now < until; now += time.Second {
					a.Where(now)
				}
			}
			slices.SortStableFunc(c.saids, func(a, b said) int { return cmp.Compare(a.minute, b.minute) })
			for _, s := range c.saids {
				pass(minutes(s.minute))
				if s.lost != place.NoSource {
					a.Lose(s.lost)
					continue
				}
				s.report.Heard = minutes(s.minute)
				a.Hear(s.report)
			}
			pass(minutes(c.minute))
			r := a.Where(minutes(c.minute))
			zones := r.Question
			if r.Sure() {
				zones = cardlayout.ZonesOf(r.Stop.Zones...)
			}
			require.Equal(t, []any{c.stop, c.source.String(), c.doubt.String(), c.zones},
				[]any{r.Stop.ID, r.StopFrom.Source.String(), r.Doubt.String(), zonesOf(zones)})
		})
	}
}

// Ensure that a stop keeps its place in the trip when the timetable is read after it was said.
func TestTimetableComesLate(t *testing.T) {
	t.Parallel()
	a := arbiter()
	a.Plan = nil
	a.Hear(at(0, place.BoB, "trip=T201 stop=s4:B").report)
	require.Equal(t, -1, a.Where(1).Call)
	a.Plan = lines
	r := a.Where(2)
	require.Equal(t, 3, r.Call)
	require.Equal(t, "s5", r.Next.ID)
}

// Ensure that no lateness is so great that a stop becomes young.
func TestVeryLate(t *testing.T) {
	t.Parallel()
	a := arbiter()
	late := at(0, place.BoB, "trip=T201 stop=s4:B").report
	late.Heard, late.Late = time.Minute, 1<<63-1
	a.Hear(late)
	record := a.Where(2 * time.Minute)
	require.False(t, record.Sure())
}

// Ensure that a trip that the computer itself describes, without times, makes a silent bus be
// anywhere ahead on it, and nowhere by the clock.
func TestDescribed(t *testing.T) {
	t.Parallel()
	a := arbiter()
	a.Plan = nil
	a.Hear(at(0, place.Ruter, "described=T201 stop=s3:A next=s4:B").report)
	r := a.Where(time.Second)
	require.True(t, r.Sure())
	require.Equal(t, 2, r.Call)
	for _, minutes := range []time.Duration{2, 11, 70} {
		r = a.Where(minutes * time.Minute)
		require.Equal(t, []any{"s3", place.Stale, "ABC"}, []any{r.Stop.ID, r.Doubt, zonesOf(r.Question)})
	}
}

// Ensure that what a broker has kept does not make a bus forget that it is between two stops.
func TestKeptMovesNothing(t *testing.T) {
	t.Parallel()
	a := arbiter()
	a.Hear(at(0, place.BoB, "trip=T201 stop=s3:A next=s4:B between").report)
	a.Hear(at(0, place.BoB, "kept stop=s1:A next=s2:A").report)
	a.Hear(at(0, place.BoB, "kept next=s2:A").report)
	r := a.Where(time.Second)
	require.Equal(t, []any{"s3", "s4", place.Between}, []any{r.Stop.ID, r.Next.ID, r.At})
}
