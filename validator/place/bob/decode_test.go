package bob_test

import (
	"cmp"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/plain"
	"leima/validator/place"
	"leima/validator/place/bob"
)

// bus is one of Joensuu, whose computer has numbers for two of its zones.
var bus = &bob.Dialect{
	Zones: place.TariffZones{"820": "A", "842": "B"}, Vehicle: "712", Validator: "9",
}

// Ensure that each message says what VALS says that it means.
func TestMessages(t *testing.T) {
	for name, c := range map[string]struct {
		topic, payload string
		want           place.Report
	}{
		"a journey is a trip with its line and block": {
			"service/v1/journey",
			`{"version":"1.0.0","destination":{"stopAreaId":"2038","stopAreaName":"Utra"},
			"serviceId":"s1","tripId":"t1","blockId":"b1"}`,
			place.Report{Trip: &place.Trip{ID: "t1", Line: "s1", Block: "b1"}},
		},
		"a journey may be of no line and no block": {
			"service/v1/journey", `{"serviceId":"","tripId":"t1","blockId":""}`,
			place.Report{Trip: &place.Trip{ID: "t1"}},
		},
		"lastStop is the stop at which the bus arrives": {
			"service/v1/lastStop", `{"stopAreaId":"207","stopAreaName":"Rantakylä"}`,
			place.Report{Stop: &place.Stop{ID: "207", Name: "Rantakylä"}},
		},
		"the point goes before the area, as in timetables": {
			"service/v1/lastStop",
			`{"stopAreaId":"207","stopPointId":"207001","stopAreaName":"Rantakylä"}`,
			place.Report{Stop: &place.Stop{ID: "207001", Name: "Rantakylä"}},
		},
		"nextStop is the stop after that": {
			"service/v1/nextStop",
			`{"version":"1.0.0","stopAreaId":"207","stopAreaName":"Rantakylä",
			"zones":[{"zoneId":"2","zoneName":"B"}]}`,
			place.Report{Next: &place.Stop{ID: "207", Name: "Rantakylä", Zones: []uint8{2}}},
		},
		"a stop may lie in several zones, the most important first": {
			"service/v1/lastStop",
			`{"stopAreaId":"1","stopAreaName":"","zones":[{"zoneId":"842"},{"zoneId":"A"}]}`,
			place.Report{Stop: &place.Stop{ID: "1", Zones: []uint8{2, 1}}},
		},
		"a zone that is none of the area's is left out": {
			"service/v1/lastStop",
			`{"stopAreaId":"1","stopAreaName":"","zones":[{"zoneId":"11"},{"zoneId":""},{"zoneId":"C"}]}`,
			place.Report{Stop: &place.Stop{ID: "1", Zones: []uint8{3}}},
		},
		"an empty list of zones is none known": {
			"service/v1/lastStop", `{"stopAreaId":"1","stopAreaName":"","zones":[]}`,
			place.Report{Stop: &place.Stop{ID: "1"}},
		},
		"remainingStops are what is left of the trip": {
			"service/v1/remainingStops",
			`{"remainingStops":[{"stopAreaId":"2","zones":[{"zoneId":"B"}]},{"stopAreaId":"3"}]}`,
			place.Report{Onward: []place.Stop{{ID: "2", Zones: []uint8{2}}, {ID: "3"}}},
		},
		"at the last stop none is left": {
			"service/v1/remainingStops", `{"remainingStops":[]}`,
			place.Report{Onward: []place.Stop{}},
		},
		"atStop is that the bus stands at a stop": {
			"service/v1/atStop", `{"atStop":true}`, place.Report{At: place.AtStop},
		},
		"… and has left it": {
			"service/v1/atStop", `{"atStop":false}`, place.Report{At: place.Between},
		},
		"rmc is a sentence and no JSON, with a time of its own": {
			"service/gps/rmc", "$GPRMC,120000,A,6236.00,N,02945.00,E,0.0,,281126,,*35",
			place.Report{
				Source:   place.GNSS,
				Position: &place.Position{Latitude: 62.6, Longitude: 29.75},
				Said:     time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC),
			},
		},
		"a receiver without a fix says nothing": {
			"service/gps/rmc", "$GPRMC,,V,,,,,,,,,,N*53",
			place.Report{Source: place.GNSS},
		},
		"runmonitoring says that the bus runs in service, and when": {
			"service/itxpt/v2/avms/runmonitoring",
			`{"monitoredRunState":{"recordedAtTime":"2026-11-28T12:00:00+02:00","monitoredBlockRef":"9301",
			"currentRunInfo":{"runState":"RunPattern","patternRunType":"ServiceJourneyPattern"}}}`,
			place.Report{
				State: place.InService, Said: time.Date(2026, time.November, 28, 10, 0, 0, 0, time.UTC),
			},
		},
		"a dead run carries nobody": {
			"service/itxpt/v2/avms/runmonitoring",
			`{"monitoredRunState":{"currentRunInfo":{"runState":"RunPattern","patternRunType":"DeadRunPattern"}}}`,
			place.Report{State: place.DeadRun},
		},
		"on the way to a pattern it may carry passengers or not; the time has no zone": {
			"service/itxpt/v2/avms/runmonitoring",
			`{"monitoredRunState":{"recordedAtTime":"2017-07-16T11:43:27","currentRunInfo":{"runState":"RunToPattern"}}}`,
			place.Report{Said: time.Date(2017, time.July, 16, 11, 43, 27, 0, time.UTC)},
		},
		"vehicle says nothing of the place": {
			"service/v1/vehicle",
			`{"identifiers":[{"origin":"FMS","VIN":"1GNDT13X53K185279"},{"origin":"a","vehicleNumber":"5"},
			{"origin":"b","vehicleNumber":"712"}]}`,
			place.Report{},
		},
		"fields that are not known are passed over": {
			"service/v1/atStop", `{"atStop":true,"kneeling":{"left":[1,2]}}`,
			place.Report{At: place.AtStop},
		},
		"text that commands a terminal is made visible": {
			"service/v1/lastStop", `{"stopAreaId":"1\u001b[2J","stopAreaName":"\u202eirot\ni"}`,
			place.Report{Stop: &place.Stop{ID: `1\u001b[2J`, Name: `\u202eirot i`}},
		},
		"text is cut to 100 characters": {
			"service/v1/lastStop",
			`{"stopAreaId":"1","stopAreaName":"` + strings.Repeat("ä", 101) + `"}`,
			place.Report{Stop: &place.Stop{ID: "1", Name: strings.Repeat("ä", 99) + "…"}},
		},
	} {
		got, err := bus.Decode(c.topic, []byte(c.payload))
		require.NoError(t, err, name)
		require.True(t, c.want.Said.Equal(got.Said), "%s: %v", name, got.Said)
		c.want.Source, c.want.Said = cmp.Or(c.want.Source, place.BoB), got.Said
		require.Equal(t, c.want, got, name)
	}
}

// Ensure that what cannot be read says nothing of the place, and that its error names the topic and
// shows nothing of the message that it need not.
func TestNoMessages(t *testing.T) {
	for name, c := range map[string]struct{ topic, payload, says string }{
		"another topic":                    {"service/v1/door", `{}`, "service/v1/door: is no topic of bob"},
		"no JSON":                          {"service/v1/atStop", "secret", "service/v1/atStop: is no JSON"},
		"half of JSON":                     {"service/v1/atStop", `{"atStop":true`, "service/v1/atStop: is no JSON"},
		"two of JSON":                      {"service/v1/atStop", `{"atStop":true}{}`, "service/v1/atStop: is no JSON"},
		"nothing":                          {"service/v1/atStop", "", "service/v1/atStop: is no JSON"},
		"null":                             {"service/v1/atStop", "null", "service/v1/atStop: has no atStop"},
		"a list":                           {"service/v1/atStop", "[]", "service/v1/atStop: the message is of a wrong type: array"},
		"a wrong type":                     {"service/v1/atStop", `{"atStop":"secret"}`, "service/v1/atStop: atStop is of a wrong type: string"},
		"no trip":                          {"service/v1/journey", `{"serviceId":"4","blockId":"1"}`, "service/v1/journey: has no serviceId, tripId or blockId"},
		"an empty trip":                    {"service/v1/journey", `{"serviceId":"4","tripId":"","blockId":"1"}`, "service/v1/journey: has no serviceId, tripId or blockId"},
		"no line":                          {"service/v1/journey", `{"tripId":"4","blockId":"1"}`, "service/v1/journey: has no serviceId, tripId or blockId"},
		"no block":                         {"service/v1/journey", `{"serviceId":"4","tripId":"1"}`, "service/v1/journey: has no serviceId, tripId or blockId"},
		"no stop":                          {"service/v1/lastStop", `{"stopAreaName":"Utra"}`, "service/v1/lastStop: has no stopAreaId or stopAreaName"},
		"no stop's name":                   {"service/v1/nextStop", `{"stopAreaId":"1"}`, "service/v1/nextStop: has no stopAreaId or stopAreaName"},
		"no stops":                         {"service/v1/remainingStops", `{}`, "service/v1/remainingStops: has no remainingStops, or more than 200"},
		"too many stops":                   {"service/v1/remainingStops", `{"remainingStops":[` + strings.Repeat(`{"stopAreaId":"1"},`, 200) + `{}]}`, "service/v1/remainingStops: has no remainingStops, or more than 200"},
		"a stop of none":                   {"service/v1/remainingStops", `{"remainingStops":[{}]}`, "service/v1/remainingStops: has a stop without stopAreaId"},
		"no run":                           {"service/itxpt/v2/avms/runmonitoring", `{}`, "service/itxpt/v2/avms/runmonitoring: has no monitoredRunState"},
		"no identifiers":                   {"service/v1/vehicle", `{}`, "service/v1/vehicle: has no identifiers"},
		"no checksum":                      {"service/gps/rmc", "$GPRMC,secret", "service/gps/rmc: a sentence without its checksum"},
		"a topic that commands a terminal": {"\x1b[2J", "", `\u001b[2J: is no topic of bob`},
		"a byte over 64 KiB": {
			"service/v1/atStop", `{"atStop":true}` + strings.Repeat(" ", 64<<10-14),
			"service/v1/atStop: has 65537 bytes: want at most 65536",
		},
	} {
		got, err := bus.Decode(c.topic, []byte(c.payload))
		require.EqualError(t, err, c.says, name)
		require.Zero(t, got, name)
	}
	_, err := bus.Decode("service/v1/atStop", []byte(`{"atStop":true}`+strings.Repeat(" ", 64<<10-15)))
	require.NoError(t, err, "64 KiB are not too much")
}

// Ensure that nothing is heard of another bus's computer, as VALS says it once, until ours speaks.
func TestAnotherBus(t *testing.T) {
	const at = `{"atStop":true}`
	bus := &bob.Dialect{Vehicle: "712"}
	for _, c := range []struct {
		identifiers string
		heard       bool
	}{
		{`{"vehicleNumber":"713"}`, false},
		{`{"vehicleNumber":"713"},{"vehicleNumber":"0712"}`, true},
		{`{"vehicleNumber":"713"},{"vehicleNumber":"7120"}`, false},
		{`{"vehicleNumber":"712X"}`, true}, // a name, which the configuration cannot have
		{`{"vehicleNumber":"713"}`, false},
		{`{"VIN":"1GNDT13X53K185279"}`, true},
	} {
		_, first := bus.Decode("service/v1/vehicle", []byte(`{"identifiers":[`+c.identifiers+`]}`))
		got, err := bus.Decode("service/v1/atStop", []byte(at))
		if c.heard {
			require.NoError(t, errors.Join(first, err), c.identifiers)
			continue
		}
		require.Zero(t, got, c.identifiers)
		require.EqualError(t, err, "service/v1/atStop: the computer is vehicle 713's, and this "+
			"validator is configured for 712: it is not heard")
		require.ErrorContains(t, first, "service/v1/vehicle: the computer is vehicle 713's")
	}
	_, err := (&bob.Dialect{}).Decode("service/v1/vehicle",
		[]byte(`{"identifiers":[{"vehicleNumber":"713"}]}`))
	require.NoError(t, err, "no vehicle is configured")
}

// Ensure that a bus may have its topics below another.
func TestPrefix(t *testing.T) {
	slash := &bob.Dialect{Prefix: "/"}
	require.Contains(t, slash.Topics(), "/service/v1/atStop")
	got, err := slash.Decode("/service/v1/atStop", []byte(`{"atStop":true}`))
	require.NoError(t, err)
	require.Equal(t, place.AtStop, got.At)
	topic, _, _ := slash.Status(bob.Status{})
	require.Equal(t, "/service/v1/Validate/status", topic)
}

// Ensure that any bytes on any topic give a report that can be shown and kept, or an error that can.
func FuzzDecode(f *testing.F) {
	f.Add(0, `{"atStop":true}`)
	f.Add(2, `{"serviceId":"4","tripId":"1","blockId":""}`)
	f.Add(3, `{"stopAreaId":"207","stopAreaName":"Rantakylä","zones":[{"zoneId":"2","zoneName":"B"}]}`)
	f.Add(5, `{"remainingStops":[{"stopAreaId":"2","zones":[{"zoneId":"B"}]},{"stopAreaId":"3"}]}`)
	topics := bus.Topics()
	f.Fuzz(func(t *testing.T, n int, payload string) {
		got, err := bus.Decode(topics[uint(n)%uint(len(topics))], []byte(payload))
		if err != nil {
			require.Zero(t, got)
			require.Less(t, len(err.Error()), 1000)
			require.NoError(t, plain.CheckLine(err.Error()))
			return
		}
		require.False(t, got.Kept)
		if got.Trip != nil {
			requireText(t, got.Trip.ID, got.Trip.Line, got.Trip.Block)
		}
		stops := got.Onward
		for _, stop := range []*place.Stop{got.Stop, got.Next} {
			if stop != nil {
				stops = append(stops, *stop)
			}
		}
		require.LessOrEqual(t, len(stops), 200)
		for _, stop := range stops {
			require.NotEmpty(t, stop.ID)
			requireText(t, stop.ID, stop.Name)
			for _, zone := range stop.Zones {
				require.True(t, zone >= 1 && zone <= 10)
			}
		}
	})
}

func requireText(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		require.NoError(t, plain.CheckLine(text))
		require.LessOrEqual(t, utf8.RuneCountInString(text), 100)
	}
}
