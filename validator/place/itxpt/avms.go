package itxpt

import (
	"cmp"
	"encoding/xml"
	"errors"
	"strconv"
	"strings"

	"leima/cardlayout/plain"
	"leima/validator/place"
	"leima/validator/place/subscription"
)

// The limits of what is taken from outside.
const (
	longest   = 100 // characters of a text
	mostAhead = 200 // stops
)

// A Talk is what an AVMS has said so far.
type Talk struct {
	trip, block string
	monitored   bool // run monitoring was heard, which knows the trip best
}

// A delivery is any that is sent. One of its parts is there, or none in a dead run.
type delivery struct {
	XMLName xml.Name
	Run     *struct {
		At      string `xml:"RecordedAtTime"`
		Block   string `xml:"MonitoredBlockRef"`
		Current struct {
			State   string `xml:"RunState"`
			Pattern string `xml:"PatternRunType"`
			Journey string `xml:"VehicleJourneyRef"`
		} `xml:"CurrentRunInfo"`
		Running string `xml:"RunningPatternState"`
	} `xml:"MonitoredRunState"`
	Journey *struct {
		At       string `xml:"RecordedAtTime"`
		Ref      string `xml:"JourneyRef"`
		Vehicle  string `xml:"VehicleJourneyRef"`
		Previous []call `xml:"PreviousCalls>PreviousCall"`
		Call     call   `xml:"MonitoredCall"`
		Onward   []call `xml:"OnwardCalls>OnwardCall"`
	} `xml:"MonitoredJourney"`
	Vehicle *struct {
		At       string `xml:"RecordedAtTime"`
		Journey  string `xml:"VehicleJourneyRef"`
		Previous call   `xml:"ProgressBetweenStops>PreviousCallRef"`
		Call     call   `xml:"ProgressBetweenStops>MonitoredCallRef"`
	} `xml:"VehicleActivity"`
}

// A call is one of a journey.
type call struct {
	Stop  string `xml:"StopPointRef"`
	Order string `xml:"Order"`
	At    string `xml:"VehicleAtStop"`
}

func (c *call) order() int {
	order, _ := strconv.Atoi(strings.TrimSpace(c.Order))
	return order
}

// Hear implements subscription.Talk.
func (t *Talk) Hear(text []byte) (heard subscription.Heard, err error) {
	var d delivery
	if err := subscription.Unmarshal(text, &d); err != nil {
		return heard, err
	}
	r := &heard.Report
	switch root := d.XMLName.Local; {
	case d.Run != nil:
		heard.Kind, heard.Time = "run", subscription.Time(d.Run.At)
		t.monitored = true
		t.trip, t.block = clean(d.Run.Current.Journey), clean(d.Run.Block)
		r.State = stateOf(d.Run.Current.State, d.Run.Current.Pattern, d.Run.Running)
		t.sayTrip(r)
	case d.Journey != nil:
		heard.Kind, heard.Time = "journey", subscription.Time(d.Journey.At)
		t.on(r, cmp.Or(d.Journey.Vehicle, d.Journey.Ref))
		err = sayCall(r, last(d.Journey.Previous), d.Journey.Call, d.Journey.Onward)
	case d.Vehicle != nil:
		heard.Kind, heard.Time = "vehicle", subscription.Time(d.Vehicle.At)
		t.on(r, d.Vehicle.Journey)
		err = sayCall(r, d.Vehicle.Previous, d.Vehicle.Call, nil)
	case root == "JourneyMonitoringDelivery", root == "VehicleMonitoringDelivery":
		r.State = place.OutOfService
	default:
		err = errors.New("has nothing that is read")
	}
	r.Said = heard.Time
	return heard, err
}

// stateOf is what the bus does.
func stateOf(run, pattern, running string) place.State {
	switch {
	case running == "OnDiversion", running == "OutOfRoute":
		return place.Diverted
	case run == "DeadRun", run == "RunToPattern", pattern == "DeadRunPattern":
		return place.DeadRun
	case run == "RunPattern":
		return place.InService
	}
	return place.UnknownState
}

// on takes the trip from what says it beside the stop, where there is no run monitoring.
func (t *Talk) on(r *place.Report, journey string) {
	if journey = clean(journey); journey != "" && !t.monitored {
		t.trip = journey
	}
	t.sayTrip(r)
}

func (t *Talk) sayTrip(r *place.Report) {
	if t.trip != "" {
		r.Trip = &place.Trip{ID: t.trip, Block: t.block}
	}
}

// last is the call with the greatest order.
func last(calls []call) (c call) {
	for _, one := range calls {
		if one.order() >= c.order() {
			c = one
		}
	}
	return c
}

// sayCall says where the bus is: at the monitored call, or on its way to it from the one before.
func sayCall(r *place.Report, before, monitored call, onward []call) error {
	if clean(monitored.Stop) == "" {
		return errors.New("has no StopPointRef of its monitored call")
	}
	here, ahead := monitored, onward
	switch at := strings.TrimSpace(monitored.At); {
	case at == "true" || at == "1":
		r.At = place.AtStop
	case clean(before.Stop) != "":
		r.At, here, ahead = place.Between, before, append([]call{monitored}, onward...)
	}
	r.Stop = &place.Stop{ID: clean(here.Stop)}
	for _, c := range ahead[:min(len(ahead), mostAhead)] {
		r.Onward = append(r.Onward, place.Stop{ID: clean(c.Stop)})
	}
	if len(r.Onward) > 0 {
		r.Next = &r.Onward[0]
	}
	return nil
}

func clean(text string) string { return plain.Line(strings.TrimSpace(text), longest) }
