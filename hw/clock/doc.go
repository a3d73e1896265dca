// Package clock judges what time it is. A device's clock is as good as its battery, its
// satellite receiver and whoever has set it; what a device decides by the time depends on how
// far that is known.
//
// It reads no clock itself: what the clock shows, what a measure that nobody sets has counted
// meanwhile, and whether somebody keeps the clock right is handed in, and so is what the device
// remembers of the times of its events. Its one rule: a time that nobody vouches for is never
// told as one that is known.
//
//	quality    when                                       what is decided by it
//	kept       somebody keeps the clock right, and what   everything; it alone raises the mark
//	           it shows can be
//	plausible  nobody does, but it goes on from the last  everything, and the event says that
//	           event as far as a parked bus explains it,  it is not kept
//	           and goes as the measure does
//	not known  anything else                              what ends, expires or is charged
//	                                                      again waits for a better time
//
// What a clock shows can be, if it is not more than Early before the newest of what must have
// been before now, nor more than Late after it: the program's build, the first day of the
// tariffs on board, the making of the block list. A clock that shows anything else is faulty,
// whoever is said to keep it: a receiver whose count of weeks has overflowed says it is right.
// An emulated clock may show anything.
//
// A time that is not known is the last event's, and from there what the measure counts: it is
// never ahead by what a wrong clock showed. When the clock is right again, nothing is left of
// it but the events, which say what they went by.
package clock
