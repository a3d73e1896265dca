// Package vdv301 speaks with the on-board computers of VDV 301 (IBIS-IP), from two of their
// services:
//
//	TicketValidationService 2.2    the stop with its fare zones, the trip, line, doors, deviation
//	CustomerInformationService 2.3 the same at once, where there is no other (GetAllData)
//
// The facts are the schemas' (github.com/VDVde/VDV301, 14880bb); version 2.4 says what is read here
// in the same way. It is written by them and one publisher of others
// (github.com/frutabruta/VDV301publisher): no real computer was to be had. How a service lives is
// package subscription's to know.
//
// Its rules: an element counts by its local name, and what is not known is passed over. A value
// that its ErrorCode calls wrong was not said; an estimated one was. What a service answers instead
// of data (OperationErrorMessage) changes nothing. Where the current stop is in the trip is told by
// its index and its reference together: a trip may call at a stop twice.
package vdv301
