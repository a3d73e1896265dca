package emu

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"hash/crc32"
)

// A block is what AES works on: a key, a nonce, an IV, a full MAC.
type block [aes.BlockSize]byte

func newAES(k block) cipher.Block {
	b, err := aes.NewCipher(k[:])
	if err != nil {
		panic("emu: internal error: " + err.Error())
	}
	return b
}

// A cmacKey is a key made ready for AES-CMAC (NIST SP 800-38B, RFC 4493).
type cmacKey struct {
	cipher cipher.Block
	k1, k2 block
}

func newCMAC(k block) *cmacKey {
	m := &cmacKey{cipher: newAES(k)}
	var zero block
	m.cipher.Encrypt(zero[:], zero[:])
	m.k1 = double(zero)
	m.k2 = double(m.k1)
	return m
}

// double multiplies by x in GF(2^128), RFC 4493 section 2.3.
func double(b block) block {
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	carry := hi >> 63
	binary.BigEndian.PutUint64(b[:8], hi<<1|lo>>63)
	binary.BigEndian.PutUint64(b[8:], lo<<1^carry*0x87)
	return b
}

// A running is a CMAC under way, fed piece by piece so that nobody has to put a
// message together first.
type running struct {
	key *cmacKey
	x   block
	n   int // bytes taken into x since it was last enciphered
}

func (m *cmacKey) start() *running { return &running{key: m} }

func (r *running) write(p []byte) {
	for len(p) > 0 {
		if r.n == len(r.x) {
			r.key.cipher.Encrypt(r.x[:], r.x[:])
			r.n = 0
		}
		k := subtle.XORBytes(r.x[r.n:], r.x[r.n:], p)
		r.n += k
		p = p[k:]
	}
}

// fill adds zeros up to the end of the block.
func (r *running) fill() {
	if r.n > 0 {
		r.n = len(r.x)
	}
}

func (r *running) sum() block {
	x, last := r.x, r.key.k1
	if r.n < len(x) {
		x[r.n] ^= 0x80
		last = r.key.k2
	}
	subtle.XORBytes(x[:], x[:], last[:])
	r.key.cipher.Encrypt(x[:], x[:])
	return x
}

func (m *cmacKey) sum(message []byte) block {
	r := m.start()
	r.write(message)
	return r.sum()
}

// truncate keeps every second byte of a CMAC: 1, 3, 5 … 15 (AN12196, MAC
// calculation; AN12343, page 16).
func truncate(full block) (short [macLen]byte) {
	for i := range short {
		short[i] = full[2*i+1]
	}
	return short
}

// macLen is the length of the MAC that is sent.
const macLen = 8

// pad adds 80 00 … up to a whole number of blocks, a full block if need be
// (ISO/IEC 9797-1, padding method 2). It does not touch p.
func pad(p []byte) []byte {
	q := make([]byte, padded(len(p)))
	copy(q, p)
	q[len(p)] = 0x80
	return q
}

func padded(n int) int { return n - n%aes.BlockSize + aes.BlockSize }

// unpad takes the padding off again and says whether there was one.
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

func encipher(c cipher.Block, iv block, plain []byte) []byte {
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(c, iv[:]).CryptBlocks(out, plain)
	return out
}

func decipher(c cipher.Block, iv block, crypted []byte) []byte {
	out := make([]byte, len(crypted))
	cipher.NewCBCDecrypter(c, iv[:]).CryptBlocks(out, crypted)
	return out
}

// checksum is the CRC32 of a DESFire card: the polynomial of IEEE 802.3 without
// the final inversion, least significant byte first (libfreefare, desfire_crc32).
func checksum(p []byte) (sum [4]byte) {
	binary.LittleEndian.PutUint32(sum[:], ^crc32.ChecksumIEEE(p))
	return sum
}

// rotate moves every byte one place to the left, the first to the end.
func rotate(b block) (r block) {
	copy(r[:], b[1:])
	r[len(r)-1] = b[0]
	return r
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
