package emu_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
)

// FuzzTransmit feeds the card sequences of arbitrary commands, each with a length
// byte before it. The card may never panic, always answers with a status, and its
// memory can always be saved and loaded again.
func FuzzTransmit(f *testing.F) {
	for _, seed := range []string{
		"0560 0000 00 05 9060000000 0590AF000000",
		"0A905A000003 0010AB 00",
		"0890710000 02 0000 00 2690AF000020" +
			"0000000000000000000000000000000000000000000000000000000000000000",
		"0B90CA0000 05 010203 0F81 00 09905A000003 010203 00 " +
			"0D90CB000007 02 00 EEEE 200000 00 " +
			"1090 8D0000 0A 02 000000 030000 AABBCC 00 0590C7000000 " +
			"0D90AD000007 02 000000 000000 00",
		"09905A000003 0010AB 00 0D903D000007 01 000000 050000 00 0890AF000002 0102 00",
		"0D00A4040007 D2760000850100 00 05FFCA000000",
		"04 5A0010AB 06 0C0664000000 06 DC0605000000 06 1C0601000000 01C7 026C06",
		"04 5A0010AB 0A 3B07000000 020000 AABB 0C DB07000000000000 010000 CC 02EB07 01A7",
		"04 5A0010AB 09 5F06 00EEEE 02DF07 02DF06 0161 016F 02F506 016D 04DA0010AB 016E",
		"0C00A4040007 D2760000850101 07 00A4000002E104 05 00B0000005 08 00D6000003010203",
		"0C00A4040007 D2760000850101 07 00E2003802 0102 05 00B2013D00 05 0084000010",
		"04 5A0010AB 11 C8 000102030405060708090A0B0C0D0E0F 02C701 0A CC 0900EEEE",
		"04 5A0010AB 08 5F06 80EEEE01EEEE 02F506 03B10606 026400 03644080 023C00",
		"0B CA0506070F91010102 1800 045A050607 03560102 03570102 025501 0145 03644080",
		"0B C90102030000000100 0F81 03690000 0B C60000AABBCCDDEEFF1122",
	} {
		f.Add(compact(seed))
	}
	image := fuzzImage(f)
	for _, family := range families {
		f.Add(oldTalk(f, image, family))
	}
	script, _ := newTalk(f, image)
	f.Add(script)
	f.Fuzz(func(t *testing.T, script []byte) {
		card, err := emu.Load(bytes.NewReader(image))
		require.NoError(t, err)
		card.SetRand(silence{})
		contact := emu.Air{}.Present(card)
		for len(script) > 1 {
			n := min(int(script[0]), len(script)-1)
			command := script[1 : 1+n]
			script = script[1+n:]
			answer, err := contact.Transmit(command)
			require.Equal(t, n == 0, err != nil)
			require.True(t, n == 0 || len(answer) >= 1)
		}
		var saved bytes.Buffer
		require.NoError(t, card.Save(&saved))
		_, err = emu.Load(&saved)
		require.NoError(t, err)
	})
}

// A silence is a source of zeros: with it a recorded login is good again.
type silence struct{}

func (silence) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A listener writes down what it passes on, as the fuzzer wants it.
type listener struct {
	hw.Card
	script []byte
}

func (l *listener) Transmit(command []byte) ([]byte, error) {
	l.script = append(append(l.script, byte(len(command))), command...)
	return l.Card.Transmit(command)
}

// oldTalk is a conversation under the older secure messaging, on the fuzzer's card.
func oldTalk(f *testing.F, image []byte, of family) []byte {
	card, err := emu.Load(bytes.NewReader(image))
	require.NoError(f, err)
	card.SetRand(silence{})
	l := &listener{Card: emu.Air{}.Present(card)}
	c := &classic{t: f, card: l}
	id := []byte{1, 0, of.ks2}
	c.do(plain, 0xCA, join(id, 0x0F, int(of.ks2|0x12), 1, 1, 2, 24, 0), nil, -1)
	c.enter(id)
	c.login(of, 0, make([]byte, of.key))
	c.do(plain, 0xCD, join(1, 3, 0x00, 0x00, le3(20)), nil, -1)
	c.do(full, 0x3D, span(1, 0, 5), []byte("hello"), -1)
	c.do(full, 0xBD, span(1, 0, 20), nil, 20)
	c.do(plain, 0xCC, join(2, 1, 0x00, 0x00, le4(0), le4(9), le4(5), 1), nil, -1)
	c.do(maced, 0xDC, []byte{2}, le4(1), -1)
	c.do(plain, 0xC7, nil, nil, -1)
	c.do(full, 0x54, nil, []byte{0x09}, -1)
	_, st := c.changeOther(of, 1, make([]byte, of.key), make([]byte, of.key))
	require.Equal(f, byte(0), st)
	c.do(full, 0x5F, []byte{1}, []byte{0x83, 0x00, 0x00, 1, 0x11, 0x11}, -1)
	c.do(maced, 0x56, nil, []byte{1, 1}, -1)
	c.do(maced, 0x57, nil, []byte{1, 2}, -1)
	c.do(plain, 0x64, []byte{0x40, 0x80}, nil, -1)
	_, st = c.talk(0x55, c.seal(maced, 0x55, nil, []byte{1}, nil))
	require.Equal(f, byte(0), st)
	return l.script
}

// newTalk is one under EV2 secure messaging: a delegated application is created, and
// key sets are made ready and rolled in it.
func newTalk(f *testing.F, image []byte) ([]byte, *emu.Card) {
	card, err := emu.Load(bytes.NewReader(image))
	require.NoError(f, err)
	card.SetRand(silence{})
	l := &listener{Card: emu.Air{}.Present(card)}
	c := &client{t: f, card: l}
	c.login(0x71, 0, master[:])
	for i, key := range [][]byte{damAuth, damMAC, damENC} {
		c.do(full, 0xC4, []byte{0x90 + byte(i)}, join(key, 1, crc(key)))
	}
	c.do(full, 0x5C, []byte{4}, []byte{0, 1})
	c.login(0x71, 0x10, damAuth)
	header := []byte{4, 5, 6, 0, 0, 0, 9, 0, 0x0F, 0x92, 1, 1, 2, 16, 0}
	require.Equal(f, byte(0), c.delegate(header, issued(header, zero)))
	c.selectApp(header[:3])
	c.login(0x71, 0, zero)
	c.do(full, 0xCE, []byte{15, 1, 0xF0, 0x0F, 2}, join(tmacKey, 7))
	c.prepare(1, 2, 2)
	require.Equal(f, byte(0), c.roll(1))
	return l.script, card
}

func compact(seed string) []byte {
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(seed), []byte(" "), nil)))
	if err != nil {
		panic(err)
	}
	return b
}

// fuzzImage is a card with an application of which everything is free, so that
// the fuzzer gets somewhere without keys.
func fuzzImage(f *testing.F) []byte {
	card := newCard(64)
	contact := emu.Air{}.Present(card)
	for _, command := range []string{
		"90CA000005 0010AB 0F84 00", "905A000003 0010AB 00",
		"90CD000007 01 00 EEEE 2C0100 00", "90CB000007 02 00 EEEE 400000 00",
		"90C000000A 04 00 EEEE 0C0000 080000 00", "90CB000007 03 03 1011 280000 00",
		"90CC000011 06 00 EEEE 00000000 E8030000 64000000 03 00",
		"90C100000A 07 00 EEEE 040000 030000 00", "905A000003 000000 00",
		"90CA00000E 010203 0FA2 10E1 D2760000850101 00", "905A000003 010203 00",
		"90CD000009 02 04E1 00 EEEE 280000 00", "90C100000C 07 05E1 00 EEEE 020000 030000 00",
	} {
		answer, err := contact.Transmit(compact(command))
		if err != nil || !bytes.Equal(answer, []byte{0x91, 0x00}) {
			f.Fatalf("%s: %X, %v", command, answer, err)
		}
	}
	var b bytes.Buffer
	if err := card.Save(&b); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

// FuzzLoad feeds Load arbitrary text under a right checksum. It may never panic,
// and a card that it accepts is saved as it was loaded.
func FuzzLoad(f *testing.F) {
	image := fuzzImage(f)
	_, good, _ := bytes.Cut(image, []byte("\n"))
	f.Add(good)
	_, card := newTalk(f, image)
	_, young, _ := strings.Cut(memory(f, card), "\n")
	f.Add([]byte(young))
	f.Add([]byte(`{"UID":"BBEiM0RVZg==","Frame":64,"Memory":2048,"Batch":"AAAAAAABJg==",` +
		`"Key":{"Secret":"AAAAAAAAAAAAAAAAAAAAAA=="}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		card, err := emu.Load(bytes.NewReader([]byte(sealed("3", string(text)))))
		if err != nil {
			return
		}
		first := memory(t, card)
		again, err := emu.Load(bytes.NewReader([]byte(first)))
		require.NoError(t, err)
		require.Equal(t, first, memory(t, again))
	})
}
