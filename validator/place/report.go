package place

import "time"

// A Source is who has said something.
type Source uint8

// The sources. Their numbers stand in events.
const (
	NoSource Source = iota
	Configuration
	Driver
	BoB       // VALS over MQTT
	Ruter     // ADT over MQTT
	VDV301    // TicketValidationService
	ITxPT     // S02 AVMS
	GNSS      // own detection along the trip, by satellite
	Timetable // by the clock, along the trip
	sources
)

var sourceNames = [sources]string{
	"", "config", "driver", "bob", "ruter", "vdv301", "itxpt", "gnss", "timetable",
}

func (s Source) String() string { return sourceNames[s%sources] }

// A Report is what a source has said at once. What it says nothing of is nil, or 0.
type Report struct {
	Source Source

	// Heard is when it arrived, since the machine's start. Said is the source's own time of the
	// fact, zero if it gives none: it tells a repetition from news. Late is how old the fact was
	// when it arrived, if both clocks are right; else 0.
	Heard time.Duration
	Said  time.Time
	Late  time.Duration

	// Kept: a broker kept it for those who come later, so that its age is not known.
	Kept bool

	Trip     *Trip
	Stop     *Stop // at which the bus is, arrives, or which it left last
	Next     *Stop // the one after it
	Onward   []Stop
	At       At
	Door     Door
	Position *Position
	State    State
}

// A Trip is a vehicle's run from its first stop to its last (GTFS trip, Transmodel vehicle
// journey).
type Trip struct {
	ID        string // as the source has it
	Ref       string // another name of the source's, known before the id; "": none
	Line      string
	Block     string
	Direction uint8  // 0 or 1
	Number    uint16 // as on cards, from 1; 0: unknown
	Calls     []Call // in order; none: unknown
}

// A Call is a stop of a trip.
type Call struct {
	Stop
	Planned time.Duration // arrival, since the trip's departure; 0 at all: no times are known
}

// A Stop is where passengers board. A stop may lie in several zones.
type Stop struct {
	ID, Name string
	Zones    []uint8   // 1 to 10, the most important first; none: unknown
	Position *Position // nil: unknown

	// CallRef is the source's own name of a call at it; "": none. Another one at the same stop is
	// a later call.
	CallRef string
}

// At says whether the bus is at its stop.
type At uint8

// Between: the bus has left the stop.
const (
	UnknownAt At = iota
	AtStop
	Between
)

// A Door is whether any door is open.
type Door uint8

// The states of a door.
const (
	UnknownDoor Door = iota
	DoorOpen
	DoorsClosed
)

// A State is what the bus is doing.
type State uint8

// The states of a bus. A dead run carries no passengers.
const (
	UnknownState State = iota
	InService
	DeadRun
	Diverted
	OutOfService
)

// A Position is a point on the earth, WGS 84.
type Position struct {
	Latitude, Longitude float64 // degrees
	Speed               float64 // m/s
	Accuracy            float64 // metres; 0: unknown
}
