package testrig

import (
	"fmt"
	"slices"
	"time"

	"leima/hw"
	"leima/hw/activation"
	"leima/hw/desfire"
)

// A ProbeResult describes reader and card. What a reader does not report is empty.
type ProbeResult struct {
	Reader  string
	ATR     []byte
	Made    *activation.ATR // decoded
	ATS     []byte          // from the card, or from the ATR
	Agreed  *activation.ATS // decoded
	UID     desfire.UID
	Version desfire.Version
	Free    int // of the card's memory, in bytes

	// Median and Worst are the round-trip times of a command, of Rounds.
	Median, Worst time.Duration
}

// Rounds is the number of commands that a probe measures.
const Rounds = 50

// Probe reads the description of reader and card, and changes nothing. now is the clock.
func Probe(card hw.Card, now func() time.Time) (p ProbeResult, err error) {
	if err := p.activation(card); err != nil {
		return p, err
	}
	s, err := desfire.Connect(card)
	if err != nil {
		return p, err
	}
	p.UID = s.UID()
	if p.Version, err = s.Version(); err != nil {
		return p, err
	}
	var took []time.Duration
	for range Rounds {
		start := now()
		if p.Free, err = s.FreeMemory(); err != nil {
			return p, err
		}
		took = append(took, now().Sub(start))
	}
	slices.Sort(took)
	p.Median, p.Worst = took[len(took)/2], took[len(took)-1]
	return p, nil
}

// activation reads what reader and card report before the first command.
func (p *ProbeResult) activation(card hw.Card) error {
	if known, ok := card.(hw.ReaderCard); ok {
		p.Reader, p.ATR = known.Reader(), known.ATR()
		if atr, err := activation.ParseATR(p.ATR); err == nil {
			p.Made = &atr
			if atr.ATS != nil {
				p.ATS, p.Agreed = atr.Historical, atr.ATS
			}
		}
	}
	answer, err := card.Transmit([]byte{0xFF, 0xCA, 0x01, 0x00, 0x00}) // PC/SC part 3, Get Data
	if err != nil {
		return fmt.Errorf("asking the reader for the ATS: %w", err)
	}
	if end := len(answer) - 2; end > 0 && answer[end] == 0x90 {
		if ats, err := activation.ParseATS(answer[:end]); err == nil {
			p.ATS, p.Agreed = answer[:end:end], &ats
		}
	}
	return nil
}
