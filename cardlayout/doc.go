// Package cardlayout turns the bytes of a travel card into a Card and back.
//
// It knows every field of the card, how the private files are sealed, and how a card's keys are
// derived. It knows no reader, no clock, no tariff and no rule of travel. Its one rule: a decoded
// card encodes back to the same bytes, and no bytes make it panic.
//
// # The card
//
// One DESFire application, 00 10 AB on the wire unless configured otherwise,
// with five AES keys: 0 application master (issuing), 1 transport (every bus), 2
// and 3 holder read and write (service point), and one spare. Files 0 to 4 and 8
// have the public structure of the Waltti and HSL cards (HSL Matkakortin kuvaus
// v1.11; Metrodroid transit/hsl); 5, 6, 7 and 9 are ours.
//
//	file  content                        type      bytes  at a boarding
//	   0  ControlInformation             backup       10  written with a block or a load
//	   1  seasons, last load, boarding   backup       42  written by a season
//	   2  stored value and last load     backup       12  written by a value ticket
//	   3  value ticket                   backup       27  written
//	   4  history, 8 records, 7 usable   cyclic     8×12  written
//	   6  rights, sealed                 backup       79  -
//	   7  validation                     backup      111  read, written
//	   8  ApplicationInformation         standard     11  -
//	   9  holder, sealed                 backup      256  -
//	  15  Transaction MAC                TMAC         12  by the commit itself
//
// In the profile Enciphered (the default) files 0 to 7 need key 1 and travel in
// CommMode.Full. In the profile Readable files 0 to 4 and 8 are free to read and
// carry a MAC when written; 6, 7 and 9 are as before.
//
// # Two layouts
//
// This is layout 2. A boarding reads all that it decides by in one command: file 7, whose
// enciphered answer of 122 bytes is one frame of 128 or two of 64. Files 0 to 4 are its
// projection, for readers of the public structure and for loads; what they say otherwise counts
// for nothing. A load, a look, a block and a take-back read files 6, 1 and 2 besides, as does the
// first tap after a load whose commit was not answered, if others have written the card since:
// what tells the last loads apart, 69 bits more, has no room in file 7. A tap on the trip that the
// card was last stamped on reads the boardings in files 1 and 3, unless the device remembers the
// trip itself.
//
// Layout 1 has no file 7. It keeps the state in file 5 (backup, 47 bytes, CommMode.Full under key
// 1), has no room for a former right, and every tap reads files 1, 2, 5 and 6.
//
// A tap asks for file 7 first, which costs a new card nothing. A card without it answers
// FileNotFound, which ends its authentication: a card of layout 1 costs that exchange and two more
// of a new authentication, three in all. The answer carries no MAC, but hides nothing: a card of
// layout 2 has no file 5, or one that says that it is of layout 2.
//
// A service point moves a card to layout 2. It creates file 7, and one transaction fills it and
// writes version 2 into file 5. A file 7 of zeros was only created: version 0 means that it is not
// there. So there is one purse at any moment, and a program that knows layout 1 alone refuses a
// card that was moved, as it refuses one without file 5.
//
// # The public files
//
// Bits are numbered from the most significant one; a field of several bits is
// most significant bit first. A date is 14 bits, days since 1.1.1997; a time 11
// bits, minutes since midnight; money is euro cents. Reserved fields are zero.
//
// File 1: two slots of 80 bits {area 8, type 4, product 14, invoicable 1, zones
// 6, first day 14, last day 14, reserved 1, first minute 11, reserved 7}; at 160
// the last load {product 14, date 14, time 11, days 9, price 20, organisation 14,
// device 13, loaded 1}; 24 reserved; at 280 the last boarding {date 14, time 11,
// vehicle 14, area 8, direction 1, zone 4}; 4 reserved. A season that has not
// begun has neither first nor last day. The first minute is ours, in bits that the
// public structure leaves unused: of a day ticket for periods of 24 hours it is the
// minute at which it began, and 0 in all else.
//
// File 2: value 20, last load {date 14, time 11, amount 20, organisation 14,
// device 14}, 3 reserved.
//
// File 3: sale {area 8, product 14, profile 5, party profile 5, language 2, unit
// 2, period 8, zones 6, date 14, hour 5, device type 3, device 14, price 14,
// persons 6, status 1, 5 reserved}, validity {start 25, end 25, 5 reserved,
// started 1}; at 168 boarding {date 14, time 11, vehicle 14, direction 1, zone
// 4}; 4 reserved.
//
// File 4, a record: debit 1, boarded 25, transfer end 25, fare 14, persons 5,
// remaining value 20, 6 reserved.
//
// File 0: issuing date 14, blocked 1, reserved 1, unblocking number 8,
// transaction counter 24, action counter 32. It repeats private files for readers of
// the public structure; its counter is that of its last writing.
//
// File 8: version 4, key version 4, number 18 digits BCD, platform 3, security
// level 1, reserved 4.
//
// # The private files
//
// File 7 is packed in bits as the public files are: it would not fit its frame otherwise. In the
// clear: version 8, former right {area 8, zones 6, persons by group 6×5, end 31}, today {day 14,
// school trips 8, spent 16}, purse 20, transaction counter 24, last event {device 16, sequence
// 32}, journey {area 8, zones 6, persons by group 6×5, source 3, transfer minutes 12, start 31,
// last boarding 31, vehicle trip 16}, of both seasons {first day 14, days from it to the last 10,
// first minute 11}, last season load {product 14, day 14, loaded 1}, day of the last value load
// 14, blocked 1, unblocking number 8, action counter 32: 63 bytes. Behind it the seal of 16 bytes,
// and sealed: number 60, kind 2, generation 2, Transaction MAC 1, readable 1, area 8, group 3,
// birth + 65536 17, student until 14, valid until 14, of both seasons {area 8, product 14, zones
// 6, days 9, conditions 3}, school {trips 8, calendar 8, from 11, to 11, until 14}, 2 reserved: 32
// bytes. It is sealed with AES-SIV (RFC 5297) under the rights key and bound to the UID and the
// version. Instants are seconds from 1.1.1997 UTC. A boarding changes at most the first 53 bytes,
// in one stretch; without a season that begins, 44, and mostly fewer than 32. The day of the value
// load is there because its first bits share a byte of file 2 with the purse.
//
// Files 5 and 6 are one CBOR array of integers each (RFC 8949, deterministic
// form), the version 1 first, zero-padded; null stands for a part that is
// missing: they have room.
//
// File 5 of layout 1, at most 47 bytes, about 31 of them in use: [version, transaction
// counter, unblocking number × 2 + blocked, action counter, journey, device,
// sequence, today]. A journey is [start, area, zones, persons, those of other
// groups than the holder's (five bits a group), source, transfer minutes,
// seconds from start to last boarding, vehicle trip]; today is [day, school
// trips, spent], with 128 added to the trips if they are those of the day before. Check
// refuses a state that does not fit before anything is promised.
//
// File 6, in both layouts, a seal of 16 bytes and 63 bytes of content: [version, number, kind,
// generation × 2 + Transaction MAC, area, group, birth, student until, benefits,
// issued, valid until, funded, terms of season 1, of season 2, school]; terms are
// [days, price, conditions], school is [trips, calendar, from, to, until]. It is
// sealed with AES-SIV (RFC 5297) under the rights key and bound to the UID.
//
// File 9: nonce 12, content 228, tag 16: AES-GCM under the holder key, bound to
// UID and card number. The holder key is on no bus.
package cardlayout
