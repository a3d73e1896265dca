package desfire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// cmac is CMAC (NIST SP 800-38B; RFC 4493 with AES) under one key, with blocks of 16 bytes or, in
// the DES family, 8. It keeps its working block, so that a tap's two dozen MACs allocate nothing
// and EV1 messaging can continue from it.
type cmac struct {
	block     cipher.Block
	size      int // block size in bytes; of the arrays as many bytes are used
	k1, k2, x [aes.BlockSize]byte
}

func newCMAC(block cipher.Block) *cmac {
	c := &cmac{block: block, size: block.BlockSize()}
	block.Encrypt(c.k1[:c.size], c.k1[:c.size])
	double(c.k1[:c.size])
	c.k2 = c.k1
	double(c.k2[:c.size])
	return c
}

// double multiplies by x in GF(2^128), or in GF(2^64).
func double(b []byte) {
	polynomial := byte(0x87)
	if len(b) == 8 {
		polynomial = 0x1B
	}
	carry, last := b[0]>>7, len(b)-1
	for i := range last {
		b[i] = b[i]<<1 | b[i+1]>>7
	}
	b[last] = b[last]<<1 ^ carry*polynomial
}

// iv is the value from which chain continues.
func (c *cmac) iv() []byte { return c.x[:c.size] }

// sum returns the CMAC of message.
func (c *cmac) sum(message []byte) [aes.BlockSize]byte {
	clear(c.x[:])
	return c.chain(message)
}

// chain is sum from the running value instead of zeros. It leaves the CMAC there.
func (c *cmac) chain(message []byte) [aes.BlockSize]byte {
	x, size := c.x[:c.size], c.size
	for len(message) > size {
		subtle.XORBytes(x, x, message[:size])
		c.block.Encrypt(x, x)
		message = message[size:]
	}
	subtle.XORBytes(x, x, message)
	last := &c.k1
	if len(message) < size {
		x[len(message)] ^= 0x80
		last = &c.k2
	}
	subtle.XORBytes(x, x, last[:size])
	c.block.Encrypt(x, x)
	return c.x
}

// truncate keeps the eight odd bytes of a CMAC, as EV2 messaging and the Transaction MAC do
// (AN12343 p. 16).
func truncate(full [aes.BlockSize]byte) (short [8]byte) {
	for i := range short {
		short[i] = full[2*i+1]
	}
	return short
}
