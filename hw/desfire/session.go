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
	secure  *messaging // nil until authenticated
	over    error      // what ended the session
	spoken  bool       // the card has answered as a DESFire card does
	command []byte     // the APDU under construction, which hw.Card may not keep
	chained []byte     // an answer that came in several frames
	scratch []byte     // a command's data under construction
	signed  []byte     // the Transaction MAC input so far
}

// Connect asks the reader for the card's serial number and starts a session on
// card level, without a key.
func Connect(card hw.Card) (*Session, error) {
	s := &Session{card: card, command: make([]byte, 0, 300), signed: make([]byte, 0, 512)}
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
func Open(card hw.Card, app App, random io.Reader) (*Session, error) {
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
	s.secure, s.over, s.signed = nil, nil, s.signed[:0]
	if err := s.order(0x5A, aid[:], nil, Plain); err != nil {
		return fmt.Errorf("selecting application %X: %w", aid, err)
	}
	return nil
}

// Authenticate proves key keyNo of the selected application and starts secure
// messaging (AuthenticateEV2First). A wrong key ends in AuthenticationError, a
// card that does not know it in ErrForged.
func (s *Session) Authenticate(keyNo byte, key Authenticator, random io.Reader) error {
	s.secure, s.over, s.signed = nil, nil, s.signed[:0]
	keys, err := s.prove(0x71, []byte{keyNo, 0x00}, 32, key, random) // no PCD capabilities
	if err != nil {
		return fmt.Errorf("authenticating with key %d: %w", keyNo, s.end(err))
	}
	s.secure = newMessaging(keys)
	return nil
}

// Reauthenticate proves another key inside the running session and keeps its
// counter and its uncommitted writes (AuthenticateEV2NonFirst).
func (s *Session) Reauthenticate(keyNo byte, key Authenticator, random io.Reader) error {
	if err := s.alive(MAC); err != nil {
		return fmt.Errorf("authenticating with key %d: %w", keyNo, err)
	}
	keys, err := s.prove(0x77, []byte{keyNo}, 16, key, random)
	if err != nil {
		return fmt.Errorf("authenticating with key %d: %w", keyNo, s.end(err))
	}
	s.secure.rekey(keys)
	return nil
}

// prove runs the two steps of an EV2 authentication, which are sent in plain also
// within a session; size is the length of the card's own proof. After an error
// the two sides do not agree any more, even if nothing was sent.
func (s *Session) prove(ins byte, ask []byte, size int, key Authenticator, random io.Reader) (
	keys SessionKeys, err error,
) {
	var challenge, rndA [16]byte
	if _, err := io.ReadFull(random, rndA[:]); err != nil {
		return keys, fmt.Errorf("drawing a random number: %w", err)
	}
	if err := s.step(ins, ask, AdditionalFrame, challenge[:]); err != nil {
		return keys, err
	}
	handshake, err := key.Start(challenge, rndA)
	if err != nil {
		return keys, fmt.Errorf("using the key: %w", err)
	}
	proof := handshake.Proof()
	answer := make([]byte, size)
	if err := s.step(byte(AdditionalFrame), proof[:], OK, answer); err != nil {
		return keys, err
	}
	return handshake.Finish(answer)
}

// step is one exchange of an authentication: it wants just this status and just
// this many bytes.
func (s *Session) step(ins byte, data []byte, want Status, into []byte) error {
	answer, status, err := s.transmit(ins, data)
	if err != nil {
		return err
	}
	if status != want {
		return unexpected(status)
	}
	if len(answer) != len(into) {
		return fmt.Errorf("%w: %d bytes, not %d", ErrAnswer, len(answer), len(into))
	}
	copy(into, answer)
	return nil
}

// unexpected turns a status that should not have come into an error: success out
// of place is a damaged answer.
func unexpected(status Status) error {
	if status == OK || status == AdditionalFrame {
		return fmt.Errorf("%w: status %02X out of place", ErrAnswer, byte(status))
	}
	return status
}

// send runs one command under the session's protection and returns its data,
// which is valid until the next command.
func (s *Session) send(ins byte, header, data []byte, mode Mode) ([]byte, error) {
	answer, err := s.exchange(ins, header, data, mode)
	if err != nil {
		return nil, err
	}
	return s.open(mode, answer)
}

// order runs a command of which nothing is expected but success.
func (s *Session) order(ins byte, header, data []byte, mode Mode) error {
	answer, err := s.send(ins, header, data, mode)
	if err == nil && len(answer) != 0 {
		err = s.end(fmt.Errorf("%w: %d bytes, not none", ErrAnswer, len(answer)))
	}
	return err
}

// alive says why nothing can be sent in this mode.
func (s *Session) alive(mode Mode) error {
	if s.over != nil {
		return fmt.Errorf("%w: %w", ErrSession, s.over)
	}
	if s.secure == nil && mode != Plain {
		return ErrSession
	}
	return nil
}

// exchange sends a command and returns its answer as it came.
func (s *Session) exchange(ins byte, header, data []byte, mode Mode) ([]byte, error) {
	if err := s.alive(mode); err != nil {
		return nil, err
	}
	answer, status, err := s.transmit(ins, s.sealed(ins, header, data, mode))
	s.chained = s.chained[:0]
	for frames := 0; err == nil && status == AdditionalFrame; frames++ {
		s.chained = append(s.chained, answer...)
		if frames == maxFrames {
			return nil, s.end(fmt.Errorf("%w: it does not come to an end", ErrAnswer))
		}
		answer, status, err = s.transmit(byte(AdditionalFrame), nil)
	}
	if err != nil {
		return nil, s.end(err)
	}
	if status != OK {
		return nil, s.end(unexpected(status))
	}
	if len(s.chained) > 0 {
		answer = append(s.chained, answer...)
	}
	return answer, nil
}

// maxFrames bounds a chained answer: 32 frames hold more than any file of ours.
const maxFrames = 32

func (s *Session) sealed(ins byte, header, data []byte, mode Mode) []byte {
	s.scratch = s.scratch[:0]
	if s.secure == nil {
		return append(append(s.scratch, header...), data...)
	}
	s.scratch = s.secure.seal(s.scratch, mode, ins, header, data)
	return s.scratch
}

func (s *Session) open(mode Mode, answer []byte) ([]byte, error) {
	if s.secure == nil {
		return answer, nil
	}
	data, err := s.secure.open(mode, answer)
	if err != nil {
		return nil, s.end(err)
	}
	return data, nil
}

// end ends the session: an error status has dropped the card's side of it, and
// after any other error the counters no longer agree.
func (s *Session) end(err error) error {
	s.over = err
	return err
}

// transmit wraps one native command into an APDU, sends it, and parts the answer
// from its status.
func (s *Session) transmit(ins byte, data []byte) ([]byte, Status, error) {
	if len(data) > 255 {
		return nil, 0, fmt.Errorf("command %02X: %d bytes do not fit one APDU", ins, len(data))
	}
	s.command = append(s.command[:0], 0x90, ins, 0x00, 0x00)
	if len(data) > 0 {
		s.command = append(s.command, byte(len(data)))
		s.command = append(s.command, data...)
	}
	s.command = append(s.command, 0x00)
	answer, err := s.card.Transmit(s.command)
	if err != nil {
		return nil, 0, fmt.Errorf("command %02X: %w", ins, err)
	}
	end := len(answer) - 2
	switch {
	case end < 0: // a card pulled away in mid-answer may look like this (PC/SC)
		return nil, 0, fmt.Errorf("command %02X: %w", ins, hw.ErrRemoved)
	case answer[end] != 0x91:
		return nil, 0, fmt.Errorf("command %02X: %w: status word %02X%02X",
			ins, s.foreign(answer), answer[end], answer[end+1])
	}
	s.spoken = true
	return answer[:end], Status(answer[end+1]), nil
}

// foreign is the error for an answer that is not DESFire's. Only a card that has not
// spoken DESFire before, and answers with a bare status word, is another kind of card;
// from any other an answer was damaged on its way.
func (s *Session) foreign(answer []byte) error {
	if s.spoken || len(answer) != 2 || !isStatus(answer[0]) {
		return ErrAnswer
	}
	return ErrNotDESFire
}
