// Package matkakortti reads Finnish travel cards (matkakortti: travel card) in use for years: HSL
// v1, HSL v2 and Waltti, the part of them that is readable without any key.
//
// Package cardlayout is for our own cards, whose public files have Waltti's layout. This package
// writes nothing and judges nothing: the worth of a season today depends on rules that are not on
// the card. Its one rule: it shows what is there, and no bytes make it panic; an impossible value,
// such as minute 1500 of a day, is shown as damaged.
//
// # How to read a card
//
// System names the application and its files. A reader selects the application, reads with ReadData
// or ReadRecords those of its Files that the card gives away, and passes all of it to Decode.
// ReadDump takes the files from a dump by Metrodroid.
//
// # Sources
//
// HSL v1 and v2: HSL Matkakortin kuvaus ja API kehittäjille v1.11, with the sample code
// of HSLdevcom/hsl-card-java, and metrodroid/metrodroid (transit/hsl). The tables of
// this package use the field names of the first.
//
// Waltti: only metrodroid/metrodroid, whose authors looked at cards. There is no public
// specification and no public dump. Sizes are the least that hold the known fields; a real
// file may be longer, and the rest is ignored. Not known are file 0 and any further files,
// 18 bits of each season and 24 before its boarding, 5 of the value ticket, the meaning of
// its product types, product codes, customer profiles except 1, adult, and of "invoicable".
// Type and number of the device that sold a ticket are a guess of the source. Waltti's newer
// cards hold an identifier, and their products are elsewhere.
//
// # Where the sources differ
//
//   - ApplicationVersion is 1 in HSL's document and 2 on the only known v2 card. The four bits
//     after it are reserved in the document and the version of the keys in the sample code, as
//     here.
//   - The sample code takes the date of an event of v1 from the end of its transfer; the document
//     and Metrodroid take the date of boarding, as here.
//   - The number of days of a season does not follow from its dates: 30 days sold are 30 or 31 by
//     the dates, depending on the source. Both are shown as they are.
//   - Metrodroid gives Lahti the zone letters with a "City A" and Oulu those with F1 and F2. But
//     Oulu has the city zone, and Lahti has F1 and F2: here each has its own. The code of the
//     zones is shown with their letters, in JSON too.
//   - In file 0 of HSL v1 only the first 15 bits are known, and only from the sample code. Status
//     1 is explained nowhere.
//   - The type of an area in an HSL ticket's extension, or of the boarding with a season of HSL
//     v1, is not written. The latter is taken for a zone; the former are shown as numbers.
package matkakortti
