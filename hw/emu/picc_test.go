package emu_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// Ensure that the originality signature is told with status 90, which is what its MAC
// covers: in one frame in the clear, enciphered in a session; and not by an EV1.
func TestReadSignature(t *testing.T) {
	signature := [56]byte(bytes.Repeat([]byte("signed! "), 7))
	card := emu.New(emu.Config{UID: uid, Key: master, Signature: signature})
	card, err := emu.Load(strings.NewReader(memory(t, card)))
	require.NoError(t, err)
	c := meet(t, card, emu.Air{})
	out, st := c.send(0x3C, 0)
	require.Equal(t, byte(0x90), st)
	require.Equal(t, signature[:], out)
	out, err = c.card.Transmit([]byte{0x3C, 0})
	require.NoError(t, err)
	require.Equal(t, join(0x90, signature[:]), out, "native")

	c.login(0x71, 0, master[:])
	for range 2 {
		out, st = c.whole(0x3C, c.protect(full, 0x3C, []byte{0}, nil)...)
		require.Equal(t, byte(0x90), st)
		c.ctr++
		require.Equal(t, c.tag(0x90, out[:64]), out[64:])
		opened := cbc(c.enc, c.iv(0x5A, 0xA5), out[:64], false)
		require.Equal(t, pad80(signature[:]), opened, "the session goes on")
	}
	_, st = c.run(full, 0x3C, []byte{1}, nil)
	require.Equal(t, byte(0x9E), st)
	c = meet(t, emu.New(emu.Config{Chip: emu.EV1, Signature: signature}), emu.Air{})
	_, st = c.send(0x3C, 0)
	require.Equal(t, byte(0x1C), st)
	out, st = meet(t, newCard(64), emu.Air{}).send(0x3C, 0)
	require.Equal(t, byte(0x90), st)
	require.Equal(t, make([]byte, 56), out, "nobody has signed")
}

// Ensure that a kind of secure messaging that is configured away is refused, each by
// its bit, also after an image; and that an EV1 cannot be told so.
func TestMessagingConfiguration(t *testing.T) {
	for bits, want := range map[byte][3]byte{ // of D40, ISO and AES
		0: {0, 0, 0}, 1: {0x9D, 0, 0}, 2: {0, 0x9D, 0x9D}, 3: {0x9D, 0x9D, 0x9D},
	} {
		card := newCard(64)
		c := meet(t, card, emu.Air{})
		c.login(0x71, 0, master[:])
		c.do(full, 0x5C, []byte{4}, []byte{0, bits})
		for i, f := range []family{families[0], families[1], families[3]} {
			again, err := emu.Load(strings.NewReader(memory(t, card)))
			require.NoError(t, err)
			c := &classic{t: t, card: emu.Air{}.Present(again)}
			c.do(plain, 0xCA, join(app, 0x0F, int(f.ks2|1)), nil, -1)
			c.enter(app)
			require.Equal(t, want[i], c.tryLogin(f, 0, make([]byte, f.key)), "%s %d", f.name, bits)
		}
		c = meet(t, card, emu.Air{})
		answer, err := c.card.Transmit(unhex(t, "0084000010"))
		require.NoError(t, err)
		token := cbc(master[:], zero, join(zero, answer[:16]), true)
		answer, err = c.card.Transmit(join(0, 0x82, 0, 0, 32, token))
		require.NoError(t, err)
		require.Equal(t, bits&2 == 0, bytes.Equal(answer, []byte{0x90, 0}), "ISO commands")
		require.Equal(t, byte(0), c.tryLogin(0x71, 0, master[:]))
	}
	card := emu.New(emu.Config{Chip: emu.EV1, Blank: true})
	for _, option := range []byte{4, 5} {
		c := &classic{t: t, card: emu.Air{}.Present(card)}
		c.login(families[1], 0, zero)
		_, st := c.run(full, 0x5C, []byte{option}, make([]byte, 2+8*(option-4)), -1)
		require.Equal(t, byte(0x9E), st, "an EV1")
	}
}

// Ensure that writes in pieces can be configured away under EV2, and only there.
func TestChainingConfiguration(t *testing.T) {
	for bits, want := range map[byte]byte{0: 0xAF, 4: 0x7E} {
		card := issue(t, 64, false)
		c := meet(t, card, emu.Air{})
		c.login(0x71, 0, master[:])
		c.do(full, 0x5C, []byte{4}, []byte{0, bits})
		c.selectApp(app)
		c.login(0x71, 1, zero)
		params := c.protect(maced, 0x3D, span(fileMAC, 0, 20), make([]byte, 20))
		_, st := c.send(0x3D, params[:20]...)
		require.Equal(t, want, st)
		c = open(t, card, emu.Air{})
		c.write(maced, 0x3D, fileMAC, 0, make([]byte, 20))
		c.selectApp(app)
		_, st = c.send(0x3D, join(span(fileStd, 0, 5), 1)...)
		require.Equal(t, byte(0xAF), st, "without a session")
	}
}

// Ensure that the capabilities that are configured are told at the login, before the
// reader's own.
func TestCapabilitiesConfiguration(t *testing.T) {
	card := newCard(64)
	c := meet(t, card, emu.Air{})
	c.login(0x71, 0, master[:])
	c.do(full, 0x5C, []byte{5}, join(make([]byte, 8), 0xC5, 0xC6))
	again, err := emu.Load(strings.NewReader(memory(t, card)))
	require.NoError(t, err)
	c = meet(t, again, emu.Air{})
	challenge, _ := c.send(0x71, 0, 1, 0x11)
	b := cbc(master[:], zero, challenge, false)
	token := join(zero, b[1:], b[:1])
	proof, st := c.send(0xAF, cbc(master[:], zero, token, true)...)
	require.Equal(t, byte(0), st)
	answer := cbc(master[:], zero, proof, false)
	require.Equal(t, unhex(t, "00000000C5C6"+"110000000000"), answer[20:])
}
