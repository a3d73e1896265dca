// Package lists stores what a device receives in signed bundles: its block lists, its action list
// and its tariffs, each in its own store. It decides which bundle is taken, and finds the last good
// one again after the program has ended in any way.
//
// It knows bundles and their contents from their packages, and of taps only when one list may be
// exchanged for another.
//
// Its one rule: what is in use was signed for this purpose and this area by a pinned key, and a
// bundle that is not better changes nothing but the alarm.
//
// # What is taken
//
// A bundle is refused if package bundle refuses it, and also
//
//   - if it is older than any that this device has had (a downgrade), even if that one is gone;
//     except the full list beneath it, without which a device that lost both could not recover.
//     A file in use that the disk has lost is put back, and nothing else changes;
//   - if it has the version of the last and other content (a conflict);
//   - if it is in use already (a replay), which is no alarm because nothing is lost;
//   - if it is a delta for another full list than the one in use, or does not result, entry for
//     entry, in the list that it leads to;
//   - if its file is not as its manifest says.
//
// # Action lists and tariffs
//
// Each is in memory, and is exchanged for the next as a whole. The bundles are stored as they came,
// so that their signatures are verified with the pinned keys at every start: the full one, and of
// an action list the delta over it, whose list is made anew from both. A delta whose full list is
// lost is put aside with it; the full list under the highest version is then taken again, and no
// older one.
//
// An action list that has lost more than half of 20 or more actions, and is not signed as meant so
// ("fewer"), is taken with an alarm: actions may have been withdrawn and are no longer done. The
// card's own action counter prevents a load from being done twice, even if an old list came back.
// While a list is damaged, its loads wait for the next.
//
// All tariffs of a bundle are of its area. The sources are signed, as people wrote them: what runs
// is provably what was signed.
//
// # Provisional cards
//
// A card on the block list is not only refused at a validator: the block is written to it, for
// every other validator to see, and only the issuer takes it off again. A list that names the wrong
// cards would disable them all by the evening. Therefore, if a list adds more cards than the cap,
// those cards are provisional: refused like all others, but nothing is written to them
// (blocklist.Store.Provisional). The added cards are counted against the last list within the cap,
// until a list is within it again. An issuer who means to add as many states it in the manifest
// ("adding"). The first list of a device has nothing to be compared with, and no provisional cards.
//
// # Cards of a former list
//
// A block list that is empty, or much shorter than the one before, may be a mistake and would let
// blocked cards travel. If a list of 20 cards or more loses more than half of them, and its
// manifest does not say that this is meant ("fewer"), the new list is taken, but the cards of the
// former one are refused as well, and there is an alarm. No block is written to them. That ends
//
//   - with a later list that has at least half of the former one's cards;
//   - with a later list, or the same cards under a higher version, that is meant so;
//   - or a day after the first such list was taken, however many have followed.
//
// It applies to full lists and deltas, and is in the state: a restart does not end it. The day goes
// by the device's time; if that was unknown when the list came it may be shorter, and if the time
// was set back it begins again. It is lost with a damaged state.
//
// # The folder
//
//	list-7       a full action list or tariffs, as their bundle came
//	full-5       a full block list, version 5
//	delta-5-9    the delta from version 5 to 9; that of an action list as its bundle came
//	nothing      a block list of no cards: see OpenBlocks
//	state        the block lists in use, the highest version so far, the last alarm
//	state.new    and draft: a file that was being written when the power went
//	*.damaged    a damaged file, to be examined, and so that nothing older is taken again
//
// Files are written once and never changed. Of bundles the highest whole one is in use, or delta
// with its full one, unless no pinned key has signed it any more. Of block lists the state names
// it, the one file that is replaced, after everything that it names is on the disk: before it the
// old list is in use, after it the new one. It is CBOR followed by a SHA-256.
package lists
