package adt

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"leima/validator/place"
	"leima/validator/place/payload"
)

// A Dialect is ADT as one bus has it. One goroutine decodes with it.
type Dialect struct {
	Prefix string            // before each topic: some buses have "/"
	Zones  place.TariffZones // of the bus's computer
	Device string            // the validator's own id

	vehicles vehicles
	journey  *place.Trip         // said last; nil: none
	former   string              // the reference of the one before it
	stop     place.Stop          // at which the bus arrived last
	open     map[string]bool     // the doors that were said to be open
	seen     map[string][]string // the last messages of each topic
}

// Limits of what is remembered.
const (
	mostSeen  = 16 // messages of a topic
	mostDoors = 16
)

// topics are those of the messages that are read.
var topics = payload.Topics[*Dialect]{
	"pe/sales/current_stop":         (*Dialect).currentStop,
	"pe/dpi/journey":                (*Dialect).wholeJourney,
	"pe/dpi/nextstop":               (*Dialect).nextStop,
	"sensors/door":                  (*Dialect).door,
	"pe/doors_individually":         (*Dialect).oneDoor,
	"sensors/location":              (*Dialect).location,
	"sensors/gnss/location":         (*Dialect).location, // as an example of a bridge has it
	"operational/assignment/status": (*Dialect).assignment,
}

// Source is who speaks this dialect.
func (d *Dialect) Source() place.Source { return place.Ruter }

// Topics are those of the messages that are read.
func (d *Dialect) Topics() []string { return topics.Names(d.Prefix) }

// Requests are none.
func (d *Dialect) Requests() []string { return nil }

// Decode is what a message says: a report of no source if it has come before. When it was heard,
// and whether a broker had kept it, is the caller's to say.
func (d *Dialect) Decode(topic string, message []byte) (place.Report, error) {
	if len(message) <= payload.Largest && d.repeated(topic, message) {
		return place.Report{}, nil
	}
	return topics.Decode(d, place.Ruter, topic, d.Prefix, message)
}

// An event is what each message says of itself.
type event struct {
	Time  string `json:"eventTimestamp"`
	Trace string `json:"traceId"`
}

// repeated reports whether a message has come before, and remembers it.
func (d *Dialect) repeated(topic string, message []byte) bool {
	var e event
	_, known := topics[strings.TrimPrefix(topic, d.Prefix)]
	if err := payload.JSON(message, &e); err != nil || !known || e.Trace == "" {
		return false
	}
	id := payload.Text(e.Time + " " + e.Trace)
	last := d.seen[topic]
	if slices.Contains(last, id) {
		return true
	}
	if d.seen == nil {
		d.seen = map[string][]string{}
	}
	d.seen[topic] = append(last[max(0, len(last)-mostSeen+1):], id)
	return false
}

// happened takes the time of a message.
func (e *event) happened(r *place.Report) (err error) {
	if r.Said, err = time.Parse(time.RFC3339, e.Time); err != nil || e.Trace == "" {
		return errors.New("has no eventTimestamp (RFC 3339) or traceId")
	}
	return nil
}

func (d *Dialect) currentStop(message []byte, r *place.Report) error {
	var m struct {
		event
		Vehicle  string  `json:"vehicleRef"`
		Journey  string  `json:"journeyRef"`
		Line     string  `json:"lineId"`
		Block    string  `json:"blockId"`
		Stop     string  `json:"stopPlaceId"`
		Zone     *string `json:"tariffZone"`
		Call     string  `json:"actualCallRef"`
		Next     string  `json:"stopPlaceIdNextStop"`
		NextZone string  `json:"tariffZoneNextStop"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Stop == "" || m.Zone == nil {
		return errors.New("has no stopPlaceId or tariffZone")
	}
	if err := m.happened(r); err != nil {
		return err
	}
	if d.vehicles.hear(m.Vehicle) {
		d.journey, d.former = nil, "" // of the other one, perhaps
	}
	if err := d.vehicles.check(); err != nil {
		return err
	}
	stop := d.stopOf(m.Stop, *m.Zone)
	stop.CallRef = payload.Text(m.Call)
	d.open, d.stop, r.Stop = nil, stop, &stop
	if m.Next != "" {
		next := d.stopOf(m.Next, m.NextZone)
		r.Next = &next
	}
	switch ref := payload.Text(m.Journey); {
	case ref == "", ref == d.former: // late: the next journey was said already
	case d.journey != nil && d.journey.Ref == ref:
		r.Trip = d.journey
	default: // not described yet
		r.Trip = &place.Trip{
			ID: ref, Ref: ref, Line: payload.Text(m.Line), Block: payload.Text(m.Block),
		}
	}
	return nil
}

func (d *Dialect) wholeJourney(message []byte, r *place.Report) error {
	var m struct {
		event
		ID    string `json:"journeyId"`
		Ref   string `json:"journeyRef"`
		Route *struct {
			Line struct {
				Code string `json:"publicCode"`
			} `json:"line"`
			Stops []stopPlace `json:"stopPlaces"`
		} `json:"route"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Route == nil || m.ID == "" && m.Ref == "" || len(m.Route.Stops) > payload.MostStops {
		return fmt.Errorf("has no route, no journeyId and journeyRef, or more than %d stopPlaces",
			payload.MostStops)
	}
	if err := cmp.Or(m.happened(r), d.vehicles.check()); err != nil {
		return err
	}
	ref := payload.Text(m.Ref)
	trip := place.Trip{
		ID: cmp.Or(payload.Text(m.ID), ref), Ref: ref, Line: payload.Text(m.Route.Line.Code),
	}
	for _, s := range m.Route.Stops {
		if s.ID == "" {
			return errors.New("has a stop place without id")
		}
		trip.Calls = append(trip.Calls, place.Call{Stop: d.place(&s)})
	}
	if said := d.journey; said == nil || said.Ref != ref || said.ID != trip.ID {
		d.stop = place.Stop{}
	}
	if d.journey != nil && d.journey.Ref != ref {
		d.former = d.journey.Ref
	}
	d.journey = &trip
	r.Trip = d.journey
	return nil
}

// nextStop says that the bus has left the stop before that one. Before the first stop of the trip
// it is taken to be there: passengers board.
func (d *Dialect) nextStop(message []byte, r *place.Report) error {
	var m struct {
		event
		Stop  string `json:"stopPlaceId"`
		Index *int   `json:"index"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Stop == "" || m.Index == nil {
		return errors.New("has no stopPlaceId or index")
	}
	if err := cmp.Or(m.happened(r), d.vehicles.check()); err != nil || d.journey == nil {
		return err
	}
	calls, n := d.journey.Calls, *m.Index
	if n < 0 || n >= len(calls) || calls[n].ID != payload.Text(m.Stop) {
		return nil // of a journey that was not said
	}
	if r.At = place.Between; n == 0 {
		r.At, n = place.UnknownAt, 1
	}
	left := calls[n-1].Stop
	if left.ID == d.stop.ID {
		left = d.stop
	}
	r.Trip, r.Stop, r.Onward = d.journey, &left, []place.Stop{}
	for _, call := range calls[n:] {
		r.Onward = append(r.Onward, call.Stop)
	}
	if len(r.Onward) > 0 {
		r.Next = &r.Onward[0]
	}
	return nil
}

// A stopPlace is a stop of a journey.
type stopPlace struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Zones    []string `json:"tariffZones"`
	Location *struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
	} `json:"location"`
}

func (d *Dialect) place(s *stopPlace) place.Stop {
	to := d.stopOf(s.ID, s.Zones...)
	to.Name = payload.Text(s.Name)
	if l := s.Location; l != nil {
		if p := (place.Position{Latitude: l.Latitude, Longitude: l.Longitude}); onEarth(&p) {
			to.Position = &p
		}
	}
	return to
}

func (d *Dialect) stopOf(id string, zones ...string) place.Stop {
	return place.Stop{ID: payload.Text(id), Zones: d.Zones.Zones(zones)}
}
