// Command bench is the engineer's tool: it issues, inspects, loads and checks cards, in images and
// on readers, plays scenarios, builds block lists and tariff files, and reads journals.
//
// It parses, opens, runs one package of the validator and shows the result. It decides nothing, and
// knows no rule of travel. Its one rule: a file that it writes is whole or not there, and its
// output shows no key, and a holder's name only on request.
//
// # JSON
//
// Most commands that show something have --json. Names of fields do not change; fields may be
// added. Amounts are integers of euro cents and end in _cents. Days are 2026-03-02, local times
// 2026-03-02T08:15, instants 2026-03-02T06:15:30Z, bytes hexadecimal. Empty fields are left out,
// except for amounts, counters and booleans.
package main
