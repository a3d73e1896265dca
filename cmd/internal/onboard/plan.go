package onboard

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/feed"
	"leima/validator/api"
	"leima/validator/gtfs"
	"leima/validator/place"
)

// A Plan is the timetable on board, as place.Plan.
type Plan struct {
	stops *gtfs.Stops
	trips *gtfs.Timetable

	ids     []string // by number less 1
	lines   []string
	numbers map[string]uint16
	last    place.Trip // looked up last: it is asked for every second
}

// ReadPlan reads the timetable of a feed.
func ReadPlan(path string) (*Plan, error) {
	source, closer, err := feed.Open(path)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	stops, _, err := gtfs.ReadStops(source)
	if err != nil {
		return nil, err
	}
	trips, _, err := gtfs.ReadTimetable(source, stops)
	if err != nil {
		return nil, err
	}
	p := &Plan{stops: stops, trips: trips, numbers: map[string]uint16{}}
	p.number()
	return p, nil
}

// numbered is the greatest number of a feed's trip. A trip that the feed does not have gets a
// number above it, by its id.
const numbered = math.MaxInt16

// number gives each trip of the feed its number on cards, in the order of departure and id, so that
// every device with the same feed gives it the same one.
func (p *Plan) number() {
	p.ids = p.trips.Trips()
	departure := func(id string) int32 {
		trip, _ := p.trips.Trip(id)
		if len(trip.Calls) == 0 {
			return gtfs.NoTime
		}
		return trip.Calls[0].Departure
	}
	slices.SortStableFunc(p.ids, func(a, b string) int {
		return cmp.Compare(departure(a), departure(b))
	})
	p.ids = p.ids[:min(len(p.ids), numbered)]
	for n, id := range p.ids {
		p.numbers[id] = uint16(n + 1)
		trip, _ := p.trips.Trip(id)
		p.lines = append(p.lines, trip.Line)
	}
	slices.Sort(p.lines)
	p.lines = slices.Compact(p.lines)
}

// soon is how many departures a driver chooses from.
const soon = 6

// next are the next departures of a line, those of the last minutes too: a bus may be late.
func (p *Plan) next(line string, now time.Time) (d api.Departures) {
	d.Lines = slices.Clone(p.lines)
	type departure struct {
		api.Departure
		at time.Time
	}
	var all []departure
	today := cardlayout.DayOf(now)
	for _, day := range []cardlayout.Day{today - 1, today} {
		for number, id := range p.ids {
			trip, _ := p.trips.Trip(id)
			if len(trip.Calls) == 0 || line != "" && trip.Line != line ||
				!p.trips.RunsOn(trip, day) {
				continue
			}
			first, last := trip.Calls[0], trip.Calls[len(trip.Calls)-1]
			at := gtfs.At(day, first.Departure, now.Location())
			if first.Departure == gtfs.NoTime || at.Before(now.Add(-late)) ||
				at.After(now.Add(wholeDay)) {
				continue
			}
			to, _ := p.stops.Lookup(last.Stop)
			all = append(all, departure{api.Departure{
				Trip: uint16(number + 1), Line: trip.Line, Direction: trip.Direction,
				At: at.Format("15:04"), To: to.Name, Stop: first.Stop,
				Zone: cardlayout.ZoneRun(first.Zone, first.Zone).String(),
			}, at})
		}
	}
	slices.SortStableFunc(all, func(a, b departure) int { return a.at.Compare(b.at) })
	for _, one := range all[:min(len(all), soon)] {
		d.Next = append(d.Next, one.Departure)
	}
	return d
}

// A departure can be chosen until so long after its time, and so long before.
const (
	late     = 15 * time.Minute
	wholeDay = 24 * time.Hour
)

// numberOf is the number of a trip that no feed on board has.
func numberOf(id string) uint16 {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(id))
	return uint16(hash.Sum32()%numbered + numbered + 1)
}

// Trips are the ids of all trips, in the order of departure.
func (p *Plan) Trips() []string { return p.ids }

// Trip implements place.Plan.
func (p *Plan) Trip(id string) (place.Trip, bool) {
	if id != "" && id == p.last.ID {
		return p.last, true
	}
	trip, known := p.trips.Trip(id)
	if !known {
		return place.Trip{}, false
	}
	number, known := p.numbers[id]
	if !known {
		number = numberOf(id)
	}
	p.last = place.Trip{ID: id, Line: trip.Line, Direction: trip.Direction, Number: number}
	planned := time.Duration(0) // a call without a time is taken for one with that before it
	first := gtfs.NoTime
	for _, call := range trip.Calls {
		stop, _ := p.Stop(call.Stop)
		at := call.Arrival
		if at == gtfs.NoTime {
			at = call.Departure
		}
		if first == gtfs.NoTime {
			first = at
		}
		if at != gtfs.NoTime {
			planned = time.Duration(at-first) * time.Second
		}
		p.last.Calls = append(p.last.Calls, place.Call{Stop: stop, Planned: planned})
	}
	return p.last, true
}

// Numbered implements place.Plan.
func (p *Plan) Numbered(number uint16) (place.Trip, bool) {
	if number == 0 || int(number) > len(p.ids) {
		return place.Trip{}, false
	}
	return p.Trip(p.ids[number-1])
}

// Stop implements place.Plan.
func (p *Plan) Stop(id string) (place.Stop, bool) {
	stop, known := p.stops.Lookup(id)
	if !known {
		return place.Stop{}, false
	}
	s := place.Stop{ID: id, Name: stop.Name}
	if stop.Zone != 0 {
		s.Zones = []uint8{stop.Zone}
	}
	if stop.Located {
		s.Position = &place.Position{Latitude: stop.Latitude, Longitude: stop.Longitude}
	}
	return s, true
}
