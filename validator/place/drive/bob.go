package drive

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"leima/validator/place"
)

// A Message is one that a bus's computer says over MQTT.
type Message struct {
	Topic   string
	Payload []byte
	Keep    bool // the broker keeps it for those who come later
}

// The intervals in which a computer says what has not changed (VALS).
const (
	journeyEvery = 30 * time.Second
	rmcEvery     = 5 * time.Second
)

// BoB are the messages of VALS that a bus's computer says at a moment of a trip after another,
// whose Call is -1 before the first. now is the time by satellite.
func BoB(t place.Trip, m, last Moment, now time.Time) (said []Message) {
	say := func(topic string, payload any) {
		text, _ := json.Marshal(payload)
		said = append(said, Message{Topic: "service/v1/" + topic, Payload: text})
	}
	due := func(every time.Duration) bool {
		return last.Call < 0 || (m.After+time.Minute)/every != (last.After+time.Minute)/every
	}
	if due(journeyEvery) {
		say("journey", journey{stopOf(t.Calls[len(t.Calls)-1].Stop), t.Line, t.ID, t.Block})
	}
	if m.Call != last.Call {
		left := remaining{[]stop{}}
		for _, call := range t.Calls[m.Call+1:] {
			left.Stops = append(left.Stops, stopOf(call.Stop))
		}
		say("lastStop", stopOf(t.Calls[m.Call].Stop))
		if len(left.Stops) > 0 {
			say("nextStop", left.Stops[0])
		}
		say("remainingStops", left)
	}
	if m.Call != last.Call || m.At != last.At {
		say("atStop", atStop{m.At == place.AtStop})
	}
	if m.Position != nil && due(rmcEvery) {
		rmc := RMC(m.Position, now)
		said = append(said, Message{Topic: "service/gps/rmc", Payload: []byte(rmc)})
	}
	return said
}

type journey struct {
	Destination stop   `json:"destination"`
	Line        string `json:"serviceId"`
	Trip        string `json:"tripId"`
	Block       string `json:"blockId"`
}

type remaining struct {
	Stops []stop `json:"remainingStops"`
}

type atStop struct {
	AtStop bool `json:"atStop"`
}

type stop struct {
	ID    string `json:"stopAreaId"`
	Name  string `json:"stopAreaName"`
	Zones []zone `json:"zones"`
}

type zone struct {
	ID string `json:"zoneId"`
}

func stopOf(s place.Stop) stop {
	to := stop{ID: s.ID, Name: s.Name, Zones: []zone{}}
	for _, z := range s.Zones {
		to.Zones = append(to.Zones, zone{letter(z)})
	}
	return to
}

// letter is a zone's name.
func letter(zone uint8) string { return string('A' + rune(zone) - 1) }

// RMC is the sentence of a satellite receiver (NMEA 0183).
func RMC(p *place.Position, now time.Time) string {
	const knot = 1852. / 3600
	now = now.UTC()
	body := fmt.Sprintf("GPRMC,%s,A,%s,%s,%.1f,,%s,,,A", now.Format("150405.00"),
		angle(p.Latitude, 2, "N", "S"), angle(p.Longitude, 3, "E", "W"), p.Speed/knot,
		now.Format("020106"))
	var sum byte
	for _, b := range []byte(body) {
		sum ^= b
	}
	return fmt.Sprintf("$%s*%02X", body, sum)
}

// angle is degrees, of so many digits, and minutes, of which a hundred thousandth is 2 cm.
func angle(degrees float64, digits int, positive, negative string) string {
	side := positive
	if degrees < 0 {
		side = negative
	}
	parts := int(math.Round(math.Abs(degrees) * 60 * 1e5))
	return fmt.Sprintf("%0*d%08.5f,%s", digits, parts/60e5, float64(parts%60e5)/1e5, side)
}
