package gtfs

import (
	"io/fs"
	"math"
	"strconv"

	"leima/cardlayout"
)

// A Stop is a place where a bus stops, or a station with such places.
type Stop struct {
	ID, Code, Name string
	Zone           uint8  // 1 to 10, the area's A to J; 0 if the feed has none
	Parent         string // the station it belongs to

	// Latitude and Longitude are in degrees (WGS 84); Located reports whether the feed has them.
	Latitude, Longitude float64
	Located             bool

	line  int
	place bool // a place to board, not a station, an entrance or the like
}

// Zones is the stop's zone as on a card; 0 if none.
func (s Stop) Zones() cardlayout.Zones { return cardlayout.ZoneRun(s.Zone, s.Zone) }

// Stops are the stops of a feed, by id.
type Stops struct {
	list  []Stop
	index map[string]int32
}

// Lookup finds a stop by its id.
func (s *Stops) Lookup(id string) (Stop, bool) {
	n, known := s.index[id]
	if !known {
		return Stop{}, false
	}
	return s.list[n], true
}

// All are the stops in the order of the file. The caller must not change them.
func (s *Stops) All() []Stop { return s.list }

const stopsFile = "stops.txt"

// mostStops is many times the stops of a country, and few enough for a device's memory.
const mostStops = 2 << 20

// ReadStops reads the stops of a feed. A stop without a zone has that of its station. Warnings are
// about stops without a zone, and about rows left out; an error is a *LineError, or wraps
// fs.ErrNotExist if there is no such file.
func ReadStops(feed fs.FS) (*Stops, []LineError, error) {
	stops, warnings := &Stops{index: map[string]int32{}}, []LineError(nil)
	required := []string{"stop_id", "zone_id"}
	err := each(feed, stopsFile, required, &warnings, func(t *table) error {
		if t.line > mostStops {
			return &LineError{stopsFile, 0, "it has more rows than the stops of any feed"}
		}
		stops.add(t)
		return nil
	})
	switch {
	case err != nil:
		return nil, warnings, err
	case len(stops.list) == 0: // an empty feed is an error
		return nil, warnings, &LineError{
			stopsFile, 0,
			"it names no stop: want a feed that has them",
		}
	}
	stops.inherit(&warnings)
	return stops, warnings, nil
}

// add reads one row.
func (s *Stops) add(t *table) {
	stop := Stop{
		ID: t.at("stop_id"), Code: t.at("stop_code"), Name: t.at("stop_name"),
		Parent: t.at("parent_station"), line: t.line,
	}
	// 0 or nothing is a stop or a platform, 1 a station, 2 to 4 its other parts.
	kind := t.at("location_type")
	stop.place = kind == "" || kind == "0"
	switch _, twice := s.index[stop.ID]; {
	case stop.ID == "":
		t.warn("a stop without stop_id is left out")
		return
	case twice:
		t.warn("stop %q is here a second time: the first row counts", stop.ID)
		return
	}
	stop.locate(t)
	if zone := t.at("zone_id"); zone != "" {
		n, err := strconv.ParseUint(zone, 10, 8)
		if err != nil || n < 1 || n > cardlayout.MaxZone {
			t.warn("stop %q is in zone %q: want a number from 1 to %d", stop.ID, zone,
				cardlayout.MaxZone)
		} else {
			stop.Zone = uint8(n)
		}
	}
	s.index[stop.ID] = int32(len(s.list))
	s.list = append(s.list, stop)
}

// locate reads where a stop is. A feed's 0, 0 is in the sea, and a mistake.
func (s *Stop) locate(t *table) {
	north, east := t.at("stop_lat"), t.at("stop_lon")
	if north == "" && east == "" {
		return
	}
	latitude, bad := strconv.ParseFloat(north, 64)
	longitude, wrong := strconv.ParseFloat(east, 64)
	there := bad == nil && wrong == nil && math.Abs(latitude) <= 90 && math.Abs(longitude) <= 180
	if !there || latitude == 0 && longitude == 0 {
		t.warn("stop %q is at %q, %q: want degrees, north and east", s.ID, north, east)
		return
	}
	s.Latitude, s.Longitude, s.Located = latitude, longitude, true
}

// inherit gives a stop without a zone that of its station, and warns of stops that still have none:
// a passenger who boards there pays for no zone. A station belongs to no other station (GTFS
// reference, parent_station), so one step is enough.
func (s *Stops) inherit(warnings *[]LineError) {
	for n := range s.list {
		stop := &s.list[n]
		warn := func(reason string) {
			*warnings = append(*warnings, LineError{
				stopsFile, stop.line,
				"stop " + strconv.Quote(stop.ID) + reason,
			})
		}
		parent, known := s.Lookup(stop.Parent)
		if stop.Parent != "" && !known {
			warn(" belongs to station " + strconv.Quote(stop.Parent) + ", which is not here")
		}
		if stop.Zone == 0 {
			stop.Zone = parent.Zone
		}
		if stop.Zone == 0 && stop.place {
			warn(" has no zone: who boards there cannot be charged by zones")
		}
	}
}
