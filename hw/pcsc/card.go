package pcsc

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"leima/hw"
)

// A Card is one card in a reader. It implements hw.Card.
type Card struct {
	talk  *talk
	sight sight
	uid   []byte // nil: this reader does not know it
	spent atomic.Bool
}

var (
	_ hw.Announced = (*Card)(nil)
	_ hw.Severable = (*Card)(nil)
)

// Transmit implements hw.Card. An answer that does not come within the limit of Options
// is an error that wraps hw.ErrReader, and the card is given up. An answer of which it
// is not clear who gave it is the card's if the card is still there.
func (c *Card) Transmit(command []byte) ([]byte, error) {
	response, err := c.talk.exchange(command)
	if err == errEmpty {
		return nil, err
	}
	if err == nil && c.uid != nil && ambiguous(response) {
		err = c.check()
	}
	if err != nil {
		c.spent.Store(true)
		return nil, fmt.Errorf("sending a command to the card: %w", err)
	}
	return response, nil
}

// Cut implements hw.Severable.
func (c *Card) Cut() {
	c.spent.Store(true)
	_ = c.talk.end(errCut)
}

// ambiguous says whether an answer may be the reader's own, in the words of a card, that
// it has lost the card: 6300 of an ACR122U (its API manual: the operation has failed),
// 6F01 and others of SpringCard's H663 (its reference manual, annex A).
func ambiguous(response []byte) bool {
	return len(response) == 2 && (response[0] == 0x6F || response[0] == 0x63 && response[1] == 0)
}

// ATR implements hw.Announced.
func (c *Card) ATR() []byte { return bytes.Clone(c.sight.atr) }

// Reader implements hw.Announced.
func (c *Card) Reader() string { return c.sight.name }

// askUID is the question for the UID, which the reader answers (PC/SC part 3, section
// 3.2.2.1.3, Get Data).
var askUID = []byte{0xFF, 0xCA, 0x00, 0x00, 0x00}

// readUID asks who lies there. A reader that does not know the question says so with
// 6A81, 6D00 or 6E00 (ISO/IEC 7816-4) and gives no UID; any other refusal is that of a
// reader which has lost the card (63 00: PC/SC part 3, section 3.2.2.1.3).
func (t *talk) readUID() ([]byte, error) {
	answer, err := t.exchange(askUID)
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
		return nil, t.end(fmt.Errorf("pcsc: the reader knows no UID (%04X): %w", sw, hw.ErrRemoved))
	}
}

// check asks whether the same card still lies there. If not the talk is over.
func (c *Card) check() error {
	uid, err := c.talk.readUID()
	if err == nil && !bytes.Equal(uid, c.uid) {
		err = c.talk.end(errOther)
	}
	return err
}
