package drive_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/adt"
	"leima/validator/place/bob"
	"leima/validator/place/drive"
	"leima/validator/place/gpsd"
	"leima/validator/place/nmea"
)

// trip is one of three stops in two zones; one lies in both.
var trip = place.Trip{ID: "t-4", Line: "4", Block: "b", Calls: []place.Call{
	{Stop: place.Stop{
		ID: "a", Name: "Tori", Zones: []uint8{1},
		Position: &place.Position{Latitude: 62.60, Longitude: 29.76},
	}},
	{Planned: 2 * time.Minute, Stop: place.Stop{
		ID: "b", Name: "Rantakylä", Zones: []uint8{1, 2},
		Position: &place.Position{Latitude: 62.61, Longitude: 29.78},
	}},
	{Planned: 5 * time.Minute, Stop: place.Stop{
		ID: "c", Name: "Utra", Zones: []uint8{2},
		Position: &place.Position{Latitude: 62.61, Longitude: 29.81},
	}},
}}

// follows plays the trip to an arbiter that hears nothing else, and requires that it is sure of the
// stop and the zones at each moment. arrives is how near to a stop, in metres, the bus is at it.
func follows(t *testing.T, arrives float64, zones func(place.Call) []uint8, arbiter *place.Arbiter,
	says func(m, last drive.Moment, now time.Time) []place.Report, more func(drive.Moment, *place.Record),
) {
	t.Helper()
	last, now := drive.Moment{Call: -1}, time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)
	drive.Moments(trip, time.Second, func(m drive.Moment) bool {
		at := m.After + time.Hour
		for _, report := range says(m, last, now.Add(m.After)) {
			report.Heard = at
			arbiter.Hear(report)
		}
		last = m
		r, call := arbiter.Where(at), m.Call
		if next := min(call+1, len(trip.Calls)-1); place.Metres(m.Position, trip.Calls[next].Position) < arrives {
			call = next
		}
		require.True(t, r.Sure(), "%v: %v", m.After, r.Doubt)
		require.Equal(t, trip.Calls[call].ID, r.Stop.ID, "%v", m.After)
		require.Equal(t, zones(trip.Calls[call]), r.Stop.Zones)
		require.NotNil(t, r.Position)
		require.Less(t, place.Metres(m.Position, r.Position), 100., "in 5 s")
		if call+1 < len(trip.Calls) {
			require.Equal(t, trip.Calls[call+1].ID, r.Next.ID)
		}
		more(m, &r)
		return true
	})
}

func all(c place.Call) []uint8 { return c.Zones }

// decoded are messages in a dialect, which are counted by topic.
func decoded(t *testing.T, d interface {
	Decode(string, []byte) (place.Report, error)
}, messages []drive.Message, topics map[string]int,
) (reports []place.Report) {
	t.Helper()
	for _, said := range messages {
		topics[said.Topic]++
		report, err := d.Decode(said.Topic, said.Payload)
		require.NoError(t, err, "%s", said.Payload)
		reports = append(reports, report)
	}
	return reports
}

// Ensure that the messages of a trip, read in BoB's dialect, say at each moment where the bus is, so
// that an arbiter that hears nothing else is sure of it, with a position that agrees.
func TestBoB(t *testing.T) {
	dialect, topics := &bob.Dialect{}, map[string]int{}
	follows(t, 0, all, &place.Arbiter{Expected: true}, func(m, last drive.Moment, now time.Time) []place.Report {
		return decoded(t, dialect, drive.BoB(trip, m, last, now), topics)
	}, func(m drive.Moment, r *place.Record) {
		require.Equal(t, []any{"t-4", "4", m.At}, []any{r.Trip.ID, r.Trip.Line, r.At})
	})
	require.Equal(t, map[string]int{
		"service/v1/journey": 14, "service/v1/lastStop": 3, "service/v1/nextStop": 2,
		"service/v1/remainingStops": 3, "service/v1/atStop": 5, "service/gps/rmc": 84,
	}, topics)
}

// Ensure the same of Ruter's dialect, in which a stop has one zone and an open door says that the bus
// stands.
func TestRuter(t *testing.T) {
	dialect, topics := &adt.Dialect{}, map[string]int{}
	first := func(c place.Call) []uint8 { return c.Zones[:1] }
	follows(t, 0, first, &place.Arbiter{Expected: true}, func(m, last drive.Moment, now time.Time) []place.Report {
		return decoded(t, dialect, drive.Ruter(trip, m, last, now), topics)
	}, func(m drive.Moment, r *place.Record) {
		require.Equal(t, []any{"t-4", "4", m.Door == place.DoorOpen},
			[]any{r.Trip.ID, r.Trip.Line, r.At == place.AtStop})
	})
	require.Equal(t, map[string]int{
		"operational/assignment/status": 1, "pe/dpi/journey": 1, "pe/sales/current_stop": 3,
		"pe/dpi/nextstop": 2, "sensors/door": 6, "sensors/location": 420,
	}, topics)
}

// Ensure the same of a satellite receiver alone, on a trip that the driver has signed on to.
func TestGPSD(t *testing.T) {
	arbiter := &place.Arbiter{Expected: true}
	arbiter.Hear(place.Report{Source: place.Driver, Trip: &trip, Stop: &trip.Calls[0].Stop})
	arbiter.Where(0)
	follows(t, 35, all, arbiter, func(m, _ drive.Moment, now time.Time) []place.Report {
		report, is := gpsd.Decode(drive.GPSD(m, now))
		require.True(t, is)
		return []place.Report{report}
	}, func(_ drive.Moment, r *place.Record) {
		require.Equal(t, place.GNSS, r.StopFrom.Source)
	})
	_, is := gpsd.Decode(drive.GPSD(drive.Moment{}, time.Now()))
	require.False(t, is, "no position")
}

// Ensure that a position is read from its sentence as it was, everywhere on the earth.
func TestRMC(t *testing.T) {
	now := time.Date(2026, time.November, 28, 12, 0, 1, 0, time.FixedZone("", 7200))
	for _, p := range []place.Position{
		{Latitude: 62.601, Longitude: 29.763167, Speed: 13.9},
		{Latitude: -33.858333, Longitude: -151.208333},
		{Latitude: 0.0166665, Longitude: -0.00001},
		{Latitude: 59.99999999, Longitude: 179.99999999},
	} {
		got, at, err := nmea.RMC(drive.RMC(&p, now))
		require.NoError(t, err)
		require.InDelta(t, p.Latitude, got.Latitude, 1e-7)
		require.InDelta(t, p.Longitude, got.Longitude, 1e-7)
		require.InDelta(t, p.Speed, got.Speed, 0.03)
		require.True(t, now.Equal(at))
	}
}
