package emu_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

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
	} {
		f.Add(compact(seed))
	}
	image := fuzzImage(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		card, err := emu.Load(bytes.NewReader(image))
		require.NoError(t, err)
		contact := emu.Air{}.Present(card)
		for len(script) > 1 {
			n := min(int(script[0]), len(script)-1)
			command := script[1 : 1+n]
			script = script[1+n:]
			answer, err := contact.Transmit(command)
			require.Equal(t, n == 0, err != nil)
			require.True(t, n == 0 || len(answer) >= 2)
		}
		var saved bytes.Buffer
		require.NoError(t, card.Save(&saved))
		_, err = emu.Load(&saved)
		require.NoError(t, err)
	})
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
	_, good, _ := bytes.Cut(fuzzImage(f), []byte("\n"))
	f.Add(good)
	f.Add([]byte(`{"UID":"BBEiM0RVZg==","Frame":64,"Key":{"Secret":"AAAAAAAAAAAAAAAAAAAAAA=="}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		card, err := emu.Load(bytes.NewReader([]byte(sealed("1", string(text)))))
		if err != nil {
			return
		}
		first := memory(t, card)
		again, err := emu.Load(bytes.NewReader([]byte(first)))
		require.NoError(t, err)
		require.Equal(t, first, memory(t, again))
	})
}
