package desfire

import (
	"fmt"

	"leima/hw"
)

// A command is a command in plain, before the session protects it.
type command struct {
	code   Code
	header []byte // never encrypted
	data   []byte
	tail   []byte // data outside of the checksum
	mode   Mode
}

// run runs a command under the session's protection and returns its answer of size bytes, or of
// anySize. The answer is valid until the next command.
func (s *Session) run(c command, size int) ([]byte, error) {
	answer, err := s.exchange(c)
	if err != nil {
		return nil, err
	}
	if s.secure != nil {
		answer, err = s.secure.open(c.mode, answer, size)
	}
	if err == nil && size != anySize && len(answer) != size {
		err = lengthError(len(answer), size)
	}
	if err != nil {
		return nil, s.end(err)
	}
	return answer, nil
}

// execute runs a command without an answer.
func (s *Session) execute(c command) error {
	_, err := s.run(c, 0)
	return err
}

// outsideSession is a command that is also allowed before a session: what would carry a MAC is
// plain then. Encrypted commands need a session: no key is sent in plain, and no serial number is
// taken from an unauthenticated card.
func (s *Session) outsideSession(c command) command {
	if s.secure == nil && c.mode == managed {
		c.mode = Plain
	}
	return c
}

// checkOpen returns the reason why nothing can be sent in this mode.
func (s *Session) checkOpen(mode Mode) error {
	if s.ended != nil {
		return fmt.Errorf("%w: %w", ErrSession, s.ended)
	}
	if s.secure == nil && mode != Plain {
		return ErrSession
	}
	return nil
}

// exchange sends a command and returns its answer as received.
func (s *Session) exchange(c command) ([]byte, error) {
	if err := s.checkOpen(c.mode); err != nil {
		return nil, err
	}
	s.seal(c)
	first := !s.isDESFire
	answer, status, err := s.sendFrames(s.text[0], s.text[1:])
	if first && status == CommandAborted { // another program left a chain of frames open
		answer, status, err = s.sendFrames(s.text[0], s.text[1:])
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

// seal builds the command as it is sent.
func (s *Session) seal(c command) {
	s.text = append(append(s.text[:0], byte(c.code)), c.header...)
	s.text = append(append(s.text, c.data...), c.tail...)
	if s.secure != nil {
		s.text = s.secure.seal(s.text, 1+len(c.header), len(c.tail), c.mode)
	}
}

// maxFrameData is the most data that a frame of a command carries if the card does not chain
// frames: with the wrapping 60 bytes, which a frame of 64 leaves beside PCB, CID and CRC (ISO/IEC
// 14443-4).
const maxFrameData = 54

// sendFrames sends a command. Before EV2 a long one is sent in pieces, each requested by the card
// with AF.
func (s *Session) sendFrames(code byte, text []byte) ([]byte, Status, error) {
	for !s.EV2() && len(text) > maxFrameData {
		answer, status, err := s.transmit(code, text[:maxFrameData])
		switch {
		case err != nil:
			return nil, 0, err
		case status != AdditionalFrame:
			return nil, 0, unexpected(status)
		case len(answer) != 0:
			return nil, 0, lengthError(len(answer), 0)
		}
		code, text = byte(AdditionalFrame), text[maxFrameData:]
	}
	return s.transmit(code, text)
}

// unexpected turns an unexpected status into an error: success out of place is a damaged answer.
func unexpected(status Status) error {
	if status == OK || status == AdditionalFrame {
		return fmt.Errorf("%w: status %02X out of place", ErrAnswer, byte(status))
	}
	return status
}

// end ends the session: an error status has ended it on the card, and after any other error the
// counters no longer agree.
func (s *Session) end(err error) error {
	s.ended = err
	return err
}

// transmit wraps one native frame into an APDU, sends it, and splits the answer into data and
// status.
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
			code, s.notDESFire(answer), answer[end], answer[end+1])
	}
	s.isDESFire = true
	return answer[:end], Status(answer[end+1]), nil
}

// notDESFire is the error for an answer that is not DESFire's. Only a card that has not answered as
// DESFire before, and refuses with a bare status word, is another kind of card; any other answer
// was damaged.
func (s *Session) notDESFire(answer []byte) error {
	if s.isDESFire || len(answer) != 2 || !refuses(answer[0]) {
		return ErrAnswer
	}
	return ErrNotDESFire
}
