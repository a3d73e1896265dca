// Package desk is the service point: it makes a travel card out of a blank one,
// loads it, and shows what is on it.
//
// It knows which files a card of ours has, who may read and write them, and which
// of the issuer's keys goes where. It knows neither the bytes in the files (package
// cardlayout) nor what may be loaded on whom (package fare), and nothing of readers,
// clocks or places where keys are kept.
//
// Its one rule: the card's own key is changed last. A card that does not have it yet
// is not finished, and whatever was torn, Issue begins again and succeeds; a card
// that has it is finished, and is never issued again before Erase has been.
//
// # What a card is made of
//
// A blank card has a key of its own that everybody knows: from the factory a DES key of
// zeros, or, where Erase has been, an AES key of zeros. Issue tries the keys it is given
// in their order. A key of another type is expected to be refused as a wrong one is, with
// an authentication error. The card may be an EV1, which signs no transactions, an EV2 or
// an EV3; the sealed rights say which, and a card that says more than it speaks is taken
// for forged, here as on a bus.
//
// What a torn issuing has left behind is deleted, and no other application. Where there
// is no other the card is formatted instead, if it may be, for an EV1 keeps the memory of
// what was deleted until then. Both need the card's own key only, whatever its settings
// say of free creating and deleting.
//
// Erase goes the same way back: the application first, the card's own key last. It
// becomes the AES key of zeros and not the factory's DES key, for that change is made
// under the messaging of EV2, where no public source says how a DES key is sent.
//
// # What is issued
//
// One AES application with five keys, diversified for the card (AN10922): 0 master,
// 1 transport, 2 holder read, 3 holder write, 4 spare. Its key settings let the
// master alone create files, change keys and change the settings; who has no key may
// list the files of a readable card, as a telephone does before it reads them, and
// not those of an enciphered one.
//
//	file   type      read  write  both  change  mode
//	0-3    backup    1     1      1     0       Full; readable: read free, MAC
//	4      cyclic    1     1      1     0       as 0 to 3
//	5, 6   backup    1     1      1     0       Full
//	8      standard  1     0      0     0       as 0 to 3: never written again
//	9      backup    2     3      -     0       Full
//	15     TMAC      1     -      -     0       MAC
//
// The application is filled before the Transaction MAC file is made, so that its
// counter begins with the first load or tap.
//
// # What is not
//
// The settings of the card itself stay as they were: whoever likes may create further
// applications beside ours, and the holder of the card's own key may format it.
// And until a new application's keys are changed they are zero, so that someone who
// overhears an issuing learns the card's keys: issue where nobody listens.
package desk
