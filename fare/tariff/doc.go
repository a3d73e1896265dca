// Package tariff compiles tariffs as people write them into checked fare.Tariffs, and stores their
// sources by area and first instant of validity.
//
// It knows how a tariff is written, what is not allowed in one, and how its files are stored. It
// decides no fare, fetches nothing and verifies no signature.
//
// Its one rule: every figure has a source. Each table of a tariff names the page that published its
// figures, or says that we assumed them and why. Every group has a price, or none on purpose, for
// every number of zones.
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
//	[groups.as.pay]                # what cards of the other groups pay by value
//	special = "adult"
//	[groups.ages]                  # if rules.group is "by age": source, and
//	[groups.ages.years]
//	child = "0-16"                 # years of life, both included; "65-" has no end
//	[zones_included.with]          # zones that come free with others
//	B = "A"                        # who pays for B travels in A too
//	[value], [single], [[season]]  # what is sold
//	[value.prices]
//	adult = ["2.51", "3.38"]       # for 1 zone, 2 zones, …
//	[value.prices_for.adult]
//	AB = "3.00"                    # for exactly A and B; also A-B
//	[[value.band]]                 # when prices differ; also [[single.band]]
//	name = { … }
//	days = ["weekday", "eve"]      # also saturday, sunday, holiday; left out: daily
//	hours = "17:30-04:30"          # left out: all day
//	dates = "2026-02-23..2026-03-01"   # a campaign; left out: always
//	supplement = "1.00"            # for every person, or "100%" of the price
//	[value.band.prices]            # rows of the groups that differ
//	[day_cap.prices]               # the most that one person's value costs a day: where it is
//	                               # published of the travel card, not of contactless payment
//	[[season]]
//	kind = "day"                   # a day ticket; left out: "season"
//	days = 30                      # of a day ticket 1 to 60
//	holder = "personal"            # or "any"
//	free_allowed = true            # where a price may be "0.00"
//	[school]                       # code, and the transfer time or "zones"
//	[[school.calendar]]            # number, name, terms, breaks, extra, missing
//	[accompanied]                  # free = 2: children under school age beside a passenger;
//	                               # where an area does not say it, all of them are free
//	[accompanied.pram]             # the pram benefit: free, the child in it included;
//	                               # days and hours as a band's
//	[transfer]
//	times = ["120m", "120m"]
//	[transfer.times_for]
//	A = "90m"
//	[load]                         # least, most, bus_multiple
//	[rules.again]                  # one table for each setting
//	is = "20m"
//	assumed = "no page gives it"
//
// The settings are service_day_starts, again, limit ("included" or "excluded": whether the last
// instant of a period belongs to it), party, order and season_first_day. Others are required only
// if something depends on them, and default to the first of their words: group ("on the card" or
// "by age"), season_beyond ("whole trip" or "missing zones"), between_zones ("this stop" or
// "cheaper"), day_ticket ("calendar days" or "24 hours"), day_counts ("from the service day" or
// "from midnight", for the day's cap only), party_price ("the holder's" or "not a personal one")
// and waiting_season ("same kind" or "same product").
//
// A tariff is total: every group has a price, or none on purpose, for every number of zones, hour
// and kind of day. Two bands must not differ about the same time, unless one is a campaign, which
// goes before. Both are reported with their lines.
//
// The published tariffs in testdata/tariffs are complete examples.
//
// # The file
//
// Save stores the sources in a bbolt database: bucket sources, key area (1 byte) and first instant
// (8 bytes), value the CBOR array {file, source}. A mark and the SHA-256 of all before it follow;
// Load verifies them before bbolt sees the file.
package tariff
