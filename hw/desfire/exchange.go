package desfire

import (
	"fmt"

	"leima/hw"
)

// A command is one in clear, before the session protects it.
type command struct {
	code   Code
	header []byte // never enciphered
	data   []byte
	tail   []byte // data that a checksum leaves out
	mode   Mode
}

// run runs a command under the session's protection and returns its answer of size
// bytes, or of anySize, which is valid until the next command.
func (s *Session) run(c command, size int) ([]byte, error) {
	answer, err := s.exchange(c)
	if err != nil {
		return nil, err
	}
	if s.secure != nil {
		answer, err = s.secure.open(c.mode, answer, size)
	}
	if err == nil && size != anySize && len(answer) != size {
		err = unlike(len(answer), size)
	}
	if err != nil {
		return nil, s.end(err)
	}
	return answer, nil
}

// order runs a command of which nothing is expected but success.
func (s *Session) order(c command) error {
	_, err := s.run(c, 0)
	return err
}

// within is the command as it may come before a session too: what would carry a MAC is
// plain then. What is enciphered needs a session: no key crosses the air in clear, and
// no serial number is taken from whoever answers.
func (s *Session) within(c command) command {
	if s.secure == nil && c.mode == managed {
		c.mode = Plain
	}
	return c
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
func (s *Session) exchange(c command) ([]byte, error) {
	if err := s.alive(c.mode); err != nil {
		return nil, err
	}
	s.seal(c)
	first := !s.spoken
	answer, status, err := s.say(s.text[0], s.text[1:])
	if first && status == CommandAborted { // another program left a chain of frames open
		answer, status, err = s.say(s.text[0], s.text[1:])
	}
	s.chained = s.chained[:0]
	for frames := 0; err == nil && status == AdditionalFrame; frames++ {
		s.chained = append(s.chained, answer...)
		switch {
		case len(answer) == 0:
			return nil, s.end(fmt.Errorf("%w: it asks for more than the command is", ErrAnswer))
		case frames == maxFrames:
			return nil, s.end(fmt.Errorf("%w: it does not come to an end", ErrAnswer))
		}
		answer, status, err = s.transmit(byte(AdditionalFrame), nil)
	}
	if err == nil && status != OK {
		err = unexpected(status)
	}
	if err != nil {
		return nil, s.end(err)
	}
	if len(s.chained) > 0 {
		s.chained = append(s.chained, answer...)
		answer = s.chained
	}
	return answer, nil
}

// maxFrames bounds a chained answer: 32 frames hold more than any file of ours.
const maxFrames = 32

// seal builds the text of a command as it is sent.
func (s *Session) seal(c command) {
	s.text = append(append(s.text[:0], byte(c.code)), c.header...)
	s.text = append(append(s.text, c.data...), c.tail...)
	if s.secure != nil {
		s.text = s.secure.seal(s.text, 1+len(c.header), len(c.tail), c.mode)
	}
}

// piece is the most that a frame of a command carries where the card does not chain
// frames itself: with the wrapping, 60 bytes, what a frame of 64 leaves beside PCB, CID
// and CRC (ISO/IEC 14443-4).
const piece = 54

// say sends a command. Before EV2 a long one goes in pieces, of which the card asks for
// each with AF.
func (s *Session) say(code byte, text []byte) ([]byte, Status, error) {
	for !s.EV2() && len(text) > piece {
		answer, status, err := s.transmit(code, text[:piece])
		switch {
		case err != nil:
			return nil, 0, err
		case status != AdditionalFrame:
			return nil, 0, unexpected(status)
		case len(answer) != 0:
			return nil, 0, unlike(len(answer), 0)
		}
		code, text = byte(AdditionalFrame), text[piece:]
	}
	return s.transmit(code, text)
}

// unexpected turns a status that should not have come into an error: success out
// of place is a damaged answer.
func unexpected(status Status) error {
	if status == OK || status == AdditionalFrame {
		return fmt.Errorf("%w: status %02X out of place", ErrAnswer, byte(status))
	}
	return status
}

// end ends the session: an error status has dropped the card's side of it, and
// after any other error the counters no longer agree.
func (s *Session) end(err error) error {
	s.over = err
	return err
}

// transmit wraps one native frame into an APDU, sends it, and parts the answer from
// its status.
func (s *Session) transmit(code byte, data []byte) ([]byte, Status, error) {
	if len(data) > 255 {
		return nil, 0, fmt.Errorf("command %02X: %d bytes do not fit one APDU", code, len(data))
	}
	s.apdu = append(s.apdu[:0], 0x90, code, 0x00, 0x00)
	if len(data) > 0 {
		s.apdu = append(s.apdu, byte(len(data)))
		s.apdu = append(s.apdu, data...)
	}
	s.apdu = append(s.apdu, 0x00)
	answer, err := s.card.Transmit(s.apdu)
	if err != nil {
		return nil, 0, fmt.Errorf("command %02X: %w", code, err)
	}
	end := len(answer) - 2
	switch {
	case end < 0: // a card pulled away in mid-answer may look like this (PC/SC)
		return nil, 0, fmt.Errorf("command %02X: %w", code, hw.ErrRemoved)
	case answer[end] != 0x91:
		return nil, 0, fmt.Errorf("command %02X: %w: status word %02X%02X",
			code, s.foreign(answer), answer[end], answer[end+1])
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
