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
//	season          an active season covers the zones                R-065
//	season started  a season begins with this validation             R-044
//	season follows  the waiting season takes over                    R-047
//	value           by zones and customer group, for every person    R-042 R-051
//	no fare         no price for this group and these zones          R-004
//	too many        more than the card's fields hold                 R-051
//	balance low     the purse holds less than the fare               R-041
//
// A right covers the persons it was made for; whoever travels beyond it pays
// value, and then the reason is value, because money moved.
//
// # Where the terms are silent
//
// A card holds one journey. Paying for other zones begins another one, and the right
// of the first is gone: who comes back to it pays again. So does who has the zones
// corrected after having paid. A vehicle trip is known by its number alone, which must
// be another one for every departure within the tariff's again-window.
//
// # Rules still to come
//
// School tickets stand between transfer and season (R-166: reason 64). The true
// customer group by age and by the student's right is one place,
// question.group. Caps and free travel belong into question.charge. None of
// them needs a second list.
package fare
