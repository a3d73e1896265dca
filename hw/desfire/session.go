package desfire

import (
	"errors"
	"fmt"
	"io"

	"leima/hw"
)

// UID is the seven-byte serial number a card is known by on the air.
type UID [7]byte

// AID is an application identifier in wire order.
type AID [3]byte

// App names the application a validator opens and the key it opens it with.
type App struct {
	AID AID
	Key byte // the key's number

	// Keys returns the key for a card, the current generation first. An older
	// one is tried when the card refuses the one before.
	Keys func(UID) []Authenticator
}

// A Session is a conversation with one card. It lives for one tap: after an
// error it is over, and every later call says so and sends nothing, until Select
// or Authenticate begins anew. It is not for two goroutines.
type Session struct {
	card    hw.Card
	uid     UID
	secure  messaging // nil until authenticated
	over    error     // what ended the session
	spoken  bool      // the card has answered as a DESFire card does
	unknown Method    // the card has said that it does not know this one
	apdu    []byte    // under construction; hw.Card may not keep it
	chained []byte    // an answer that came in several frames
	text    []byte    // a command under construction
	signed  []byte    // the Transaction MAC input so far
}

// Connect asks the reader for the card's serial number and starts a session on
// card level, without a key.
func Connect(card hw.Card) (*Session, error) {
	s := &Session{card: card, apdu: make([]byte, 0, 300), signed: make([]byte, 0, 512)}
	answer, err := card.Transmit([]byte{0xFF, 0xCA, 0x00, 0x00, 0x00}) // PC/SC part 3, GET DATA
	if err != nil {
		return nil, fmt.Errorf("asking the card's serial number: %w", err)
	}
	if err := s.number(answer); err != nil {
		return nil, fmt.Errorf("asking the card's serial number: %w", err)
	}
	return s, nil
}

// number takes the serial number from the reader's answer. A number of another length
// and a refusal are a card that is none of ours; anything else was torn on its way.
func (s *Session) number(answer []byte) error {
	end := len(answer) - 2
	switch {
	case end < 0:
		return hw.ErrRemoved
	case end == len(s.uid) && answer[end] == 0x90 && answer[end+1] == 0x00:
		copy(s.uid[:], answer)
		return nil
	case answer[end] == 0x90, end == 0 && isStatus(answer[end]):
		return ErrNotDESFire
	}
	return fmt.Errorf("%w: it ends in %02X%02X", ErrAnswer, answer[end], answer[end+1])
}

// isStatus tells whether a byte can begin a status word (ISO/IEC 7816-4, 5.1.3).
func isStatus(sw1 byte) bool { return sw1>>4 == 6 || sw1>>4 == 9 }

// Open connects to the card, selects the application and proves its key. The
// random source must not repeat itself.
//
// A card that loses its power for a moment, which no reader notices, has nothing selected
// any more: the keys it then speaks of are its own. So that it does not know the key, or
// no way to prove it, is believed only when it says so twice.
func Open(card hw.Card, app App, random io.Reader) (*Session, error) {
	s, err := open(card, app, random)
	if errors.Is(err, NoSuchKey) || errors.Is(err, IllegalCommand) {
		s, err = open(card, app, random)
	}
	return s, err
}

func open(card hw.Card, app App, random io.Reader) (*Session, error) {
	s, err := Connect(card)
	if err != nil {
		return nil, err
	}
	if err := s.Select(app.AID); err != nil {
		return nil, err
	}
	err = fmt.Errorf("opening the application: %w: no key is known for it", ErrSession)
	for _, key := range app.Keys(s.uid) {
		err = s.Authenticate(app.Key, key, random)
		if !errors.Is(err, AuthenticationError) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// UID returns the serial number the reader gave.
func (s *Session) UID() UID { return s.uid }

// Select selects an application, or the card itself with the zero AID. It ends
// what was authenticated and drops what was not committed.
func (s *Session) Select(aid AID) error {
	s.forget()
	c := command{code: CodeSelectApplication, header: aid[:], mode: Plain}
	if err := s.order(c); err != nil {
		return fmt.Errorf("selecting application %X: %w", aid, err)
	}
	return nil
}

// EV2 tells whether the session is under EV2 messaging, as every one is that was begun
// with an AES key on a card of that generation or later.
func (s *Session) EV2() bool {
	_, is := s.secure.(*ev2)
	return is
}

// forget begins anew.
func (s *Session) forget() { s.secure, s.over, s.signed = nil, nil, s.signed[:0] }
