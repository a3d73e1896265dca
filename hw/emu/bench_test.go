package emu_test

import (
	"testing"

	"leima/hw/emu"
)

// BenchmarkTransmit is one frame without cryptography.
func BenchmarkTransmit(b *testing.B) {
	contact := emu.Air{}.Present(newCard(64))
	command := []byte{0x90, 0x64, 0, 0, 1, 0, 0}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := contact.Transmit(command); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFreeRead is a read of 256 plain bytes in one command.
func BenchmarkFreeRead(b *testing.B) {
	c := meet(b, issue(b, 64, false), emu.Air{})
	c.selectApp(app)
	command := join(0x90, 0xAD, 0, 0, 7, span(fileStd, 0, 256), 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.card.Transmit(command); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTap is a whole conversation, the reader's cryptography included: nine
// frames or more, see converse.
func BenchmarkTap(b *testing.B) {
	card := issue(b, 64, true)
	var exchanges int
	for b.Loop() {
		contact := emu.Air{}.Present(card)
		if err := converse(&client{t: b, card: contact}); err != nil {
			b.Fatal(err)
		}
		exchanges += contact.Stats().Exchanges
	}
	b.ReportMetric(float64(exchanges)/float64(b.N), "exchanges/op")
}
