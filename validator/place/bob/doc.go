// Package bob reads and writes what is said on a bus over MQTT in the manner of BoB, the Swedish
// ticket standard: data for a validation service (VALS, github.com/mobileticket/vals-schemata,
// 7464c7b). It is pure: bytes to values, values to bytes. asyncapi.yaml describes each message.
//
// In, below service:
//
//	gps/rmc                       a sentence of NMEA, no JSON
//	v1/journey                    the trip, its line and block
//	v1/lastStop                   the stop at which the bus arrives, or which it left last
//	v1/nextStop                   the stop after that
//	v1/remainingStops             all stops that are left of the trip
//	v1/atStop                     whether the bus stands at a stop
//	v1/vehicle                    which bus it is: another one's computer is not heard
//	itxpt/v2/avms/runmonitoring   whether it runs in service
//
// Only rmc and runmonitoring have a time of their own. Of what has none, the age of what a broker
// kept is not known.
//
// Out, below service/v1/Validate: status, latestticket, notification. Anybody on the bus's network
// may read them: they hold no card number, no UID and no name.
//
// Its rules: what cannot be read changes nothing, and its error says the topic. Fields that are not
// known are passed over. A zone that is none of the area's is left out.
package bob
