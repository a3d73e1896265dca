package gtfs

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
)

// small is a feed of four places and two lines, with one of each mistake.
const small = "../../testdata/gtfs"

func stopsOf(t testing.TB, feed fs.FS) (*Stops, []string) {
	t.Helper()
	stops, warnings, err := ReadStops(feed)
	require.NoError(t, err)
	return stops, told(warnings)
}

func told(warnings []LineError) (texts []string) {
	for _, w := range warnings {
		texts = append(texts, w.Error())
	}
	return texts
}

func timetableOf(t testing.TB, feed fs.FS) (*Timetable, []string) {
	t.Helper()
	stops, _ := stopsOf(t, feed)
	timetable, warnings, err := ReadTimetable(feed, stops)
	require.NoError(t, err)
	return timetable, told(warnings)
}

func day(t testing.TB, text string) cardlayout.Day {
	d, err := cardlayout.ParseDay(text)
	require.NoError(t, err)
	return d
}

// Ensure that stops are read with their zones, one without from its station, and that what
// is wrong is told by its line.
func TestStops(t *testing.T) {
	stops, warnings := stopsOf(t, os.DirFS(small))
	for id, want := range map[string]struct {
		name, code, parent string
		zone               uint8
		zones              string
	}{
		"100":    {"Graani, laituri 1", "G1", "GRAANI", 1, "A"},
		"101":    {`Kauppatori "Tori"`, "S1", "", 1, "A"},
		"102":    {"Graani, laituri 2", "G2", "GRAANI", 1, "A"},
		"200":    {"Rantakylä", "R1", "", 2, "B"},
		"GRAANI": {"Graani", "", "", 1, "A"},
		"900":    {"Ilman vyöhykettä", "", "", 0, "-"},
		"903":    {"Ovi", "", "GRAANI", 1, "A"},
		"904":    {"Orpo", "", "PUUTTUU", 2, "B"},
	} {
		stop, known := stops.Lookup(id)
		require.True(t, known, id)
		require.Equal(t, want.name, stop.Name)
		require.Equal(t, want.code, stop.Code)
		require.Equal(t, want.parent, stop.Parent)
		require.Equal(t, want.zone, stop.Zone, id)
		require.Equal(t, want.zones, stop.Zones().String())
	}
	_, known := stops.Lookup("")
	require.False(t, known)
	require.Len(t, stops.All(), 10)
	require.Equal(t, []string{
		`stops.txt:8: stop "901" is in zone "11": want a number from 1 to 10`,
		`stops.txt:9: stop "902" is in zone "A": want a number from 1 to 10`,
		`stops.txt:11: stop "200" is here a second time: the first row counts`,
		`stops.txt:12: a stop without stop_id is left out`,
		`stops.txt:7: stop "900" has no zone: who boards there cannot be charged by zones`,
		`stops.txt:8: stop "901" has no zone: who boards there cannot be charged by zones`,
		`stops.txt:9: stop "902" has no zone: who boards there cannot be charged by zones`,
		`stops.txt:13: stop "904" belongs to station "PUUTTUU", which is not here`,
	}, warnings)
}

// Ensure that a trip's calls are in the order of their sequence, that it tells the zone
// here and next, and the zones it crosses.
func TestTrips(t *testing.T) {
	timetable, warnings := timetableOf(t, os.DirFS(small))
	require.Equal(t, []string{"lost", "t101", "t2"}, timetable.Trips())
	trip, known := timetable.Trip("t2")
	require.True(t, known)
	require.Equal(t, Trip{ID: "t2", Line: "2", Service: "weekdays", Direction: 1, Calls: []Call{
		{Stop: "200", Zone: 2, sequence: 1, Arrival: NoTime, Departure: 8 * 3600},
		{Stop: "101", Zone: 1, sequence: 20, Arrival: 29400, Departure: 29460},
		{Stop: "100", Zone: 1, sequence: 30, Arrival: 30000, Departure: 30000},
	}}, trip)
	require.Equal(t, []uint8{2, 1}, trip.Crossed())
	for n, want := range map[int][2]uint8{
		-2: {0, 0}, -1: {0, 2}, 0: {2, 1}, 1: {1, 1}, 2: {1, 0}, 3: {0, 0},
	} {
		here, next := trip.ZonesAt(n)
		require.Equal(t, want, [2]uint8{here, next}, n)
	}
	trip, _ = timetable.Trip("t101")
	require.Equal(t, []uint8{2, 1, 2}, trip.Crossed())
	require.Equal(t, "101", trip.Line)
	_, known = timetable.Trip("t404")
	require.False(t, known)
	require.Equal(t, []string{
		`trips.txt:4: trip "lost" is of route "r9", which routes.txt does not have`,
		`trips.txt:5: trip "t2" is here a second time: the first row counts`,
		`stop_times.txt:8: a call of trip "t404", which trips.txt does not have, is left out`,
		`stop_times.txt:9: trip "t2" halts at stop "404", which stops.txt does not have`,
		`stop_times.txt:10: trip "t2": stop_sequence "last": want a whole number`,
		`stop_times.txt:11: arrival_time "8.30": want for example 24:10:00`,
		`stop_times.txt:11: departure_time "25:61:00": want for example 24:10:00`,
		`calendar.txt:4: start_date "1.1.2026": want for example 20240812`,
		`calendar_dates.txt:4: exception_type "3": want 1 or 2`,
	}, warnings)
}

// Ensure that a trip runs on the days of its calendar and on those added, and not on those
// taken away.
func TestServiceDays(t *testing.T) {
	timetable, _ := timetableOf(t, os.DirFS(small))
	for trip, days := range map[string]map[string]bool{
		"t2": {
			"2025-12-31": false, "2026-01-01": true, "2026-01-03": false, "2026-01-05": true,
			"2026-01-06": false, "2026-05-29": true, "2026-06-01": false,
		},
		"t101": {
			"2026-04-29": false, "2026-04-30": true, "2026-05-01": true, "2026-05-02": true,
			"2026-05-03": false,
		},
	} {
		found, _ := timetable.Trip(trip)
		for text, runs := range days {
			require.Equal(t, runs, timetable.RunsOn(found, day(t, text)), "%s %s", trip, text)
		}
	}
	extra := Trip{Service: "extra"}
	require.True(t, timetable.RunsOn(extra, day(t, "2026-06-15")))
	require.False(t, timetable.RunsOn(extra, day(t, "2026-06-16")))
	require.False(t, timetable.RunsOn(Trip{Service: "broken"}, day(t, "2026-03-02")))
	require.False(t, timetable.RunsOn(Trip{Service: "unknown"}, day(t, "2026-03-02")))
}

// Ensure that times past 24:00:00 are of the next calendar day, and that the days on which
// the clocks change are counted from noon.
func TestTimesPastMidnight(t *testing.T) {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(t, err)
	for _, c := range []struct {
		day     string
		seconds int32
		want    string
	}{
		{"2026-03-02", 8 * 3600, "2026-03-02T08:00:00+02:00"},
		{"2026-03-02", 24*3600 + 600, "2026-03-03T00:10:00+02:00"},
		{"2026-03-29", 8 * 3600, "2026-03-29T08:00:00+03:00"}, // the clocks went forward at 3
		{"2026-03-28", 28 * 3600, "2026-03-29T05:00:00+03:00"},
		{"2026-10-25", 8 * 3600, "2026-10-25T08:00:00+02:00"}, // and back at 4
		{"2026-10-24", 27*3600 + 1800, "2026-10-25T03:30:00+03:00"},
	} {
		at := At(day(t, c.day), c.seconds, helsinki)
		require.Equal(t, c.want, at.Format(time.RFC3339), "%s %d", c.day, c.seconds)
	}
}

// Ensure that a folder and a zip file of it are one feed.
func TestZip(t *testing.T) {
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	require.NoError(t, writer.AddFS(os.DirFS(small)))
	require.NoError(t, writer.Close())
	archive, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	require.NoError(t, err)
	want, wantWarnings := timetableOf(t, os.DirFS(small))
	got, warnings := timetableOf(t, archive)
	require.Equal(t, want, got)
	require.Equal(t, wantWarnings, warnings)
}

// with is the small feed with one file changed, or without it where text is "".
func with(t testing.TB, file, text string) fstest.MapFS {
	feed := fstest.MapFS{}
	for _, name := range []string{
		"stops.txt", "routes.txt", "trips.txt", "stop_times.txt",
		"calendar.txt", "calendar_dates.txt",
	} {
		raw, err := os.ReadFile(small + "/" + name)
		require.NoError(t, err)
		feed[name] = &fstest.MapFile{Data: raw}
	}
	feed[file] = &fstest.MapFile{Data: []byte(text)}
	if text == "" {
		delete(feed, file)
	}
	return feed
}

// Ensure that a file that cannot be read is an error that names it and its line.
func TestBrokenFiles(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{
			"stops.txt", "stop_id,stop_name\n1,x\n",
			"stops.txt:1: there is no column zone_id: want a feed that has it",
		},
		{"stops.txt", "\n", "stops.txt: it is empty: want a first row with the names of the columns"},
		{"stops.txt", "\"", "stops.txt:1: there is no column stop_id: want a feed that has it"},
		{
			"stops.txt", strings.Repeat("x", 2<<20),
			"stops.txt:1: the row is longer than any of a feed: it is no table",
		},
		{"stops.txt", "", "reading the feed: stops.txt: file does not exist: want the folder or zip file that has it"},
		{"stops.txt", "stop_id,zone_id\n", "stops.txt: it names no stop: want a feed that has them"},
		{"stops.txt", "stop_id,zone_id\n,1\n", "stops.txt: it names no stop: want a feed that has them"},
		{"stops.txt", "\xff\xfes\x00t\x00o\x00p\x00\n\x00", "stops.txt: it is saved as UTF-16: save it as UTF-8"},
		{"stops.txt", "s\x00t\x00o\x00p\x00_\x00i\x00d\x00", "stops.txt: it is saved as UTF-16: save it as UTF-8"},
		{"stops.txt", "stop_id;zone_id\n1;1\n", `stops.txt:1: the columns are separated by ";": want commas`},
		{"stops.txt", "stop_id\tzone_id\n1\t1\n", `stops.txt:1: the columns are separated by "\t": want commas`},
		{"stops.txt", "Stop_ID,zone_id\n1,1\n", "stops.txt:1: the column stop_id is written Stop_ID: want small letters"},
		{"stops.txt", "stop_id,zone_id,stop_id\n1,1,2\n", "stops.txt:1: the column stop_id stands there twice: take one away"},
		{
			"stops.txt", "stop_id,zone_id\n" + strings.Repeat("\n", 3<<20) + "1,1\n",
			"stops.txt: it has more rows than the stops of any feed",
		},
		{"routes.txt", "route\n", "routes.txt:1: there is no column route_id: want a feed that has it"},
		{"trips.txt", "", "reading the feed: trips.txt: file does not exist: want the folder or zip file that has it"},
		{
			"stop_times.txt", "trip_id,stop_id\n",
			"stop_times.txt:1: there is no column stop_sequence: want a feed that has it",
		},
		{
			"calendar.txt", "service_id\n",
			"calendar.txt:1: there is no column start_date: want a feed that has it",
		},
		{
			"calendar_dates.txt", "service_id\n",
			"calendar_dates.txt:1: there is no column date: want a feed that has it",
		},
	} {
		feed := with(t, c.file, c.text)
		stops, _, err := ReadStops(feed)
		if err == nil {
			_, _, err = ReadTimetable(feed, stops)
		}
		require.EqualError(t, err, c.want)
		if strings.Contains(c.want, "not exist") {
			require.ErrorIs(t, err, fs.ErrNotExist)
		}
	}
}

// Ensure that a row which is not like the others is warned of, and that the rest is read;
// that lines end as on any system; and that nothing of a row is taken for another column.
func TestOddRows(t *testing.T) {
	const head = "stop_id,zone_id,stop_name\n"
	for _, c := range []struct {
		text     string
		zones    string // of the stops, in their order
		warnings []string
	}{
		{
			head + "1,1,Tori\n2,2\n3,3,Satama\n", "ABC",
			[]string{"stops.txt:3: the row has 2 fields and not 3: what it lacks is taken for empty"},
		},
		{
			head + "1,1,Tori,\n2,2,Asema,\n", "AB",
			[]string{"stops.txt:2: rows end in commas of no column, which are passed over"},
		},
		{head + "1,1,Tori, vanha\n2,2,Asema\n", "B", []string{
			"stops.txt:2: the row has 4 fields and not 3: it is left out: want quotes around a comma",
		}},
		{head + "1,1,Kahvila \"Musti\"\n2,2,\"Tori, vanha\"\n", "AB", nil},
		{head + "1,1,\"Tori\n2,2,Asema\n", "AB", nil},
		{head + "1,1,Tori\n \n\n,,\n2,2,Asema\n \n", "AB", nil},
		{strings.ReplaceAll(head+"1,1,Tori\n2,2,Asema\n", "\n", "\r"), "AB", nil},
		{strings.ReplaceAll(head+"1,1,Tori\n2,2,Asema", "\n", "\r\n"), "AB", nil},
		{"\uFEFF" + head + "1,1,Tori", "A", nil},
	} {
		stops, warnings, err := ReadStops(with(t, "stops.txt", c.text))
		require.NoError(t, err, "%q", c.text)
		zones := ""
		for _, stop := range stops.All() {
			zones += stop.Zones().String()
		}
		require.Equal(t, c.zones, zones, "%q", c.text)
		require.Equal(t, c.warnings, told(warnings), "%q", c.text)
	}
}

// Ensure that a feed has one of the two calendars, whichever.
func TestOneCalendarIsEnough(t *testing.T) {
	for _, file := range []string{"calendar.txt", "calendar_dates.txt"} {
		timetable, _ := timetableOf(t, with(t, file, ""))
		trip, _ := timetable.Trip("t101")
		require.True(t, timetable.RunsOn(trip, day(t, "2026-04-30")) != (file == "calendar_dates.txt"))
	}
	feed := with(t, "calendar.txt", "")
	delete(feed, "calendar_dates.txt")
	stops, _ := stopsOf(t, feed)
	_, _, err := ReadTimetable(feed, stops)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// FuzzFeed states that whatever is in the files, reading them does not panic, that every
// warning and every error of their content names the file, and that every zone is one.
func FuzzFeed(f *testing.F) {
	read := func(name string) []byte {
		raw, err := os.ReadFile(small + "/" + name)
		require.NoError(f, err)
		return raw
	}
	f.Add(read("stops.txt"), read("trips.txt"), read("stop_times.txt"), read("calendar.txt"))
	f.Add([]byte("stop_id,zone_id\n1,1\n"), []byte("trip_id"), []byte("\xef\xbb\xbf"), []byte(`"`))
	f.Fuzz(func(t *testing.T, stopsFile, tripsFile, callsFile, calendarFile []byte) {
		feed := fstest.MapFS{
			"stops.txt": {Data: stopsFile}, "routes.txt": {Data: []byte("route_id\nr2\n")},
			"trips.txt": {Data: tripsFile}, "stop_times.txt": {Data: callsFile},
			"calendar.txt": {Data: calendarFile},
		}
		stops, warnings, err := ReadStops(feed)
		named(t, warnings, err)
		if err != nil {
			return
		}
		for _, stop := range stops.All() {
			require.NotEmpty(t, stop.ID)
			require.Equal(t, stop.Zone != 0, stop.Zones() != 0)
		}
		timetable, warnings, err := ReadTimetable(feed, stops)
		named(t, warnings, err)
		if err != nil {
			return
		}
		for _, id := range timetable.Trips() {
			trip, _ := timetable.Trip(id)
			require.LessOrEqual(t, len(trip.Crossed()), len(trip.Calls))
			timetable.RunsOn(trip, 10000)
			trip.ZonesAt(len(trip.Calls) - 1)
		}
	})
}

func named(t *testing.T, warnings []LineError, err error) {
	for _, w := range warnings {
		require.Regexp(t, `^[a-z_]+\.txt:[1-9]`, w.Error())
	}
	if err != nil {
		require.Regexp(t, `[a-z_]+\.txt`, err.Error())
	}
}
