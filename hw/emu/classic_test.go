package emu_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
)

// A classic is the least reader that speaks the older secure messaging, that of
// 0A and that of 1A and AA, written for these tests from libfreefare's description.
type classic struct {
	t    testing.TB
	card hw.Card
	d40  bool
	key  cipher.Block // the session key; nil: no session
	iv   []byte
}

// A family is a way of logging in with keys of one type.
type family struct {
	name  string
	ins   byte
	ks2   byte // type of the keys
	nonce int
	key   int // length
}

var families = []family{
	{"D40", 0x0A, 0x00, 8, 16},
	{"DES", 0x1A, 0x00, 8, 16},
	{"3K3DES", 0x1A, 0x40, 16, 24},
	{"AES", 0xAA, 0x80, 16, 16},
}

func blockOf(key []byte, isAES bool) cipher.Block {
	var b cipher.Block
	var err error
	switch {
	case isAES:
		b, err = aes.NewCipher(key)
	case len(key) == 24:
		b, err = des.NewTripleDESCipher(key)
	default:
		b, err = des.NewTripleDESCipher(join(key, key[:8]))
	}
	if err != nil {
		panic(err)
	}
	return b
}

func chain(b cipher.Block, iv, in []byte, encrypt bool) []byte {
	out := make([]byte, len(in))
	if encrypt {
		cipher.NewCBCEncrypter(b, iv).CryptBlocks(out, in)
	} else {
		cipher.NewCBCDecrypter(b, iv).CryptBlocks(out, in)
	}
	return out
}

func tail(p []byte, n int) []byte { return bytes.Clone(p[len(p)-n:]) }

// deciphered is how a D40 reader seals: D(p xor the ciphertext before).
func deciphered(b cipher.Block, p []byte) (out []byte) {
	before := make([]byte, 8)
	for i := 0; i < len(p); i += 8 {
		x := bytes.Clone(p[i : i+8])
		for j := range x {
			x[j] ^= before[j]
		}
		b.Decrypt(x, x)
		out = append(out, x...)
		before = x
	}
	return out
}

func (c *classic) login(f family, no byte, key []byte) {
	c.t.Helper()
	require.Equal(c.t, byte(0), c.tryLogin(f, no, key))
}

func (c *classic) tryLogin(f family, no byte, key []byte) byte {
	c.t.Helper()
	challenge, st := c.raw(f.ins, no)
	if st != 0xAF {
		return st
	}
	b, zero := blockOf(key, f.ins == 0xAA), make([]byte, 16)
	n := b.BlockSize()
	rndA := []byte("ABCDEFGHIJKLMNOP")[:f.nonce]
	rndB := chain(b, zero[:n], challenge, false)
	token := join(rndA, rndB[1:], int(rndB[0]))
	var sent, want []byte
	if f.ins == 0x0A {
		sent = deciphered(b, token)
		want = zero[:n]
	} else {
		sent = chain(b, tail(challenge, n), token, true)
		want = tail(sent, n)
	}
	proof, st := c.raw(0xAF, sent...)
	if st != 0 {
		return st
	}
	require.Equal(c.t, join(rndA[1:], int(rndA[0])), chain(b, want, proof, false))
	c.key = blockOf(sessionKey(f, key, rndA, rndB), f.ins == 0xAA)
	c.d40, c.iv = f.ins == 0x0A, make([]byte, n)
	return 0
}

func sessionKey(f family, key, a, b []byte) []byte {
	switch {
	case f.ins == 0xAA:
		return join(a[:4], b[:4], a[12:], b[12:])
	case len(key) == 24:
		return join(a[:4], b[:4], a[6:10], b[6:10], a[12:], b[12:])
	case bytes.Equal(key[:8], key[8:]):
		return join(a[:4], b[:4], a[:4], b[:4])
	}
	return join(a[:4], b[:4], a[4:], b[4:])
}

// raw sends one native frame.
func (c *classic) raw(ins byte, params ...byte) ([]byte, byte) {
	c.t.Helper()
	answer, err := c.card.Transmit(append([]byte{ins}, params...))
	require.NoError(c.t, err)
	return answer[1:], answer[0]
}

// talk sends a command in pieces of at most 59 bytes and fetches all the answer.
func (c *classic) talk(ins byte, params []byte) (out []byte, st byte) {
	c.t.Helper()
	for len(params) > 59 {
		_, st = c.raw(ins, params[:59]...)
		if st != 0xAF {
			return nil, st
		}
		ins, params = 0xAF, params[59:]
	}
	out, st = c.raw(ins, params...)
	for st == 0xAF && ins != 0x3D {
		var more []byte
		more, st = c.raw(0xAF)
		require.LessOrEqual(c.t, len(more), 59)
		out = append(out, more...)
	}
	return out, st
}

// run protects a command, and opens the answer, of which n bytes are data: -1 where
// it is not enciphered.
func (c *classic) run(how int, ins byte, header, data []byte, n int) ([]byte, byte) {
	c.t.Helper()
	out, st := c.talk(ins, join(header, c.seal(how, ins, header, data, nil)))
	if st != 0 {
		if !c.d40 || st != 0x9D {
			c.key = nil
		}
		return nil, st
	}
	return c.open(how, out, n), 0
}

func (c *classic) do(how int, ins byte, header, data []byte, n int) []byte {
	c.t.Helper()
	out, st := c.run(how, ins, header, data, n)
	require.Equal(c.t, byte(0), st, "command %02X", ins)
	return out
}

// seal is data as it is sent; more follows the checksum.
func (c *classic) seal(how int, ins byte, header, data, more []byte) []byte {
	message := join(int(ins), header, data)
	switch {
	case c.key == nil:
		return data
	case how == full && len(data) > 0 && c.d40:
		return deciphered(c.key, c.zeros(join(data, crc16(data), more)))
	case how == full && len(data) > 0:
		out := chain(c.key, c.iv, c.zeros(join(data, crc(message), more)), true)
		c.iv = tail(out, len(c.iv))
		return out
	case how == maced && len(data) > 0 && c.d40:
		return join(data, c.halfMAC(data))
	case c.d40:
		return data
	}
	mac := c.cmac(message)
	if how == maced && len(data) > 0 {
		return join(data, mac)
	}
	return data
}

func (c *classic) open(how int, out []byte, n int) []byte {
	c.t.Helper()
	switch {
	case c.key == nil:
		return out
	case how == full && n >= 0:
		plain := chain(c.key, c.iv, out, false)
		sum := crc(join(plain[:n], 0))
		if c.d40 {
			sum = crc16(plain[:n])
		} else {
			c.iv = tail(out, len(c.iv))
		}
		require.Equal(c.t, sum, plain[n:n+len(sum)])
		return plain[:n]
	case c.d40 && how == maced && len(out) > 0:
		n := len(out) - 4
		require.Equal(c.t, c.halfMAC(out[:n]), out[n:])
		return out[:n]
	case c.d40:
		return out
	}
	require.GreaterOrEqual(c.t, len(out), 8)
	data := out[:len(out)-8]
	require.Equal(c.t, c.cmac(join(data, 0)), out[len(data):], "the CMAC of the answer")
	return data
}

func (c *classic) zeros(p []byte) []byte {
	for len(p)%c.key.BlockSize() != 0 {
		p = append(p, 0)
	}
	return p
}

func (c *classic) halfMAC(p []byte) []byte {
	return tail(chain(c.key, make([]byte, 8), c.zeros(bytes.Clone(p)), true), 8)[:4]
}

func (c *classic) cmac(m []byte) []byte {
	n := c.key.BlockSize()
	k := chain(c.key, make([]byte, n), make([]byte, n), true)
	k = doubled(k)
	if len(m)%n != 0 {
		k = doubled(k)
		m = c.zeros(append(m, 0x80))
	}
	m = bytes.Clone(m)
	for i := range n {
		m[len(m)-n+i] ^= k[i]
	}
	c.iv = tail(chain(c.key, c.iv, m, true), n)
	return c.iv[:8]
}

func doubled(in []byte) []byte {
	out, carry := make([]byte, len(in)), byte(0)
	for i := len(in) - 1; i >= 0; i-- {
		out[i], carry = in[i]<<1|carry, in[i]>>7
	}
	if carry == 1 && len(in) == 8 {
		out[7] ^= 0x1B
	} else if carry == 1 {
		out[15] ^= 0x87
	}
	return out
}

func crc16(p []byte) []byte {
	sum := uint16(0x6363)
	for _, b := range p {
		for i := range 8 {
			bit := (sum ^ uint16(b>>i)) & 1
			sum >>= 1
			if bit == 1 {
				sum ^= 0x8408
			}
		}
	}
	return []byte{byte(sum), byte(sum >> 8)}
}

// old opens a blank card with an application of four zero keys of the family, logged
// in with key 0 of the application.
func old(t testing.TB, f family, chip emu.Chip) (*emu.Card, *classic) {
	t.Helper()
	card := emu.New(emu.Config{UID: uid, Chip: chip, Blank: true})
	c := &classic{t: t, card: emu.Air{}.Present(card)}
	c.do(plain, 0xCA, join(app, 0x0F, int(f.ks2|4)), nil, -1)
	c.enter(app)
	c.login(f, 0, make([]byte, f.key))
	return card, c
}

func (c *classic) enter(id []byte) {
	c.t.Helper()
	_, st := c.raw(0x5A, id...)
	require.Equal(c.t, byte(0), st)
	c.key = nil
}
