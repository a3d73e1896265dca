package bus

import (
	"context"
	"fmt"
	"time"

	"leima/cmd/internal/onboard"
	"leima/validator/place"
	"leima/validator/place/drive"
)

// A driving is an on-board computer that drives a trip, and the next one, until it ends.
type driving struct {
	trip    place.Trip
	speed   time.Duration // of its clock, by that of the bus
	elapsed func() time.Duration
}

// A Drive is a trip that the bus drives by itself.
type Drive struct {
	Feed  string `placeholder:"FOLDER" help:"Timetable feed (GTFS), a folder or a zip file."`
	Drive string `placeholder:"TRIP" help:"The trip of the feed that the bus drives by itself."`
	Speed int    `default:"6" help:"How many times as fast as planned it drives."`
}

// sources are the on-board computer of a bus that drives by itself; nil: it does not.
func (d Drive) sources(c *Config) (func(func() time.Duration) []onboard.Listener, error) {
	if d.Drive == "" {
		return nil, nil
	}
	plan, err := onboard.ReadPlan(c.File(c.Stops))
	if err != nil {
		return nil, fmt.Errorf("--drive: %w", err)
	}
	trip, known := plan.Trip(d.Drive)
	if !known {
		return nil, fmt.Errorf("--drive %s: the feed %s has no such trip", d.Drive, c.Stops)
	}
	return func(elapsed func() time.Duration) []onboard.Listener {
		return []onboard.Listener{&driving{trip, time.Duration(max(1, d.Speed)), elapsed}}
	}, nil
}

// Listen implements onboard.Listener: the trip is driven again and again.
func (d *driving) Listen(ctx context.Context, hear func(place.Report), _ func(place.Source)) error {
	for ctx.Err() == nil {
		begin, last := d.elapsed(), drive.Moment{Call: -1}
		drive.Moments(d.trip, time.Second, func(m drive.Moment) bool {
			due := begin + (m.After+time.Minute)/d.speed
			select {
			case <-time.After(due - d.elapsed()):
			case <-ctx.Done():
				return false
			}
			for _, r := range d.says(m, last) {
				r.Heard = d.elapsed()
				hear(r)
			}
			last = m
			return true
		})
	}
	return ctx.Err()
}

// says are the reports of a moment: the position, and what has changed.
func (d *driving) says(m, last drive.Moment) []place.Report {
	computer := place.Report{Source: place.BoB, Door: m.Door, Trip: &place.Trip{ID: d.trip.ID}}
	if m.Call != last.Call {
		computer.Stop = &d.trip.Calls[m.Call].Stop
	}
	if m.At != last.At || m.Call != last.Call {
		computer.At = m.At
	}
	return []place.Report{computer, {Source: place.GNSS, Position: m.Position}}
}
