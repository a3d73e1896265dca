// Package validator is the life of a tap: a card is read, decided about and written back, and the
// lamp lights up. Begin reading with Tap, in tap.go, which is all of it from end to end.
//
// It joins two towers that do not know each other: bytes (hw, hw/desfire) and meaning (cardlayout,
// fare). It reads no clock, no disk and no network: its needs are the fields of Validator and the
// ports of ports.go. Its one rule: green means that the card has committed and that the journal
// holds the intent. Nothing else lights it.
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
//	the time is not known        travels: nothing ends    events say estimated, the log,
//	                             by it; actions wait      the state and the page why
//	the journal cannot be        Fault, before anything  none can be kept; the
//	written                      is written to the card  log tells
//
// # The clock
//
// Package clock judges the time for all who ask: taps, lists, journal and console. Each event says
// how well its time was known: kept right, or not known (Estimated), or neither, which is
// plausible; and when it was last kept right. So do the log, the API's state and the driver's page,
// which tells the driver to report a faulty clock to the depot.
//
//	what the clock does                          quality     taken for the time
//	it is kept right (Synced)                    kept        the clock, wherever it stands
//	it comes up after the last event, by no      plausible   the clock
//	more than thirty days
//	it goes on as the measure does (Elapsed)     as before,  the clock
//	                                             unkept
//	it comes up behind the last event, or        not known   the last event's time, and from
//	further ahead                                            there what the measure counts
//	it is set, and nobody keeps it right         not known   what the measure counts, until the
//	                                                         clock meets it again
//	it shows what cannot be, kept or not: more   not known   the same; without an event, the
//	than a day before the program's build, the               newest of these; emulated, and
//	tariffs' first day or the list's making, or              before any tariff, Fault
//	over three years after the newest of them;
//	an emulated clock only by tariffs and list
//
// A clock that comes up less than thirty days ahead is believed, and so is one that is kept wrong
// within the bounds: what ends by it is charged for. When it comes up right again it is behind the
// last event, and the time is not known until it is kept right, or until that event has passed.
//
// The mark is the last time that was kept right: nothing else moves it, and what ended before it
// has ended. Decisions use the time like this:
//
//	decision              kept or plausible   not known               what the operator loses
//	prices and hours of   the time            the estimate            the difference
//	the tariff
//	technical life of     the time            nobody is refused       nothing: they pay
//	the card
//	customer group by     the time            the mark, or without   the difference
//	age, student's right                      one the card's group
//	season that a new     written over when   stays that had not     nothing
//	one is loaded over    it has ended        ended before the mark
//	day of a benefit's    the time            any day                a payment of another day
//	payment
//	transfer, same trip   the time; on the    goes on, and on one     each card's trips after its
//	                      same trip a stamp   trip nobody pays        first, on other devices'
//	                      of a clock that     again; our own stamp    stamps; on our own those of
//	                      was ahead, or from  ends by our measure     one right's length
//	                      before the time
//	                      was put right, is
//	                      this trip's
//	season                the time; one that  goes on that had not    trips of seasons that had
//	                      begins weeks from   ended before the mark;  ended since the mark, and
//	                      now begins now      one that waits is       days of those that wait
//	                                          travelled on, and
//	                                          waits
//	school ticket, cap    the time            any day and hour; what  school trips beyond the
//	of a day                                  a day has counted       day's, and what was counted
//	                                          stays counted           on a day that has gone
//	the same card again   up to the tariff's  the same; an interval   nothing
//	                      limit               that is negative is
//	                                          never "again"
//	age of the list       the time            the mark                an older list is used
//	a load that waits     its days            it goes on waiting      nothing
//	expiry of a bundle    the time            the clock, if it can    an expired list is taken,
//	                                          be right, and never     never an older one
//	                                          before the mark
//	giving up an intent   by the event        never, nor one of such  it stays open
//	                                          a time
//	what the driver said  a minute            a minute of the         nothing
//	                                          measure, also while
//	                                          the time is put right
//
// When the time is known again, all is decided as if it had always been; but a season that a
// believed clock has begun too early counts from the day written on it, and a stamp that another
// device made by an estimate is only a stamp.
package validator
