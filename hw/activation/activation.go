// Package activation decodes what a contactless card answers when it is activated: the answer to
// select (ATS, ISO/IEC 14443-4), and the answer to reset that a PC/SC reader derives from it (ATR,
// PC/SC part 3).
//
// It only decodes. Its one rule: bytes that do not follow the standards are an error that shows
// them; nothing is guessed.
package activation

import (
	"fmt"
	"time"
)

// An ATS is a card's answer to select.
type ATS struct {
	Frame      int // FSC: the longest frame the card takes, in bytes, CRC included
	BitRates   []int
	Wait       time.Duration // FWT: the longest time to an answer, unless the card asks for more
	Guard      time.Duration // SFGT: the guard time after the ATS
	NAD, CID   bool          // node addresses and card identifiers are supported
	Historical []byte
}

// frames are the frame sizes by FSCI (ISO/IEC 14443-4, 5.2.3; 9 to 12 from its amendment 1 of
// 2012).
var frames = [...]int{16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096}

// unit is 4096 carrier periods at 13.56 MHz, the unit of the times of ISO/IEC 14443.
const unit = 4096 * time.Second / 13_560_000

// ParseATS decodes an answer to select (ISO/IEC 14443-4, 5.2).
func ParseATS(p []byte) (a ATS, err error) {
	if len(p) == 0 || int(p[0]) != len(p) {
		return a, fmt.Errorf("ATS %X: its first byte is not its length", p)
	}
	a = ATS{Frame: frames[2], BitRates: []int{106}, Wait: unit << 4, Guard: 0, CID: true}
	rest := p[1:]
	if len(rest) == 0 {
		return a, nil // the defaults (5.2.2)
	}
	t0 := rest[0]
	rest = rest[1:]
	if fsci := int(t0 & 0x0F); fsci < len(frames) {
		a.Frame = frames[fsci]
	}
	for _, read := range []struct {
		bit  byte
		byte func(byte)
	}{{0x10, a.ta}, {0x20, a.tb}, {0x40, a.tc}} {
		if t0&read.bit == 0 {
			continue
		}
		if len(rest) == 0 {
			return a, fmt.Errorf("ATS %X: it ends before the bytes it announces", p)
		}
		read.byte(rest[0])
		rest = rest[1:]
	}
	a.Historical = append([]byte(nil), rest...)
	return a, nil
}

// ta decodes the bit rates, in kbit/s: from card to reader in the upper half, from reader to card
// in the lower. It lists those that hold both ways.
func (a *ATS) ta(b byte) {
	for n, rate := range []int{212, 424, 848} {
		if both := byte(0x11) << n; b&both == both {
			a.BitRates = append(a.BitRates, rate)
		}
	}
}

func (a *ATS) tb(b byte) {
	a.Wait = unit << min(b>>4, 14) // 15 is reserved
	if sfgi := b & 0x0F; sfgi > 0 {
		a.Guard = unit << min(sfgi, 14)
	}
}

func (a *ATS) tc(b byte) { a.NAD, a.CID = b&0x01 != 0, b&0x02 != 0 }

// An ATR is what a PC/SC reader answers to reset for a contactless card.
type ATR struct {
	Historical []byte

	// ATS is the card's answer to select if the reader puts it whole in place of the historical
	// bytes; nil otherwise.
	ATS *ATS
}

// ParseATR decodes the answer to reset of a contactless card (PC/SC part 3, 3.1.3.2.3.1): 3B 8n 80
// 01, n historical bytes, and a check byte.
func ParseATR(p []byte) (a ATR, err error) {
	if len(p) < 5 || p[0] != 0x3B || p[1]>>4 != 0x8 || p[2] != 0x80 || p[3] != 0x01 ||
		len(p) != 5+int(p[1]&0x0F) {
		return a, fmt.Errorf("ATR %X: it is not that of a contactless card", p)
	}
	check := byte(0)
	for _, b := range p[1:] {
		check ^= b
	}
	if check != 0 {
		return a, fmt.Errorf("ATR %X: its check byte is wrong", p)
	}
	a.Historical = append([]byte(nil), p[4:len(p)-1]...)
	if ats, err := ParseATS(a.Historical); err == nil && len(a.Historical) > 1 {
		a.ATS = &ats
	}
	return a, nil
}
