package vdv301

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"leima/validator/place"
	"leima/validator/place/subscription"
)

// A Dialect is VDV 301 as one bus has it.
type Dialect struct {
	Zones   place.TariffZones // of the bus's computer
	Vehicle uint16            // its number; 0: it is not checked
}

// A Talk is what one service has said so far.
type Talk struct {
	*Dialect
	service string

	line  string
	trip  string // the current one's reference
	stop  point
	of    string  // the trip whose stops are known …
	stops []point // … in their order
}

// Hear implements subscription.Talk.
func (t *Talk) Hear(text []byte) (heard subscription.Heard, err error) {
	var a answer
	if err := subscription.Unmarshal(text, &a); err != nil {
		return heard, err
	}
	r := &heard.Report
	switch {
	case a.Error != nil:
		return heard, fmt.Errorf("it says %q", a.Error.text())
	case a.Stop != nil:
		heard.Kind, heard.Time, heard.More = "stop", a.Stop.Time.time(), true
		err = t.hearStop(r, a.Stop.Stop, a.Stop.Trip.text())
	case a.Line != nil:
		heard.Kind, heard.Time = "line", a.Line.Time.time()
		err = t.hearLine(r, &a.Line.Line)
	case a.Vehicle != nil:
		heard.Kind, heard.Time, heard.More = "vehicle", a.Vehicle.Time.time(), true
		err = t.hearVehicle(r, &a.Vehicle.vehicle)
	case a.Trip != nil:
		heard.Kind, heard.Time = "trip", a.Trip.Time.time()
		err = t.hearTrip(r, &a.Trip.Trip)
	case a.All != nil:
		heard.Kind, heard.Time = "all", a.All.Time.time()
		if err = t.hearVehicle(r, &a.All.vehicle); err == nil {
			err = t.hearAll(r, a.All.Trips, a.All.Index)
		}
	default:
		err = errors.New("has nothing that is read")
	}
	r.Said = heard.Time
	return heard, err
}

// hearStop takes the stop for which tickets are sold now.
func (t *Talk) hearStop(r *place.Report, stop point, trip string) error {
	if stop.Ref.text() == "" {
		return errors.New("has no StopRef")
	}
	t.stop, t.trip = stop, trip
	said := t.stopOf(&stop)
	r.Stop = &said
	t.sayTrip(r)
	t.sayOnward(r)
	return nil
}

func (t *Talk) hearLine(r *place.Report, l *line) error {
	if t.line = l.text(); t.line == "" {
		return errors.New("has no LineRef")
	}
	t.sayTrip(r)
	return nil
}

// hearTrip takes the trip's stops, and whether the bus is at the current one.
func (t *Talk) hearTrip(r *place.Report, said *trip) error {
	if t.trip == "" || said.Ref.text() != t.trip {
		return errors.New("is another trip than the current one")
	}
	t.of, t.stops = t.trip, said.Stops
	r.At = ats[said.Location.text()]
	t.sayOnward(r)
	return nil
}

// hearAll takes all at once. The current stop is then the next one, until the bus leaves it.
func (t *Talk) hearAll(r *place.Report, trips []trip, index leaf) error {
	if len(trips) == 0 {
		r.State = place.OutOfService
		return nil
	}
	said := &trips[0]
	n := slices.IndexFunc(said.Stops, func(p point) bool {
		return index.text() != "" && p.Index.text() == index.text()
	})
	if n < 0 {
		return errors.New("has a CurrentStopIndex that is none of its stops'")
	}
	r.At = ats[said.Location.text()]
	if r.At == place.Between && n > 0 {
		n--
	}
	t.of, t.stops = said.Ref.text(), said.Stops
	if display := said.Stops[n].Display; len(display) > 0 {
		t.line = display[0].Line.text()
	}
	return t.hearStop(r, said.Stops[n], t.of)
}

// ats is where the bus is by LocationStateEnumeration. Before a stop it arrives there, of which
// place.At says nothing.
var ats = map[string]place.At{
	"AtStop": place.AtStop, "AfterStop": place.Between, "BetweenStop": place.Between,
}

// hearVehicle takes how the vehicle is. A computer of another bus says its own place, not ours.
func (t *Talk) hearVehicle(r *place.Report, v *vehicle) error {
	if n, err := strconv.ParseUint(v.Ref.text(), 10, 32); err == nil && t.Vehicle != 0 &&
		n != uint64(t.Vehicle) {
		return fmt.Errorf("%w: it is vehicle %d, and this validator is configured for %d",
			subscription.ErrStranger, n, t.Vehicle)
	}
	switch v.Deviation.text() {
	case "onroute":
		r.State = place.InService
	case "offroute":
		r.State = place.Diverted
	}
	switch cmp.Or(v.Doors.text(), v.Door.text()) {
	case "DoorsOpen", "SingleDoorOpen":
		r.Door = place.DoorOpen
	case "AllDoorsClosed":
		r.Door = place.DoorsClosed
	}
	return nil
}

// sayTrip says the trip, as far as it is known.
func (t *Talk) sayTrip(r *place.Report) {
	if t.trip != "" || t.line != "" {
		r.Trip = &place.Trip{ID: t.trip, Line: t.line}
	}
}

// sayOnward says what comes after the current stop, if the trip's stops are known.
func (t *Talk) sayOnward(r *place.Report) {
	here := -1
	if t.of == t.trip {
		here = t.here()
	}
	if here < 0 {
		return
	}
	r.Onward = []place.Stop{}
	for n := here + 1; n < len(t.stops) && len(r.Onward) < mostAhead; n++ {
		r.Onward = append(r.Onward, t.stopOf(&t.stops[n]))
	}
	if len(r.Onward) > 0 {
		r.Next = &r.Onward[0]
	}
}

// here is where in the trip the current stop is; -1: nowhere.
func (t *Talk) here() int {
	ref, index := t.stop.Ref.text(), t.stop.Index.text()
	exactly := func(p point) bool { return p.Ref.text() == ref && p.Index.text() == index }
	if n := slices.IndexFunc(t.stops, exactly); n >= 0 {
		return n
	}
	return slices.IndexFunc(t.stops, func(p point) bool { return p.Ref.text() == ref })
}

func (t *Talk) stopOf(p *point) place.Stop {
	var zones []string
	for _, zone := range p.Zones[:min(len(p.Zones), mostZones)] {
		zones = append(zones, zone.text())
	}
	return place.Stop{ID: p.Ref.text(), Name: first(p.Names), Zones: t.Zones.Zones(zones)}
}
