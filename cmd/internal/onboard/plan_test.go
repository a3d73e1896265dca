package onboard

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ensure that the trips of a city's feed have numbers that fit a card, each its own, and that they
// are the same whenever the feed is read.
func TestTripsHaveNumbers(t *testing.T) {
	t.Parallel()
	path := "../../../../shared/data/joensuu-gtfs.zip"
	if _, err := os.Stat(path); err != nil {
		path = "../../../testdata/feed"
	}
	plan, err := ReadPlan(path)
	require.NoError(t, err)
	again, err := ReadPlan(path)
	require.NoError(t, err)
	require.Equal(t, plan.ids, again.ids)
	seen := map[uint16]string{}
	for n, id := range plan.ids {
		trip, known := plan.Trip(id)
		require.True(t, known)
		require.EqualValues(t, n+1, trip.Number)
		require.Empty(t, seen[trip.Number])
		seen[trip.Number] = id
		same, known := again.Numbered(trip.Number)
		require.True(t, known)
		require.Equal(t, trip, same)
	}
	require.Greater(t, len(seen), 30)
	_, known := plan.Numbered(0)
	require.False(t, known)
	_, known = plan.Numbered(uint16(len(plan.ids) + 1))
	require.False(t, known)
}

// Ensure that a trip's times count from its first one, also where its first stop has no arrival, or
// no time at all.
func TestFirstCallWithoutArrival(t *testing.T) {
	t.Parallel()
	for _, first := range []string{",08:00:00", "08:00:00,08:00:00", ",08:01:00", ","} {
		folder := t.TempDir()
		for name, text := range map[string]string{
			"stops.txt":          "stop_id,stop_name,zone_id\n1,a,A\n2,b,B\n3,c,B\n",
			"routes.txt":         "route_id,route_short_name,route_type\nr,4,3\n",
			"trips.txt":          "route_id,service_id,trip_id\nr,s,t\n",
			"calendar_dates.txt": "service_id,date,exception_type\ns,20261129,1\n",
			"stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" +
				"t," + first + ",1,1\nt,08:02:00,08:02:00,2,2\nt,08:04:00,08:04:00,3,3\n",
		} {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
		}
		plan, err := ReadPlan(folder)
		require.NoError(t, err)
		trip, known := plan.Trip("t")
		require.True(t, known)
		require.Len(t, trip.Calls, 3)
		require.Zero(t, trip.Calls[0].Planned)
		require.LessOrEqual(t, trip.Calls[1].Planned, 2*time.Minute)
		require.Equal(t, 2*time.Minute, trip.Calls[2].Planned-trip.Calls[1].Planned)
	}
}

func BenchmarkReadPlan(b *testing.B) {
	for b.Loop() {
		_, err := ReadPlan("../../../../shared/data/joensuu-gtfs.zip")
		require.NoError(b, err)
	}
}
