package desfire_test

import (
	"testing"

	"leima/hw/desfire"
	"leima/hw/emu"
)

// A drum plays recorded answers again and again, from places of its own, so that it
// takes neither time nor memory worth speaking of.
type drum struct {
	answers [][]byte
	at      int
	place   [300]byte
}

func (d *drum) Transmit([]byte) ([]byte, error) {
	if d.at == len(d.answers) {
		d.at = 0
	}
	d.at++
	return d.place[:copy(d.place[:], d.answers[d.at-1])], nil
}

// A steady source is the same number for ever: the recording asks for no other.
type steady struct{}

func (steady) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// BenchmarkOpen is the recorded opening of a card: serial number, selection, and
// both proofs, all of the client's own work.
func BenchmarkOpen(b *testing.B) {
	w := &wire{card: emu.Air{}.Present(talkative(b))}
	app := appOf(secret(1, uid))
	if _, err := desfire.Open(w, app, steady{}); err != nil {
		b.Fatal(err)
	}
	card := &drum{answers: w.got}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := desfire.Open(card, app, steady{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTalk is the recorded conversation as a whole: eleven questions and
// orders in one session.
func BenchmarkTalk(b *testing.B) {
	w := &wire{card: emu.Air{}.Present(talkative(b))}
	var k talk
	if _, err := k.hadWith(w, app(), steady{}); err != nil {
		b.Fatal(err)
	}
	app, card := app(), &drum{answers: w.got}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.hadWith(card, app, steady{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead64 is one read of 64 bytes in full mode.
func BenchmarkRead64(b *testing.B) {
	var p [64]byte
	answer := func(counter uint16) []byte {
		return seal(liarKeys, counter, desfire.Full, pad(p[:]))
	}
	benchmark(b, answer, func(s *desfire.Session) error {
		return s.Read(backFull, desfire.Full, 0, p[:])
	})
}

// BenchmarkWrite64 is one write of 64 bytes in full mode.
func BenchmarkWrite64(b *testing.B) {
	var p [64]byte
	answer := func(counter uint16) []byte {
		return seal(liarKeys, counter, desfire.MAC, nil)
	}
	benchmark(b, answer, func(s *desfire.Session) error {
		return s.Write(backFull, desfire.Full, 0, p[:])
	})
}

// BenchmarkCommit is one commit with its receipt.
func BenchmarkCommit(b *testing.B) {
	answer := func(counter uint16) []byte {
		return seal(liarKeys, counter, desfire.MAC, make([]byte, 12))
	}
	benchmark(b, answer, func(s *desfire.Session) error { return only(s.Commit(true)) })
}

// benchmark runs one command within a session, again and again. Its answers are
// made beforehand, for as many commands as one session is given.
func benchmark(b *testing.B, answer func(uint16) []byte, act func(*desfire.Session) error) {
	const commands = 1000
	card := &drum{answers: welcome[:]}
	for n := range uint16(commands) {
		card.answers = append(card.answers, answer(n+1))
	}
	app := appOf(pushover{liarKeys})
	var s *desfire.Session
	left := 0
	b.ReportAllocs()
	for b.Loop() {
		if left == 0 {
			b.StopTimer()
			var err error
			if s, err = desfire.Open(card, app, steady{}); err != nil {
				b.Fatal(err)
			}
			left = commands
			b.StartTimer()
		}
		left--
		if err := act(s); err != nil {
			b.Fatal(err)
		}
	}
}
