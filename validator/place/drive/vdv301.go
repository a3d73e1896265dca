package drive

import (
	"encoding/xml"
	"strconv"
	"time"

	"leima/validator/place"
)

// xmlEvery is the interval in which a service sends what has not changed (VDV301publisher has a
// minute).
const xmlEvery = 30 * time.Second

// VDV301 are the answers that the services of VDV 301 give to each question from a moment of a trip
// on, if they are others than at the moment before, whose Call is -1 before the first. Their topics
// are the questions' paths. vehicle is the bus's number, now the computer's time.
func VDV301(t place.Trip, m, last Moment, vehicle uint16, now time.Time) (said []Message) {
	at, bus := stamp(now), value{strconv.Itoa(int(vehicle))}
	say := func(path, root string, data any) {
		text, _ := xml.Marshal(response{xml.Name{Local: root + "Response"}, data})
		said = append(said, xmlMessage(path, text))
	}
	tickets := func(operation string, data any) {
		say("TicketValidationService/"+operation, "TicketValidationService."+operation, data)
	}
	due := last.Call < 0 || (m.After+time.Minute)/xmlEvery != (last.After+time.Minute)/xmlEvery
	if due || m.Door != last.Door {
		tickets("GetVehicleData", vehicleData{
			Time: at, Vehicle: bus, Deviation: "onroute", Doors: doors(m.Door),
		})
	}
	if due {
		tickets("GetCurrentLine", currentLine{Time: at, Line: lineRef{value{t.Line}}})
	}
	if due || m.Call != last.Call {
		tickets("GetCurrentTariffStop", currentTariffStop{
			Time: at, Stop: pointOf(&t, m.Call), Trip: value{t.ID},
		})
	}
	if due || m.Call != last.Call || m.At != last.At || m.Door != last.Door {
		tickets("RetrieveTripData", tripData{Time: at, Trip: tripOf(&t, m)})
		next := m.Call
		if m.At == place.Between {
			next++
		}
		say("CustomerInformationService/GetAllData", "CustomerInformationService.GetAllData",
			allData{
				Time: at, Vehicle: bus, Language: value{"fi"}, Trip: tripOf(&t, m),
				Index: number{next + 1}, Deviation: "onroute", Door: doors(m.Door),
			})
	}
	return said
}

// stamp is a time as xs:dateTime.
func stamp(now time.Time) value { return value{now.Format("2006-01-02T15:04:05.000Z07:00")} }

func doors(d place.Door) string {
	if d == place.DoorOpen {
		return "DoorsOpen"
	}
	return "AllDoorsClosed"
}

func tripOf(t *place.Trip, m Moment) tripInformation {
	to := tripInformation{Ref: value{t.ID}, Location: "AtStop"}
	if m.At == place.Between {
		to.Location = "BetweenStop"
	}
	for n := range t.Calls {
		to.Stops = append(to.Stops, pointOf(t, n))
	}
	return to
}

func pointOf(t *place.Trip, n int) stopPoint {
	to := stopPoint{
		Index: number{n + 1}, Ref: value{t.Calls[n].ID}, Name: words{t.Calls[n].Name, "fi"},
		Line: value{t.Line}, To: value{t.Calls[len(t.Calls)-1].ID},
	}
	for _, zone := range t.Calls[n].Zones {
		to.Zones = append(to.Zones, value{string('A' + rune(zone) - 1)})
	}
	return to
}

// The structures of VDV 301, as far as they are said here, with the wrappers of their values.
type (
	value struct {
		Value string `xml:"Value"`
	}
	number struct {
		Value int `xml:"Value"`
	}
	words struct {
		Value    string `xml:"Value"`
		Language string `xml:"Language"`
	}
	response struct {
		XMLName xml.Name
		Data    any
	}
	lineRef struct {
		Ref value `xml:"LineRef"`
	}
	currentLine struct {
		XMLName xml.Name `xml:"CurrentLineData"`
		Time    value    `xml:"TimeStamp"`
		Line    lineRef  `xml:"CurrentLine"`
	}
	vehicleData struct {
		XMLName   xml.Name `xml:"VehicleData"`
		Time      value    `xml:"TimeStamp"`
		Vehicle   value    `xml:"VehicleRef"`
		Deviation string   `xml:"RouteDeviation"`
		Doors     string   `xml:"DoorOpenState"`
	}
	currentTariffStop struct {
		XMLName xml.Name  `xml:"CurrentTariffStopData"`
		Time    value     `xml:"TimeStamp"`
		Stop    stopPoint `xml:"CurrentTariffStop"`
		Trip    value     `xml:"CurrentTripRef"`
	}
	tripData struct {
		XMLName xml.Name        `xml:"TripData"`
		Time    value           `xml:"TimeStamp"`
		Trip    tripInformation `xml:"TripInformation"`
	}
	allData struct {
		XMLName   xml.Name        `xml:"AllData"`
		Time      value           `xml:"TimeStamp"`
		Vehicle   value           `xml:"VehicleRef"`
		Language  value           `xml:"DefaultLanguage"`
		Trip      tripInformation `xml:"TripInformation"`
		Index     number          `xml:"CurrentStopIndex"`
		Deviation string          `xml:"RouteDeviation"`
		Door      string          `xml:"DoorState"`
	}
	tripInformation struct {
		Ref      value       `xml:"TripRef"`
		Stops    []stopPoint `xml:"StopSequence>StopPoint"`
		Location string      `xml:"LocationState"`
	}
	stopPoint struct {
		Index number  `xml:"StopIndex"`
		Ref   value   `xml:"StopRef"`
		Name  words   `xml:"StopName"`
		Line  value   `xml:"DisplayContent>LineInformation>LineRef"`
		To    value   `xml:"DisplayContent>Destination>DestinationRef"`
		Zones []value `xml:"FareZone"`
	}
)

// xmlMessage is a document with its header, which nobody keeps.
func xmlMessage(topic string, text []byte) Message {
	return Message{Topic: topic, Payload: append([]byte(xml.Header), text...)}
}
