package emu_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
)

// A client is the least reader that can speak EV2 secure messaging, written for
// these tests from the application notes: whole messages, no cleverness.
type client struct {
	t    testing.TB
	card hw.Card

	enc, mac []byte // session keys; nil: no session
	ti       []byte
	ctr      uint16
}

// Ways of protecting a command.
const (
	plain = iota
	maced
	full
)

var (
	uid    = [7]byte{0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66}
	master = [16]byte{0: 0xA0, 15: 0x01}
	zero   = make([]byte, 16)
	app    = []byte{0x00, 0x10, 0xAB}
)

func newCard(frame int) *emu.Card {
	return emu.New(emu.Config{UID: uid, Key: master, Frame: frame})
}

func meet(t testing.TB, c *emu.Card, a emu.Air) *client {
	return &client{t: t, card: a.Present(c)}
}

// send sends one wrapped frame and parts the status from the data.
func (c *client) send(ins byte, params ...byte) ([]byte, byte) {
	c.t.Helper()
	answer, err := c.try(ins, params...)
	require.NoError(c.t, err)
	n := len(answer) - 2
	require.Equal(c.t, byte(0x91), answer[n], "%X", answer)
	return answer[:n], answer[n+1]
}

func (c *client) try(ins byte, params ...byte) ([]byte, error) {
	apdu := []byte{0x90, ins, 0, 0}
	if len(params) > 0 {
		apdu = append(apdu, byte(len(params)))
		apdu = append(apdu, params...)
	}
	return c.card.Transmit(append(apdu, 0))
}

// whole sends one frame and fetches all frames of the answer.
func (c *client) whole(ins byte, params ...byte) ([]byte, byte) {
	c.t.Helper()
	out, st := c.send(ins, params...)
	for st == 0xAF {
		var more []byte
		more, st = c.send(0xAF)
		out = append(out, more...)
	}
	return out, st
}

// do runs a command that must succeed.
func (c *client) do(how int, ins byte, header, data []byte) []byte {
	c.t.Helper()
	out, st := c.run(how, ins, header, data)
	require.Equal(c.t, byte(0), st, "command %02X", ins)
	return out
}

// run protects a command, checks the answer's MAC and deciphers it.
func (c *client) run(how int, ins byte, header, data []byte) ([]byte, byte) {
	c.t.Helper()
	out, st := c.whole(ins, c.protect(how, ins, header, data)...)
	if st != 0 {
		c.enc, c.mac = nil, nil
		return nil, st
	}
	return c.accept(how, out), 0
}

func (c *client) protect(how int, ins byte, header, data []byte) []byte {
	if c.mac == nil {
		how = plain
	}
	body := bytes.Clone(data)
	if how == full && len(data) > 0 {
		body = cbc(c.enc, c.iv(0xA5, 0x5A), pad80(data), true)
	}
	params := append(bytes.Clone(header), body...)
	if how != plain {
		params = append(params, c.tag(ins, params)...)
	}
	return params
}

func (c *client) accept(how int, out []byte) []byte {
	c.t.Helper()
	c.ctr++
	if c.mac == nil || how == plain {
		return out
	}
	n := len(out) - 8
	require.GreaterOrEqual(c.t, n, 0, "an answer without its MAC: %X", out)
	require.Equal(c.t, c.tag(0, out[:n]), out[n:], "the MAC of the answer")
	out = out[:n]
	if how == full && n > 0 {
		out = cbc(c.enc, c.iv(0x5A, 0xA5), out, false)
		end := bytes.LastIndexByte(out, 0x80)
		require.GreaterOrEqual(c.t, end, 0, "no padding: %X", out)
		out = out[:end]
	}
	return out
}

func (c *client) tag(code byte, body []byte) []byte {
	message := append([]byte{code, byte(c.ctr), byte(c.ctr >> 8)}, c.ti...)
	long := cmac(c.mac, append(message, body...))
	var short []byte
	for i := 1; i < 16; i += 2 {
		short = append(short, long[i])
	}
	return short
}

func (c *client) iv(a, b byte) []byte {
	iv := append([]byte{a, b}, c.ti...)
	iv = append(iv, byte(c.ctr), byte(c.ctr>>8))
	return cbc(c.enc, zero, append(iv, zero[:8]...), true)
}

// login authenticates: first 71, or 77 within a session.
func (c *client) login(ins byte, keyNo byte, key []byte) {
	c.t.Helper()
	require.Equal(c.t, byte(0), c.tryLogin(ins, keyNo, key))
}

func (c *client) tryLogin(ins byte, keyNo byte, key []byte) byte {
	c.t.Helper()
	params := []byte{keyNo}
	if ins == 0x71 {
		params = append(params, 0)
	}
	challenge, st := c.send(ins, params...)
	if st != 0xAF {
		return st
	}
	a := bytes.Repeat([]byte{0x5C}, 16)
	b := cbc(key, zero, challenge, false)
	token := append(bytes.Clone(a), append(b[1:16:16], b[0])...)
	proof, st := c.send(0xAF, cbc(key, zero, token, true)...)
	if st != 0 {
		return st
	}
	answer := cbc(key, zero, proof, false)
	if ins == 0x71 {
		c.ti, c.ctr, answer = answer[:4], 0, answer[4:]
	}
	require.Equal(c.t, append(a[1:16:16], a[0]), answer[:16])
	c.enc, c.mac = sessionKeys(key, a, b)
	return 0
}

func sessionKeys(key, a, b []byte) (enc, mac []byte) {
	mixed := make([]byte, 6)
	for i := range mixed {
		mixed[i] = a[2+i] ^ b[i]
	}
	sv := func(x, y byte) []byte {
		v := append([]byte{x, y, 0, 1, 0, 0x80}, a[:2]...)
		v = append(v, mixed...)
		return append(append(v, b[6:]...), a[8:]...)
	}
	return cmac(key, sv(0xA5, 0x5A)), cmac(key, sv(0x5A, 0xA5))
}

func (c *client) selectApp(id []byte) {
	c.t.Helper()
	_, st := c.send(0x5A, id...)
	require.Equal(c.t, byte(0), st)
	c.enc, c.mac = nil, nil
}

func (c *client) read(how int, ins, file byte, offset, n int) []byte {
	c.t.Helper()
	return c.do(how, ins, span(file, offset, n), nil)
}

func (c *client) write(how int, ins, file byte, offset int, data []byte) {
	c.t.Helper()
	c.do(how, ins, span(file, offset, len(data)), data)
}

func span(file byte, offset, n int) []byte {
	return append([]byte{file}, append(le3(offset), le3(n)...)...)
}

func le3(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16)} }

func pad80(p []byte) []byte {
	p = append(bytes.Clone(p), 0x80)
	for len(p)%16 != 0 {
		p = append(p, 0)
	}
	return p
}

func cbc(key, iv, in []byte, encrypt bool) []byte {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(in))
	if encrypt {
		cipher.NewCBCEncrypter(b, iv).CryptBlocks(out, in)
	} else {
		cipher.NewCBCDecrypter(b, iv).CryptBlocks(out, in)
	}
	return out
}

// cmac pads and masks the whole message and takes the last block of its CBC.
func cmac(key, message []byte) []byte {
	l := cbc(key, zero, zero, true)
	k := shift(l)
	m := bytes.Clone(message)
	if len(m) == 0 || len(m)%16 != 0 {
		k = shift(k)
		m = pad80(m)
	}
	for i := range k {
		m[len(m)-16+i] ^= k[i]
	}
	out := cbc(key, zero, m, true)
	return out[len(out)-16:]
}

func shift(in []byte) []byte {
	out := make([]byte, 16)
	for i := range 15 {
		out[i] = in[i]<<1 | in[i+1]>>7
	}
	out[15] = in[15] << 1
	if in[0]&0x80 != 0 {
		out[15] ^= 0x87
	}
	return out
}

func crc(p []byte) []byte {
	return binary.LittleEndian.AppendUint32(nil, ^crc32.ChecksumIEEE(p))
}
