package cardlayout

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// sealSize is the size that a seal adds.
const sealSize = aes.BlockSize

// siv is AES-SIV (RFC 5297) with 128-bit keys. A seal needs no nonce: equal content under the same
// name gives equal bytes, and a torn write that is repeated with other content gives an attacker
// nothing. It therefore suits a file that is rewritten in place; GCM with a counter on the card
// would be broken by the first torn tap.

type siv struct {
	mac cmac
	ctr cipher.Block
}

func newSIV(mac, ctr Key) siv {
	block, err := aes.NewCipher(ctr[:])
	if err != nil {
		panic("cardlayout: internal error: " + err.Error())
	}
	return siv{mac: newCMAC(mac), ctr: block}
}

// seal writes tag ‖ ciphertext to dst, which is one block longer than plain.
func (s siv) seal(dst, name, plain []byte) {
	tag := s.tag(name, plain)
	copy(dst, tag[:])
	s.crypt(dst[aes.BlockSize:], plain, tag)
}

// open reverses seal; it returns false if any bit was changed.
func (s siv) open(plain, name, sealed []byte) bool {
	tag := [aes.BlockSize]byte(sealed)
	s.crypt(plain, sealed[aes.BlockSize:], tag)
	want := s.tag(name, plain)
	if subtle.ConstantTimeCompare(tag[:], want[:]) != 1 {
		clear(plain)
		return false
	}
	return true
}

func (s siv) crypt(dst, src []byte, tag [aes.BlockSize]byte) {
	tag[8] &= 0x7F // RFC 5297 section 2.5
	tag[12] &= 0x7F
	cipher.NewCTR(s.ctr, tag[:]).XORKeyStream(dst, src)
}

// tag is S2V over one name and the content (RFC 5297 section 2.4).
func (s siv) tag(name, plain []byte) [aes.BlockSize]byte {
	d := double(s.mac.sum(make([]byte, aes.BlockSize)))
	named := s.mac.sum(name)
	subtle.XORBytes(d[:], d[:], named[:])
	var last []byte
	if len(plain) >= aes.BlockSize {
		last = append(last, plain...)
		end := last[len(last)-aes.BlockSize:]
		subtle.XORBytes(end, end, d[:])
	} else {
		d = double(d)
		last = pad(plain)
		subtle.XORBytes(last, last, d[:])
	}
	return s.mac.sum(last)
}
