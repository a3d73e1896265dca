package drive

import (
	"encoding/json"
	"fmt"
	"time"

	"leima/validator/place"
)

// Ruter are the messages of ADT v3 that a bus's computer says at a moment of a trip after another,
// whose Call is -1 before the first. now is the time by satellite, another one at each moment. What
// Ruter has its brokers keep, they keep.
func Ruter(t place.Trip, m, last Moment, now time.Time) (said []Message) {
	now = now.UTC()
	say := func(topic string, keep bool, fields map[string]any) {
		fields["eventTimestamp"] = now.Format(time.RFC3339Nano)
		fields["traceId"] = fmt.Sprintf("%x-%d", now.UnixNano(), len(said))
		text, _ := json.Marshal(fields)
		said = append(said, Message{topic, text, keep})
	}
	ref, next := "journey of "+t.ID, m.Call+1
	if last.Call < 0 {
		say("operational/assignment/status", true, map[string]any{
			"state": map[string]any{"assigned": true, "code": "PLANNED"},
		})
		say("pe/dpi/journey", true, map[string]any{
			"journeyId": t.ID, "journeyRef": ref, "route": routeOf(t),
		})
	}
	if m.Call != last.Call {
		stop := map[string]any{
			"vehicleRef": "bench drive", "journeyRef": ref, "lineId": t.Line, "blockId": t.Block,
			"actualCallRef": fmt.Sprintf("%s call %d", t.ID, m.Call),
			"stopPlaceId":   t.Calls[m.Call].ID, "tariffZone": zoneOf(t.Calls[m.Call].Stop),
		}
		if next < len(t.Calls) {
			stop["stopPlaceIdNextStop"] = t.Calls[next].ID
			stop["tariffZoneNextStop"] = zoneOf(t.Calls[next].Stop)
		}
		say("pe/sales/current_stop", false, stop)
	}
	if m.Door != last.Door {
		say("sensors/door", true, map[string]any{"doorOpen": m.Door == place.DoorOpen})
	}
	if m.At != last.At && m.At == place.Between {
		say("pe/dpi/nextstop", true, map[string]any{
			"stopPlaceId": t.Calls[next].ID, "index": next,
		})
	}
	if p := m.Position; p != nil {
		say("sensors/location", false, map[string]any{
			"latitudeDegree": p.Latitude, "longitudeDegree": p.Longitude, "altitude": 0,
			"speedOverGround": p.Speed, "trackDegreeTrue": 0, "signalQuality": 1,
			"numberOfSatellites": 9, "hdop": 1, "messageNumber": int(m.After / time.Second),
		})
	}
	return said
}

func routeOf(t place.Trip) map[string]any {
	stops := []map[string]any{}
	for _, call := range t.Calls {
		stop := map[string]any{"id": call.ID, "name": call.Name, "tariffZones": []string{}}
		if call.Position != nil {
			stop["location"] = map[string]any{
				"latitude": call.Position.Latitude, "longitude": call.Position.Longitude,
			}
		}
		for _, z := range call.Zones {
			stop["tariffZones"] = append(stop["tariffZones"].([]string), letter(z))
		}
		stops = append(stops, stop)
	}
	return map[string]any{
		"id": t.ID, "name": t.Line, "stopPlaces": stops,
		"line": map[string]any{"id": t.Line, "name": t.Line, "publicCode": t.Line},
	}
}

// zoneOf is the zone in which a stop mainly is; "": it is not known.
func zoneOf(s place.Stop) string {
	if len(s.Zones) == 0 {
		return ""
	}
	return letter(s.Zones[0])
}
