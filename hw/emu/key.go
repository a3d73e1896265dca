package emu

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"slices"
)

// A keyType is the type of all keys of an application: the upper two bits of its second settings
// byte (EV1 data sheet, CreateApplication).
type keyType byte

const (
	typeDES    keyType = 0x00 // DES and 2K3DES
	type3K3DES keyType = 0x40
	typeAES    keyType = 0x80

	keyTypeMask = 0xC0
)

func (t keyType) known() bool { return t == typeDES || t == type3K3DES || t == typeAES }

// length is the length of the key; a DES key is a 2K3DES key with equal halves.
func (t keyType) length() int {
	if t == type3K3DES {
		return 3 * des.BlockSize
	}
	return keyLen
}

// versionLen is the number of version bytes after a key that is sent: keys of the DES family carry
// it in their parity bits.
func (t keyType) versionLen() int {
	if t == typeAES {
		return 1
	}
	return 0
}

// nonce is the length of RndA and RndB (libfreefare, mifare_desfire.c).
func (t keyType) nonce() int {
	if t == typeDES {
		return 8
	}
	return 16
}

// A key is a key of any type with its version. The secret is never changed in place, and never
// printed.
type key struct {
	kind    keyType
	secret  []byte
	version byte // of an AES key
}

// set reports whether there is a key.
func (k key) set() bool { return k.secret != nil }

// zeroKey is the key of a blank application.
func zeroKey(t keyType) key { return key{kind: t, secret: make([]byte, t.length())} }

func aesKey(secret []byte) key { return key{kind: typeAES, secret: slices.Clone(secret)} }

// reportedVersion is the answer to GetKeyVersion: in the DES family the parity bits of the first
// eight bytes, the first of them on top (libfreefare, mifare_desfire_key.c).
func (k key) reportedVersion() byte {
	if k.kind == typeAES {
		return k.version
	}
	version := byte(0)
	for _, b := range k.secret[:des.BlockSize] {
		version = version<<1 | b&1
	}
	return version
}

// single reports whether the key is a single DES key: both halves are equal. The parity bits count:
// libfreefare tells the halves of a 2K3DES key apart by them.
func (k key) single() bool {
	return k.kind == typeDES && slices.Equal(k.secret[:8], k.secret[8:16])
}

func (k key) cipher() cipher.Block {
	var b cipher.Block
	var err error
	switch k.kind {
	case typeAES:
		b, err = aes.NewCipher(k.secret)
	case type3K3DES:
		b, err = des.NewTripleDESCipher(k.secret)
	default:
		b, err = des.NewTripleDESCipher(slices.Concat(k.secret, k.secret[:8]))
	}
	if err != nil {
		panic("emu: internal error: " + err.Error())
	}
	return b
}

// derive derives the session key from both nonces (libfreefare, mifare_desfire_session_key_new).
func (k key) derive(a, b []byte) key {
	s := key{kind: k.kind}
	switch {
	case k.kind == typeAES:
		s.secret = slices.Concat(a[:4], b[:4], a[12:], b[12:])
	case k.kind == type3K3DES:
		s.secret = slices.Concat(a[:4], b[:4], a[6:10], b[6:10], a[12:], b[12:])
	case k.single():
		s.secret = slices.Concat(a[:4], b[:4], a[:4], b[:4])
	default:
		s.secret = slices.Concat(a[:4], b[:4], a[4:8], b[4:8])
	}
	return s
}
