// Package matkakortti reads Finnish travel cards (matkakortti: travel card) as they have
// been in pockets for years: HSL v1, HSL v2 and Waltti, the part of them that is free to
// read without any key.
//
// It is not a card of ours: those are package cardlayout, whose public files are laid
// out as Waltti's are. It writes nothing, and judges nothing: what a season is worth
// today is a matter of rules that are not on the card. Its one rule: it shows what is
// there, and whatever the bytes, nothing panics; a value that cannot be, such as the
// minute 1500 of a day, is shown as damaged.
//
// # How to read a card
//
// System names the application and its files. A reader selects the application,
// reads with ReadData or ReadRecords what of its Files the card gives away, and hands
// all of it to Decode. ReadDump takes the files from a dump that Metrodroid has written.
//
// # Sources
//
// HSL v1 and v2: HSL Matkakortin kuvaus ja API kehittäjille v1.11, with the sample code
// of HSLdevcom/hsl-card-java, and metrodroid/metrodroid (transit/hsl). The tables of
// this package give every field the name it has in the first of them.
//
// Waltti: metrodroid/metrodroid alone, which was made by looking at cards. There is no
// public specification and no public dump. Sizes are the least that hold the fields
// known; a real file may be longer, and what is longer is not looked at. Not known are
// file 0 and any further files, 18 bits of each season and 24 before its boarding, 5 of
// the value ticket, the meaning of its product types, product codes, customer profiles
// but 1, adult, and of "invoicable". Type and number of the device that sold a ticket
// are a guess of the source. Waltti's newer cards hold an identifier and their products
// elsewhere.
//
// # Where the sources differ
//
//   - ApplicationVersion is 1 by HSL's document and 2 on the one v2 card known. The four
//     bits after it are reserved there and the version of the keys in its sample code,
//     which is followed.
//   - The sample code takes the date of an event of v1 from the end of its transfer; the
//     document and Metrodroid take the date of boarding, as is done here.
//   - How many days a season has does not follow from its dates: 30 days sold are 30 or
//     31 by the dates, depending on the source. Both are shown as they are.
//   - Metrodroid gives Lahti the zone letters with a "City A" and Oulu those with F1 and
//     F2. It is Oulu that has a city zone and Lahti that has F1 and F2: here each has
//     its own. The code of the zones stands beside their letters, in JSON too.
//   - In file 0 of HSL v1 only the first 15 bits are known, and only by the sample code.
//     Status 1 is not explained anywhere.
//   - The areas in which an HSL ticket is extended, and the one where a season of HSL v1
//     was used, say not of which type they are. The latter is taken for a zone; the
//     former are shown as numbers.
package matkakortti
