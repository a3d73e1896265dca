package cardlayout

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// A cmac computes AES-CMAC (RFC 4493) in parts: AN10922 pads a short input to two blocks, and SIV
// chains several inputs.
type cmac struct {
	block  cipher.Block
	k1, k2 [aes.BlockSize]byte
}

func newCMAC(key Key) cmac {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("cardlayout: internal error: " + err.Error())
	}
	c := cmac{block: block}
	block.Encrypt(c.k1[:], c.k1[:])
	c.k1 = double(c.k1)
	c.k2 = double(c.k1)
	return c
}

// double multiplies by x in GF(2^128).
func double(b [aes.BlockSize]byte) (d [aes.BlockSize]byte) {
	for i := range 15 {
		d[i] = b[i]<<1 | b[i+1]>>7
	}
	d[15] = b[15]<<1 ^ b[0]>>7*0x87
	return d
}

// sum is the CMAC of a message.
func (c cmac) sum(message []byte) [aes.BlockSize]byte {
	if n := len(message); n > 0 && n%aes.BlockSize == 0 {
		return c.chain(message, c.k1)
	}
	return c.chain(pad(message), c.k2)
}

// chain is CBC over whole blocks with a key block mixed into the last.
func (c cmac) chain(message []byte, last [aes.BlockSize]byte) (x [aes.BlockSize]byte) {
	for ; len(message) > 0; message = message[aes.BlockSize:] {
		subtle.XORBytes(x[:], x[:], message[:aes.BlockSize])
		if len(message) == aes.BlockSize {
			subtle.XORBytes(x[:], x[:], last[:])
		}
		c.block.Encrypt(x[:], x[:])
	}
	return x
}

// pad completes the last block with 80 00….
func pad(message []byte) []byte {
	padded := make([]byte, len(message)/aes.BlockSize*aes.BlockSize+aes.BlockSize)
	padded[copy(padded, message)] = 0x80
	return padded
}
