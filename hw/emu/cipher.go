package emu

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"hash/crc32"
)

// A block is the unit of AES: a key, a nonce, an IV, a full MAC.
type block [aes.BlockSize]byte

func newAES(k block) cipher.Block {
	b, err := aes.NewCipher(k[:])
	if err != nil {
		panic("emu: internal error: " + err.Error())
	}
	return b
}

// A cmacKey is a key prepared for CMAC, of AES or of DES (NIST SP 800-38B, RFC 4493).
type cmacKey struct {
	cipher cipher.Block
	k1, k2 []byte
}

func newCMAC(b cipher.Block) *cmacKey {
	zero := make([]byte, b.BlockSize())
	b.Encrypt(zero, zero)
	k1 := double(zero)
	return &cmacKey{b, k1, double(k1)}
}

// double multiplies by x in the field of the block's size (NIST SP 800-38B,
// section 5.3: the constants R64 and R128).
func double(b []byte) []byte {
	out, carry := make([]byte, len(b)), byte(0)
	for i := len(b) - 1; i >= 0; i-- {
		out[i] = b[i]<<1 | carry
		carry = b[i] >> 7
	}
	r := byte(0x87)
	if len(b) == 8 {
		r = 0x1B
	}
	out[len(out)-1] ^= carry * r
	return out
}

// A running is a CMAC under way. It takes a message in pieces.
type running struct {
	key *cmacKey
	x   []byte
	n   int // bytes added to x since its last encryption
}

func (m *cmacKey) start() *running { return m.startAt(nil) }

// startAt continues from another message's last block, as EV1 secure messaging does; nil is zeros.
func (m *cmacKey) startAt(iv []byte) *running {
	r := &running{key: m, x: make([]byte, m.cipher.BlockSize())}
	copy(r.x, iv)
	return r
}

func (r *running) write(p []byte) {
	for len(p) > 0 {
		if r.n == len(r.x) {
			r.key.cipher.Encrypt(r.x, r.x)
			r.n = 0
		}
		k := subtle.XORBytes(r.x[r.n:], r.x[r.n:], p)
		r.n += k
		p = p[k:]
	}
}

// fill adds zeros to the end of the block.
func (r *running) fill() {
	if r.n > 0 {
		r.n = len(r.x)
	}
}

func (r *running) sum() []byte {
	x, last := append([]byte{}, r.x...), r.key.k1
	if r.n < len(x) {
		x[r.n] ^= 0x80
		last = r.key.k2
	}
	subtle.XORBytes(x, x, last)
	r.key.cipher.Encrypt(x, x)
	return x
}

func (m *cmacKey) sum(message []byte) []byte {
	r := m.start()
	r.write(message)
	return r.sum()
}

// truncate keeps every second byte of a CMAC: 1, 3, 5 … 15 (AN12196, MAC calculation; AN12343, page
// 16).
func truncate(full []byte) (short [macLen]byte) {
	for i := range short {
		short[i] = full[2*i+1]
	}
	return short
}

// macLen is the length of the MAC that is sent.
const macLen = 8

// pad appends 80 00 … up to a whole number of blocks, a full block if need be (ISO/IEC 9797-1,
// padding method 2). It does not change p.
func pad(p []byte) []byte {
	q := make([]byte, padded(len(p)))
	copy(q, p)
	q[len(p)] = 0x80
	return q
}

func padded(n int) int { return n - n%aes.BlockSize + aes.BlockSize }

// unpad removes the padding and reports whether there was one.
func unpad(p []byte) ([]byte, bool) {
	for i := len(p) - 1; i >= 0 && i >= len(p)-aes.BlockSize; i-- {
		switch p[i] {
		case 0x00:
		case 0x80:
			return p[:i], true
		default:
			return nil, false
		}
	}
	return nil, false
}

// encipher is CBC encryption; a nil IV is zeros.
func encipher(c cipher.Block, iv, plain []byte) []byte {
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(c, start(c, iv)).CryptBlocks(out, plain)
	return out
}

func decipher(c cipher.Block, iv, crypted []byte) []byte {
	out := make([]byte, len(crypted))
	cipher.NewCBCDecrypter(c, start(c, iv)).CryptBlocks(out, crypted)
	return out
}

func start(c cipher.Block, iv []byte) []byte {
	if iv == nil {
		iv = make([]byte, c.BlockSize())
	}
	return iv
}

// last is the last block of a ciphertext, from which the next operation continues.
func last(c cipher.Block, crypted []byte) []byte {
	return append([]byte{}, crypted[len(crypted)-c.BlockSize():]...)
}

// checksum is the CRC32 of a DESFire card: the polynomial of IEEE 802.3 without the final
// inversion, least significant byte first (libfreefare, desfire_crc32).
func checksum(parts ...[]byte) []byte {
	sum := uint32(0)
	for _, p := range parts {
		sum = crc32.Update(sum, crc32.IEEETable, p)
	}
	return binary.LittleEndian.AppendUint32(nil, ^sum)
}

// checksum16 is the CRC of the oldest cards, CRC_A of ISO/IEC 14443-3: 8408
// reflected, beginning with 6363, least significant byte first (proxmark3,
// desfiretest.c).
func checksum16(p []byte) []byte {
	sum := uint16(0x6363)
	for _, b := range p {
		sum ^= uint16(b)
		for range 8 {
			sum = sum>>1 ^ sum&1*0x8408
		}
	}
	return binary.LittleEndian.AppendUint16(nil, sum)
}

// rotate moves every byte one place to the left, the first to the end.
func rotate(b []byte) []byte { return append(append([]byte{}, b[1:]...), b[0]) }

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
