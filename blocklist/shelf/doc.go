// Package shelf keeps the block lists of a device: it decides which bundle is taken, and
// finds the last good list again after any end of the program.
//
// It knows what bundles and block lists are from their packages, and of taps only that
// somebody says when the lists may be exchanged.
//
// Its one rule: a list that is not better than the one in use changes nothing but the
// alarm.
//
// # What is taken
//
// A bundle is refused when package bundle refuses it, and moreover
//
//   - when it is older than any list this device has had (a downgrade), even if that one
//     is gone since: with the exception of the full list beneath it, without which a
//     device that lost both could not get up again;
//   - when it has the version of the last list and other cards (a conflict);
//   - when it is the list in use (a replay): nothing is lost by that, so it is no alarm;
//   - when it is a delta for another full list than the one in use, or does not come
//     out, card for card, as the list that it leads to;
//   - when the file is not the list that its manifest says.
//
// # Cards that are held
//
// A card that a validator meets on its list is not only refused: the block is written
// to it, for every other validator to see, and only the issuer takes it off again. A
// list that names the wrong cards would so disable them all by the evening. Therefore,
// when a list adds more cards than the cap, those cards are refused like all others, but
// held: nothing is written to them (blocklist.Store.Held). What counts as added is
// measured against the last list that kept to the cap, until a list does again. An issuer
// who means to add as many says so in the manifest ("adding"). The first list of a device
// has nothing to be measured against and holds no card.
//
// # Cards of a former list
//
// A list that is empty, or much shorter than the one before, may be a mistake of whoever made
// it, and lets cards travel that are blocked. Where a list of 20 cards or more loses more than
// half of them, and its manifest does not say that this is meant ("fewer"), the new list is
// taken, but the cards of the former one are refused as well, and an alarm is raised. No block
// is written to them. That ends
//
//   - with a later list that has at least half of the former one's cards;
//   - with a later list, or the same cards under a higher version, that says it is meant;
//   - or a day after the first such list was taken, however many have followed.
//
// It goes for full lists and deltas, and stands in the state: a restart does not end it. The
// day goes by the device's time; where that was not known when the list came it may be shorter,
// and it begins again where the time was put back. A state that is damaged forgets it.
//
// # The folder
//
//	full-5       a full list, version 5
//	delta-5-9    what leads from there to version 9
//	nothing      a list of no cards: see Open
//	state        which of them are in use, the highest version so far, the last alarm
//	state.new    and draft: what was being written when the power went
//	*.damaged    what was found damaged, for whoever looks into it; one of each kind
//
// Lists are written once and never changed. The state is the one thing that is replaced,
// by a rename after everything it names is on the disk: before it the old list is in use,
// after it the new one. It is CBOR with a SHA-256 behind it.
package shelf
