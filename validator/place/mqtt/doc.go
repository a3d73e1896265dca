// Package mqtt listens to a bus's MQTT broker for where the bus is, and says there how the
// validator is. What is said, and by which topics, is the business of a dialect (package bob).
//
// Its rules:
//
//   - A flood delays nobody: of each topic only the last message waits, and the reader never does.
//   - What the broker has kept is marked as such. It comes again with each new connection, and does
//     not take the place of news that waits.
//   - The validator goes on without a broker, and tries again for ever. A fault is logged once a
//     minute, however often it comes.
//   - The broker says that the validator has gone, however it goes (last will).
//
// The protocol is MQTT 5. Sessions start clean and end with the connection: what was said while it
// was down is of no use. A packet that is too large ends the connection before it takes memory.
package mqtt
