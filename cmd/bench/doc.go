// Command bench is the engineer's tool: it issues, inspects, loads and checks cards, in
// images and on readers, plays scenarios, builds block lists and tariff files, and reads
// journals.
//
// It parses, opens, runs one package of the validator and says what came of it. It
// decides nothing, and has no rule of travel in it. Its one rule: what it writes is
// whole or not there, and what it says holds no key, and a holder's name only where
// it was asked for.
//
// # JSON
//
// The commands that show something have --json. Names of fields are for ever; fields
// may be added. Amounts are integers of euro cents and end in _cents. Days are
// 2026-03-02, local times 2026-03-02T08:15, instants 2026-03-02T06:15:30Z, bytes
// hexadecimal. Of what is empty on a card the field is left out, except for amounts,
// counters and what is true or false.
package main
