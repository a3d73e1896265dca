// Package fare decides what a tap comes to: whether the passenger travels, what it
// costs, and what the card becomes.
//
// It knows the rules of travel and nothing else: no clock, no disk, no reader, no
// list. Everything a decision needs is handed to it, and everything it decides is
// in what it returns. Its one rule: Decide is total. Whatever the card, the
// circumstances and the tariff, it returns a decision and no error.
//
// # The rules, in order
//
// Several may apply to one tap; the first that does decides. Decide is this list
// in code.
//
//	reason          when                                             rules
//	blocked         on the card, or on the list for this card        R-103 R-109
//	expired         past its technical life                          R-032
//	unheard         committed a moment ago, and we did not hear it   R-040
//	alreadystamped  the same card again on the same vehicle trip     R-040
//	party refused   who may not travel on this card's value          R-051
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
// A right covers the persons it was made for; whoever travels beyond it pays
// value, and then the reason is value, because money moved.
//
// # A time that is not known
//
// Where nobody knows what time it is (Certainty), nothing ends and nothing begins: nobody is
// refused as expired, a right or season that had not ended before the last time that was known
// goes on, one that waits is travelled on and waits further, a pupil gets to school, and on one
// trip nobody pays again. Prices are those of the estimate.
//
// # What waits in the action list
//
// Apply comes before Decide: it does to the card what waits for it in an action list, so
// that the decision is about the card with its load. Decision.Stamp then makes the whole
// one transaction, also where nobody travels. An action states the action counter that it
// expects on the card and the one that it leaves, and is done on equality alone: whoever
// else has the same list, and whenever the card was torn away, it is done once.
//
//	left because         when                                           rules
//	another counter      the card has had it, or an earlier one is due  R-195
//	not known here       an unknown kind or product, or out of bounds   R-195
//	too early, too late  outside its days                               R-195
//	not for this card    another area or kind, blocked, past its life   R-027 R-103 R-032
//	no room              purse full, a season waits, no bytes for both  R-047
//
// What is left waits, and the tap goes on: nobody is refused for an action. A blocked card
// gets a load only with an unblock beside it, which raises the unblocking number: an older
// list that names the card means it no more.
//
// # Where the terms are silent
//
// A card holds one journey. Paying for other zones begins another one, and the right
// of the first is gone, though the terms give every ticket its own: the layout keeps
// one, and who comes back to the first pays again. So does who has the zones corrected after
// having paid.
//
// The same vehicle trip is the same vehicle, line, direction and departure. The card
// holds the departure's number, and of the ticket that was used last vehicle and direction; a
// device knows the lines of its own trips while it is on. A line of another device's, or from
// before it was switched on, nobody can tell: there the rest decides. A card that tells no
// vehicle, such as one of an older program, goes by the number.
//
// The group by which somebody pays is that of the service day on which they board, so
// that a birthday begins with the first bus of its day; who was born on 29 February has
// it on the 28th in other years. Seasons bought in time go on when the group has changed.
//
// A band of hours is judged when boarding, like everything else; its days are service
// days, so that Friday's late hours last until Saturday's first bus.
//
// A school ticket has no zones. Its trip may be changed wherever the way to school goes,
// and whoever comes along pays value once and keeps to the pupil's journey from then on.
//
// A season begins on the date of its first validation, also after midnight, and never before
// it was loaded; its last day ends with its service day. What may wait behind it is
// of the same kind, for the same buyers and zones: «samanlainen» is read so, and another
// length is no other kind.
//
// A group is lower by age, and nobody is of a lower one who alone would pay more than the
// holder. Where a price is its owner's alone, who is along pays what adults do.
//
// Children under school age pay where the area's own documents say so. Where these say
// nothing of them, the price list has no price for them, and they travel free.
//
// Beyond the zones of a season that still waits for its first validation the whole trip
// is paid, and the season goes on waiting.
//
// A day's cap is for the holder's own trips; who is along pays in full, and supplements
// come on top.
//
// Between two zones a right for either is enough. A school day is the service day's, and so
// are the trips that are counted on it, whatever day the cap goes by.
//
// # Files
//
// The list is in decide.go. The rules are by subject: group.go, bands.go, journey.go,
// trip.go, school.go, today.go (what a day has used up), right.go (seasons and day tickets),
// value.go and bill.go; company.go is what children pay beside an adult, action.go the action
// list, check.go an inspector's view, explain.go what a fare rests on.
package fare
