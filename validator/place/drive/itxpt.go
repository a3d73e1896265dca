package drive

import (
	"encoding/xml"
	"time"

	"leima/validator/place"
)

// GNSSLocation is the topic of a position in the manner of ITxPT, which is sent by multicast.
const GNSSLocation = "gnsslocation"

// ITxPT is what an AVMS of ITxPT says, of each operation, at a moment of a trip after another,
// whose Call is -1 before the first, and each second a position. The topics are the operations'
// paths. now is the time of the computer and by satellite.
func ITxPT(t place.Trip, m, last Moment, now time.Time) (said []Message) {
	say := func(topic string, delivery any) {
		text, _ := xml.Marshal(delivery)
		said = append(said, xmlMessage(topic, text))
	}
	at := now.Format("2006-01-02T15:04:05") // without a zone, as in the examples
	due := last.Call < 0 || (m.After+time.Minute)/xmlEvery != (last.After+time.Minute)/xmlEvery
	if due {
		say("avms/runmonitoring", runDelivery{Version: version, State: runState{
			At: at, Block: t.Block,
			Run: runInfo{"RunPattern", "ServiceJourneyPattern", t.ID, t.ID},
		}})
	}
	if due || m.Call != last.Call || m.At != last.At {
		journey := journeyOf(&t, m, at)
		say("avms/journeymonitoring", journeyDelivery{Version: version, Journey: journey})
		if vehicle := vehicleOf(&t, m, at); vehicle != nil {
			say("avms/vehiclemonitoring", vehicleDelivery{Version: version, Activity: vehicle})
		}
	}
	if m.Position != nil {
		say(GNSSLocation, locationOf(m.Position, now))
	}
	return said
}

// ITxPTDeadRun is what an AVMS says when the bus carries nobody.
func ITxPTDeadRun(now time.Time) (said []Message) {
	for topic, delivery := range map[string]any{
		"avms/runmonitoring": runDelivery{Version: version, State: runState{
			At:  now.Format("2006-01-02T15:04:05"),
			Run: runInfo{"DeadRun", "DeadRunPattern", "", ""},
		}},
		"avms/journeymonitoring": journeyDelivery{Version: version},
		"avms/vehiclemonitoring": vehicleDelivery{Version: version},
	} {
		text, _ := xml.Marshal(delivery)
		said = append(said, xmlMessage(topic, text))
	}
	return said
}

// version is the one of the deliveries.
const version = "2.2.1"

// monitored is the call at which the bus is, or which comes next: it leaves one when it departs.
func monitored(m Moment) int {
	if m.At == place.Between {
		return m.Call + 1
	}
	return m.Call
}

func journeyOf(t *place.Trip, m Moment, at string) *journeyInfo {
	here := monitored(m)
	to := &journeyInfo{
		At: at, Item: "1", Pattern: t.ID, Ref: t.ID, Vehicle: t.ID, From: at, To: at,
		Call: monitoredCall{callRefOf(t, here), m.At == place.AtStop, times{at, at, at, at}},
	}
	if here > 0 {
		to.Previous = new(previousCalls)
	}
	for n := range here {
		to.Previous.Calls = append(to.Previous.Calls, previousCall{callRefOf(t, n), at, at})
	}
	if here+1 < len(t.Calls) {
		to.Onward = new(onwardCalls)
	}
	for n := here + 1; n < len(t.Calls); n++ {
		one := onwardCall{callRefOf(t, n), times{at, at, at, at}}
		to.Onward.Calls = append(to.Onward.Calls, one)
	}
	return to
}

// vehicleOf says nothing at the first stop: there is no call before it.
func vehicleOf(t *place.Trip, m Moment, at string) *activity {
	here := monitored(m)
	if here == 0 {
		return nil
	}
	return &activity{
		At: at, Item: "1", Pattern: t.ID, Vehicle: t.ID, Progress: progress{
			Previous:  callRefOf(t, here-1),
			Monitored: monitoredRef{callRefOf(t, here), m.At == place.AtStop},
		},
	}
}

func callRefOf(t *place.Trip, n int) callRef { return callRef{t.Calls[n].ID, n + 1} }

// locationOf has degrees without a sign, and the receiver's own sentence.
func locationOf(p *place.Position, now time.Time) locationDelivery {
	side := func(degrees float64, positive, negative string) direction {
		if degrees < 0 {
			return direction{-degrees, negative}
		}
		return direction{degrees, positive}
	}
	return locationDelivery{Version: version, Location: location{
		Data:      RMC(p, now),
		Latitude:  side(p.Latitude, "N", "S"),
		Longitude: side(p.Longitude, "E", "W"),
		Fix:       "3D", Type: "GPS",
	}}
}

// The deliveries of ITxPT S02, as far as they are said here.
type (
	runDelivery struct {
		XMLName xml.Name `xml:"RunMonitoringDelivery"`
		Version string   `xml:"version,attr"`
		State   runState `xml:"MonitoredRunState"`
	}
	runState struct {
		At    string  `xml:"RecordedAtTime"`
		Block string  `xml:"MonitoredBlockRef"`
		Run   runInfo `xml:"CurrentRunInfo"`
	}
	runInfo struct {
		State   string `xml:"RunState"`
		Type    string `xml:"PatternRunType"`
		Pattern string `xml:"JourneyPatternRef"`
		Journey string `xml:"VehicleJourneyRef"`
	}
	journeyDelivery struct {
		XMLName xml.Name     `xml:"JourneyMonitoringDelivery"`
		Version string       `xml:"version,attr"`
		Journey *journeyInfo `xml:"MonitoredJourney"`
	}
	journeyInfo struct {
		At       string         `xml:"RecordedAtTime"`
		Item     string         `xml:"ItemIdentifier"`
		Pattern  string         `xml:"PatternRef"`
		Ref      string         `xml:"JourneyRef"`
		Vehicle  string         `xml:"VehicleJourneyRef"`
		From     string         `xml:"OriginPlannedDepartureTime"`
		To       string         `xml:"DestinationPlannedArrivalTime"`
		Delay    int            `xml:"Delay"`
		Previous *previousCalls `xml:"PreviousCalls"`
		Call     monitoredCall  `xml:"MonitoredCall"`
		Onward   *onwardCalls   `xml:"OnwardCalls"`
	}
	callRef struct {
		Stop  string `xml:"StopPointRef"`
		Order int    `xml:"Order"`
	}
	times struct {
		PlannedArrival    string `xml:"PlannedArrivalTime"`
		ExpectedArrival   string `xml:"ExpectedArrivalTime"`
		PlannedDeparture  string `xml:"PlannedDepartureTime"`
		ExpectedDeparture string `xml:"ExpectedDepartureTime"`
	}
	previousCalls struct {
		Calls []previousCall `xml:"PreviousCall"`
	}
	onwardCalls struct {
		Calls []onwardCall `xml:"OnwardCall"`
	}
	previousCall struct {
		callRef
		Arrived  string `xml:"ActualArrivalTime"`
		Departed string `xml:"ActualDepartureTime"`
	}
	monitoredCall struct {
		callRef
		AtStop bool `xml:"VehicleAtStop"`
		times
	}
	onwardCall struct {
		callRef
		times
	}
	vehicleDelivery struct {
		XMLName  xml.Name  `xml:"VehicleMonitoringDelivery"`
		Version  string    `xml:"version,attr"`
		Activity *activity `xml:"VehicleActivity"`
	}
	activity struct {
		At       string   `xml:"RecordedAtTime"`
		Item     string   `xml:"ItemIdentifier"`
		Pattern  string   `xml:"JourneyPatternRef"`
		Vehicle  string   `xml:"VehicleJourneyRef"`
		Progress progress `xml:"ProgressBetweenStops"`
	}
	progress struct {
		Previous  callRef      `xml:"PreviousCallRef"`
		Monitored monitoredRef `xml:"MonitoredCallRef"`
		Distance  float64      `xml:"LinkDistance"`
		Percent   float64      `xml:"Percentage"`
	}
	monitoredRef struct {
		callRef
		AtStop bool `xml:"VehicleAtStop"`
	}
	locationDelivery struct {
		XMLName  xml.Name `xml:"GNSSLocationDelivery"`
		Version  string   `xml:"version,attr"`
		Location location `xml:"GNSSLocation"`
	}
	location struct {
		Data      string    `xml:"Data"`
		Latitude  direction `xml:"Latitude"`
		Longitude direction `xml:"Longitude"`
		Fix       string    `xml:"Fix"`
		Type      string    `xml:"GNSSType"`
	}
	direction struct {
		Degree    float64 `xml:"Degree"`
		Direction string  `xml:"Direction"`
	}
)
