package gtfs

import (
	"cmp"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"leima/cardlayout"
)

// A Timetable is the trips of a feed.
type Timetable struct {
	stops    *Stops
	trips    map[string]*Trip
	services map[string]*service
}

// A Trip is a vehicle's run from its first stop to its last.
type Trip struct {
	ID, Line, Service string
	Direction         uint8 // 0 or 1
	Calls             []Call
}

// A Call is a trip's stop.
type Call struct {
	Stop     string
	Zone     uint8 // 1 to 10; 0 if the feed has none
	sequence uint32

	// Arrival and Departure are seconds since noon less twelve hours of the service day, which is
	// midnight except on days when the clocks change; 24:10:00 is past it. They are NoTime if the
	// feed has none.
	Arrival, Departure int32
}

// NoTime is a time that the feed does not give.
const NoTime int32 = -1

// Trip finds a trip by its id. The caller must not change it.
func (t *Timetable) Trip(id string) (Trip, bool) {
	trip, known := t.trips[id]
	if !known {
		return Trip{}, false
	}
	return *trip, true
}

// Trips are the ids of all trips, sorted.
func (t *Timetable) Trips() []string {
	ids := make([]string, 0, len(t.trips))
	for id := range t.trips {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// ZonesAt are the zones of the n-th call, counted from 0, and of the next call; 0 if none. The bus
// crosses from the one to the other between the two.
func (t Trip) ZonesAt(n int) (here, next uint8) {
	if n >= 0 && n < len(t.Calls) {
		here = t.Calls[n].Zone
	}
	if n >= -1 && n+1 < len(t.Calls) {
		next = t.Calls[n+1].Zone
	}
	return here, next
}

// Crossed are the zones of the trip in their order, each once for every entry.
func (t Trip) Crossed() (zones []uint8) {
	for _, call := range t.Calls {
		if call.Zone != 0 && (len(zones) == 0 || zones[len(zones)-1] != call.Zone) {
			zones = append(zones, call.Zone)
		}
	}
	return zones
}

// RunsOn reports whether a trip runs on a service day. Times after 24:00:00 belong to that day too.
func (t *Timetable) RunsOn(trip Trip, day cardlayout.Day) bool {
	s, known := t.services[trip.Service]
	return known && s.runs(day)
}

// At is the instant of a call's time on a service day: noon less twelve hours, plus the seconds
// (GTFS reference, Time).
func At(day cardlayout.Day, seconds int32, location *time.Location) time.Time {
	year, month, date := day.Date()
	noon := time.Date(year, month, date, 12, 0, 0, 0, location)
	return noon.Add(time.Duration(seconds)*time.Second - 12*time.Hour)
}

// ReadTimetable reads the trips of a feed with its stops. Warnings are about rows left out; an
// error is a *LineError, or wraps fs.ErrNotExist if a file is missing.
func ReadTimetable(feed fs.FS, stops *Stops) (*Timetable, []LineError, error) {
	t := &Timetable{stops: stops, trips: map[string]*Trip{}, services: map[string]*service{}}
	var warnings []LineError
	lines := map[string]string{}
	for _, file := range []struct {
		name     string
		required []string
		row      func(*table) error
	}{
		{"routes.txt", []string{"route_id"}, func(row *table) error {
			lines[row.at("route_id")] = cmp.Or(row.at("route_short_name"), row.at("route_id"))
			return nil
		}},
		{"trips.txt", []string{"trip_id", "route_id", "service_id"}, func(row *table) error {
			t.addTrip(row, lines)
			return nil
		}},
		{"stop_times.txt", []string{"trip_id", "stop_id", "stop_sequence"}, t.addCall},
	} {
		if err := each(feed, file.name, file.required, &warnings, file.row); err != nil {
			return nil, warnings, err
		}
	}
	for _, trip := range t.trips {
		slices.SortStableFunc(trip.Calls, func(a, b Call) int {
			return cmp.Compare(a.sequence, b.sequence)
		})
	}
	if err := t.readServices(feed, &warnings); err != nil {
		return nil, warnings, err
	}
	return t, warnings, nil
}

func (t *Timetable) addTrip(row *table, lines map[string]string) {
	trip := &Trip{
		ID: strings.Clone(row.at("trip_id")), Service: strings.Clone(row.at("service_id")),
	}
	line, known := lines[row.at("route_id")]
	switch _, twice := t.trips[trip.ID]; {
	case trip.ID == "":
		row.warn("a trip without trip_id is left out")
		return
	case twice:
		row.warn("trip %q is here a second time: the first row counts", trip.ID)
		return
	case !known:
		row.warn("trip %q is of route %q, which routes.txt does not have", trip.ID,
			row.at("route_id"))
	}
	trip.Line = line
	if row.at("direction_id") == "1" {
		trip.Direction = 1
	}
	t.trips[trip.ID] = trip
}

// addCall reads a row of stop_times.txt, by far the largest file.
func (t *Timetable) addCall(row *table) error {
	trip, known := t.trips[row.at("trip_id")]
	if !known {
		row.warn("a call of trip %q, which trips.txt does not have, is left out", row.at("trip_id"))
		return nil
	}
	stop, known := t.stops.Lookup(row.at("stop_id"))
	if !known {
		row.warn("trip %q halts at stop %q, which stops.txt does not have", trip.ID,
			row.at("stop_id"))
		return nil
	}
	sequence, err := strconv.ParseUint(row.at("stop_sequence"), 10, 32)
	if err != nil {
		row.warn("trip %q: stop_sequence %q: want a whole number", trip.ID, row.at("stop_sequence"))
		return nil
	}
	call := Call{Stop: stop.ID, Zone: stop.Zone, sequence: uint32(sequence)}
	call.Arrival = row.seconds("arrival_time")
	call.Departure = row.seconds("departure_time")
	trip.Calls = append(trip.Calls, call)
	return nil
}

// seconds parses a time such as 24:10:00.
func (t *table) seconds(column string) int32 {
	text := t.at(column)
	if text == "" {
		return NoTime
	}
	hour, rest, _ := strings.Cut(text, ":")
	minute, second, _ := strings.Cut(rest, ":")
	h, badHour := strconv.ParseUint(hour, 10, 8)
	m, badMinute := strconv.ParseUint(minute, 10, 8)
	s, badSecond := strconv.ParseUint(second, 10, 8)
	if badHour != nil || badMinute != nil || badSecond != nil || m > 59 || s > 59 {
		t.warn("%s %q: want for example 24:10:00", column, text)
		return NoTime
	}
	return int32(h)*3600 + int32(m)*60 + int32(s)
}
