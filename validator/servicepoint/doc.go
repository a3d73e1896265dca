// Package servicepoint does the work of a service point on a card: it issues, loads, inspects,
// rekeys, migrates and erases cards.
//
// It knows the files of our card, their access rights, and the role of each of the issuer's keys.
// It knows neither the content of the files (package cardlayout) nor the rules of loading (package
// fare), and no readers, clocks or stores of keys.
//
// Its one rule: the card's own key is changed last. A card without it is not finished, and whatever
// was torn, Issue begins again and succeeds; a card with it is finished, and is not issued again
// before Erase.
//
// # From a blank card to an issued one
//
// A blank card has a public key: from the factory a DES key of zeros, or after Erase an AES key of
// zeros. Issue tries the given keys in order; a key of another type is expected to be refused like
// a wrong one, with an authentication error. The card may be an EV1, which signs no transactions,
// an EV2 or an EV3; the sealed rights name the generation, and a card that claims another one than
// it has is taken for forged, here as on a bus.
//
// The remains of a torn issuing are deleted, and no other application. If there is no other, the
// card is formatted instead, if allowed, since an EV1 frees deleted memory only then. Both need
// only the card's own key, whatever its settings for free creating and deleting.
//
// Erase goes the other way: the application first, the card's own key last. The key becomes the AES
// key of zeros and not the factory's DES key, since the change is made under EV2 messaging, and no
// public source says how a DES key is sent under it.
//
// Rekey gives an issued card the newest of the keys that roll, and every Load that writes seals the
// rights with the newest keys. Migrate moves a card of layout 1 to the newest layout.
//
// All of them read a card as a whole and tell where its public files say otherwise than file 7.
//
// # The application
//
// One AES application with five keys, diversified for the card (AN10922): 0 master, 1 transport,
// 2 holder read, 3 holder write, 4 spare. Its key settings let only the master create files, change
// keys and change the settings. Without a key the files of a readable card can be listed, as a
// telephone does before it reads them, but not those of an enciphered one.
//
//	file   type      read  write  both  change  mode
//	0-3    backup    1     1      1     0       Full; readable: read free, MAC
//	4      cyclic    1     1      1     0       as 0 to 3
//	6, 7   backup    1     1      1     0       Full; of layout 1: 5 and 6
//	8      standard  1     0      0     0       as 0 to 3: written only by Rekey
//	9      backup    2     3      -     0       Full
//	15     TMAC      1     -      -     0       MAC
//
// The application is filled before the Transaction MAC file is created, so that its counter begins
// with the first load or tap.
//
// # Limits
//
// The settings of the card itself stay: anyone may create further applications beside ours, and the
// holder of the card's own key may format it. Until the keys of a new application are changed they
// are zero, so that an eavesdropper on an issuing learns the card's keys: issue in a safe place.
package servicepoint
