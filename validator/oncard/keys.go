package oncard

import (
	"leima/cardlayout"
	"leima/hw/desfire"
)

// Keys are all keys of an issuer: the data keys of package cardlayout, and the masters of the card
// keys, one for each role.
type Keys struct {
	cardlayout.Keys

	PICC        cardlayout.Key // of the card itself
	Master      cardlayout.Key // application key 0
	Transport   cardlayout.Key // application key 1
	HolderRead  cardlayout.Key // application key 2
	HolderWrite cardlayout.Key // application key 3
	TMAC        cardlayout.Key // the Transaction MAC

	// Former are the transport masters of earlier generations, newest first. Cards that still have
	// them can be loaded and inspected.
	Former []cardlayout.Key

	// Test: these are the public test keys, for a bench.
	Test bool

	// Version is the generation of these masters, 0 to 15, which the card states.
	Version uint8
}

// The numbers of the application's keys, and their number.
const (
	MasterKey = iota
	TransportKey
	HolderReadKey
	HolderWriteKey
	SpareKey

	ApplicationKeys
)

// App is the application of our cards as opened for travel, with the transport key derived from the
// given masters, the current generation first.
func App(scheme cardlayout.Scheme, transports ...cardlayout.Key) desfire.App {
	return desfire.App{
		AID: scheme.AID, Key: TransportKey,
		Keys: func(uid desfire.UID) []desfire.Authenticator {
			keys := make([]desfire.Authenticator, len(transports))
			for n, master := range transports {
				keys[n] = desfire.Key(scheme.Diversify(master, cardlayout.UID(uid)))
			}
			return keys
		},
	}
}

// App is the application with every known generation of the transport key.
func (k *Keys) App() desfire.App { return App(k.Scheme, k.Transports()...) }

// Transports are all transport masters, newest first.
func (k *Keys) Transports() []cardlayout.Key {
	return append([]cardlayout.Key{k.Transport}, k.Former...)
}

// Own derives a card's key from a master.
func (k *Keys) Own(master cardlayout.Key, uid desfire.UID) desfire.Key {
	return desfire.Key(k.Scheme.Diversify(master, cardlayout.UID(uid)))
}

// Application derives the keys of a card's application. The spare key opens nothing; it is derived
// from the card's master key, so that it equals no other and needs no master.
func (k *Keys) Application(uid desfire.UID) [ApplicationKeys]desfire.Key {
	master := k.Own(k.Master, uid)
	return [ApplicationKeys]desfire.Key{
		MasterKey:      master,
		TransportKey:   k.Own(k.Transport, uid),
		HolderReadKey:  k.Own(k.HolderRead, uid),
		HolderWriteKey: k.Own(k.HolderWrite, uid),
		SpareKey:       k.Own(cardlayout.Key(master), uid),
	}
}
