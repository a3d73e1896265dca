package gtfs

import (
	"io/fs"
	"strconv"

	"leima/cardlayout"
)

// A Stop is a place where a bus halts, or a station that holds such places.
type Stop struct {
	ID, Code, Name string
	Zone           uint8  // 1 to 10, the area's A to J; 0 where the feed gives none
	Parent         string // the station it belongs to
	line           int
	place          bool // where people board, and not a station, an entrance or the like
}

// Zones is the stop's zone as a card holds it; 0 where there is none.
func (s Stop) Zones() cardlayout.Zones { return cardlayout.ZoneRun(s.Zone, s.Zone) }

// Stops are those of a feed, by their ids.
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

// All are the stops in the order of the file. They are not to be changed.
func (s *Stops) All() []Stop { return s.list }

// ReadStops reads the stops of a feed. A stop without a zone of its own has that of its
// station. Its warnings are about the stops that have none, and about rows left out; its
// error is a *Fault, or wraps fs.ErrNotExist where there is no such file.
func ReadStops(feed fs.FS) (*Stops, []Fault, error) {
	stops, warnings := &Stops{index: map[string]int32{}}, []Fault(nil)
	required := []string{"stop_id", "zone_id"}
	err := each(feed, "stops.txt", required, &warnings, func(t *table) error {
		stops.add(t)
		return nil
	})
	if err != nil {
		return nil, warnings, err
	}
	stops.inherit(&warnings)
	return stops, warnings, nil
}

// add reads one row.
func (s *Stops) add(t *table) {
	stop := Stop{ID: t.at("stop_id"), Code: t.at("stop_code"), Name: t.at("stop_name"),
		Parent: t.at("parent_station"), line: t.line}
	// 0 is a stop or a platform, and so is nothing; 1 a station, 2 to 4 its other parts.
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

// inherit gives a stop without a zone that of its station, and warns about those that are
// left: who boards there pays for no zone. A station holds no station (GTFS reference,
// parent_station), so that one step is enough.
func (s *Stops) inherit(warnings *[]Fault) {
	for n := range s.list {
		stop := &s.list[n]
		warn := func(reason string) {
			*warnings = append(*warnings, Fault{"stops.txt", stop.line,
				"stop " + strconv.Quote(stop.ID) + reason})
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
