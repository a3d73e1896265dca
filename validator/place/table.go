package place

import "time"

// The table of precedence and age. A fact is taken from the first rank of which a source's word is
// live and young enough, and within a rank from what has changed last. The stop of a computer that
// has fallen silent counts only if no other computer speaks.
var (
	tripOrder  = [][]Source{{Driver}, {VDV301, BoB, Ruter}, {ITxPT}, {Configuration}}
	stopOrder  = [][]Source{{VDV301, BoB, Ruter}, {ITxPT}, {GNSS}, {Driver}, {Configuration}}
	stateOrder = []Source{Driver, GNSS, ITxPT, Ruter, BoB, VDV301} // the last one that says it
)

// said are the ranks of stops that a computer on the bus says.
const said = 2

// computers are the sources that know of the bus's trip by themselves.
var computers = [...]Source{VDV301, BoB, Ruter, ITxPT}

// The ages from which a fact is too old. A bus that stands is at its stop for longer.
const (
	tripAge      = 6 * time.Hour
	movingAge    = 10 * time.Minute
	standingAge  = 60 * time.Minute
	positionAge  = 12 * time.Second // BoB has one every 5 s, of which one may be lost
	conflictTime = 30 * time.Second // for so long sources may contradict each other
)

// The distances of own detection, in metres. A stop is announced within 35 (Ruter, current_stop).
const (
	reachedWithin   = 35
	reachedSlowly   = 25  // and the accuracy more, if the bus is slow or a door is open
	leftBeyond      = 60  // of the stop
	strayedBeyond   = 150 // of the way between two stops
	conflictsBeyond = 300 // of the stop that the on-board computer says
)

// standing is the speed below which a bus stands, and slow that of one that arrives, in m/s.
const (
	standing = 1
	slow     = 3
)

// Between two stops a bus is at most twice as fast as planned, and two minutes ahead.
const (
	fastest = 2
	ahead   = 2 * time.Minute
)
