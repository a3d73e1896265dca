package desfire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// cmac is AES-CMAC (RFC 4493, NIST SP 800-38B) under one key. It keeps its
// working block so that a tap's two dozen MACs allocate nothing.
type cmac struct {
	block  cipher.Block
	k1, k2 [aes.BlockSize]byte
	x      [aes.BlockSize]byte
}

func newCMAC(key [16]byte) *cmac {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("desfire: internal error: " + err.Error())
	}
	c := &cmac{block: block}
	block.Encrypt(c.k1[:], c.k1[:])
	double(&c.k1)
	c.k2 = c.k1
	double(&c.k2)
	return c
}

// double multiplies by x in GF(2^128).
func double(b *[aes.BlockSize]byte) {
	carry := b[0] >> 7
	for i := range len(b) - 1 {
		b[i] = b[i]<<1 | b[i+1]>>7
	}
	b[15] = b[15]<<1 ^ carry*0x87
}

// sum returns the CMAC of message.
func (c *cmac) sum(message []byte) [aes.BlockSize]byte {
	clear(c.x[:])
	for len(message) > aes.BlockSize {
		subtle.XORBytes(c.x[:], c.x[:], message[:aes.BlockSize])
		c.block.Encrypt(c.x[:], c.x[:])
		message = message[aes.BlockSize:]
	}
	subtle.XORBytes(c.x[:], c.x[:], message)
	last := &c.k1
	if len(message) < aes.BlockSize {
		c.x[len(message)] ^= 0x80
		last = &c.k2
	}
	subtle.XORBytes(c.x[:], c.x[:], last[:])
	c.block.Encrypt(c.x[:], c.x[:])
	return c.x
}

// truncate keeps the eight odd bytes of a CMAC, as EV2 messaging and the
// Transaction MAC do (AN12343 p. 16).
func truncate(full [aes.BlockSize]byte) (short [8]byte) {
	for i := range short {
		short[i] = full[2*i+1]
	}
	return short
}
