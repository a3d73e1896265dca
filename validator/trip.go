package validator

import (
	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
)

// SameTrip tells whether two places are of one vehicle trip: vehicle, line, direction and
// departure are the same.
func (p Place) SameTrip(other Place) bool {
	return p.Vehicle == other.Vehicle && p.Line == other.Line && p.Direction == other.Direction &&
		p.Trip == other.Trip
}

// A leg is a vehicle trip on which this device was, and the first event that can be of it.
type leg struct {
	place Place
	from  uint32
}

// mostLegs is how many of its trips a device remembers, the last ones. A driver who types a
// departure, and then another, is among them.
const mostLegs = 16

// ride notes on which vehicle trip an event is.
func (v *Validator) ride(event *Event) {
	if n := len(v.legs); n > 0 && v.legs[n-1].place.SameTrip(event.Place) {
		return
	}
	old := max(0, len(v.legs)+1-mostLegs)
	v.legs = append(v.legs[old:], leg{event.Place, event.ID.Sequence})
}

// rideOf is where this device was at an event of its own, if it was switched on then.
func (v *Validator) rideOf(sequence uint32) (Place, bool) {
	for n := len(v.legs) - 1; n >= 0; n-- {
		if v.legs[n].from <= sequence {
			return v.legs[n].place, true
		}
	}
	return Place{}, false
}

// ridden adds to the facts what is known of the vehicle trip of the card's last boarding
// beside the number of its departure: this device knows its own, and of another's it reads
// where the value ticket was used last.
func (v *Validator) ridden(s *desfire.Session, mode desfire.Mode, held *cardlayout.Card,
	tap *fare.Tap,
) (err error) {
	if held.Last.Device == tap.Event.Device {
		if place, known := v.rideOf(held.Last.Sequence); known {
			tap.Elsewhere = !place.SameTrip(v.Place)
			return nil
		}
	}
	tap.Stamped, err = readBoarding(s, mode)
	return err
}

// readBoarding reads where the card's value ticket was used last. What is no boarding says
// nothing, and keeps nobody from travelling.
func readBoarding(s *desfire.Session, mode desfire.Mode) (cardlayout.Boarding, error) {
	const file, at = cardlayout.FileTicket, cardlayout.BoardingAt
	var image [cardlayout.TicketSize]byte
	if err := s.Read(file, mode, at, image[at:]); err != nil {
		return cardlayout.Boarding{}, reading(err)
	}
	if ticket, err := cardlayout.UnpackTicket(image); err == nil {
		return ticket.Boarding, nil
	}
	return cardlayout.Boarding{}, nil
}
