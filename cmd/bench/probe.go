package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"leima/hw"
	"leima/hw/activation"
	"leima/hw/desfire"
)

// probeCommand says what lies on a reader.
type probeCommand struct {
	Card spot `arg:"" default:"reader:" help:"The card; without it that on the first reader."`
	JSON bool `name:"json" help:"Write JSON."`
}

func (*probeCommand) examples() string {
	return `
bench probe reader:ACR122U
bench probe aino.img`
}

// Help implements kong.HelpProvider.
func (*probeCommand) Help() string {
	return `Waits for a card, and prints what reader and what card it is, what they have agreed
on, and how long a command takes there and back. It changes nothing on the card and needs
no key.

ATR is the reader's answer to reset, ATS the card's own answer to select, which not every
reader tells. A card waits for frames of so many bytes at most, and takes so long at most
to answer.

The JSON has the fields reader, atr, ats, frame, bit_rates (kbit/s), wait_us, uid,
generation, hardware, software, bytes (of the card's memory), free and round_trip_us (p50
and worst of 50 commands).`
}

// probed is what was found, for a machine.
type probed struct {
	Reader     string `json:"reader,omitempty"`
	ATR        string `json:"atr,omitempty"`
	ATS        string `json:"ats,omitempty"`
	Frame      int    `json:"frame,omitempty"`
	BitRates   []int  `json:"bit_rates,omitempty"`
	WaitMicros int64  `json:"wait_us,omitempty"`
	UID        string `json:"uid"`
	Generation int    `json:"generation"` // 1 for EV1; 0: no DESFire card that is known
	Hardware   string `json:"hardware"`
	Software   string `json:"software"`
	Bytes      int    `json:"bytes"`
	Free       int    `json:"free"`
	RoundTrip  [2]int `json:"round_trip_us"`
}

// Run waits for a card and tells of it.
func (c *probeCommand) Run(ctx context.Context, b *bench) error {
	slot, err := c.Card.open(b)
	if err != nil {
		return err
	}
	defer slot.close()
	card, err := slot.present(ctx)
	if err != nil {
		return err
	}
	p, err := probe(card, time.Now)
	if err != nil {
		return c.Card.explain(err)
	}
	if c.JSON {
		return b.json(p)
	}
	p.tell(b)
	return nil
}

func (p probed) tell(b *bench) {
	b.say("reader      %s", orNone(p.Reader))
	b.say("ATR         %s", orNone(p.ATR))
	b.say("ATS         %s", orNone(p.ATS))
	if p.Frame > 0 {
		b.say("frames      of at most %d bytes, at %s kbit/s; an answer within %d µs", p.Frame,
			strings.Trim(fmt.Sprint(p.BitRates), "[]"), p.WaitMicros)
	}
	b.say("UID         %s", p.UID)
	if p.Generation == 0 {
		b.say("card        no DESFire card that is known")
	} else {
		b.say("card        MIFARE DESFire EV%d", p.Generation)
	}
	b.say("hardware    %s, software %s", p.Hardware, p.Software)
	b.say("memory      %d bytes, %d of them free", p.Bytes, p.Free)
	b.say("round trip  %d µs, the worst of %d commands %d µs",
		p.RoundTrip[0], rounds, p.RoundTrip[1])
}

// rounds is how many commands are timed.
const rounds = 50

// probe asks reader and card what they are. now tells the time.
func probe(card hw.Card, now func() time.Time) (p probed, err error) {
	if err := p.activation(card); err != nil {
		return p, err
	}
	s, err := desfire.Connect(card)
	if err != nil {
		return p, err
	}
	v, err := s.Version()
	if err != nil {
		return p, err
	}
	uid := s.UID()
	p.UID, p.Generation = hex.EncodeToString(uid[:]), v.Generation()
	p.Hardware = fmt.Sprintf("%x.%x", v.Hardware[3], v.Hardware[4])
	p.Software = fmt.Sprintf("%x.%x", v.Software[3], v.Software[4])
	p.Bytes = 1 << (v.Hardware[5] >> 1) // or up to twice as many, if the last bit is set
	var took []int
	for range rounds {
		start := now()
		if p.Free, err = s.FreeMemory(); err != nil {
			return p, err
		}
		took = append(took, int(now().Sub(start).Microseconds()))
	}
	slices.Sort(took)
	p.RoundTrip = [2]int{took[len(took)/2], took[len(took)-1]}
	return p, nil
}

// activation is what reader and card have said of themselves before the first command.
func (p *probed) activation(card hw.Card) error {
	if known, ok := card.(hw.Announced); ok {
		p.Reader, p.ATR = known.Reader(), hex.EncodeToString(known.ATR())
		if atr, err := activation.ParseATR(known.ATR()); err == nil && atr.ATS != nil {
			p.agreed(atr.Historical, *atr.ATS)
		}
	}
	answer, err := card.Transmit([]byte{0xFF, 0xCA, 0x01, 0x00, 0x00}) // PC/SC part 3, Get Data
	if err != nil {
		return fmt.Errorf("asking the reader for the ATS: %w", err)
	}
	if end := len(answer) - 2; end > 0 && answer[end] == 0x90 {
		if ats, err := activation.ParseATS(answer[:end]); err == nil {
			p.agreed(answer[:end], ats)
		}
	}
	return nil
}

func (p *probed) agreed(bytes []byte, ats activation.ATS) {
	p.ATS, p.Frame, p.BitRates = hex.EncodeToString(bytes), ats.Frame, ats.BitRates
	p.WaitMicros = ats.Wait.Microseconds()
}
