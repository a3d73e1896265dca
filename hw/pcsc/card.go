package pcsc

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"leima/hw"
)

// A Card is one card in a reader. It implements hw.Card.
type Card struct {
	connection *connection
	status     readerStatus
	uid        []byte // nil: this reader does not give it
	failed     atomic.Bool
}

var (
	_ hw.ReaderCard  = (*Card)(nil)
	_ hw.PowerCutter = (*Card)(nil)
)

// Transmit implements hw.Card. An answer that does not come within Options.Limit is an error that
// wraps hw.ErrReader, and the card is given up. An answer that may be the reader's counts as the
// card's if the card is still there.
func (c *Card) Transmit(command []byte) ([]byte, error) {
	response, err := c.connection.exchange(command)
	if err == errEmpty {
		return nil, err
	}
	if err == nil && c.uid != nil && ambiguous(response) {
		err = c.check()
	}
	if err != nil {
		c.failed.Store(true)
		return nil, fmt.Errorf("sending a command to the card: %w", err)
	}
	return response, nil
}

// Cut implements hw.PowerCutter.
func (c *Card) Cut() {
	c.failed.Store(true)
	_ = c.connection.end(errUnpowered)
}

// ambiguous reports whether an answer may be the reader's own report that it has lost the card:
// 6300, 6301, 6327 and 637F of an ACR122U (its API manual: the operation, the chip, the checksum or
// the command has failed), 6400 and 6401 of any (PC/SC part 3: no answer, or the card is mute),
// 6F01 and others of SpringCard's H663 (its reference manual, annex A). No DESFire card sends any
// of them.
func ambiguous(response []byte) bool {
	return len(response) == 2 && bytes.IndexByte([]byte{0x63, 0x64, 0x6F}, response[0]) >= 0
}

// ATR implements hw.ReaderCard.
func (c *Card) ATR() []byte { return bytes.Clone(c.status.atr) }

// Reader implements hw.ReaderCard.
func (c *Card) Reader() string { return c.status.name }

// askUID asks the reader for the UID (PC/SC part 3, section 3.2.2.1.3, Get Data).
var askUID = []byte{0xFF, 0xCA, 0x00, 0x00, 0x00}

// readUID reads the card's UID. A reader that does not know the command answers 6A81, 6D00 or 6E00
// (ISO/IEC 7816-4) and gives no UID; any other refusal means that the reader has lost the card (63
// 00: PC/SC part 3, section 3.2.2.1.3).
func (c *connection) readUID() ([]byte, error) {
	answer, err := c.exchange(askUID)
	if err != nil {
		return nil, err
	}
	n := len(answer) - 2
	switch sw := uint16(answer[n])<<8 | uint16(answer[n+1]); sw {
	case 0x9000:
		return answer[:n:n], nil
	case 0x6A81, 0x6D00, 0x6E00:
		return nil, nil
	default:
		return nil, c.end(fmt.Errorf("pcsc: the reader knows no UID (%04X): %w", sw, hw.ErrRemoved))
	}
}

// check asks whether the same card is still there. If not, the connection ends.
func (c *Card) check() error {
	uid, err := c.connection.readUID()
	if err == nil && !bytes.Equal(uid, c.uid) {
		err = c.connection.end(errOtherCard)
	}
	return err
}
