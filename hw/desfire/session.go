package desfire

import (
	"errors"
	"fmt"
	"io"

	"leima/hw"
)

// UID is the seven-byte serial number of a card.
type UID [7]byte

// AID is an application identifier in wire order.
type AID [3]byte

// App is the application that a validator opens, with its key.
type App struct {
	AID AID
	Key byte // the key's number

	// Keys returns the key for a card, the current generation first. The next is tried if the card
	// refuses it.
	Keys func(UID) []Authenticator
}

// A Session is a conversation with one card. It lives for one tap: after an error it has ended, and
// every later call returns that error and sends nothing, until Select or Authenticate begins again.
// It is not for two goroutines.
type Session struct {
	card      hw.Card
	uid       UID
	secure    secureMessaging       // nil before authentication
	ended     error                 // the error that ended the session
	isDESFire bool                  // the card has answered as a DESFire card does
	unknown   Method                // the method that the card has refused as unknown
	reopen    func(io.Reader) error // proves the key of the last authentication; prints no key
	apdu      []byte                // under construction; hw.Card may not keep it
	chained   []byte                // an answer that came in several frames
	text      []byte                // a command under construction
	tmi       []byte                // the Transaction MAC input so far
}

// Connect asks the reader for the card's serial number and starts a session on
// card level, without a key.
func Connect(card hw.Card) (*Session, error) {
	s := &Session{card: card, apdu: make([]byte, 0, 300), tmi: make([]byte, 0, 512)}
	answer, err := card.Transmit([]byte{0xFF, 0xCA, 0x00, 0x00, 0x00}) // PC/SC part 3, GET DATA
	if err != nil {
		return nil, fmt.Errorf("asking the card's serial number: %w", err)
	}
	if err := s.readUID(answer); err != nil {
		return nil, fmt.Errorf("asking the card's serial number: %w", err)
	}
	return s, nil
}

// readUID takes the serial number from the reader's answer. A number of another length, or a
// refusal, means that the card is of another kind; any other answer was damaged, or reports that
// the card has left.
func (s *Session) readUID(answer []byte) error {
	end := len(answer) - 2
	switch {
	case end < 0:
		return hw.ErrRemoved
	case end == len(s.uid) && answer[end] == 0x90 && answer[end+1] == 0x00:
		copy(s.uid[:], answer)
		return nil
	case answer[end] == 0x90, end == 0 && refuses(answer[end]):
		return ErrNotDESFire
	}
	return fmt.Errorf("%w: it ends in %02X%02X", ErrAnswer, answer[end], answer[end+1])
}

// refuses reports whether a status word with this first byte is that of a card that does not know
// the command: 67 to 6E, or its own from 90 on (ISO/IEC 7816-4, 5.1.3). 61 announces an answer of
// another kind. 62 to 66 and 6F mean a failure, and readers use them for a failed exchange: 6300
// and 637F of an ACR122U (its API manual: the operation or the contactless command has failed),
// 6400 and 6401 of any (PC/SC part 3: no answer, or the card is mute), 6F01 of an H663 (its
// reference manual, annex A).
func refuses(sw1 byte) bool {
	return sw1 == 0x61 || sw1 >= 0x67 && sw1 <= 0x6E || sw1>>4 == 9
}

// Open connects to the card, selects the application and proves its key. The random source must not
// repeat itself.
//
// A card that loses its power for a moment, unnoticed by the reader, has no application selected
// any more: it then answers for its own keys. So its answer that it does not know the key, or the
// method, counts only when repeated.
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

// UID returns the serial number that the reader has given.
func (s *Session) UID() UID { return s.uid }

// Select selects an application, or the card itself with the zero AID. It ends the authentication
// and drops uncommitted writes.
func (s *Session) Select(aid AID) error {
	s.forget()
	c := command{code: CodeSelectApplication, header: aid[:], mode: Plain}
	if err := s.execute(c); err != nil {
		return fmt.Errorf("selecting application %X: %w", aid, err)
	}
	return nil
}

// EV2 reports whether the session is under EV2 messaging. It is with an AES key on a card of EV2 or
// later.
func (s *Session) EV2() bool {
	_, is := s.secure.(*ev2)
	return is
}

// forget drops authentication, error and Transaction MAC input.
func (s *Session) forget() { s.secure, s.ended, s.tmi = nil, nil, s.tmi[:0] }
