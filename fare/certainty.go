package fare

import "leima/cardlayout"

// A Certainty is how far the time of a tap is known. The zero value: it is the time.
//
// By a time that is not known nothing ends and nothing begins: nobody is refused as expired,
// a right or season that has begun goes on, one that waits is travelled on and waits further,
// and nobody pays twice on one trip. What ended before the last time that was known has ended
// all the same.
type Certainty struct {
	Unknown bool

	// Since is from when on the card's stamps and the tap are of one measure: how long ago an
	// earlier one was nobody knows. 0: all are.
	Since cardlayout.Instant

	// Passed is the last time that was known to be right; 0: none was.
	Passed cardlayout.Instant
}

// timeless tells whether nobody knows how long ago a stamp was made: by another measure of the
// time than this tap's, or by a clock that was ahead. While the time is not known only this
// device's own stamps are of its measure.
func (q *question) timeless(stamp cardlayout.Instant) bool {
	return stamp > q.now || stamp < q.Certainty.Since ||
		q.Certainty.Unknown && q.card.Last.Device != q.Event.Device
}

// goesOn tells whether a journey's right of so many seconds goes on because nobody knows that
// it has ended: it was in force when the card was stamped last.
func (q *question) goesOn(j *cardlayout.Journey, right int64) bool {
	return q.Certainty.Unknown && int64(j.Start)+right >= int64(q.Certainty.Passed) &&
		(q.timeless(j.Boarded) || q.tariff.within(int64(q.now)-int64(j.Boarded), right))
}

// lasts is goesOn for what ends with a day.
func (q *question) lasts(last cardlayout.Day) bool {
	return q.Certainty.Unknown && last >= q.passed
}
