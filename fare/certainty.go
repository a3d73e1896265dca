package fare

import "leima/cardlayout"

// A Certainty says how well the time of a tap is known. The zero value: it is right.
//
// While the time is unknown nothing ends and nothing begins (see the package's comment). What
// ended before LastKnown has ended.
type Certainty struct {
	Unknown bool

	// Since is the first instant by the same clock as the tap: the age of an earlier stamp is
	// unknown. 0: all stamps are by the same clock.
	Since cardlayout.Instant

	// LastKnown is the last time that was known to be right; 0 if none was.
	LastKnown cardlayout.Instant
}

// CertainDay is the last service day that has surely come: today, or while the day is unknown
// the day of LastKnown; 0 if none.
func (c *Certainty) CertainDay(t *Tariff, today cardlayout.Day) cardlayout.Day {
	switch {
	case !c.Unknown:
		return today
	case c.LastKnown == 0:
		return 0
	}
	return t.ServiceDay(c.LastKnown.Time())
}

// ageUnknown reports whether the age of a stamp is unknown: it was made by another clock than
// this tap's, or by one that was ahead. While the time is unknown only this device's own stamps
// are by the same clock.
func (v *validation) ageUnknown(stamp cardlayout.Instant) bool {
	return stamp > v.now || stamp < v.Certainty.Since ||
		v.Certainty.Unknown && v.card.Last.Device != v.Event.Device
}

// transferPersists reports whether a journey's right, in seconds, goes on because its end is
// unknown: it was in force when the card was last stamped.
func (v *validation) transferPersists(j *cardlayout.Journey, right int64) bool {
	return v.Certainty.Unknown && int64(j.Start)+right >= int64(v.Certainty.LastKnown) &&
		(v.ageUnknown(j.Boarded) || v.tariff.within(int64(v.now)-int64(j.Boarded), right))
}

// dayPersists is transferPersists for a right that ends with a day.
func (v *validation) dayPersists(last cardlayout.Day) bool {
	return v.Certainty.Unknown && last >= v.certainDay
}
