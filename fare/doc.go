// Package fare decides whether a passenger travels, at what cost, and what the card becomes.
//
// It knows the rules of travel and nothing else: no clock, no disk, no reader, no list. The caller
// gives it all that a decision needs; the decision holds all that follows. Decide is total: for any
// card, circumstances and tariff it returns a decision and no error.
//
// # The rules, in order
//
// The first rule that applies decides. Decide is this list in code.
//
//	reason          when                                             rules
//	blocked         on the card, or on the list for this card        R-103 R-109
//	expired         past its technical life                          R-032
//	unheard         committed a moment ago without an answer         R-040
//	alreadystamped  the same card again on the same vehicle trip     R-040
//	party refused   this card's value does not pay for the party     R-051
//	transfer        a transfer right is running for these zones      R-048 R-049
//	school          a trip of a school ticket, on a school day       R-161 R-166
//	season          an active season covers the zones                R-065
//	season started  a season begins with this validation             R-044
//	season follows  the waiting season takes over                    R-047
//	extension       by value, for the zones that a season lacks      R-065
//	value           by zones, customer group and time of day, for    R-042 R-051
//	                every person                                     R-059 R-153
//	no fare         no price for this group and these zones          R-004
//	too many        more than the card's fields hold                 R-051
//	balance low     the purse holds less than the fare               R-041
//
// A right covers the persons it was made for. If others pay value beside it, the reason is value,
// because money moved.
//
// # When the time is unknown
//
// While the time is unknown (Certainty), nothing ends and nothing begins. No card is refused as
// expired. A right or season goes on if it had not ended at the last known time; a season that
// waits lets its owner travel and still waits; a pupil gets to school; nobody pays twice on one
// trip. Prices are those of the estimated time.
//
// # Where the terms are silent
//
// The terms give every value ticket its own transfer right. A card keeps two: its journey's
// and a former one, so that a passenger who returns to the first zones changes for nothing. If both
// cover a boarding, the one that ends later is used. If a third ticket is paid, the earlier right
// that ends last is kept. A card of layout 1 has room for the journey's right alone.
//
// Persons who join a party share its journey, and their own ticket is the former right, which goes
// on when the journey has ended. If others joined before them, theirs ends with it. A party whose
// holder travels on a season or school ticket joins no former right.
//
// A vehicle trip is a vehicle, line, direction and departure. The card holds the
// departure's number, and the vehicle and direction where the ticket was last used. A device knows
// the lines of its own trips while it is on. The line of a trip on another device, or from before
// the device was switched on, is unknown: there the rest decides. If the card names no vehicle, as
// one written by an older program, the number decides.
//
// The customer group that pays is that of the service day of boarding: a birthday begins with the
// first bus of its day, and one on 29 February falls on the 28th in other years. Seasons bought in
// time go on when the group has changed.
//
// A band of hours applies at boarding, like everything else. Its days are service days: Friday's
// late hours last until Saturday's first bus.
//
// A school ticket has no zones. A pupil may change wherever the way to school goes. Companions
// pay value once and then share the pupil's journey.
//
// A season begins on the date of its first validation, also after midnight, and never before it
// was loaded; its last day ends with its service day. The season that waits behind it is of
// the same kind, for the same buyers and zones: this is how «samanlainen» is read, and another
// length is still the same kind.
//
// A group is lower by age. Nobody is of a lower group whose own fare is more than the holder's
// . If a price is for its owner only, companions pay as adults.
//
// Children under school age pay if the area's own documents say so. Otherwise the price list has
// no price for them, and they travel free.
//
// Beyond the zones of a season that waits for its first validation, the passenger pays for the
// whole trip, and the season goes on waiting.
//
// A day's cap is for the holder's own trips; companions pay in full, and supplements come on top.
//
// Between two zones a right for either is enough. A school day, and the school trips counted on
// it, go by the service day, whatever day the cap goes by.
//
// # Files
//
// The list is in decide.go, the numbers of the rules in rule.go. The rules are by subject:
// group.go, bands.go, journey.go and former.go (transfer rights), school.go, season.go (seasons and
// day tickets), value.go and bill.go (the price of a tap, and what a day has used up); companion.go
// for children beside an adult, check.go for an inspector, explain.go for the grounds of a fare.
// terms.go holds an area's terms of sales and refunds: package sale carries them out.
package fare
