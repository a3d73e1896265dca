package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"

	"leima/validator/testrig"
)

// probeCommand describes reader and card.
type probeCommand struct {
	Card cardLocation `arg:"" default:"reader:" help:"The card, or the one on the first reader."`
	JSON bool         `name:"json" help:"Write JSON."`
}

func (*probeCommand) examples() string {
	return `
bench probe reader:ACR122U
bench probe aino.img`
}

func (*probeCommand) Help() string {
	return `Waits for a card, and prints what reader and what card it is, what they have agreed
on, and how long a command takes there and back. It changes nothing on the card and needs
no key.

ATR is the reader's answer to reset, ATS the card's own answer to select, which not every
reader tells. A card waits for frames of so many bytes at most, and takes so long at most
to answer.

The JSON has the fields reader, atr, historical (bytes of the ATR), ats, frame, bit_rates
(kbit/s), wait_us, uid, generation, hardware, software, bytes (of the card's memory), free
and round_trip_us (p50 and worst of 50 commands).`
}

// A probedAnswer is the description as JSON.
type probedAnswer struct {
	Reader     string     `json:"reader,omitempty"`
	ATR        string     `json:"atr,omitempty"`
	Historical string     `json:"historical,omitempty"`
	ATS        string     `json:"ats,omitempty"`
	Frame      int        `json:"frame,omitempty"`
	BitRates   []int      `json:"bit_rates,omitempty"`
	WaitMicros int64      `json:"wait_us,omitempty"`
	UID        string     `json:"uid"`
	Generation int        `json:"generation"` // 1 for EV1; 0: no known DESFire card
	Hardware   string     `json:"hardware"`
	Software   string     `json:"software"`
	Bytes      int        `json:"bytes"`
	Free       int        `json:"free"`
	RoundTrip  [2]float64 `json:"round_trip_us"`
}

func answerOf(p testrig.ProbeResult) probedAnswer {
	a := probedAnswer{
		Reader: p.Reader, ATR: hex.EncodeToString(p.ATR), ATS: hex.EncodeToString(p.ATS),
		UID: hex.EncodeToString(p.UID[:]), Generation: p.Version.Generation(),
		Hardware:  fmt.Sprintf("%x.%x", p.Version.Hardware[3], p.Version.Hardware[4]),
		Software:  fmt.Sprintf("%x.%x", p.Version.Software[3], p.Version.Software[4]),
		Bytes:     1 << (p.Version.Hardware[5] >> 1), // or up to twice as many, by the last bit
		Free:      p.Free,
		RoundTrip: [2]float64{micros(p.Median), micros(p.Worst)},
	}
	if p.Made != nil {
		a.Historical = hex.EncodeToString(p.Made.Historical)
	}
	if ats := p.Agreed; ats != nil {
		a.Frame, a.BitRates, a.WaitMicros = ats.Frame, ats.BitRates, ats.Wait.Microseconds()
	}
	return a
}

// micros are microseconds, with a tenth: an emulated card takes less than one.
func micros(d time.Duration) float64 { return math.Round(float64(d)/100) / 10 }

// Run waits for a card and describes it.
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
	p, err := testrig.Probe(card, time.Now)
	if err != nil {
		return c.Card.explain(err)
	}
	if c.JSON {
		return b.json(answerOf(p))
	}
	for _, line := range probedLines(p) {
		b.say("%-10s  %s", line[0], line[1])
	}
	return nil
}

// probedLines are the lines of the description, each with its name.
func probedLines(p testrig.ProbeResult) (lines [][2]string) {
	add := func(name, format string, args ...any) {
		lines = append(lines, [2]string{name, fmt.Sprintf(format, args...)})
	}
	a := answerOf(p)
	add("reader", "%s", orNone(a.Reader))
	add("ATR", "%s%s", orNone(a.ATR), atrText(p))
	add("ATS", "%s", orNone(a.ATS))
	if a.Frame > 0 {
		add("frames", "of at most %d bytes, at %s kbit/s; an answer within %d µs", a.Frame,
			strings.Trim(fmt.Sprint(a.BitRates), "[]"), a.WaitMicros)
	}
	add("UID", "%s", a.UID)
	if a.Generation == 0 {
		add("card", "no DESFire card that is known")
	} else {
		add("card", "MIFARE DESFire EV%d", a.Generation)
	}
	add("hardware", "%s, software %s", a.Hardware, a.Software)
	add("memory", "%d bytes, %d of them free", a.Bytes, a.Free)
	add("round trip", "%.1f µs, the worst of %d commands %.1f µs",
		a.RoundTrip[0], testrig.Rounds, a.RoundTrip[1])
	return lines
}

// atrText describes an ATR.
func atrText(p testrig.ProbeResult) string {
	switch {
	case len(p.ATR) == 0:
		return ""
	case p.Made == nil:
		return ": not that of a contactless card"
	case p.Made.ATS != nil:
		return ": contactless, with the card's whole ATS"
	case len(p.Made.Historical) == 0:
		return ": contactless, without historical bytes"
	}
	return fmt.Sprintf(": contactless, historical bytes %x", p.Made.Historical)
}
