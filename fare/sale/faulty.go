package sale

import (
	"leima/cardlayout"
	"leima/fare"
)

// A Fault is a device or card that does not work at boarding.
type Fault uint8

// The faults.
const (
	ReaderBroken Fault = 1 // the driver's own device still reads
	BothBroken   Fault = 2 // no device on board reads a card
	CardBroken   Fault = 3 // the devices read other cards
)

// A FaultyBoarding is the driver's course in a fault. Each one is logged.
type FaultyBoarding struct {
	DriverChecks bool // on the driver's own device
	Free         bool
	MayCharge    bool // a single fare: used repeatedly, or by the area's rule
	Refundable   bool // and the service point pays it back for the receipt
	Why          fare.RuleID
}

// Faulty decides about a boarding with a fault. For a faulty card, earlier holds the days of the
// rides logged with its number; on is today.
func Faulty(f Fault, earlier []cardlayout.Day, on cardlayout.Day, r *fare.FaultyRule,
) FaultyBoarding {
	switch {
	case f == ReaderBroken:
		return FaultyBoarding{DriverChecks: true, Why: fare.RuleDeviceFault}
	case f != CardBroken:
		return FaultyBoarding{Free: true, Why: fare.RuleDeviceFault} // counted as FREE_DEVICE_FAULT
	case r.SingleFare:
		return FaultyBoarding{MayCharge: true, Refundable: true, Why: fare.RuleFaultyCard}
	}
	rides := 1
	for _, day := range earlier {
		if day <= on && on-day < cardlayout.Day(r.Within) {
			rides++
		}
	}
	again := r.Repeated != 0 && rides >= int(r.Repeated)
	return FaultyBoarding{Free: !again, MayCharge: again, Why: fare.RuleFaultyCard}
}
