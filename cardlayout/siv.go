package cardlayout

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// siv is AES-SIV (RFC 5297) with 128-bit keys. A seal needs no nonce: the same
// content under the same name gives the same bytes, and a write that was torn
// and tried again with other content repeats nothing an attacker could use. That
// is why a file that is rewritten in place may be sealed with it, where GCM with
// a counter on the card would be broken by the first torn tap.
const sealSize = aes.BlockSize // what a seal adds

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

// seal writes tag ‖ ciphertext to dst, which is a block longer than plain.
func (s siv) seal(dst, name, plain []byte) {
	tag := s.tag(name, plain)
	copy(dst, tag[:])
	s.crypt(dst[aes.BlockSize:], plain, tag)
}

// open reverses seal; it answers false when a single bit was changed.
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
