package emu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Messages of one byte from vpcd, the virtual reader of the vsmartcard project, to the card in it
// (vsmartcard documentation, "Creating a virtual smart card"). Only the last is answered. Any other
// byte is a command of one byte.
const (
	vpcdOff   = 0x00
	vpcdOn    = 0x01
	vpcdReset = 0x02
	vpcdATR   = 0x04
)

// atr is the reader's ATR of a DESFire card with the historical byte 80 (PC/SC part 3, section
// 3.1.3.2.3). Software recognizes the card by it.
var atr = []byte{0x3B, 0x81, 0x80, 0x01, 0x80, 0x80}

// vpcdHeader is the length before every message, the high byte first.
const vpcdHeader = 2

// Offer puts the card into vpcd at the other end of conn, so that every program can use it through
// pcscd. It returns nil when vpcd closes the connection. To take the card away, close conn: a card
// cannot leave otherwise.
//
// Power and reset are the reader's field: with each the card loses its uncommitted writes, and
// keeps its memory. Each begins a new contact through air. A tear ends the contact, and Offer with
// hw.ErrRemoved; the answer is lost. The caller closes conn.
//
// Every answer is one Write. A Read of conn should acknowledge at once (TCP_QUICKACK): vpcd sends a
// message in two parts, and Nagle's algorithm holds the second until the first was acknowledged,
// which costs 40 ms a command otherwise.
func Offer(conn io.ReadWriter, card *Card, air Air) error {
	v := vpicc{card: card, air: air}
	for {
		message, err := v.read(conn)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("emu: hearing vpcd: %w", err)
		}
		answer, err := v.hear(message)
		if err != nil {
			return err
		}
		if answer == nil {
			continue
		}
		if _, err := conn.Write(v.frame(answer)); err != nil {
			return fmt.Errorf("emu: answering vpcd: %w", err)
		}
	}
}

// A vpicc is a card in vpcd.
type vpicc struct {
	card    *Card
	air     Air
	contact *Contact // nil without power
	in, out []byte
}

// read returns the next message, which is valid until the following one.
func (v *vpicc) read(conn io.Reader) ([]byte, error) {
	var header [vpcdHeader]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(header[:]))
	if cap(v.in) < n {
		v.in = make([]byte, n)
	}
	v.in = v.in[:n]
	_, err := io.ReadFull(conn, v.in)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // only between messages it is the end
	}
	return v.in, err
}

// hear carries out a message. The answer is nil if there is none to send.
func (v *vpicc) hear(message []byte) (answer []byte, err error) {
	if len(message) == 0 {
		return nil, nil
	}
	if len(message) == 1 {
		switch message[0] {
		case vpcdOff:
			v.off()
			return nil, nil
		case vpcdOn, vpcdReset:
			v.contact = v.air.Present(v.card)
			return nil, nil
		case vpcdATR:
			return atr, nil
		}
	}
	return v.transmit(message)
}

// transmit passes a command on. A card that replaced another one between two polls of pcscd
// receives no power message: the field is there nevertheless.
func (v *vpicc) transmit(command []byte) ([]byte, error) {
	if v.contact == nil {
		v.contact = v.air.Present(v.card)
	}
	return v.contact.Transmit(command)
}

func (v *vpicc) off() {
	if v.contact != nil {
		v.contact.Leave()
		v.contact = nil
	}
}

// frame puts the length before an answer. Both go out in one segment.
func (v *vpicc) frame(answer []byte) []byte {
	v.out = binary.BigEndian.AppendUint16(v.out[:0], uint16(len(answer)))
	v.out = append(v.out, answer...)
	return v.out
}
