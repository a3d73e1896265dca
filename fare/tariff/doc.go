// Package tariff turns tariffs as people write them into checked fare.Tariffs, and
// keeps them by the first instant of their validity.
//
// It knows how a tariff is written, what may not stand in one, and how the files
// are kept. It decides no fare, fetches nothing and verifies no signature.
//
// Its one rule: every figure has a source. A tariff that compiles says of each
// table where its figures were published, or that we assumed them and why; and it
// has a price, or says that there is none, for every group and every number of
// zones.
//
// # How a tariff is written
//
// In TOML, one file for an area and a first day of validity. Amounts are euros,
// "2.51", and times "90m" or "2h". A "-" says that something is not sold.
//
//	id = "mikkeli-2025"
//	name.fi = "…"                             # canonical; and name.sv, name.en
//	area = 227
//	zones = 7                                 # A to G
//	time_zone = "Europe/Helsinki"
//	valid_from = "2025-01-01T00:00"           # the first minute
//	source = "public page, year"              # in every table with figures, or
//	#assumed = "why we chose it"
//
//	[groups.names]                 # the customer groups that have prices
//	[value], [single], [[season]]  # what is sold
//	[value.prices]
//	adult = ["2.51", "3.38"]       # for 1 zone, 2 zones, …
//	[value.prices_for.adult]
//	AB = "3.00"                    # for exactly A and B; also A-B
//	[transfer]
//	times = ["120m", "120m"]
//	[transfer.times_for]
//	A = "90m"
//	[load]                         # least, most, bus_multiple
//	[rules.again]                  # one table for each setting
//	is = "20m"
//	assumed = "no page gives it"
//
// The published tariffs in testdata/tariffs are complete examples.
//
// # The file
//
// Save keeps the sources in a bbolt database: bucket sources, key area (1 byte)
// and first instant (8 bytes), value the CBOR array {file, source}. Behind it
// stand a mark and the SHA-256 of all before, which Load verifies before bbolt
// sees the file.
package tariff
