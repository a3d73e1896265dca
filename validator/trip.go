package validator

import (
	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// SameTrip reports whether two places are of one vehicle trip: vehicle, line, direction and
// departure are equal.
func (p Place) SameTrip(other Place) bool {
	return p.Vehicle == other.Vehicle && p.Line == other.Line && p.Direction == other.Direction &&
		p.Trip == other.Trip
}

// A tripStart is a vehicle trip of this device, and the first event that can be of it.
type tripStart struct {
	place Place
	from  uint32
}

// maxTrips is how many of its last trips a device remembers. Each departure that a driver types
// counts.
const maxTrips = 16

// noteTrip notes an event's vehicle trip.
func (v *Validator) noteTrip(event *Event) {
	if n := len(v.trips); n > 0 && v.trips[n-1].place.SameTrip(event.Place) {
		return
	}
	old := max(0, len(v.trips)+1-maxTrips)
	v.trips = append(v.trips[old:], tripStart{event.Place, event.ID.Sequence})
}

// tripAt is this device's place at one of its events, if it was switched on then.
func (v *Validator) tripAt(sequence uint32) (Place, bool) {
	for n := len(v.trips) - 1; n >= 0; n-- {
		if v.trips[n].from <= sequence {
			return v.trips[n].place, true
		}
	}
	return Place{}, false
}

// addLastTrip adds what is known of the vehicle trip of the card's last boarding besides its
// departure number: this device knows its own trips, and for another's it reads where the value
// ticket was last used, and the seasons unless their file was read.
func (v *Validator) addLastTrip(s *desfire.Session, image *cardlayout.Image,
	held *cardlayout.Card, tap *fare.Tap,
) (err error) {
	if held.Last.Device == tap.Event.Device {
		if place, known := v.tripAt(held.Last.Sequence); known {
			tap.OtherTrip = !place.SameTrip(v.Place)
			return nil
		}
	}
	mode := oncard.Mode(image)
	if !image.Whole {
		held.SeasonBoarding, err = oncard.ReadSeasonBoarding(s, mode)
	}
	if err == nil {
		tap.LastBoarding, err = oncard.ReadBoarding(s, mode)
	}
	return err
}
