package bob

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"leima/validator/place"
	"leima/validator/place/nmea"
	"leima/validator/place/payload"
)

// A Dialect is BoB as one bus has it. One goroutine decodes with it.
type Dialect struct {
	Prefix    string            // before each topic: some buses have "/"
	Zones     place.TariffZones // of the bus's computer
	Vehicle   string            // its number; "": it is not checked
	Validator string            // the validator's own id

	stranger error // why the computer is another bus's; nil: it is not known to be
}

// topics are those of the messages that are read.
var topics = payload.Topics[*Dialect]{
	"service/gps/rmc":                     (*Dialect).rmc,
	"service/v1/journey":                  (*Dialect).journey,
	"service/v1/lastStop":                 (*Dialect).lastStop,
	"service/v1/nextStop":                 (*Dialect).nextStop,
	"service/v1/remainingStops":           (*Dialect).remainingStops,
	"service/v1/atStop":                   (*Dialect).atStop,
	"service/v1/vehicle":                  (*Dialect).vehicle,
	"service/itxpt/v2/avms/runmonitoring": (*Dialect).runMonitoring,
}

// Source is who speaks this dialect.
func (d *Dialect) Source() place.Source { return place.BoB }

// Topics are those of the messages that are read.
func (d *Dialect) Topics() []string { return topics.Names(d.Prefix) }

// Requests are none.
func (d *Dialect) Requests() []string { return nil }

// Decode is what a message says. When it was heard, and whether a broker had kept it, is the
// caller's to say. While the computer is another bus's, every message is an error.
func (d *Dialect) Decode(topic string, message []byte) (place.Report, error) {
	report, err := topics.Decode(d, place.BoB, topic, d.Prefix, message)
	if err == nil && d.stranger != nil {
		return place.Report{}, fmt.Errorf("%s: %w", payload.Text(topic), d.stranger)
	}
	return report, err
}

// rmc passes on what a satellite receiver says.
func (d *Dialect) rmc(message []byte, r *place.Report) (err error) {
	r.Source = place.GNSS
	r.Position, r.Said, err = nmea.RMC(string(message))
	return err
}

func (d *Dialect) journey(message []byte, r *place.Report) error {
	var m struct {
		ServiceID *string `json:"serviceId"`
		TripID    string  `json:"tripId"`
		BlockID   *string `json:"blockId"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.ServiceID == nil || m.TripID == "" || m.BlockID == nil {
		return errors.New("has no serviceId, tripId or blockId")
	}
	r.Trip = &place.Trip{
		ID: payload.Text(m.TripID), Line: payload.Text(*m.ServiceID),
		Block: payload.Text(*m.BlockID),
	}
	return nil
}

// A stop is a stop of VALS: an area, in which it may be a point.
type stop struct {
	AreaID  string  `json:"stopAreaId"`
	Name    *string `json:"stopAreaName"`
	PointID string  `json:"stopPointId"`
	Zones   []struct {
		ID string `json:"zoneId"`
	} `json:"zones"` // the most important first
}

func (d *Dialect) lastStop(message []byte, r *place.Report) (err error) {
	r.Stop, err = d.oneStop(message)
	return err
}

func (d *Dialect) nextStop(message []byte, r *place.Report) (err error) {
	r.Next, err = d.oneStop(message)
	return err
}

func (d *Dialect) oneStop(message []byte) (*place.Stop, error) {
	var m stop
	if err := payload.JSON(message, &m); err != nil {
		return nil, err
	}
	if m.AreaID == "" || m.Name == nil {
		return nil, errors.New("has no stopAreaId or stopAreaName")
	}
	s := d.stop(&m)
	return &s, nil
}

func (d *Dialect) remainingStops(message []byte, r *place.Report) error {
	var m struct {
		Stops *[]stop `json:"remainingStops"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Stops == nil || len(*m.Stops) > payload.MostStops {
		return fmt.Errorf("has no remainingStops, or more than %d", payload.MostStops)
	}
	r.Onward = []place.Stop{}
	for _, s := range *m.Stops {
		if s.AreaID == "" {
			return errors.New("has a stop without stopAreaId")
		}
		r.Onward = append(r.Onward, d.stop(&s))
	}
	return nil
}

// stop is the point if it is said: timetables go by points.
func (d *Dialect) stop(s *stop) place.Stop {
	ids := make([]string, len(s.Zones))
	for n, zone := range s.Zones {
		ids[n] = zone.ID
	}
	to := place.Stop{ID: payload.Text(cmp.Or(s.PointID, s.AreaID)), Zones: d.Zones.Zones(ids)}
	if s.Name != nil {
		to.Name = payload.Text(*s.Name)
	}
	return to
}

func (d *Dialect) atStop(message []byte, r *place.Report) error {
	var m struct {
		AtStop *bool `json:"atStop"`
	}
	err := payload.JSON(message, &m)
	switch {
	case err != nil:
		return err
	case m.AtStop == nil:
		return errors.New("has no atStop")
	case *m.AtStop:
		r.At = place.AtStop
	default:
		r.At = place.Between
	}
	return nil
}

// vehicle says nothing of the place. A computer that is another bus's says its place, not ours.
func (d *Dialect) vehicle(message []byte, _ *place.Report) error {
	var m struct {
		Identifiers *[]struct {
			Number string `json:"vehicleNumber"`
		} `json:"identifiers"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Identifiers == nil {
		return errors.New("has no identifiers")
	}
	var numbers []string // each origin may know the bus by another
	for _, id := range *m.Identifiers {
		if n, err := strconv.ParseUint(id.Number, 10, 64); err == nil { // else it is a name
			numbers = append(numbers, strconv.FormatUint(n, 10))
		}
	}
	d.stranger = nil
	if d.Vehicle != "" && len(numbers) > 0 && !slices.Contains(numbers, d.Vehicle) {
		d.stranger = fmt.Errorf("the computer is vehicle %s's, and this validator is "+
			"configured for %s: it is not heard", numbers[0], d.Vehicle)
	}
	return nil
}

// runMonitoring says whether the bus runs in service. The trip is left to journey, which has its
// line.
func (d *Dialect) runMonitoring(message []byte, r *place.Report) error {
	var m struct {
		Run *struct {
			At      string `json:"recordedAtTime"`
			Current struct {
				RunState string `json:"runState"`
				Pattern  string `json:"patternRunType"`
			} `json:"currentRunInfo"`
		} `json:"monitoredRunState"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Run == nil {
		return errors.New("has no monitoredRunState")
	}
	switch run := m.Run.Current; {
	case run.RunState == "DeadRun", run.Pattern == "DeadRunPattern":
		r.State = place.DeadRun
	case run.RunState == "RunPattern":
		r.State = place.InService
	}
	// Many leave out the zone: the time then tells a repetition from news, which is all that it
	// is for.
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, m.Run.At); err == nil {
			r.Said = at
		}
	}
	return nil
}
