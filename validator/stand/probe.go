package stand

import (
	"fmt"
	"slices"
	"time"

	"leima/hw"
	"leima/hw/activation"
	"leima/hw/desfire"
)

// A Probed is what reader and card say of themselves. What a reader does not tell is
// empty.
type Probed struct {
	Reader  string
	ATR     []byte
	Made    *activation.ATR // what the ATR says
	ATS     []byte          // as the card gave it, or as the ATR has it
	Agreed  *activation.ATS // what the ATS says
	UID     desfire.UID
	Version desfire.Version
	Free    int // bytes of the card's memory

	// Median and Worst are what a command took there and back, of Rounds.
	Median, Worst time.Duration
}

// Rounds is how many commands a probe measures.
const Rounds = 50

// Probe asks reader and card what they are, and changes nothing. now tells the time.
func Probe(card hw.Card, now func() time.Time) (p Probed, err error) {
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

// activation is what reader and card have said of themselves before the first command.
func (p *Probed) activation(card hw.Card) error {
	if known, ok := card.(hw.Announced); ok {
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
