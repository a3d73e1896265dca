package fare

import "leima/cardlayout"

// FaultyRule is what a passenger with a broken card pays.
type FaultyRule struct {
	// SingleFare charges a single fare, which the service point gives back against the
	// receipt; otherwise the trip is free.
	SingleFare bool

	// Repeated is the ride, within a number of days, from which on a driver may charge
	// although the trip is free; 0: never.
	Repeated uint8
	Within   uint16
}

// A Fault is what does not work when somebody boards.
type Fault uint8

// The faults.
const (
	ReaderBroken Fault = 1 // the driver's own device reads
	BothBroken   Fault = 2 // nothing on board reads a card
	CardBroken   Fault = 3 // everything works, and reads other cards
)

// A FaultyBoarding is what the driver does about a fault. Every one is logged.
type FaultyBoarding struct {
	DriverChecks bool // on the driver's own device
	Free         bool
	MayCharge    bool // a single fare: repeatedly used, or the area's rule
	Refundable   bool // and the service point gives it back against the receipt
	Why          RuleID
}

// Faulty is what is done about a fault. For a broken card, earlier are the days of the
// rides that were logged with its number; on is today.
func Faulty(f Fault, earlier []cardlayout.Day, on cardlayout.Day, r *FaultyRule) FaultyBoarding {
	switch {
	case f == ReaderBroken:
		return FaultyBoarding{DriverChecks: true, Why: 57}
	case f != CardBroken:
		return FaultyBoarding{Free: true, Why: 57} // counted as FREE_DEVICE_FAULT
	case r.SingleFare:
		return FaultyBoarding{MayCharge: true, Refundable: true, Why: 58}
	}
	rides := 1
	for _, day := range earlier {
		if day <= on && on-day < cardlayout.Day(r.Within) {
			rides++
		}
	}
	again := r.Repeated != 0 && rides >= int(r.Repeated)
	return FaultyBoarding{Free: !again, MayCharge: again, Why: 58}
}
