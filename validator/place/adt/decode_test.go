package adt_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/plain"
	"leima/validator/place"
	"leima/validator/place/adt"
)

const (
	currentStop = "pe/sales/current_stop"
	journey     = "pe/dpi/journey"
	nextStop    = "pe/dpi/nextstop"
	door        = "sensors/door"
	oneDoor     = "pe/doors_individually"
	location    = "sensors/location"
	assignment  = "operational/assignment/status"
)

// bus is a dialect whose computer has its own names for two of the zones.
func bus() *adt.Dialect {
	return &adt.Dialect{
		Zones: place.TariffZones{"RUT:TariffZone:227": "A", "RUT:TariffZone:1": "B"}, Device: "9",
	}
}

// event is a message with its time and its id, which its fields follow.
func event(n int, fields string) string {
	return fmt.Sprintf(`{"eventTimestamp":"2026-11-28T12:%02d:00.5+02:00","traceId":"t%d",%s}`, n, n, fields)
}

// loop is a journey that calls at b twice.
const loop = `"journeyId":"t-4","journeyRef":"4-0958","route":{"line":{"publicCode":"4"},"stopPlaces":[
	{"id":"a","name":"Tori","location":{"latitude":62.6,"longitude":29.76},
	"tariffZones":["RUT:TariffZone:227"]},
	{"id":"b","tariffZones":["RUT:TariffZone:227","RUT:TariffZone:1"]},
	{"id":"c","tariffZones":["B","B","XX"]},
	{"id":"b","tariffZones":[],"location":{"latitude":91,"longitude":0}}]}`

// along are the stops of the loop.
var along = []place.Stop{
	{ID: "a", Name: "Tori", Zones: []uint8{1}, Position: &place.Position{Latitude: 62.6, Longitude: 29.76}},
	{ID: "b", Zones: []uint8{1, 2}},
	{ID: "c", Zones: []uint8{2}},
	{ID: "b"},
}

func loopTrip() *place.Trip {
	trip := &place.Trip{ID: "t-4", Ref: "4-0958", Line: "4"}
	for _, stop := range along {
		trip.Calls = append(trip.Calls, place.Call{Stop: stop})
	}
	return trip
}

// Ensure that each message is a report of what it says, and of nothing else.
func TestMessages(t *testing.T) {
	at := func(minute int) time.Time {
		return time.Date(2026, time.November, 28, 10, minute, 0, 5e8, time.UTC)
	}
	for name, c := range map[string]struct {
		before         []string // topics and payloads in turn
		topic, payload string
		want           place.Report
	}{
		"the stop at which the bus arrives": {
			nil, currentStop, event(1, `"vehicleRef":"V","stopPlaceId":"b","tariffZone":"RUT:TariffZone:227"`),
			place.Report{Stop: &place.Stop{ID: "b", Zones: []uint8{1}}},
		},
		"with the next one, and the name of the call": {
			nil, currentStop, event(1, `"stopPlaceId":"b","tariffZone":"B","actualCallRef":"x","stopPlaceIdNextStop":"c","tariffZoneNextStop":"3"`),
			place.Report{
				Stop: &place.Stop{ID: "b", Zones: []uint8{2}, CallRef: "x"},
				Next: &place.Stop{ID: "c", Zones: []uint8{3}},
			},
		},
		"a zone that is none of the area's is none known": {
			nil, currentStop, event(1, `"stopPlaceId":"b","tariffZone":"11"`),
			place.Report{Stop: &place.Stop{ID: "b"}},
		},
		"of a journey that was said": {
			[]string{journey, event(0, loop)},
			currentStop, event(1, `"stopPlaceId":"b","tariffZone":"A","journeyRef":"4-0958","lineId":"x","blockId":"y"`),
			place.Report{Trip: loopTrip(), Stop: &place.Stop{ID: "b", Zones: []uint8{1}}},
		},
		"of a journey that was not": {
			[]string{journey, event(0, loop)},
			currentStop, event(1, `"stopPlaceId":"b","tariffZone":"A","journeyRef":"5-0958","lineId":"5","blockId":"y"`),
			place.Report{
				Trip: &place.Trip{ID: "5-0958", Ref: "5-0958", Line: "5", Block: "y"},
				Stop: &place.Stop{ID: "b", Zones: []uint8{1}},
			},
		},
		"of the journey before the one that was said already": {
			[]string{journey, event(0, strings.ReplaceAll(loop, "4-0958", "3-0958")), journey, event(1, loop)},
			currentStop, event(2, `"stopPlaceId":"b","tariffZone":"A","journeyRef":"3-0958"`),
			place.Report{Stop: &place.Stop{ID: "b", Zones: []uint8{1}}},
		},
		"a journey is the whole trip": {
			nil, journey, event(1, loop), place.Report{Trip: loopTrip()},
		},
		"a journey without an id is known by its reference": {
			nil, journey, event(1, `"journeyRef":"4-0958","route":{}`),
			place.Report{Trip: &place.Trip{ID: "4-0958", Ref: "4-0958"}},
		},
		"the next stop is after that which the bus has left": {
			[]string{journey, event(0, loop)},
			nextStop, event(1, `"stopPlaceId":"c","index":2`),
			place.Report{
				Trip: loopTrip(), Stop: &along[1], Next: &along[2], Onward: along[2:], At: place.Between,
			},
		},
		"the stop that was left keeps the name of its call": {
			[]string{
				journey, event(0, loop),
				currentStop, event(1, `"stopPlaceId":"b","tariffZone":"B","actualCallRef":"x"`),
			},
			nextStop, event(2, `"stopPlaceId":"c","index":2`),
			place.Report{
				Trip: loopTrip(), Stop: &place.Stop{ID: "b", Zones: []uint8{2}, CallRef: "x"},
				Next: &along[2], Onward: along[2:], At: place.Between,
			},
		},
		"the same stop the second time": {
			[]string{journey, event(0, loop)},
			nextStop, event(1, `"stopPlaceId":"b","index":3`),
			place.Report{
				Trip: loopTrip(), Stop: &along[2], Next: &along[3], Onward: along[3:], At: place.Between,
			},
		},
		"before its first stop a bus is taken to be there": {
			[]string{journey, event(0, loop)},
			nextStop, event(1, `"stopPlaceId":"a","index":0`),
			place.Report{Trip: loopTrip(), Stop: &along[0], Next: &along[1], Onward: along[1:]},
		},
		"the next stop of a journey that was not said": {
			nil, nextStop, event(1, `"stopPlaceId":"a","index":0`), place.Report{},
		},
		"the next stop of another journey": {
			[]string{journey, event(0, loop)}, nextStop, event(1, `"stopPlaceId":"a","index":1`), place.Report{},
		},
		"the next stop beyond the journey's end": {
			[]string{journey, event(0, loop)}, nextStop, event(1, `"stopPlaceId":"a","index":4`), place.Report{},
		},
		"a door is open: the bus stands at its stop": {
			nil, door, event(1, `"doorOpen":true`), place.Report{Door: place.DoorOpen, At: place.AtStop},
		},
		"all are closed": {
			nil, door, event(1, `"doorOpen":false`), place.Report{Door: place.DoorsClosed, At: place.Between},
		},
		"one of two open doors is closed": {
			[]string{oneDoor, event(1, `"doorRef":"01","isOpen":true`), oneDoor, event(2, `"doorRef":"02","isOpen":true`)},
			oneDoor, event(3, `"doorRef":"01","isOpen":false`),
			place.Report{Door: place.DoorOpen, At: place.AtStop},
		},
		"the other one too": {
			[]string{
				oneDoor, event(1, `"doorRef":"01","isOpen":true`), oneDoor, event(2, `"doorRef":"02","isOpen":true`),
				oneDoor, event(3, `"doorRef":"01","isOpen":false`),
			},
			oneDoor, event(4, `"doorRef":"02","isOpen":false`),
			place.Report{Door: place.DoorsClosed, At: place.Between},
		},
		"a door that was not heard to close has closed when the bus arrives": {
			[]string{
				oneDoor, event(1, `"doorRef":"01","isOpen":true`),
				currentStop, event(2, `"stopPlaceId":"b","tariffZone":"B"`),
			},
			oneDoor, event(3, `"doorRef":"02","isOpen":false`),
			place.Report{Door: place.DoorsClosed, At: place.Between},
		},
		"a position, in m/s": {
			nil, location, event(1, `"latitudeDegree":-62.6,"longitudeDegree":29.75,"speedOverGround":8.5,"signalQuality":2`),
			place.Report{
				Source:   place.GNSS,
				Position: &place.Position{Latitude: -62.6, Longitude: 29.75, Speed: 8.5},
			},
		},
		"at the other topic": {
			nil, "sensors/gnss/location", event(1, `"latitudeDegree":0,"longitudeDegree":0,"signalQuality":6`),
			place.Report{Source: place.GNSS, Position: &place.Position{}},
		},
		"no fix":      {nil, location, event(1, `"latitudeDegree":0,"longitudeDegree":0,"signalQuality":0`), place.Report{Source: place.GNSS}},
		"by hand":     {nil, location, event(1, `"latitudeDegree":0,"longitudeDegree":0,"signalQuality":7`), place.Report{Source: place.GNSS}},
		"a simulator": {nil, location, event(1, `"latitudeDegree":0,"longitudeDegree":0,"signalQuality":8`), place.Report{Source: place.GNSS}},
		"signed on":   {nil, assignment, event(1, `"state":{"assigned":true,"code":"PLANNED"}`), place.Report{State: place.InService}},
		"signed off":  {nil, assignment, event(1, `"state":{"assigned":false,"code":"FINISHED"}`), place.Report{State: place.OutOfService}},
		"no state":    {nil, assignment, event(1, `"more":{}`), place.Report{}},
		"text that commands a terminal is made visible": {
			nil, currentStop, event(1, `"stopPlaceId":"1\u001b[2J","tariffZone":"A","actualCallRef":"\ni"`),
			place.Report{Stop: &place.Stop{ID: `1\u001b[2J`, Zones: []uint8{1}, CallRef: " i"}},
		},
	} {
		d, minute := bus(), 1
		for n := 0; n < len(c.before); n += 2 {
			_, err := d.Decode(c.before[n], []byte(c.before[n+1]))
			require.NoError(t, err, name)
		}
		got, err := d.Decode(c.topic, []byte(c.payload))
		require.NoError(t, err, name)
		_, _ = fmt.Sscanf(c.payload, `{"eventTimestamp":"2026-11-28T12:%d:`, &minute)
		require.True(t, at(minute).Equal(got.Said), "%s: %v", name, got.Said)
		c.want.Source, c.want.Said = cmp.Or(c.want.Source, place.Ruter), got.Said
		require.Equal(t, c.want, got, name)
	}
}

// Ensure that a message that has come before says nothing, also when others have come since; and that
// one with the same id and another time is another, on each topic apart.
func TestRepeated(t *testing.T) {
	d := bus()
	says := func(topic, payload string) bool {
		got, err := d.Decode(topic, []byte(payload))
		require.NoError(t, err)
		return got.Source != place.NoSource
	}
	stop := func(n int, id string) string {
		return event(n, fmt.Sprintf(`"stopPlaceId":%q,"tariffZone":"A"`, id))
	}
	require.True(t, says(currentStop, stop(1, "a")))
	require.True(t, says(currentStop, stop(2, "b")))
	require.False(t, says(currentStop, stop(1, "a")))
	require.True(t, says(door, event(1, `"doorOpen":true`)))
	require.True(t, says(currentStop, strings.Replace(stop(3, "b"), "t3", "t1", 1)))
	for n := range 14 {
		require.True(t, says(currentStop, stop(4+n, "c")))
	}
	require.False(t, says(currentStop, stop(2, "b")), "the sixteenth")
	require.True(t, says(currentStop, stop(20, "c")))
	require.True(t, says(currentStop, stop(2, "b")), "of more nothing is remembered")
	require.True(t, says(journey, event(1, loop)))
	require.True(t, says(journey, event(2, strings.ReplaceAll(loop, "4-0958", "5-0958"))))
	require.False(t, says(journey, event(1, loop)))
	require.Equal(t, "5-0958", d.JourneyRef(), "an old trip does not come back")
}

// Ensure that while two vehicles speak neither is believed, and that one is again after eight stops,
// but for the journey that may have been the other's.
func TestTwoVehicles(t *testing.T) {
	d, n := bus(), 0
	stop := func(vehicle string) error {
		n++
		_, err := d.Decode(currentStop, []byte(event(n, fmt.Sprintf(
			`"vehicleRef":%q,"stopPlaceId":"a","tariffZone":"A","journeyRef":"4-0958"`, vehicle))))
		return err
	}
	_, err := d.Decode(journey, []byte(event(50, loop)))
	require.NoError(t, err)
	for range 20 {
		require.NoError(t, stop("ours"))
	}
	for _, vehicle := range []string{"theirs", "ours", "theirs", "theirs", "ours"} {
		require.ErrorContains(t, stop(vehicle), "neither is believed")
	}
	_, err = d.Decode(journey, []byte(event(51, loop)))
	require.ErrorContains(t, err, "neither is believed")
	_, err = d.Decode(nextStop, []byte(event(52, `"stopPlaceId":"b","index":1`)))
	require.ErrorContains(t, err, "neither is believed")
	for range 6 {
		require.Error(t, stop("ours"))
	}
	require.NoError(t, stop("ours"))
	got, err := d.Decode(nextStop, []byte(event(53, `"stopPlaceId":"b","index":1`)))
	require.NoError(t, err)
	require.Nil(t, got.Stop)
	require.Empty(t, d.JourneyRef())
}

// Ensure that what cannot be read says nothing of the place, and that its error names the topic.
func TestNoMessages(t *testing.T) {
	for name, c := range map[string]struct{ topic, payload, says string }{
		"another topic":      {"pe/dpi/eta", `{}`, "pe/dpi/eta: is no topic of ruter"},
		"no JSON":            {door, "secret", "sensors/door: is no JSON"},
		"null":               {door, "null", "sensors/door: has no doorOpen"},
		"a list":             {door, "[]", "sensors/door: the message is of a wrong type: array"},
		"no time":            {door, `{"doorOpen":true,"traceId":"t"}`, "sensors/door: has no eventTimestamp (RFC 3339) or traceId"},
		"a day":              {door, `{"doorOpen":true,"traceId":"t","eventTimestamp":"2026-11-28"}`, "sensors/door: has no eventTimestamp (RFC 3339) or traceId"},
		"no id":              {door, `{"doorOpen":true,"eventTimestamp":"2026-11-28T12:00:00Z"}`, "sensors/door: has no eventTimestamp (RFC 3339) or traceId"},
		"no stop":            {currentStop, event(30, `"tariffZone":"A"`), "pe/sales/current_stop: has no stopPlaceId or tariffZone"},
		"no zone":            {currentStop, event(30, `"stopPlaceId":"a"`), "pe/sales/current_stop: has no stopPlaceId or tariffZone"},
		"no route":           {journey, event(30, `"journeyId":"t"`), "pe/dpi/journey: has no route, no journeyId and journeyRef, or more than 200 stopPlaces"},
		"no journey":         {journey, event(30, `"route":{}`), "pe/dpi/journey: has no route, no journeyId and journeyRef, or more than 200 stopPlaces"},
		"too many stops":     {journey, event(30, `"journeyId":"t","route":{"stopPlaces":[`+strings.Repeat(`{"id":"a"},`, 200)+`{"id":"a"}]}`), "pe/dpi/journey: has no route, no journeyId and journeyRef, or more than 200 stopPlaces"},
		"a stop of none":     {journey, event(30, `"journeyId":"t","route":{"stopPlaces":[{}]}`), "pe/dpi/journey: has a stop place without id"},
		"zones of no text":   {journey, event(30, `"journeyId":"t","route":{"stopPlaces":[{"tariffZones":[1]}]}`), "pe/dpi/journey: route.stopPlaces.tariffZones is of a wrong type: number"},
		"no next stop":       {nextStop, event(30, `"index":1`), "pe/dpi/nextstop: has no stopPlaceId or index"},
		"no index":           {nextStop, event(30, `"stopPlaceId":"a"`), "pe/dpi/nextstop: has no stopPlaceId or index"},
		"half an index":      {nextStop, event(30, `"stopPlaceId":"a","index":0.5`), "pe/dpi/nextstop: index is of a wrong type: number 0.5"},
		"no door":            {oneDoor, event(30, `"isOpen":true`), "pe/doors_individually: has no doorRef or isOpen"},
		"too many doors":     {oneDoor, event(30, `"doorRef":"17","isOpen":true`), "pe/doors_individually: is of more than 16 doors"},
		"no position":        {location, event(30, `"latitudeDegree":1`), "sensors/location: has no latitudeDegree, longitudeDegree or signalQuality"},
		"beyond the pole":    {location, event(30, `"latitudeDegree":90.1,"longitudeDegree":0,"signalQuality":1`), "sensors/location: is of a position or a speed that cannot be"},
		"faster than a bus":  {location, event(30, `"latitudeDegree":1,"longitudeDegree":0,"speedOverGround":1e300,"signalQuality":1`), "sensors/location: is of a position or a speed that cannot be"},
		"backwards":          {location, event(30, `"latitudeDegree":1,"longitudeDegree":0,"speedOverGround":-1,"signalQuality":1`), "sensors/location: is of a position or a speed that cannot be"},
		"a byte over 64 KiB": {door, event(30, `"doorOpen":true`) + strings.Repeat(" ", 64<<10), "sensors/door: has 65616 bytes: want at most 65536"},
	} {
		d := bus()
		for n := range 16 {
			_, err := d.Decode(oneDoor, []byte(event(n, fmt.Sprintf(`"doorRef":"%d","isOpen":true`, n))))
			require.NoError(t, err)
		}
		got, err := d.Decode(c.topic, []byte(c.payload))
		require.EqualError(t, err, c.says, name)
		require.Zero(t, got, name)
	}
}

// Ensure that a bus may have its topics below another, as FRAM's description has them.
func TestPrefix(t *testing.T) {
	slash := &adt.FRAM{Dialect: adt.Dialect{Prefix: "/", Device: "9"}}
	require.Contains(t, slash.Topics(), "/sensors/door")
	require.Equal(t, []string{"/device/diagnostics/request", "/device/9/diagnostics/request"}, slash.Requests())
	got, err := slash.Decode("/sensors/door", []byte(event(1, `"doorOpen":true`)))
	require.NoError(t, err)
	require.Equal(t, place.DoorOpen, got.Door)
	again, err := slash.Decode("/sensors/door", []byte(event(1, `"doorOpen":true`)))
	require.NoError(t, err)
	require.Zero(t, again)
	topic, _, _ := slash.Response(stamp, adt.Result{})
	require.Equal(t, "/validators/9/response", topic)
}

// Ensure that any bytes on any topics give reports that can be shown and kept, or errors that can.
func FuzzDecode(f *testing.F) {
	f.Add(2, event(1, loop), 3, event(2, `"stopPlaceId":"b","index":3`))
	f.Add(2, event(1, loop), 5, event(2, `"stopPlaceId":"b","tariffZone":"B","journeyRef":"4-0958","stopPlaceIdNextStop":"c"`))
	f.Add(4, event(1, `"doorRef":"01","isOpen":true`), 4, event(2, `"doorRef":"01","isOpen":false`))
	f.Add(7, event(1, `"latitudeDegree":1,"longitudeDegree":2,"speedOverGround":3,"signalQuality":1`), 0, event(2, `"state":{"assigned":true}`))
	topics := bus().Topics()
	f.Fuzz(func(t *testing.T, first int, one string, second int, two string) {
		d := bus()
		for n, payload := range []string{one, two} {
			topic := topics[uint([]int{first, second}[n])%uint(len(topics))]
			got, err := d.Decode(topic, []byte(payload))
			if err != nil {
				require.Zero(t, got)
				require.Less(t, len(err.Error()), 1000)
				require.NoError(t, plain.CheckLine(err.Error()))
				continue
			}
			require.False(t, got.Kept)
			stops := got.Onward
			if got.Trip != nil {
				requireText(t, got.Trip.ID, got.Trip.Line, got.Trip.Block)
				require.LessOrEqual(t, len(got.Trip.Calls), 200)
				for _, call := range got.Trip.Calls {
					stops = append(stops, call.Stop)
				}
			}
			for _, stop := range []*place.Stop{got.Stop, got.Next} {
				if stop != nil {
					stops = append(stops, *stop)
				}
			}
			for _, stop := range stops {
				require.NotEmpty(t, stop.ID)
				requireText(t, stop.ID, stop.Name, stop.CallRef)
				require.LessOrEqual(t, len(stop.Zones), 10)
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
