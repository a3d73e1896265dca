package gtfs

import (
	"archive/zip"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// The feeds of two cities lie beside the project where it is developed. They are no part of
// it: their owners have not said that they may be passed on.
const feeds = "../../../shared/data/"

func beside(t *testing.T, name string) string {
	if _, err := os.Stat(feeds + name); err != nil {
		t.Skipf("%s is not beside the project: the hand-written feed is what is tested here", name)
	}
	return feeds + name
}

// Ensure that Joensuu's feed of September 2024 is read as it was counted by other means.
func TestJoensuu(t *testing.T) {
	archive, err := zip.OpenReader(beside(t, "joensuu-gtfs.zip"))
	require.NoError(t, err)
	defer archive.Close()
	stops, warnings := stopsOf(t, archive)
	require.Empty(t, warnings)
	require.Len(t, stops.All(), 1621)
	var inZone [11]int
	for _, stop := range stops.All() {
		inZone[stop.Zone]++
	}
	require.Equal(t, [11]int{0, 436, 571, 280, 212, 70, 28, 24}, inZone)

	timetable, warnings := timetableOf(t, archive)
	require.Empty(t, warnings)
	require.Len(t, timetable.Trips(), 2491)
	calls, late, crossed := 0, 0, map[string][][]uint8{}
	for _, id := range timetable.Trips() {
		trip, _ := timetable.Trip(id)
		calls += len(trip.Calls)
		if trip.Calls[len(trip.Calls)-1].Arrival >= 24*3600 {
			late++
		}
		crossed[trip.Line] = append(crossed[trip.Line], trip.Crossed())
	}
	require.Equal(t, 113331, calls)
	require.Equal(t, 45, late)
	require.Contains(t, crossed["101"], []uint8{2, 1, 2})
	require.Equal(t, []uint8{1}, crossed["7"][0])
	requireService(t, timetable, archive)
}

// requireService looks at the days that the school's trips ran.
func requireService(t *testing.T, timetable *Timetable, feed fs.FS) {
	school := Trip{Service: "koulup Joensuu_koulup Joensuu"}
	ran := 0
	for d := day(t, "2024-08-12"); d <= day(t, "2024-12-20"); d++ {
		if timetable.RunsOn(school, d) {
			ran++
		}
	}
	require.Equal(t, 89, ran)
	require.False(t, timetable.RunsOn(school, day(t, "2024-10-16")), "the autumn holiday")
	require.False(t, timetable.RunsOn(school, day(t, "2024-12-06")), "Independence Day")
}

// Ensure that Lappeenranta's stops are read as they were counted.
func TestLappeenranta(t *testing.T) {
	text, err := os.ReadFile(beside(t, "lappeenranta-stops.txt"))
	require.NoError(t, err)
	stops, warnings := stopsOf(t, fstest.MapFS{"stops.txt": {Data: text}})
	require.Empty(t, warnings)
	var inZone [11]int
	for _, stop := range stops.All() {
		inZone[stop.Zone]++
	}
	require.Equal(t, [11]int{0, 369, 390, 48, 276}, inZone)
}
