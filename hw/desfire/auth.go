package desfire

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
)

// A Method is a way in which card and reader prove a key to each other. Its value is
// the code of the command.
type Method byte

// The methods, the oldest first. EV2NonFirst goes on within a session of EV2First.
const (
	D40         Method = 0x0A // Authenticate: DES and 2K3DES
	ISO         Method = 0x1A // AuthenticateISO: DES, 2K3DES and 3K3DES
	AES         Method = 0xAA // AuthenticateAES
	EV2First    Method = 0x71 // AuthenticateEV2First: AES
	EV2NonFirst Method = 0x77 // AuthenticateEV2NonFirst: AES
)

// An Authenticator holds one key of a card, perhaps in a place that never gives it
// away: a file today, a secure access module or a token later. For our own cards it is
// an AES key, and proves it by EV2First, EV2NonFirst and AES.
type Authenticator interface {
	// Methods are the ways in which a session with the key may begin, the best first.
	// The next is tried when the card does not know the one before, which it says to the
	// first step.
	Methods() []Method

	// Start answers the card's enciphered challenge E(K, RndB), of 16 bytes or, with a
	// DES or 2K3DES key, 8, with our own random number RndA. Of its 16 bytes as many
	// count as the challenge has. An error means that the key cannot be used at all; a
	// wrong key shows only in the card's refusal.
	Start(m Method, challenge, rndA []byte) (Handshake, error)
}

// A Handshake is one authentication under way. It keeps nothing of what it is given.
type Handshake interface {
	// Proof is E(K, RndA ‖ RndB rotated left by a byte).
	Proof() []byte

	// Finish checks the card's own proof, E(K, RndA rotated), as long as the challenge,
	// and returns the keys of the session. EV2First answers E(K, TI ‖ RndA rotated ‖
	// capabilities), 32 bytes. ErrForged: the card does not hold the key.
	Finish(answer []byte) (SessionKeys, error)
}

// SessionKeys are what an authentication leaves behind. They die with the session;
// they must not be logged.
type SessionKeys struct {
	Enc, MAC Key     // after AES they are the same
	TI       [4]byte // after EV2First
	DES      DESKey  // after ISO and D40, instead of the others
}

// cipher is that of a session with one key.
func (k SessionKeys) cipher(m Method) cipher.Block {
	if m == AES {
		return k.Enc.cipher()
	}
	return k.DES.cipher()
}

// messaging is what begins with these keys.
func (m Method) messaging(keys SessionKeys) messaging {
	switch m {
	case EV2First:
		return newEV2(keys)
	case D40:
		return newD40(keys)
	}
	return newEV1(m, keys)
}

// challenges tells whether a challenge of the method may have so many bytes.
func (m Method) challenges(size int) bool {
	switch m {
	case D40:
		return size == 8
	case ISO:
		return size == 8 || size == 16
	}
	return size == 16
}

// Authenticate proves key keyNo of the selected application, or of the card itself,
// and starts secure messaging: that of EV2 if both card and key know it. A wrong key
// ends in AuthenticationError, a card that does not know it in ErrForged.
func (s *Session) Authenticate(keyNo byte, key Authenticator, random io.Reader) error {
	s.forget()
	err := error(IllegalCommand)
	for _, m := range key.Methods() {
		if m == s.unknown {
			continue
		}
		var keys SessionKeys
		if keys, err = s.prove(m, keyNo, key, random); err == nil {
			s.secure = m.messaging(keys)
			return nil
		}
		if !errors.Is(err, IllegalCommand) {
			break
		}
		s.unknown = m
	}
	return fmt.Errorf("authenticating with key %d: %w", keyNo, s.end(err))
}

// Reauthenticate proves another key inside the running session and keeps what was
// written and not committed; under EV2 also the counter and the identifier.
func (s *Session) Reauthenticate(keyNo byte, key Authenticator, random io.Reader) error {
	err := s.alive(MAC)
	if err == nil {
		var keys SessionKeys
		if keys, err = s.prove(s.secure.again(), keyNo, key, random); err == nil {
			s.secure.rekey(keys)
			return nil
		}
		err = s.end(err)
	}
	return fmt.Errorf("authenticating with key %d: %w", keyNo, err)
}

// prove runs the two steps of an authentication, which are sent in plain also within
// a session. After an error the two sides do not agree any more, even if nothing was
// sent.
func (s *Session) prove(m Method, keyNo byte, key Authenticator, random io.Reader) (
	keys SessionKeys, err error,
) {
	var rndA [16]byte
	if _, err := io.ReadFull(random, rndA[:]); err != nil {
		return keys, fmt.Errorf("drawing a random number: %w", err)
	}
	ask := []byte{keyNo, 0x00} // no PCD capabilities
	if m != EV2First {
		ask = ask[:1]
	}
	challenge, err := s.step(byte(m), ask, AdditionalFrame)
	if err != nil {
		return keys, err
	}
	size := len(challenge)
	if !m.challenges(size) {
		return keys, fmt.Errorf("%w: a challenge of %d bytes", ErrAnswer, size)
	}
	handshake, err := key.Start(m, challenge, rndA[:])
	if err != nil {
		return keys, fmt.Errorf("using the key: %w", err)
	}
	if m == EV2First {
		size = 32
	}
	answer, err := s.step(byte(AdditionalFrame), handshake.Proof(), OK)
	if errors.Is(err, IllegalCommand) || errors.Is(err, NoSuchKey) {
		// It knew the method: it has lost its power, and the first step with it.
		return keys, fmt.Errorf("%w: to the proof of the key: %v", ErrAnswer, err)
	}
	if err == nil && len(answer) != size {
		err = unlike(len(answer), size)
	}
	if err != nil {
		return keys, err
	}
	return handshake.Finish(answer)
}

// step is one exchange of an authentication: it wants just this status. The answer is
// valid until the next one.
func (s *Session) step(code byte, data []byte, want Status) ([]byte, error) {
	answer, status, err := s.transmit(code, data)
	if err == nil && status != want {
		err = unexpected(status)
	}
	return answer, err
}
