package emu_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
)

// named is a card with an application E110 "D2760000850101" of AES keys: a free file
// E104 of 40 bytes, number 2; a free linear and a free cyclic file of two-byte
// records, 3 and 4; a free backup file 5; a file of key 0 in plain, 6, under MAC, 7.
func named(t *testing.T) hw.Card {
	card := emu.New(emu.Config{UID: uid, Blank: true})
	c := meet(t, card, emu.Air{})
	name := []byte{0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01}
	c.do(plain, 0xCA, join([]byte{1, 2, 3, 0x0F, 0xA2, 0x10, 0xE1}, name), nil)
	c.selectApp([]byte{1, 2, 3})
	c.do(plain, 0xCD, join(2, 0x04, 0xE1, 0, 0xEE, 0xEE, le3(40)), nil)
	c.do(plain, 0xC1, join(3, 0, 0xEE, 0xEE, le3(2), le3(3)), nil)
	c.do(plain, 0xC0, join(4, 0, 0xEE, 0xEE, le3(2), le3(4)), nil)
	c.do(plain, 0xCB, join(5, 0, 0xEE, 0xEE, le3(20)), nil)
	c.do(plain, 0xCD, join(6, 0, 0x00, 0x00, le3(20)), nil)
	c.do(plain, 0xCD, join(7, 1, 0x00, 0x00, le3(20)), nil)
	return emu.Air{}.Present(card)
}

// expect sends lines of a command and its answer, both in hexadecimal.
func expect(t *testing.T, card hw.Card, lines [][2]string) {
	t.Helper()
	for _, l := range lines {
		answer, err := card.Transmit(compact(l[0]))
		require.NoError(t, err)
		require.Equal(t, compact(l[1]), answer, "to %s", l[0])
	}
}

const selectNamed = "00A4040007 D2760000850101"

// Ensure that applications and files are selected by the names of ISO 7816-4.
func TestISOSelect(t *testing.T) {
	expect(t, named(t), [][2]string{
		{selectNamed, "9000"},
		{"6F", "00020304050607"},
		{"00A4040C07 D2760000850101 00", "9000"},
		{"00A4000002 3F00", "9000"},
		{"6F", "9D"},
		{"00A4000002 E110 00", "9000"},
		{"6F", "00020304050607"},
		{"00A4000002 E104", "9000"},
		{"00B0000002", "0000 9000"},
		{"00A4020C02 E104", "9000"},
		{"00A4020C02 E110", "6A82"},
		{"00A4000002 E111", "6A82"},
		{"00A4000000", "9000"},
		{"6F", "9D"},
		{"00A4000002 E104", "6A82"},
		{"00A4030000", "6A86"},
		{"00A4040107 D2760000850101", "6A86"},
		{"00A4000003 E11000", "6700"},
		{"00A40000", "9000"},
	})
}

// Ensure that binary files are read and written: by the file that is selected or by
// a short name, at once or at the commit.
func TestISOBinary(t *testing.T) {
	expect(t, named(t), [][2]string{
		{"00B0000001", "6986"},
		{"00B0820001", "6A82"},
		{selectNamed, "9000"},
		{"00B0000001", "6986"},
		{"00D6820103 AABBCC", "9000"},
		{"00B0820005", "00AABBCC00 9000"},
		{"00B0000102", "6986"},
		{"00A4000002E104", "9000"},
		{"00B0000102", "AABB 9000"},
		{"00B0002600", "0000 9000"},
		{"00B0002603", "0000 6282"},
		{"00B0002801", "6B00"},
		{"00D6002702 0102", "6A84"},
		{"00A4000002E104", "9000"},
		{"00D6002701 01", "9000"},
		{"00B0002700", "01 9000"},
		{"00D6850002 0102", "9000"},
		{"00B0850002", "0000 9000"},
		{"C7", "00"},
		{"00B0850002", "0102 9000"},
		{"00B0830001", "6981"},
		{"00B0860001", "6982"},
		{"00D6860001 01", "6982"},
		{"00D68600", "6700"},
		{"00B08200", "6700"},
		{"00B0820001 0100", "6700"},
	})
}

// Ensure that an ISO command writes nothing where a Transaction MAC would have to
// cover it.
func TestISOAndTransactionMAC(t *testing.T) {
	card := issue(t, 64, true)
	before := memory(t, card)
	expect(t, emu.Air{}.Present(card), [][2]string{
		{"5A0010AB", "00"}, {"00D6810001 01", "6982"}, {"00B0810001", "00 9000"},
	})
	require.Equal(t, before, memory(t, card))
}

// Ensure that records are numbered as ISO 7816-4 does: from the oldest in a linear
// file, from the newest in a cyclic one.
func TestISORecords(t *testing.T) {
	expect(t, named(t), [][2]string{
		{selectNamed, "9000"},
		{"00E2001802 0101", "9000"},
		{"00E2002002 0101", "9000"},
		{"C7", "00"},
		{"00E2001801 02", "9000"},
		{"00E2002001 02", "9000"},
		{"C7", "00"},
		{"00B2011C00", "0101 9000"},
		{"00B2021C00", "0200 9000"},
		{"00B2011D00", "01010200 9000"},
		{"00B2012500", "02000101 9000"},
		{"00B2012400", "0200 9000"},
		{"00B2022402", "0101 9000"},
		{"00B2032400", "6A83"},
		{"00B2002400", "6A83"},
		{"00B2012600", "6A86"},
		{"00B2011400", "6981"},
		{"00E2001803 010203", "6700"},
		{"00E2011801 01", "6A86"},
		{"00E2001801 03", "9000"},
		{"C7", "00"},
		{"00E2001801 04", "6A84"},
		{"EB03", "00"},
		{"00E2001801 04", "6985"},
	})
}

// Ensure that a chain of frames is not broken into by an ISO command, but by SELECT.
func TestISOInAChain(t *testing.T) {
	expect(t, named(t), [][2]string{
		{"60", "AF04010112001A05"},
		{"00B0820001", "6985"},
		{"AF", "1C"},
		{"60", "AF04010112001A05"},
		{selectNamed, "9000"},
		{"AF", "1C"},
	})
}

// Ensure that a key is proven by the ISO commands, of every type, and that what is
// plain is then open to them, and the rest to EV1 secure messaging.
func TestISOAuthentication(t *testing.T) {
	for _, f := range families[1:] {
		for _, algorithm := range []byte{0, map[byte]byte{0: 2, 0x40: 4, 0x80: 9}[f.ks2]} {
			_, c := old(t, f, emu.EV2)
			c.do(plain, 0xCD, join(1, 0, 0x00, 0x00, 20, 0, 0), nil, -1)
			c.do(plain, 0xCD, join(2, 1, 0x00, 0x00, 20, 0, 0), nil, -1)
			c.enter(app)
			require.Equal(t, uint16(0x9000), c.isoLogin(f, algorithm, 0x80, make([]byte, f.key)))
			expect(t, c.card, [][2]string{{"00B0810001", "00 9000"}})
			require.Equal(t, make([]byte, 20), c.do(maced, 0xBD, span(2, 0, 0), nil, -1))
			expect(t, c.card, [][2]string{{"00B0820001", "6982"}, {"00B0810001", "6982"}})
		}
	}
	f := families[3]
	for name, row := range map[string]struct {
		algorithm, reference byte
		key                  []byte
		want                 uint16
	}{
		"wrong key":       {9, 0x80, bytes.Repeat([]byte{1}, 16), 0x6982},
		"wrong algorithm": {2, 0x80, zero, 0x6A86},
		"no such key":     {9, 0x84, zero, 0x6A88},
		"key of the PICC": {9, 0x00, zero, 0x6A88},
	} {
		_, c := old(t, f, emu.EV2)
		require.Equal(t, row.want, c.isoLogin(f, row.algorithm, row.reference, row.key), name)
	}
	// The challenge is good for one proof: a second one needs another.
	_, c := old(t, f, emu.EV2)
	rndB, _ := c.iso([]byte{0x00, 0x84, 0, 0, 16})
	proof := join(0x00, 0x82, 9, 0x80, 32, chain(blockOf(zero, true), zero, join(zero, rndB), true))
	_, sw := c.iso(proof)
	require.Equal(t, uint16(0x9000), sw)
	_, sw = c.iso(proof)
	require.Equal(t, uint16(0x6985), sw)
	expect(t, named(t), [][2]string{
		{"008400000A", "6700"},
		{"0084000100", "6A86"},
		{"0082000010" + "00000000000000000000000000000000", "6985"},
		{"0088000008" + "0000000000000000 00", "6985"},
	})
}

// isoLogin authenticates by challenge, external and internal authentication, and
// returns the status word of the one that failed.
func (c *classic) isoLogin(f family, algorithm, reference byte, key []byte) uint16 {
	c.t.Helper()
	rndB, sw := c.iso(join(0x00, 0x84, 0, 0, f.nonce))
	if sw != 0x9000 {
		return sw
	}
	b := blockOf(key, f.ins == 0xAA)
	n := b.BlockSize()
	rndA, second := []byte("ABCDEFGHIJKLMNOP")[:f.nonce], []byte("QRSTUVWXYZabcdef")[:f.nonce]
	token := chain(b, make([]byte, n), join(rndA, rndB), true)
	_, sw = c.iso(join(0x00, 0x82, int(algorithm), int(reference), len(token), token))
	if sw != 0x9000 {
		return sw
	}
	proof, sw := c.iso(join(0x00, 0x88, int(algorithm), int(reference), f.nonce, second,
		2*f.nonce))
	if sw != 0x9000 {
		return sw
	}
	plain := chain(b, tail(token, n), proof, false)
	require.Equal(c.t, second, plain[f.nonce:])
	c.key = blockOf(sessionKey(f, key, rndA, plain[:f.nonce]), f.ins == 0xAA)
	c.d40, c.iv = false, make([]byte, n)
	return sw
}

func (c *classic) iso(apdu []byte) ([]byte, uint16) {
	c.t.Helper()
	answer, err := c.card.Transmit(apdu)
	require.NoError(c.t, err)
	n := len(answer) - 2
	return answer[:n], uint16(answer[n])<<8 | uint16(answer[n+1])
}

// Ensure that a tear by its code finds a command in either dialect, and no ISO
// command that happens to have the code.
func TestTearByCode(t *testing.T) {
	for command, torn := range map[string]bool{
		"90B2000000": true, "6000": false, "60": false, "00B2000000": false, "BD": false,
		"905A000003 000000 00": false,
	} {
		k := emu.Air{Tear: emu.Tear{Code: 0xB2}}.Present(newCard(64))
		_, err := k.Transmit(compact(command))
		require.Equal(t, torn, err != nil, command)
	}
	k := emu.Air{Tear: emu.Tear{Code: 0x60}}.Present(newCard(64))
	_, err := k.Transmit([]byte{0x60})
	require.ErrorIs(t, err, hw.ErrRemoved)
}
