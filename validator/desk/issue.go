package desk

import (
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// Blanks are the keys that a blank card may have: the DES key of zeros from the factory,
// and the AES key of zeros that Erase leaves.
func Blanks() []desfire.Authenticator {
	return []desfire.Authenticator{desfire.DESKey{}, zero}
}

// Issue makes a card of ours out of a blank one, whose own key is one of blanks; they
// are tried in their order. It may be repeated after any error: what was begun is
// deleted and begun again, and a card that turns out to be finished, just as ordered, is
// a success. ErrOrder, ErrNotBlank and ErrIssued leave the card as it was.
func Issue(
	card hw.Card, blanks []desfire.Authenticator, o Order, k Keys, random io.Reader,
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
	card hw.Card, blanks []desfire.Authenticator, o Order, k *Keys, random io.Reader,
) error {
	s, err := connect(card)
	if err != nil {
		return err
	}
	i := issuing{session: s, keys: k, own: k.application(s.UID()), random: random}
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

// An issuing is one card being made.
type issuing struct {
	session *desfire.Session
	blank   desfire.Authenticator // the one that opened the card
	keys    *Keys
	own     [appKeys]desfire.Key
	random  io.Reader
	content
}

// piccKey is the number of the card's own key for ChangeKey: key 0, to be of type AES.
const piccKey = 0x80

// zero is every key of an application that was just created.
var zero desfire.Key

// open opens the card with its own key. Ours is tried first, so that a finished card
// is known for one whatever the caller takes for blank.
func (i *issuing) open(blanks []desfire.Authenticator) (finished bool, err error) {
	err = i.session.Authenticate(0, i.keys.own(i.keys.PICC, i.session.UID()), i.random)
	if err == nil {
		return true, nil
	}
	i.blank, err = unlock(i.session, blanks, err, i.random)
	return false, err
}

// unlock opens a card that has refused our own key with one of those of a blank card, and
// tells with which. A card that refuses them all is none that we know.
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

// make does everything that changes the card, in this order. Until the last step the
// card has its blank key; with the last it is finished.
func (i *issuing) make() error {
	for _, step := range []func() error{
		i.createApplication,
		i.createFiles,
		i.tellApplication,
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
	err := i.newApplication()
	if errors.Is(err, desfire.DuplicateError) { // left behind by a torn issuing
		if err = i.clear(); err == nil {
			err = i.newApplication()
		}
	}
	if err != nil {
		return err
	}
	if err := i.session.Select(i.keys.Scheme.AID); err != nil {
		return err
	}
	if err := i.session.Authenticate(keyMaster, zero, i.random); err != nil {
		return err
	}
	return validator.CheckSpoken(i.session, i.order.Card.Generation)
}

func (i *issuing) newApplication() error {
	return i.session.CreateApplication(i.keys.Scheme.AID, i.order.Profile.settings(), appKeys)
}

// clear deletes the application of a card that is not finished, and no other. Where
// there is no other the card is formatted: an EV1 gives the memory of what was deleted
// back only then (stackoverflow.com/q/25370148), and would be full after a few tears.
func (i *issuing) clear() error {
	if err := i.atCard(); err != nil {
		return err
	}
	all, err := i.session.ApplicationIDs()
	if err != nil {
		return err
	}
	if len(all) == 1 {
		err := i.session.Format()
		if !errors.Is(err, desfire.PermissionDenied) {
			return err
		}
		if err := i.atCard(); err != nil { // its format was disabled for ever
			return err
		}
	}
	return i.session.DeleteApplication(i.keys.Scheme.AID)
}

// atCard goes back to card level with the blank key.
func (i *issuing) atCard() error {
	if err := i.session.Select(desfire.AID{}); err != nil {
		return err
	}
	return i.session.Authenticate(0, i.blank, i.random)
}

func (i *issuing) createFiles() error {
	for _, f := range files {
		if err := f.create(i.session, f.layout(i.order.Profile)); err != nil {
			return err
		}
	}
	return nil
}

// tellApplication writes the one file that nobody but the master ever writes.
func (i *issuing) tellApplication() error {
	return i.write(cardlayout.FileApplication, i.application[:])
}

// changeKeys gives the card its keys but the master's, which the session still needs.
func (i *issuing) changeKeys() error {
	for no := byte(keyMaster + 1); no < appKeys; no++ {
		if err := i.session.ChangeKey(no, &zero, i.own[no], i.keys.Version); err != nil {
			return err
		}
	}
	return nil
}

// fillHistory writes records of zeros, one in each transaction, because reading an
// empty record file is an error. The last of the seven comes with the travel files.
func (i *issuing) fillHistory() error {
	if err := i.with(keyTransport); err != nil {
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

// writeTravel writes what travel needs, and the event of the card if it is ordered
// with one.
func (i *issuing) writeTravel() error {
	for _, f := range []struct {
		no   byte
		data []byte
	}{
		{cardlayout.FileControl, i.image.Control[:]},
		{cardlayout.FileSeasons, i.image.Seasons[:]},
		{cardlayout.FileValue, i.image.Value[:]},
		{cardlayout.FileTicket, i.image.Ticket[:]},
		{cardlayout.FileState, i.image.State[:]},
		{cardlayout.FileRights, i.image.Rights[:]},
	} {
		if err := i.write(f.no, f.data); err != nil {
			return err
		}
	}
	if err := i.record(i.image.Record); err != nil {
		return err
	}
	return i.commit()
}

// writeHolder leaves file 9 as it is, zeros, where there is no holder.
func (i *issuing) writeHolder() error {
	if i.order.Holder == nil {
		return nil
	}
	if err := i.with(keyHolderWrite); err != nil {
		return err
	}
	if err := i.write(cardlayout.FileHolder, i.holder[:]); err != nil {
		return err
	}
	return i.commit()
}

func (i *issuing) createTMAC() error {
	if err := i.session.Reauthenticate(keyMaster, zero, i.random); err != nil {
		return err
	}
	if !i.order.Card.TransactionMAC {
		return nil
	}
	f := file{no: cardlayout.FileTMAC, rights: signed}
	return i.session.CreateTransactionMACFile(f.layout(i.order.Profile),
		i.keys.own(i.keys.TMAC, i.session.UID()), i.keys.Version)
}

func (i *issuing) changeMaster() error {
	return changeOwn(i.session, keyMaster, keyMaster, i.own[keyMaster], i.keys.Version, i.random)
}

func (i *issuing) changePICC() error {
	err := i.atCard()
	if err == nil {
		own := i.keys.own(i.keys.PICC, i.session.UID())
		err = changeOwn(i.session, piccKey, 0, own, i.keys.Version, i.random)
	}
	if err != nil {
		return fmt.Errorf("giving the card its own key: %w", err)
	}
	return nil
}

// changeOwn changes the key the session is authenticated with. The answer to that
// carries no MAC, so the new key is believed only when the card has proved it.
func changeOwn(
	s *desfire.Session, number, keyNo byte, next desfire.Key, version byte, random io.Reader,
) error {
	if err := s.ChangeKey(number, nil, next, version); err != nil {
		return err
	}
	return s.Authenticate(keyNo, next, random)
}

// with goes on under another of the card's new keys.
func (i *issuing) with(key byte) error {
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
