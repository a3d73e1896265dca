package mqtt_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/adt"
	"leima/validator/place/mqtt"
	"leima/validator/place/mqtt/mqtttest"
)

const (
	wholeTrip   = "pe/dpi/journey"
	nextStop    = "pe/dpi/nextstop"
	currentStop = "pe/sales/current_stop"

	lineTo = `"journeyId":"t-4","journeyRef":"4-0958","route":{"line":{"publicCode":"4"},"stopPlaces":[
		{"id":"a","tariffZones":["A"]},{"id":"b","tariffZones":["B"]},{"id":"c","tariffZones":["C"]}]}`
)

// event is a message of Ruter's: its time and id are by a number, which the fields follow.
func event(n int, fields string) string {
	return fmt.Sprintf(`{"eventTimestamp":"2026-11-28T10:00:00.%06dZ","traceId":"%d",%s}`, n, n, fields)
}

func arriving(n int, stop, zone string) string {
	return event(n, fmt.Sprintf(`"journeyRef":"4-0958","stopPlaceId":%q,"tariffZone":%q`, stop, zone))
}

func leaving(n int, next string, index int) string {
	return event(n, fmt.Sprintf(`"stopPlaceId":%q,"index":%d`, next, index))
}

func asRuter(c *mqtt.Config) { c.Dialect = &adt.Dialect{Device: "9"} }

// dies kills a broker and starts it again, until the client is back.
func dies(t *testing.T, broker *mqtttest.Broker, e *ear) {
	t.Helper()
	broker.Kill()
	e.loses()
	e.client.Publish((&adt.Dialect{}).Sales(adt.Stamp{}, adt.Sales{Version: "back"}))
	broker.Restart()
	back := broker.Peer("pe/sales/diagnostics")
	for !strings.Contains(back.Hears().Payload, `"back"`) {
	}
}

// Ensure that a trip whose messages the broker has kept since yesterday is not sure, though the broker
// dies and says them again and a bridge says them as news, until the bus arrives at a stop of it.
func TestRuterKeptOfYesterday(t *testing.T) {
	broker := mqtttest.Start(t)
	computer, arbiter := broker.Peer(), &place.Arbiter{Expected: true}
	computer.Keep(wholeTrip, event(1, lineTo))
	computer.Keep(nextStop, leaving(2, "c", 2))
	e := listen(t, broker, asRuter)
	for range 2 {
		r := e.hears()
		require.True(t, r.Kept)
		arbiter.Hear(r)
	}
	r := arbiter.Where(time.Second)
	require.Equal(t, []any{"b", place.Kept}, []any{r.Stop.ID, r.Doubt})

	dies(t, broker, e)
	bridge := broker.Peer()
	bridge.Say(wholeTrip, event(1, lineTo))
	bridge.Say(nextStop, leaving(2, "c", 2))
	bridge.Say(currentStop, arriving(3, "a", "A"))
	for r := e.hears(); ; r = e.hears() {
		require.Empty(t, r.Next, "said before")
		arbiter.Hear(r)
		if r.Stop != nil {
			break
		}
	}
	r = arbiter.Where(2 * time.Second)
	require.Equal(t, []any{"a", "t-4", place.Sure}, []any{r.Stop.ID, r.Trip.ID, r.Doubt})
	require.Equal(t, "b", r.Next.ID)
}

// Ensure that a broker that dies in the middle of a trip takes away what is sure only until the bus
// has arrived at another stop, and that the trip goes on from there.
func TestRuterBrokerDiesInMidTrip(t *testing.T) {
	broker := mqtttest.Start(t)
	arbiter := &place.Arbiter{Expected: true}
	e := listen(t, broker, asRuter)
	computer := broker.Peer()
	computer.Keep(wholeTrip, event(1, lineTo))
	arbiter.Hear(e.hears())
	computer.Say(currentStop, arriving(2, "a", "A"))
	arbiter.Hear(e.hears())
	computer.Keep(nextStop, leaving(3, "b", 1))
	left := e.hears()
	arbiter.Hear(left)
	r := arbiter.Where(left.Heard)
	require.Equal(t, []any{"a", "b", place.Between, place.Sure}, []any{r.Stop.ID, r.Next.ID, r.At, r.Doubt})

	dies(t, broker, e)
	arbiter.Lose(place.Ruter)
	r = arbiter.Where(left.Heard)
	require.Equal(t, place.Stale, r.Doubt)
	broker.Peer().Say(currentStop, arriving(4, "c", "C"))
	for r.Stop.ID != "c" {
		report := e.hears()
		arbiter.Hear(report)
		r = arbiter.Where(report.Heard)
	}
	require.Equal(t, []any{"t-4", 2, place.Sure}, []any{r.Trip.ID, r.Call, r.Doubt})
}

// Ensure that a flood of positions, each of its own time and id, neither fills the memory nor delays
// a stop.
func TestRuterFlood(t *testing.T) {
	broker := mqtttest.Start(t)
	e := listen(t, broker, asRuter)
	computer := broker.Peer()
	for n := range 10_000 {
		computer.Shout("sensors/location", event(n,
			`"latitudeDegree":62.6,"longitudeDegree":29.76,"signalQuality":1`))
	}
	computer.Say(currentStop, arriving(1, "a", "A"))
	for n := 0; e.hears().Stop == nil; n++ {
		require.Less(t, n, 10_000)
	}
}

// Ensure that lies change nothing and are logged once each with their topic, and that nobody can say
// in Ruter's words more than 64 KiB.
func TestRuterLies(t *testing.T) {
	broker := mqtttest.Start(t)
	e := listen(t, broker, asRuter)
	computer := broker.Peer()
	for range 3 {
		computer.Say(wholeTrip, `{"eventTimestamp":`)
	}
	computer.Say(currentStop, `{"stopPlaceId":"a","tariffZone":"A"}`)
	computer.Say(lastStop, stopA) // BoB's
	computer.Say("sensors/door", event(1, `"doorOpen":true`)+strings.Repeat(" ", 64<<10))
	computer.Say("pe/doors_individually", event(1, `"doorRef":"1","isOpen":false`))
	require.Equal(t, place.DoorsClosed, e.hears().Door, "nothing else was heard")
	log := e.log.String()
	for _, line := range []string{
		`error="pe/dpi/journey: is no JSON"`,
		`error="pe/sales/current_stop: has no eventTimestamp (RFC 3339) or traceId"`,
		`error="sensors/door: has 6561`,
	} {
		require.Equal(t, 1, strings.Count(log, line), log)
	}
}

// Ensure that others may ask how the validator is, all devices or this one, and that a request which
// the broker has kept is none.
func TestRequest(t *testing.T) {
	broker := mqtttest.Start(t)
	computer := broker.Peer()
	computer.Keep("device/diagnostics/request", `{}`)
	asked := make(chan struct{}, 10)
	e := listen(t, broker, func(c *mqtt.Config) {
		c.Dialect = &adt.FRAM{Dialect: adt.Dialect{Device: "9"}}
		c.Asked = func() { asked <- struct{}{} }
	})
	computer.Say("sensors/door", event(1, `"doorOpen":false`))
	require.Equal(t, place.DoorsClosed, e.hears().Door)
	require.Empty(t, asked)
	computer.Say("device/diagnostics/request", `{}`)
	<-asked
	computer.Say("device/9/diagnostics/request", `{`)
	<-asked
}
