//go:build pkcs11

package token

import (
	"errors"
	"fmt"
	"sync"

	"github.com/miekg/pkcs11"
)

// A Token holds keys that do not leave it. Many goroutines may use it; one at a time is served.
type Token struct {
	uri URI
	pin string

	mu      sync.Mutex
	module  *pkcs11.Ctx
	session pkcs11.SessionHandle
	keys    map[string]pkcs11.ObjectHandle // found so far, by label
}

// Open loads the library, finds the token and logs in with its user's PIN. Close undoes that.
func Open(uri URI, pin []byte) (*Token, error) {
	t := &Token{uri: uri, pin: string(pin)}
	if t.module = pkcs11.New(uri.Module); t.module == nil {
		return nil, fmt.Errorf("%w: %s is no PKCS#11 library that can be loaded: install the "+
			"token's, and name it as module-path", ErrToken, uri.Module)
	}
	if err := t.begin(); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Close logs out and unloads the library.
func (t *Token) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.module.CloseSession(t.session) // the token may be unplugged, and its session gone
	_ = t.module.Finalize()
	t.module.Destroy()
	return nil
}

// begin initializes the library, which otherwise does not find a token that was unplugged, and
// opens a session.
func (t *Token) begin() error {
	_ = t.module.Finalize() // of an earlier session, if any
	if err := t.module.Initialize(); err != nil {
		return explain("starting its library", err)
	}
	t.keys = map[string]pkcs11.ObjectHandle{}
	slot, err := t.slot()
	if err != nil {
		return err
	}
	const flags = pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION
	if t.session, err = t.module.OpenSession(slot, flags); err != nil {
		return explain("opening a session", err)
	}
	err = t.module.Login(t.session, pkcs11.CKU_USER, t.pin)
	if err != nil && !is(err, pkcs11.CKR_USER_ALREADY_LOGGED_IN) {
		return explain("logging in", err)
	}
	return nil
}

// slot finds the one token that the URI names.
func (t *Token) slot() (found uint, err error) {
	slots, err := t.module.GetSlotList(true)
	if err != nil {
		return 0, explain("listing tokens", err)
	}
	count := 0
	for _, slot := range slots {
		info, err := t.module.GetTokenInfo(slot)
		if err == nil && (t.uri.Token == "" || info.Label == t.uri.Token) &&
			(t.uri.Serial == "" || info.SerialNumber == t.uri.Serial) {
			found, count = slot, count+1
		}
	}
	switch count {
	case 1:
		return found, nil
	case 0:
		return 0, fmt.Errorf("%w: no token %q is there: plug it in, or name another in the URI",
			ErrToken, t.uri.name())
	}
	return 0, fmt.Errorf("%w: %d tokens are called %q: add the serial number to the URI",
		ErrToken, count, t.uri.name())
}

func (u URI) name() string {
	if u.Token == "" {
		return "serial=" + u.Serial
	}
	return u.Token
}

// CMAC is the AES-CMAC (RFC 4493) of a message under the key with a label.
func (t *Token) CMAC(label string, message []byte) (sum [16]byte, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if sum, err = t.cmac(label, message); err == nil {
		return sum, nil
	}
	if err := t.begin(); err != nil {
		return sum, err
	}
	return t.cmac(label, message)
}

func (t *Token) cmac(label string, message []byte) (sum [16]byte, err error) {
	key, err := t.key(label)
	if err != nil {
		return sum, err
	}
	mechanism := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_CMAC, nil)}
	if err := t.module.SignInit(t.session, mechanism, key); err != nil {
		return sum, explain("computing an AES-CMAC", err)
	}
	mac, err := t.module.Sign(t.session, message)
	if err == nil && len(mac) != len(sum) {
		err = fmt.Errorf("%w: an AES-CMAC of %d bytes", ErrToken, len(mac))
	}
	if err != nil {
		return sum, explain("computing an AES-CMAC", err)
	}
	return [16]byte(mac), nil
}

// key finds a key by its label.
func (t *Token) key(label string) (pkcs11.ObjectHandle, error) {
	if key, known := t.keys[label]; known {
		return key, nil
	}
	found, err := t.find(pkcs11.CKO_SECRET_KEY, label)
	if err != nil {
		return 0, err
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%w: it has %d keys %q: load them again (bench keys token)", ErrToken,
			len(found), label)
	}
	t.keys[label] = found[0]
	return found[0], nil
}

// find finds our objects, with the label unless that is empty.
func (t *Token) find(class uint, label string) ([]pkcs11.ObjectHandle, error) {
	want := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class)}
	if class == pkcs11.CKO_SECRET_KEY {
		want = append(want, pkcs11.NewAttribute(pkcs11.CKA_ID, id))
	} else {
		want = append(want, pkcs11.NewAttribute(pkcs11.CKA_APPLICATION, id))
	}
	if label != "" {
		want = append(want, pkcs11.NewAttribute(pkcs11.CKA_LABEL, label))
	}
	if err := t.module.FindObjectsInit(t.session, want); err != nil {
		return nil, explain("looking for its keys", err)
	}
	defer func() { _ = t.module.FindObjectsFinal(t.session) }()
	found, _, err := t.module.FindObjects(t.session, most)
	if err != nil {
		return nil, explain("looking for its keys", err)
	}
	return found, nil
}

// most is above the number of our keys.
const most = 100

// is reports whether err is a code of PKCS#11.
func is(err error, code uint) bool {
	var answer pkcs11.Error
	return errors.As(err, &answer) && uint(answer) == code
}

// explain says what a code means for maintenance.
func explain(doing string, err error) error {
	var code pkcs11.Error
	if !errors.As(err, &code) {
		return err
	}
	advice, known := advices[uint(code)]
	if !known {
		advice = "look it up in PKCS #11 and in the token's own manual"
	}
	return fmt.Errorf("%w: %s: code %X: %s", ErrToken, doing, uint(code), advice)
}

var advices = map[uint]string{
	pkcs11.CKR_PIN_INCORRECT: "the PIN is wrong: put the right one into its file; after " +
		"too many tries the token locks itself",
	pkcs11.CKR_PIN_LEN_RANGE: "the PIN is too short or too long for this token: put the right " +
		"one into its file",
	pkcs11.CKR_PIN_LOCKED: "the PIN is locked after too many wrong ones: its security officer " +
		"sets a new one",
	pkcs11.CKR_GENERAL_ERROR:          "its library does not work: check its settings",
	pkcs11.CKR_TOKEN_NOT_PRESENT:      removed,
	pkcs11.CKR_DEVICE_REMOVED:         removed,
	pkcs11.CKR_SESSION_HANDLE_INVALID: removed,
	pkcs11.CKR_SLOT_ID_INVALID:        removed,
	pkcs11.CKR_OBJECT_HANDLE_INVALID:  "the key is gone: load the keys again (bench keys token)",
	pkcs11.CKR_KEY_HANDLE_INVALID:     "the key is gone: load the keys again (bench keys token)",
	pkcs11.CKR_MECHANISM_INVALID: "it knows no AES-CMAC (CKM_AES_CMAC): another token, or " +
		"another release of its software, is needed",
	pkcs11.CKR_TOKEN_WRITE_PROTECTED: "it is write-protected: remove the protection and try again",
	pkcs11.CKR_DEVICE_MEMORY:         "it is full: take another token, or clear this one",
}

const removed = "the token was unplugged: plug it in again"
