package fare

import "leima/cardlayout"

// A boarding is of a vehicle on a departure, and vehicle, line, direction and
// departure tell two of them apart: departures are numbered by line, so that a number alone
// meets another's. The card keeps the number, and where the ticket was used last the vehicle
// and its direction; a line has no place on it. The device remembers the lines of its own
// trips (Tap.Elsewhere). What nobody can tell goes by the number.

// sameTrip tells whether the card's last boarding was on this vehicle trip.
func (q *question) sameTrip() bool {
	return q.card.Journey.Trip == q.Trip && !q.Elsewhere && !q.otherVehicle()
}

// otherVehicle tells whether the card says that its last boarding was of another vehicle, or
// in the other direction. A boarding of another minute is an earlier one and says nothing,
// nor does a vehicle without a number.
func (q *question) otherVehicle() bool {
	at := q.tariff.Local(q.card.Journey.Boarded.Time())
	for _, b := range [...]*cardlayout.Boarding{
		&q.card.SeasonBoarding, &q.card.Ticket.Boarding, &q.Stamped,
	} {
		if b.At == at && b.Vehicle != 0 && q.Vehicle != 0 {
			return b.Vehicle != q.Vehicle || b.Direction != q.Direction
		}
	}
	return false
}

// TripMatters tells whether it can matter on which vehicle trip the card was stamped last: the
// departure's number is this one's, and it was a moment ago, or on this service day, or nobody
// knows when.
func TripMatters(card *cardlayout.Card, tap *Tap, t *Tariff) bool {
	q := ask(card, tap, t)
	j := &card.Journey
	return q.journeyHere() && j.Trip == tap.Trip &&
		(q.again(j.Boarded) || q.timeless(j.Boarded) || t.ServiceDay(j.Boarded.Time()) == q.day)
}
