package cardlayout

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A Holder holds the personal data that the terms allow on a card. It is in file 9, sealed
// under a key that is on no bus. A bearer card has none.
type Holder struct {
	_ struct{} `cbor:",toarray"`

	Name         string // at most 80 bytes
	IdentityCode string // henkilötunnus
	Municipality uint16 // of residence, the official code
	Sex          uint8  // ISO/IEC 5218
	UserGroup    string
	Company      string // the Y-tunnus on a company card
}

const (
	nonceSize  = 12
	tagSize    = 16
	holderRoom = HolderSize - nonceSize - tagSize
)

// ErrNoHolderKey means that this device has no holder key. A bus never has it.
var ErrNoHolderKey = errors.New("the holder key is not on this device")

// SealHolder makes file 9. The nonce may be random, because the file is rewritten only at a service
// point and never in a torn tap.
func SealHolder(h Holder, uid UID, number Number, keys Keys, random io.Reader) (
	sealed [HolderSize]byte, err error,
) {
	aead, err := keys.holder(uid)
	if err != nil {
		return sealed, err
	}
	plain := make([]byte, holderRoom)
	if err := pack(plain, &h); err != nil {
		return sealed, inFile(FileHolder, err)
	}
	nonce := sealed[:nonceSize]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return sealed, fmt.Errorf("drawing a nonce: %w", err)
	}
	aead.Seal(sealed[:nonceSize], nonce, plain, holderName(uid, number))
	return sealed, nil
}

// OpenHolder opens file 9. ErrForged: it was not sealed for this card and number.
func OpenHolder(sealed [HolderSize]byte, uid UID, number Number, keys Keys) (Holder, error) {
	var h Holder
	aead, err := keys.holder(uid)
	if err != nil {
		return h, err
	}
	plain, err := aead.Open(nil, sealed[:nonceSize], sealed[nonceSize:], holderName(uid, number))
	if err != nil {
		return h, inFile(FileHolder, ErrForged)
	}
	if _, err := decMode.UnmarshalFirst(plain, &h); err != nil {
		return Holder{}, inFile(FileHolder, ErrMalformed)
	}
	err = checkCanonical(plain, func(p []byte) error { return pack(p, &h) })
	return h, inFile(FileHolder, err)
}

// holderName binds the file to its card: on another card it does not open.
func holderName(uid UID, number Number) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(nil), uid[:]...), uint64(number))
}

func (k Keys) holder(uid UID) (cipher.AEAD, error) {
	if k.Holder == nil {
		return nil, ErrNoHolderKey
	}
	key := k.Scheme.Diversify(*k.Holder, uid)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// PackApplication writes file 8.
func PackApplication(a Application) (p [ApplicationSize]byte, err error) {
	err = inFile(FileApplication, public(p[:], true, a.file))
	return p, err
}

// UnpackApplication reads file 8.
func UnpackApplication(p [ApplicationSize]byte) (a Application, err error) {
	err = inFile(FileApplication, public(p[:], false, a.file))
	return a, err
}

// UnpackRecord reads one record of file 4.
func UnpackRecord(p [RecordSize]byte) (r Record, err error) {
	err = inFile(FileHistory, public(p[:], false, r.file))
	return r, err
}

// UnpackSeasonBoarding reads the last boarding of file 1, its last bytes.
func UnpackSeasonBoarding(p [SeasonsSize - SeasonBoardingAt]byte) (v Boarding, err error) {
	err = inFile(FileSeasons, public(p[:], false, v.public))
	return v, err
}

// UnpackTicket reads file 3.
func UnpackTicket(p [TicketSize]byte) (t Ticket, err error) {
	err = inFile(FileTicket, public(p[:], false, t.file))
	return t, err
}
