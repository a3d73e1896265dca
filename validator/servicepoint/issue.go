package servicepoint

import (
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// BlankKeys are the possible keys of a blank card: the DES key of zeros from the factory, and the
// AES key of zeros after Erase.
func BlankKeys() []desfire.Authenticator {
	return []desfire.Authenticator{desfire.DESKey{}, zero}
}

// Issue makes one of our cards out of a blank one, whose own key is one of blanks; they are tried
// in their order. It may be repeated after any error: a partial issuing is deleted and begins
// again, and a card that is finished, just as ordered, is a success. ErrOrder, ErrNotBlank,
// ErrIssued and ErrFull leave the card unchanged, but for the remains of a torn issuing.
func Issue(
	card hw.Card, blanks []desfire.Authenticator, o Order, k oncard.Keys, random io.Reader,
) error {
	err := o.check(&k)
	if err == nil {
		err = issue(card, blanks, o, &k, random)
	}
	if err != nil {
		return fmt.Errorf("issuing the card: %w", err)
	}
	return nil
}

func issue(
	card hw.Card, blanks []desfire.Authenticator, o Order, k *oncard.Keys, random io.Reader,
) error {
	s, err := connect(card)
	if err != nil {
		return err
	}
	i := issuing{session: s, keys: k, own: k.Application(s.UID()), random: random}
	finished, err := i.open(blanks)
	if err != nil {
		return err
	}
	if i.content, err = o.fill(s, k, random); err != nil {
		return err
	}
	if finished {
		return i.compare(card)
	}
	return i.make()
}

// An issuing is the issuing of one card.
type issuing struct {
	session *desfire.Session
	blank   desfire.Authenticator // the key that opened the card
	keys    *oncard.Keys
	own     [oncard.ApplicationKeys]desfire.Key
	random  io.Reader
	content
}

// piccKey is the number of the card's own key in ChangeKey: key 0, of type AES.
const piccKey = 0x80

// zero is the value of every key of a new application.
var zero desfire.Key

// open opens the card with its own key. Ours is tried first, so that a finished card is recognized
// whatever blanks holds.
func (i *issuing) open(blanks []desfire.Authenticator) (finished bool, err error) {
	err = i.session.Authenticate(0, i.keys.Own(i.keys.PICC, i.session.UID()), i.random)
	if err == nil {
		return true, nil
	}
	i.blank, err = unlock(i.session, blanks, err, i.random)
	return false, err
}

// unlock opens a card that has refused our own key with one of the blank keys, and returns that
// key. A card that refuses them all is unknown.
func unlock(
	s *desfire.Session, blanks []desfire.Authenticator, refused error, random io.Reader,
) (desfire.Authenticator, error) {
	for _, blank := range blanks {
		if !errors.Is(refused, desfire.AuthenticationError) {
			return nil, refused
		}
		if refused = s.Authenticate(0, blank, random); refused == nil {
			return blank, nil
		}
	}
	if errors.Is(refused, desfire.AuthenticationError) {
		refused = fmt.Errorf("%w: %w", ErrNotBlank, refused)
	}
	return nil, refused
}

// make makes all changes of the card, in this order. Until the last step the card has its blank
// key; with the last it is finished.
func (i *issuing) make() error {
	for _, step := range []func() error{
		i.freeMemory,
		i.createApplication,
		i.createFiles,
		i.writeApplication,
		i.changeKeys,
		i.fillHistory,
		i.writeTravel,
		i.writeHolder,
		i.createTMAC,
		i.changeMaster,
		i.changePICC,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (i *issuing) createApplication() error {
	err := i.session.CreateApplication(i.keys.Scheme.AID, i.order.Profile.settings(),
		oncard.ApplicationKeys)
	if err != nil {
		return err
	}
	if err := i.session.Select(i.keys.Scheme.AID); err != nil {
		return err
	}
	if err := i.session.Authenticate(oncard.MasterKey, zero, i.random); err != nil {
		return err
	}
	return oncard.CheckGeneration(i.session, i.order.Card.Generation)
}

// selectCard returns to card level with the blank key.
func (i *issuing) selectCard() error {
	if err := i.session.Select(desfire.AID{}); err != nil {
		return err
	}
	return i.session.Authenticate(0, i.blank, i.random)
}

func (i *issuing) createFiles() error {
	for _, f := range filesOf(i.order.Card.Layout) {
		if err := f.create(i.session, f.layout(i.order.Profile)); err != nil {
			return err
		}
	}
	return nil
}

// writeApplication writes the one file that only the master may write.
func (i *issuing) writeApplication() error {
	return i.write(cardlayout.FileApplication, i.application[:])
}

// changeKeys changes the keys of the card but for the master's, which the session still needs.
func (i *issuing) changeKeys() error {
	for no := byte(oncard.MasterKey + 1); no < oncard.ApplicationKeys; no++ {
		if err := i.session.ChangeKey(no, &zero, i.own[no], i.keys.Version); err != nil {
			return err
		}
	}
	return nil
}

// fillHistory writes records of zeros, one in each transaction, because reading an empty record
// file is an error. The last of the seven is written with the travel files.
func (i *issuing) fillHistory() error {
	if err := i.authenticateWith(oncard.TransportKey); err != nil {
		return err
	}
	for range cardlayout.HistoryRecords - 2 {
		if err := i.record([cardlayout.RecordSize]byte{}); err != nil {
			return err
		}
		if err := i.commit(); err != nil {
			return err
		}
	}
	return nil
}

// writeTravel writes the travel files, and the event of the card if the order has one.
func (i *issuing) writeTravel() error {
	for _, f := range filesOf(i.order.Card.Layout) {
		if f.rights != travelRights || f.no == cardlayout.FileHistory {
			continue
		}
		if err := i.write(f.no, i.image.File(f.no)); err != nil {
			return err
		}
	}
	if err := i.record(i.image.Record); err != nil {
		return err
	}
	return i.commit()
}

// writeHolder leaves file 9 at zeros if there is no holder.
func (i *issuing) writeHolder() error {
	if i.order.Holder == nil {
		return nil
	}
	if err := i.authenticateWith(oncard.HolderWriteKey); err != nil {
		return err
	}
	if err := i.write(cardlayout.FileHolder, i.holder[:]); err != nil {
		return err
	}
	return i.commit()
}

func (i *issuing) createTMAC() error {
	if err := i.session.Reauthenticate(oncard.MasterKey, zero, i.random); err != nil {
		return err
	}
	if !i.order.Card.TransactionMAC {
		return nil
	}
	f := file{no: cardlayout.FileTMAC, rights: tmacRights}
	return i.session.CreateTransactionMACFile(f.layout(i.order.Profile),
		i.keys.Own(i.keys.TMAC, i.session.UID()), i.keys.Version)
}

func (i *issuing) changeMaster() error {
	return changeOwn(i.session, oncard.MasterKey, oncard.MasterKey, i.own[oncard.MasterKey],
		i.keys.Version, i.random)
}

func (i *issuing) changePICC() error {
	err := i.selectCard()
	if err == nil {
		own := i.keys.Own(i.keys.PICC, i.session.UID())
		err = changeOwn(i.session, piccKey, 0, own, i.keys.Version, i.random)
	}
	if err != nil {
		return fmt.Errorf("giving the card its own key: %w", err)
	}
	return nil
}

// changeOwn changes the key of the session. The answer carries no MAC, so the card must prove the
// new key.
func changeOwn(
	s *desfire.Session, number, keyNo byte, next desfire.Key, version byte, random io.Reader,
) error {
	if err := s.ChangeKey(number, nil, next, version); err != nil {
		return err
	}
	return s.Authenticate(keyNo, next, random)
}

// authenticateWith continues under another of the card's new keys.
func (i *issuing) authenticateWith(key byte) error {
	return i.session.Reauthenticate(key, i.own[key], i.random)
}

func (i *issuing) write(file byte, data []byte) error {
	return i.session.Write(file, i.order.Profile.mode(file), 0, data)
}

func (i *issuing) record(r [cardlayout.RecordSize]byte) error {
	const file = cardlayout.FileHistory
	return i.session.WriteRecord(file, i.order.Profile.mode(file), r[:])
}

func (i *issuing) commit() error {
	_, err := i.session.Commit(false) // there is no Transaction MAC file yet
	return err
}
