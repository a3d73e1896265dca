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
// time than this tap's, or by a clock that was ahead.
func (q *question) timeless(stamp cardlayout.Instant) bool {
	return stamp > q.now || stamp < q.Certainty.Since
}

// goesOn tells whether a right that ends at an instant goes on because nobody knows that it
// has ended.
func (q *question) goesOn(begun cardlayout.Instant, end int64) bool {
	return q.Certainty.Unknown && q.timeless(begun) && end >= int64(q.Certainty.Passed)
}

// lasts is goesOn for what ends with a day.
func (q *question) lasts(last cardlayout.Day) bool {
	return q.Certainty.Unknown && last >= q.passed
}
