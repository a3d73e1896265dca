package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/pcsc"
)

// probeCommand says what lies on a reader.
type probeCommand struct {
	Pattern string `arg:"" optional:"" help:"A part of the reader's name; without it the first."`
	JSON    bool   `name:"json" help:"Write JSON."`
}

func (*probeCommand) examples() string { return "bench probe ACR122U" }

// Help implements kong.HelpProvider.
func (*probeCommand) Help() string {
	return `Waits for a card on a PC/SC reader, and prints what reader and what card it is, and
how long a command takes there and back. It changes nothing on the card and needs no key.

The JSON has the fields reader, atr, uid, generation, hardware, software, bytes (of the
card's memory), free and round_trip_us (p50 and worst of 50 commands).`
}

// probed is what was found, for a machine.
type probed struct {
	Reader     string `json:"reader,omitempty"`
	ATR        string `json:"atr,omitempty"`
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
	reader, err := pcsc.Open(pcsc.Options{Pattern: c.Pattern})
	if err != nil {
		return err
	}
	defer reader.Close()
	b.remark("hold a card to the reader; Ctrl-C gives up")
	card, err := reader.Wait(ctx)
	if ctx.Err() != nil {
		return errStopped
	}
	if err != nil {
		return err
	}
	p, err := probe(card, time.Now)
	if err != nil {
		return err
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

// probe asks a card what it is. now tells the time.
func probe(card hw.Card, now func() time.Time) (p probed, err error) {
	if known, ok := card.(*pcsc.Card); ok {
		p.Reader, p.ATR = known.Reader(), hex.EncodeToString(known.ATR())
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
