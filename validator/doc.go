// Package validator is the act: a card comes, is read, decided upon, written back,
// and the lamp lights up. Tap, in tap.go, is the life of a tap from end to end and
// the place to begin reading.
//
// It joins two towers that know nothing of each other: bytes (hw, hw/desfire) and
// meaning (cardlayout, fare). It reads no clock, no disk and no network of its own;
// what it needs is in the fields of Validator and behind the ports of ports.go. Its
// one rule: green means that the card has committed and that the journal holds the
// intent. Nothing else lights it.
//
// # When something is missing
//
//	missing                      the passenger           the record
//	block list never loaded      travels as if not       every event carries the
//	                             listed                  list's version, 0
//	block list older than its    the same                every event carries its
//	limit                                                age
//	either, and RequireList      Fault                   event with the fault
//	a lookup fails               Fault                   event with the fault
//	no action list, or its       travels; what waits     the log tells
//	lookup fails                 there goes on waiting
//	no tariff for now            Fault; the driver lets  event with the fault
//	                             them in
//	the clock has lost its time  decided at the last     events say estimated
//	(behind the last event and   event's time and on;
//	the block list)              actions wait
//	the journal cannot be        Fault, before anything  none can be kept; the
//	written                      is written to the card  log tells
//
// # The clock
//
// The sources of the time, the best first. What is estimated is so in every event.
//
//	source                                       quality     taken for the time
//	a clock that is kept right (Synced)          synced      the clock, wherever it stands
//	a clock after the last event, or after the   trusted     the clock
//	block list in use was made
//	a clock behind both                          estimated   the last event's time, and from
//	                                                         there what the clock counts
//	… which was set meanwhile: it stepped back,  stepped     the last estimate: nothing has
//	or a day and more forward                                gone by
//	no event yet, no list                        trusted     the clock: where no tariff covers
//	                                                         it, as in 1970, Fault
//
// The mark that none of them goes behind is the latest time of any event; it is in the
// journal, and so survives a restart. What needs the time goes by it like this:
//
//	decision                          trusted         estimated
//	prices and hours of the tariff    the time        the estimate
//	the same card again               up to the       the same; an interval that is
//	                                  tariff's limit  negative is never "again"
//	transfer, season, school ticket   the time        the estimate, which is never later
//	                                                  than the time: nothing ends early
//	beginning of a season             the time        the estimate: it may end days early,
//	                                                  which the event tells
//	technical life of the card        the time        the estimate
//	age of the block list             the time        the estimate
//	a load that waits                 its days        it goes on waiting
//	expiry of a bundle                the later of    the later of clock and last event
//	                                  clock and last
//	                                  event
//	giving up an open intent          by the event    never by an estimated event
//	what the driver has said          a minute        a minute of the estimate
package validator
