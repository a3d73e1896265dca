package servicepoint

import (
	"errors"
	"fmt"

	"leima/cardlayout"
	"leima/validator/oncard"
)

// checkScheme checks that the scheme can derive keys and find cards.
func checkScheme(k *oncard.Keys) error {
	switch {
	case k.Scheme.AID == [3]byte{}:
		return errors.New("the keys name no application")
	case len(k.Scheme.System) > cardlayout.MaxSystem:
		return fmt.Errorf("the system identifier has %d bytes: at most %d fit a derivation",
			len(k.Scheme.System), cardlayout.MaxSystem)
	}
	return nil
}

// checkKeys checks that cards can be issued with these keys. A key that is not set would be public,
// and one in two roles would be the same key twice on every card.
func checkKeys(k *oncard.Keys, tmac bool) error {
	if err := checkScheme(k); err != nil {
		return err
	}
	roles := map[cardlayout.Key]string{}
	for _, m := range masters(k, tmac) {
		other, twice := roles[m.key]
		switch {
		case m.key == cardlayout.Key{}:
			return fmt.Errorf("the %s key is not set: want the issuer's key file, which has it",
				m.role)
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
func masters(k *oncard.Keys, tmac bool) []master {
	list := []master{
		{"PICC", k.PICC},
		{"application master", k.Master},
		{"transport", k.Transport},
		{"holder read", k.HolderRead},
		{"holder write", k.HolderWrite},
		{"first rights", k.Rights[0]},
		{"second rights", k.Rights[1]},
	}
	if k.Holder != nil {
		list = append(list, master{"holder data", *k.Holder})
	}
	if tmac {
		list = append(list, master{"Transaction MAC", k.TMAC})
	}
	return list
}
