// Package settlement is the ledger of a fleet: it follows what a depot keeps, and writes what each
// transaction of each card comes to, as rows that are never changed.
//
// Its verdicts are those of validator/ledger, card by card. So they equal what "bench reconcile"
// says of the same journals.
//
// # Rows
//
// A row is the verdict on an event, or on a run of transactions that no journal holds. It has the
// day of travel, by the event, and the day on which it was booked, by the depot's clock. When more
// is known a row is taken back by another with the opposite amounts, and a new one follows. So the
// rows of a day that is over stay as they are, and the sum of all rows of a day is the day's total.
// Only what is sure to have happened has amounts: settled, presumed and unproved.
//
// # Missing
//
// A transaction that no journal holds is late until every device of the register has reported,
// since the depot knew of it, that this was all that it had; then it is missing. What came when is
// by the order in which the depot has kept it, and by no clock. Only a person withdraws a device.
//
// # Forks and repetitions
//
// Each position of a device is counted once, also if the store begins anew and gives all of it
// again. Of a device with two journals the first to come is counted. What has parted from it is
// kept by the depot, and is a matter for a person.
//
// # Whose card it is
//
// A card has a pseudonym here, which is a keyed hash of its number: the key lies in the ledger's
// file. What is kept of an event is what its device has sent, sealed. The back office's private key
// opens it once, for the pseudonym.
//
// # Work
//
// A row that a person has to look at is a case: what is in doubt, missing, late, forged or doubled.
// It is one for as long as it counts.
//
// # Takings
//
// What drivers have taken in cash is counted from the same entries, by day, driver and device, also
// where no card was concerned. What a card has not answered is unsure until its device knows.
//
// # A year
//
// Forget takes away whose card it was: the facts about it that were booked before a day go,
// and the pseudonym goes out of their rows, which stay with their amounts. A fact that was booked
// before and is about a later transaction than one that has come since stays as long as that. What
// comes about a transaction that was forgotten is in the depot's store, and is not settled.
//
// # The file
//
// One file of bbolt, which can be made anew from the depot. All that follows from some batches is
// written in one transaction, with the cursor of the last. Numbers are big-endian.
//
//	meta      cursor; last, SHA-256 of the batch there; booked, the last day of booking;
//	          secret, 32 bytes, of the pseudonyms; swept, number of the last row that was looked
//	          at to forget its card; forgotten, the day before which cards were; leapt, the day
//	          to which the depot's clock has leapt; served, how many signatures wait no more
//	devices   device, 2: cursor of its last report, what was counted, where its chains are
//	intents   device, 2, and event, 4: pseudonym, of an intent that is open
//	ends      device, 2, and event, 4: the end of an intent that has not come
//	cards     pseudonym: facts, in their order
//	folded    pseudonym and counter, 4: facts about the transactions up to there, which are not
//	          looked at any more, until something about one of them comes
//	rows      number, 8: row
//	days      day: numbers of the first and the last row that were booked on it
//	current   pseudonym, counter, 4, device, 2, and event, 4: number of the row that counts
//	cases     the same key as in current, of rows that are cases: number
//	takings   day, driver, 4, and device, 2: amounts
//	unsure    device, 2, and event, 4: day, driver and amount of an intent that is open
//	late      cursor, 8, and pseudonym: from which report on a transaction of it is missing
//	asked     pseudonym, device, 2, and event, 4: number, of a signature that waits
//	refuted   the same key, of one that was false or could not be opened: it waits again when a
//	          verifier begins
package settlement
