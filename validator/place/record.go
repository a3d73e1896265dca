package place

import (
	"math"
	"time"

	"leima/cardlayout"
)

// A Record says where the bus is.
type Record struct {
	Trip     Trip
	TripFrom Origin

	Stop     Stop
	StopFrom Origin
	Next     Stop
	Call     int // the stop in the trip, from 0; -1: it is none of the trip's
	At       At  // Between: a right for the next stop's zone is enough too

	Door     Door
	State    State
	Position *Position // nil: none that is fresh

	// Doubt is why it is not sure; 0: it is sure. Question is then the zones in question: the
	// cheapest is charged, and a right for one of them is enough.
	Doubt    Doubt
	Question cardlayout.ZoneSet
}

// An Origin is who has said something, and when.
type Origin struct {
	Source Source
	Since  time.Duration // since the machine's start
	Kept   bool          // its real age is not known
}

// Sure reports whether the zones are those where the bus is.
func (r *Record) Sure() bool { return r.Doubt == Sure }

// A Doubt is why a place is not sure.
type Doubt uint8

// The doubts, the weightiest last.
const (
	Sure      Doubt = iota
	NoNews          // nothing live has come since the start
	Kept            // only what a broker kept is known
	Stale           // the last stop was heard too long ago
	Planned         // only the timetable says where the bus should be
	NoZone          // the stop's zones are not known
	Unknown         // the timetable on board does not have the trip
	OffTrip         // the stop is not one of the trip's
	Diversion       // the bus has left its way
	Conflict        // two sources contradict each other
	doubts
)

var doubtNames = [doubts]string{
	"", "no-news", "kept", "stale", "planned", "no-zone", "unknown-trip", "off-trip",
	"diversion", "conflict",
}

func (d Doubt) String() string { return doubtNames[d%doubts] }

// known are the zones of a stop that can be, in their order.
func (s *Stop) known() (zones []uint8) {
	for _, zone := range s.Zones {
		if cardlayout.ZonesOf(zone) != 0 {
			zones = append(zones, zone)
		}
	}
	return zones
}

// set is the set of the stop's zones.
func (s *Stop) set() cardlayout.ZoneSet { return cardlayout.ZonesOf(s.Zones...) }

// Metres is the distance of two points, on a sphere. That is right to half a per cent.
func Metres(a, b *Position) float64 {
	const radius, degree = 6_371_000, math.Pi / 180
	north := (b.Latitude - a.Latitude) * degree
	east := (b.Longitude - a.Longitude) * degree *
		math.Cos((a.Latitude+b.Latitude)/2*degree)
	return radius * math.Hypot(north, east)
}
