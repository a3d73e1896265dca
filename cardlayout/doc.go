// Package cardlayout turns the bytes of a travel card into a Card and back.
//
// It knows every field of the card, how the private files are sealed, and how
// keys are derived for a card. It knows no reader, no clock, no tariff and no
// rule of travel. Its one rule: what decodes encodes back to the same bytes, and
// whatever the bytes, nothing panics.
//
// # The card
//
// One DESFire application, 00 10 AB on the wire unless configured otherwise,
// with five AES keys: 0 application master (issuing), 1 transport (every bus), 2
// and 3 holder read and write (service point), and one spare. Files 0 to 4 and 8
// have the public structure of the Waltti and HSL cards (HSL Matkakortin kuvaus
// v1.11; Metrodroid transit/hsl); 5, 6 and 9 are ours.
//
//	file  content                        type      bytes  at a tap
//	   0  ControlInformation             backup       10  written with a block or a load
//	   1  seasons, last load, boarding   backup       42  read, written by a season
//	   2  stored value and last load     backup       12  read, written by a value ticket
//	   3  value ticket                   backup       27  written
//	   4  history, 8 records, 7 usable   cyclic     8×12  written
//	   5  state                          backup       47  read, written
//	   6  rights, sealed                 backup       79  read
//	   8  ApplicationInformation         standard     11  -
//	   9  holder, sealed                 backup      256  -
//	  15  Transaction MAC                TMAC         12  by the commit itself
//
// In the profile Enciphered (the default) files 0 to 6 need key 1 and travel in
// CommMode.Full. In the profile Readable files 0 to 4 and 8 are free to read and
// carry a MAC when written; 5, 6 and 9 are as before.
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
// public structure leaves unused: it is that of a day ticket for periods of 24
// hours, and 0 in all else.
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
// transaction counter 24, action counter 32. It repeats what files 5 and 6 hold
// for those who read the public structure; its counter is as of its last
// writing.
//
// File 8: version 4, key version 4, number 18 digits BCD, platform 3, security
// level 1, reserved 4.
//
// # The private files
//
// Files 5 and 6 are one CBOR array of integers each (RFC 8949, deterministic
// form), the layout version first, zero-padded; null stands for a part that is
// missing.
//
// File 5, at most 47 bytes, about 31 of them in use: [version, transaction
// counter, unblocking number × 2 + blocked, action counter, journey, device,
// sequence, today]. A journey is [start, area, zones, persons, those of other
// groups than the holder's (five bits a group), source, transfer minutes,
// seconds from start to last boarding, vehicle trip]; today is [day, school
// trips, spent], 128 more school trips where they are those of the day before. A
// state that does not fit is refused by Check before anything
// is promised.
//
// File 6, a seal of 16 bytes and 63 bytes of content: [version, number, kind,
// generation × 2 + Transaction MAC, area, group, birth, student until, benefits,
// issued, valid until, kept, terms of season 1, of season 2, school]; terms are
// [days, price, terms], school is [trips, calendar, from, to, until]. It is
// sealed with AES-SIV (RFC 5297) under the rights key and bound to the UID.
//
// File 9: nonce 12, content 228, tag 16: AES-GCM under the holder key, bound to
// UID and card number. The holder key is on no bus.
package cardlayout
