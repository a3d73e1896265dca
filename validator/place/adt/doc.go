// Package adt reads and writes what is said on a bus over MQTT in the manner of Ruter: the local
// topics of ADT v3 (github.com/RuterNo/adt-doc, 9552a80), and those of FRAM, which has the same
// sensors (github.com/mrfylke/frammr-mqtt-validator, cfbba6f). It knows no clock and no network.
// asyncapi.yaml describes each message.
//
// In:
//
//	pe/sales/current_stop          the stop at which the bus arrives and the next one, with zones
//	pe/dpi/journey                 the whole trip: its line, and its stops with places and zones
//	pe/dpi/nextstop                the bus has left a stop of the trip, and which comes next
//	sensors/door                   whether any door is open
//	pe/doors_individually          whether one is
//	sensors/location               the position, also as sensors/gnss/location
//	operational/assignment/status  whether the bus is signed on
//
// Out, in Ruter's words: pe/sales/diagnostics and pe/cardreader_diagnostics/leima/<device>. In
// FRAM's: device/<device>/diagnostics, also when device/diagnostics/request asks for it, and
// validators/<device>/response for a tap. Anybody on the bus's network may read them: they hold no
// card number, no UID and no name.
//
// Its rules:
//
//   - Each message has its time (eventTimestamp) and its id (traceId). One that has come before
//     says nothing: a bridge of brokers delivers what it has kept as if it were news.
//   - A stop names its vehicle. While two vehicles speak, neither is believed.
//   - What cannot be read changes nothing, and its error says the topic. Fields that are not known
//     are passed over. A zone that is none of the area's is left out.
//   - A dialect remembers the trip that was said last, because other messages only refer to it. One
//     goroutine decodes.
package adt
