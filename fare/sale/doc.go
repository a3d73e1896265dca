// Package sale holds the terms of sales for a card: loads of value and seasons, single tickets, and
// loads taken back, refunds, claims and replacements. It decides who may buy a product, with whose
// money, and under which of the area's terms (fare.Tariff).
//
// It is pure, like package fare: no clock, no disk, no reader. A refused sale is a *Refusal: what
// was asked, why it is refused, and what to do. The card then stays as it was.
//
// An Order is a driver's order for the next card; Order.Decide decides it as fare.Decide decides a
// boarding.
//
// # Waiting actions
//
// Apply comes before fare.Decide: it does the actions that wait for the card in an action list,
// so that the decision is about the card with its load. fare.Decision.Stamp then makes it one
// transaction, even if nobody travels. An action states the action counter that it expects on the
// card and the one that it leaves, and is done only if they are equal. It is therefore done once,
// whatever other devices have the same list and whenever the card was torn away.
//
//	left because         when                                           rules
//	another counter      the card has had it, or an earlier one is due  R-195
//	not known here       an unknown kind or product, or out of bounds   R-195
//	too early, too late  outside its days                               R-195
//	not for this card    another area or kind, blocked, past its life   R-027 R-103 R-032
//	no room              purse full, a season waits, no bytes for both  R-047
//
// An action that is left waits, and the tap goes on: nobody is refused because of it. A blocked
// card is loaded only together with an unblock, which raises the unblocking number: an older list
// that names the card no longer applies.
//
// # Files
//
// load.go and seasonqueue.go are loads, entitled.go and funding.go say who may have them and who
// pays, order.go and reverse.go are the driver's orders, action.go the action list, single.go paper
// tickets; refund.go, claim.go, lifetime.go, faulty.go and misuse.go are about cards that went
// wrong; student.go and retention.go are the service point's.
package sale
