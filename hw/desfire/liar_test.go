package desfire_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
)

// A liar is a card that knows the keys of the session, and then answers what the
// test wants, under a good MAC if need be. Its secure messaging is written from the
// application notes once more: slowly, and only the card's side.
type liar struct {
	keys  desfire.SessionKeys
	sent  int
	reply func(command []byte) ([]byte, error)
}

// opening is how many commands an Open takes: serial number, selection, and the two
// steps of the authentication.
const opening = 4

var (
	liarKeys = desfire.SessionKeys{
		Enc: keyFrom("data"), MAC: keyFrom("MACs"), TI: [4]byte{0xD0, 0xD1, 0xD2, 0xD3},
	}

	// welcome is what every card answers to an Open, if the key takes it for one of
	// ours.
	welcome = [opening][]byte{
		append(bytes.Clone(uid[:]), 0x90, 0x00),
		bare(desfire.OK),
		bare(desfire.AdditionalFrame, make([]byte, 16)...),
		bare(desfire.OK, make([]byte, 32)...),
	}
)

// bare is an answer without a MAC.
func bare(status desfire.Status, data ...byte) []byte {
	return append(bytes.Clone(data), 0x91, byte(status))
}

func (l *liar) Transmit(command []byte) ([]byte, error) {
	l.sent++
	if l.sent <= opening {
		return bytes.Clone(welcome[l.sent-1]), nil
	}
	return l.reply(command)
}

// always makes the liar say one thing only.
func always(answer []byte) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return bytes.Clone(answer), nil }
}

// A pushover is a key that takes every card for one of ours.
type pushover struct{ desfire.SessionKeys }

func (p pushover) Methods() []desfire.Method { return []desfire.Method{desfire.EV2First} }
func (p pushover) Proof() []byte             { return make([]byte, 32) }

func (p pushover) Start(desfire.Method, []byte, []byte) (desfire.Handshake, error) {
	return p, nil
}

func (p pushover) Finish([]byte) (desfire.SessionKeys, error) { return p.SessionKeys, nil }

// believe opens a session with the liar.
func believe(t testing.TB, reply func(command []byte) ([]byte, error)) (*desfire.Session, *liar) {
	t.Helper()
	l := &liar{keys: liarKeys, reply: reply}
	s, err := desfire.Open(l, appOf(pushover{liarKeys}), random(1))
	require.NoError(t, err)
	return s, l
}

// appOf is the application with just these keys.
func appOf(keys ...desfire.Authenticator) desfire.App {
	return desfire.App{AID: aid, Key: 1, Keys: func(desfire.UID) []desfire.Authenticator {
		return keys
	}}
}

// seal is an answer with its MAC, the counter-th of the session, and enciphered in
// full mode. Whether there is padding in the data is the caller's affair.
func seal(keys desfire.SessionKeys, counter uint16, mode desfire.Mode, data []byte) []byte {
	if mode == desfire.Full {
		start := append([]byte{0x5A, 0xA5}, keys.TI[:]...)
		start = append(start, byte(counter), byte(counter>>8))
		iv := cbc(keys.Enc, make([]byte, 16), append(start, make([]byte, 8)...))
		data = cbc(keys.Enc, iv, data)
	}
	message := append([]byte{0, byte(counter), byte(counter >> 8)}, keys.TI[:]...)
	long := cmac(keys.MAC, append(message, data...))
	answer := bytes.Clone(data)
	for i := 1; i < len(long); i += 2 {
		answer = append(answer, long[i])
	}
	return bare(desfire.OK, answer...)
}

// pad is ISO/IEC 9797-1 padding, method 2.
func pad(data []byte) []byte {
	data = append(bytes.Clone(data), 0x80)
	return append(data, make([]byte, (16-len(data)%16)%16)...)
}

func cbc(key desfire.Key, iv, data []byte) []byte {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(data))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, data)
	return out
}

// cmac masks the last block of the message and takes the last one of its CBC
// (RFC 4493).
func cmac(key desfire.Key, message []byte) []byte {
	return cmacFrom(key, make([]byte, 16), message)
}

// cmacFrom is a CMAC whose CBC does not begin with zeros.
func cmacFrom(key desfire.Key, iv, message []byte) []byte {
	zero := make([]byte, 16)
	mask := shift(cbc(key, zero, zero))
	if len(message) == 0 || len(message)%16 != 0 {
		mask = shift(mask)
		message = pad(message)
	}
	message = bytes.Clone(message)
	for i, m := range mask {
		message[len(message)-16+i] ^= m
	}
	out := cbc(key, iv, message)
	return out[len(out)-16:]
}

func shift(in []byte) []byte {
	out := make([]byte, 16)
	for i := range 15 {
		out[i] = in[i]<<1 | in[i+1]>>7
	}
	out[15] = in[15]<<1 ^ in[0]>>7*0x87
	return out
}
