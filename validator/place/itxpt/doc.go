// Package itxpt speaks with the on-board computers of ITxPT S02 2.2 (github.com/ITxPT/S02,
// e8f195c), from two of their services:
//
//	avms          the trip, its stops and whether the bus is at one (XML, by subscription)
//	gnsslocation  positions (XML, by multicast)
//
// It is written by the published schemas and examples: no real computer was to be had. How a
// subscription lives is package subscription's to know.
//
// Its rules: an element counts by its local name, and what is not known is passed over. No fare
// zone is said anywhere: zones are the timetable's. Times have no zone and are the vehicle's: they
// tell a repetition from news, and no age. A delivery of vehicle or journey monitoring that is
// empty says that the bus is out of service (KnownIssues.md). A bus leaves its stop when it departs
// from it: until it arrives the monitored call is the next one.
package itxpt
