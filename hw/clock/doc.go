// Package clock estimates the time. A device's clock is as good as its battery, its satellite
// receiver and the person who has set it; what a device decides by the time depends on how well
// the time is known.
//
// It reads no clock: the clock's reading, a monotonic measure, the state of synchronization, and
// the remembered times of the last events are handed in. Its one rule: a time for which nothing
// vouches is never given as known.
//
//	quality       when                                      what is decided by it
//	synchronized  the clock is synchronized, and what it    everything; only this time moves
//	              shows is possible                         LastSync
//	plausible     it is not, but it follows the last event  everything; the event says that the
//	              within the time a bus may be parked, and  time was not synchronized
//	              agrees with the measure
//	unknown       anything else                             what ends, expires or is charged
//	                                                        again waits for a better time
//
// A time is possible if it is at most a day before, and at most three years after, the newest of:
// the program's build, the first day of the tariffs on board, the making of the block list. A
// clock that shows another time is faulty, even if it is reported as synchronized: a receiver
// whose week number has overflowed is. An emulated clock may show anything.
//
// An unknown time is that of the last event, continued by the measure: a wrong clock cannot put it
// ahead. Once the clock is right again, only the events tell of the time they went by.
package clock
