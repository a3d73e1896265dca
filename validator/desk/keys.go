package desk

import (
	"errors"
	"fmt"

	"leima/cardlayout"
	"leima/hw/desfire"
)

// Keys are everything an issuer holds: the data keys of package cardlayout, and the
// masters from which the keys of every card are derived, one for each role.
type Keys struct {
	cardlayout.Keys

	PICC        cardlayout.Key // the card's own
	Master      cardlayout.Key // application key 0
	Transport   cardlayout.Key // application key 1
	HolderRead  cardlayout.Key // application key 2
	HolderWrite cardlayout.Key // application key 3
	TMAC        cardlayout.Key // the Transaction MAC

	// Former are the transport masters of earlier generations, the newest first.
	// Cards that still have them can be loaded and inspected.
	Former []cardlayout.Key

	// Version is the generation of these masters, 0 to 15. The card tells it.
	Version uint8
}

// The keys of the application.
const (
	keyMaster = iota
	keyTransport
	keyHolderRead
	keyHolderWrite
	keySpare

	appKeys
)

// App is the application of our cards as it is opened for travel, with the
// transport key derived from one of the masters, the current generation first.
func App(scheme cardlayout.Scheme, transports ...cardlayout.Key) desfire.App {
	return desfire.App{AID: scheme.AID, Key: keyTransport,
		Keys: func(uid desfire.UID) []desfire.Authenticator {
			keys := make([]desfire.Authenticator, len(transports))
			for n, master := range transports {
				keys[n] = desfire.Key(scheme.Diversify(master, cardlayout.UID(uid)))
			}
			return keys
		}}
}

// app is App for every generation of the transport key that is known.
func (k *Keys) app() desfire.App {
	return App(k.Scheme, append([]cardlayout.Key{k.Transport}, k.Former...)...)
}

// own derives a card's key from a master.
func (k *Keys) own(master cardlayout.Key, uid desfire.UID) desfire.Key {
	return desfire.Key(k.Scheme.Diversify(master, cardlayout.UID(uid)))
}

// application derives the keys of a card's application. The spare one opens nothing;
// it is derived from the card's master key, so that it equals no other and needs no
// master of its own.
func (k *Keys) application(uid desfire.UID) [appKeys]desfire.Key {
	master := k.own(k.Master, uid)
	return [appKeys]desfire.Key{
		keyMaster:      master,
		keyTransport:   k.own(k.Transport, uid),
		keyHolderRead:  k.own(k.HolderRead, uid),
		keyHolderWrite: k.own(k.HolderWrite, uid),
		keySpare:       k.own(cardlayout.Key(master), uid),
	}
}

// checkScheme tells whether cards can be derived and found by the scheme at all.
func (k *Keys) checkScheme() error {
	switch {
	case k.Scheme.AID == [3]byte{}:
		return errors.New("the keys name no application")
	case len(k.Scheme.System) > cardlayout.MaxSystem:
		return fmt.Errorf("the system identifier has %d bytes: at most %d fit a derivation",
			len(k.Scheme.System), cardlayout.MaxSystem)
	}
	return nil
}

// check tells whether cards can be issued with these keys. A key that is not set
// would be known to everybody, and one in two roles would be the same key twice on
// every card.
func (k *Keys) check(tmac bool) error {
	if err := k.checkScheme(); err != nil {
		return err
	}
	roles := map[cardlayout.Key]string{}
	for _, m := range k.masters(tmac) {
		other, twice := roles[m.key]
		switch {
		case m.key == cardlayout.Key{}:
			return fmt.Errorf("the %s key is not set", m.role)
		case twice:
			return fmt.Errorf("the %s key is also the %s key: every role needs its own",
				other, m.role)
		}
		roles[m.key] = m.role
	}
	return nil
}

// A master is a key with the name of its role.
type master struct {
	role string
	key  cardlayout.Key
}

// masters lists the keys that an issuing needs.
func (k *Keys) masters(tmac bool) []master {
	list := []master{
		{"PICC", k.PICC}, {"application master", k.Master}, {"transport", k.Transport},
		{"holder read", k.HolderRead}, {"holder write", k.HolderWrite},
		{"first rights", k.Rights[0]}, {"second rights", k.Rights[1]},
	}
	if k.Holder != nil {
		list = append(list, master{"holder data", *k.Holder})
	}
	if tmac {
		list = append(list, master{"Transaction MAC", k.TMAC})
	}
	return list
}
