// Package sim simulates a bus in memory: an emulated reader and its passengers' cards, a clock that
// advances on command, a real validator with its journal and its lists on disk, and a language for
// scenarios of what happens on board.
//
// The tests run on it, bench runs scenarios with it, and the emulated bus gets its passengers from
// it. It decides nothing and knows no rule of travel. Its one rule: the same script gives the same
// output, to the byte, on every machine.
//
// # Scenarios
//
// A scenario is a text of paragraphs with empty lines between them. A paragraph is lines of
// statements and, if they have output, a line of four dashes and the output, which the program can
// write itself. # begins a comment.
//
//	# One zone costs an adult 2.51 € and lets change for ninety minutes.
//	card Aino  group adult, purse 10.00
//	at 2026-03-02 08:00
//	tap Aino
//	----
//	accepted  value  charge 2.51  balance 7.49  until 09:30  R-004
//
// The statements:
//
//	tariffs mikkeli-2025 …        the prices on board; the area is theirs
//	card NAME  PART, PART …       issues a card; its parts as bench writes them,
//	                              and profile readable or enciphered, chip EV1, EV2 or
//	                              EV3. An existing card of this name stays
//	                              as it is
//	at 2026-03-02 08:00:00        time goes by until then, local time; seconds may be missing.
//	                              A clock that shows a later time, or one that is years
//	                              before it, is set
//	at 08:40                      … on the same day
//	at +40m                       so much later; h, m and s
//	clock 2038-01-19 08:00        sets the clock wrong, while no time goes by; also +2h, -5m
//	clock right                   … and to what it would show otherwise
//	sync on|off                   whether the clock is synchronized from now on; it is a real
//	                              clock then, whose time must be possible
//	bus NAME=VALUE …              where the bus is, as far as it changes: line, stop,
//	                              vehicle, direction, trip, zone, zones, and next: the
//	                              next stop's zone, while the bus is between two
//	feed NAME                     from now on a stop's zone is that of a timetable
//	driver 3 persons              the next tap is for three of the holder's group
//	driver 1 adult 2 child        … or for these
//	driver zones A-B              … or for these zones
//	driver lent                   … or for a person other than the card's owner
//	driver check                  … or only checks the card
//	driver load 20.00             … or loads value, for cash
//	driver load season 30 A-B     … or a season of this product for these zones
//	driver take back              … or takes back the last load
//	driver clear|pause|resume     takes it back; out of service; in service
//	sell 2 adult [A-B]            sells single tickets, for these zones
//	infants 3 [pram 1] [school]   what children under school age pay beside an adult,
//	                              one of them in a pram, or beside a pupil
//	free REASON 2                 two persons travel without a card: because of devices,
//	                              a card, a ticket, a veteran or a pram
//	tear NAME before|after N      the next time this card is presented, it is pulled
//	                              away at the Nth exchange, before or after it acted
//	tear NAME before|after commit … at the commit
//	tap NAME                      presents the card; the output is the ending of the tap
//	load NAME value 20.00         the service point loads value onto a card
//	load NAME season 30 A-B       … or a season of this product for these zones
//	action NAME value 20.00       a load bought elsewhere waits in a new action list
//	action NAME season 30 A-B     … or a season
//	action NAME unblock           … or the end of the card's block
//	  [expects N] [leaves N]      … by these action counters, if not those after the last;
//	  [from DAY] [until DAY]      … on these days, if not on the fourteen from today
//	block NAME                    a new block list names the card
//	show NAME [PART …]            the card's content, or some parts of it
//	history NAME                  its use events, the newest last
//	journal                       what the journal holds
//	restart                       the device is switched off and on
//	say TEXT                      shows spectators a text
package sim
