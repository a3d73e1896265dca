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
package validator
