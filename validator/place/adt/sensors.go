package adt

import (
	"errors"
	"fmt"
	"math"

	"leima/validator/place"
	"leima/validator/place/payload"
)

// door: while the lock is released the bus stands at its stop.
func (d *Dialect) door(message []byte, r *place.Report) error {
	var m struct {
		event
		Open *bool `json:"doorOpen"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Open == nil {
		return errors.New("has no doorOpen")
	}
	if err := m.happened(r); err != nil {
		return err
	}
	d.open = nil
	stands(*m.Open, r)
	return nil
}

// oneDoor: the bus stands while one of its doors is open. All are closed when it arrives at a stop.
func (d *Dialect) oneDoor(message []byte, r *place.Report) error {
	var m struct {
		event
		Door *string `json:"doorRef"`
		Open *bool   `json:"isOpen"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Door == nil || m.Open == nil {
		return errors.New("has no doorRef or isOpen")
	}
	if err := m.happened(r); err != nil {
		return err
	}
	door := payload.Text(*m.Door)
	switch {
	case !*m.Open:
		delete(d.open, door)
	case len(d.open) >= mostDoors && !d.open[door]:
		return fmt.Errorf("is of more than %d doors", mostDoors)
	case d.open == nil:
		d.open = map[string]bool{door: true}
	default:
		d.open[door] = true
	}
	stands(len(d.open) > 0, r)
	return nil
}

// stands says what an open door means, and doors that are closed.
func stands(open bool, r *place.Report) {
	if r.Door, r.At = place.DoorsClosed, place.Between; open {
		r.Door, r.At = place.DoorOpen, place.AtStop
	}
}

// The signalQuality of what is no position by satellite.
const (
	noFix     = 0
	manual    = 7
	simulated = 8
)

// fastest is a speed that no bus has, in m/s.
const fastest = 100

// location passes on what a satellite receiver says.
func (d *Dialect) location(message []byte, r *place.Report) error {
	var m struct {
		event
		Latitude  *float64 `json:"latitudeDegree"`
		Longitude *float64 `json:"longitudeDegree"`
		Speed     float64  `json:"speedOverGround"` // m/s
		Quality   *int     `json:"signalQuality"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if m.Latitude == nil || m.Longitude == nil || m.Quality == nil {
		return errors.New("has no latitudeDegree, longitudeDegree or signalQuality")
	}
	p := place.Position{Latitude: *m.Latitude, Longitude: *m.Longitude, Speed: m.Speed}
	if !onEarth(&p) || p.Speed < 0 || p.Speed > fastest {
		return errors.New("is of a position or a speed that cannot be")
	}
	r.Source = place.GNSS
	if q := *m.Quality; q > noFix && q != manual && q != simulated {
		r.Position = &p
	}
	return m.happened(r)
}

func onEarth(p *place.Position) bool {
	return math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180
}

// assignment says whether the bus is signed on. The trip is left to journey, which has its line.
func (d *Dialect) assignment(message []byte, r *place.Report) error {
	var m struct {
		event
		State *struct {
			Assigned bool   `json:"assigned"`
			Code     string `json:"code"`
		} `json:"state"`
	}
	if err := payload.JSON(message, &m); err != nil {
		return err
	}
	if s := m.State; s != nil {
		if r.State = place.OutOfService; s.Assigned {
			r.State = place.InService
		}
	}
	return m.happened(r)
}
