package desfire

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
)

// A Method is a protocol by which card and reader prove a key to each other. Its value is the code
// of the command.
type Method byte

// The methods, the oldest first. EV2NonFirst continues a session of EV2First.
const (
	D40         Method = 0x0A // Authenticate: DES and 2K3DES
	ISO         Method = 0x1A // AuthenticateISO: DES, 2K3DES and 3K3DES
	AES         Method = 0xAA // AuthenticateAES
	EV2First    Method = 0x71 // AuthenticateEV2First: AES
	EV2NonFirst Method = 0x77 // AuthenticateEV2NonFirst: AES
)

// An Authenticator holds one key of a card, perhaps in a place that never reveals it, such as a
// secure access module or a token. Our own cards have AES keys, proved by EV2First, EV2NonFirst and
// AES.
type Authenticator interface {
	// Methods are the methods by which a session with the key may begin, the best first. The next
	// is tried if the card answers the first step with an unknown command.
	Methods() []Method

	// Start answers the card's encrypted challenge E(K, RndB), of 16 bytes or, with a DES or 2K3DES
	// key, 8, with our random number rndA, of which as many of the 16 bytes count. An error means
	// that the key cannot be used at all; a wrong key shows only in the card's refusal.
	Start(m Method, challenge, rndA []byte) (Handshake, error)
}

// A Handshake is one authentication under way. It keeps no reference to its arguments.
type Handshake interface {
	// Proof is E(K, RndA ‖ RndB rotated left by a byte).
	Proof() []byte

	// Finish checks the card's proof, E(K, RndA rotated), as long as the challenge, and returns the
	// session keys. EV2First answers E(K, TI ‖ RndA rotated ‖ capabilities), 32 bytes. ErrForged:
	// the card does not hold the key.
	Finish(answer []byte) (SessionKeys, error)
}

// SessionKeys are the result of an authentication. They are valid until the session ends and must
// not be logged.
type SessionKeys struct {
	Enc, MAC Key     // equal after AES
	TI       [4]byte // after EV2First
	DES      DESKey  // after ISO and D40, in place of the others
}

// cipher is the cipher of a session with one key.
func (k SessionKeys) cipher(m Method) cipher.Block {
	if m == AES {
		return k.Enc.cipher()
	}
	return k.DES.cipher()
}

// messaging is the secure messaging that begins with these keys.
func (m Method) messaging(keys SessionKeys) secureMessaging {
	switch m {
	case EV2First:
		return newEV2(keys)
	case D40:
		return newD40(keys)
	}
	return newEV1(m, keys)
}

// challenges reports whether a challenge of the method may have size bytes.
func (m Method) challenges(size int) bool {
	switch m {
	case D40:
		return size == 8
	case ISO:
		return size == 8 || size == 16
	}
	return size == 16
}

// Authenticate proves key keyNo of the selected application, or of the card itself, and starts
// secure messaging: EV2 if both card and key support it. A wrong key is AuthenticationError; a card
// that does not hold the key is ErrForged.
func (s *Session) Authenticate(keyNo byte, key Authenticator, random io.Reader) error {
	s.forget()
	err := error(IllegalCommand)
	for _, m := range key.Methods() {
		if m == s.unknown {
			continue
		}
		var keys SessionKeys
		if keys, err = s.authenticate(m, keyNo, key, random); err == nil {
			s.secure = m.messaging(keys)
			s.reopen = func(random io.Reader) error { return s.Authenticate(keyNo, key, random) }
			return nil
		}
		if !errors.Is(err, IllegalCommand) {
			break
		}
		s.unknown = m
	}
	return fmt.Errorf("authenticating with key %d: %w", keyNo, s.end(err))
}

// Reopen proves the key of the session again, which an error status has ended. The application is
// still selected.
func (s *Session) Reopen(random io.Reader) error { return s.reopen(random) }

// Reauthenticate proves another key within the session. Uncommitted writes are kept, and under EV2
// also the command counter and the transaction identifier.
func (s *Session) Reauthenticate(keyNo byte, key Authenticator, random io.Reader) error {
	err := s.checkOpen(MAC)
	if err == nil {
		var keys SessionKeys
		if keys, err = s.authenticate(s.secure.nextMethod(), keyNo, key, random); err == nil {
			s.secure.rekey(keys)
			return nil
		}
		err = s.end(err)
	}
	return fmt.Errorf("authenticating with key %d: %w", keyNo, err)
}

// authenticate runs the two steps of an authentication. They are sent in plain, even within a
// session. After an error the two sides no longer agree, even if nothing was sent.
func (s *Session) authenticate(m Method, keyNo byte, key Authenticator, random io.Reader) (
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
		// The card knew the method: it has lost its power, and the first step with it.
		return keys, fmt.Errorf("%w: to the proof of the key: %v", ErrAnswer, err)
	}
	if err == nil && len(answer) != size {
		err = lengthError(len(answer), size)
	}
	if err != nil {
		return keys, err
	}
	return handshake.Finish(answer)
}

// step is one exchange of an authentication; any other status than want is an error. The answer is
// valid until the next one.
func (s *Session) step(code byte, data []byte, want Status) ([]byte, error) {
	answer, status, err := s.transmit(code, data)
	if err == nil && status != want {
		err = unexpected(status)
	}
	return answer, err
}
