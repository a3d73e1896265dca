package emu

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A vector is one entry of the published vectors: fields of text, numbers apart.
type vector map[string]any

func (v vector) hex(t *testing.T, field string) []byte {
	t.Helper()
	text, ok := v[field].(string)
	require.True(t, ok, "%v has no %s", v["id"], field)
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return b
}

func (v vector) block(t *testing.T, field string) block {
	t.Helper()
	return block(v.hex(t, field))
}

func (v vector) number(t *testing.T, field string) int {
	t.Helper()
	n, ok := v[field].(float64)
	require.True(t, ok, "%v has no %s", v["id"], field)
	return int(n)
}

func (v vector) has(field string) bool { return v[field] != nil && v[field] != "" }

// session is the one that the vector describes, in the middle of a conversation.
func (v vector) session(t *testing.T) *ev2 {
	t.Helper()
	s := &ev2{mac: newCMAC(newAES(v.block(t, "ses_auth_mac"))), ti: [4]byte(v.hex(t, "ti"))}
	if v.has("ses_auth_enc") {
		s.enc = newAES(v.block(t, "ses_auth_enc"))
	}
	if v["cmd_ctr"] != nil {
		s.counter = uint16(v.number(t, "cmd_ctr"))
	}
	return s
}

func published(t *testing.T, id string) vector {
	t.Helper()
	text, err := os.ReadFile("../../testdata/vectors/desfire-ev2.json")
	require.NoError(t, err)
	var all struct{ Vectors []vector }
	require.NoError(t, json.Unmarshal(text, &all))
	for _, v := range all.Vectors {
		if v["id"] == id {
			return v
		}
	}
	require.FailNow(t, "no such vector", id)
	return nil
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// Ensure that the CMAC is that of the standard, in one piece and byte by byte.
func TestCMACVectors(t *testing.T) {
	sub := published(t, "aes-cmac-subkeys")
	m := newCMAC(newAES(sub.block(t, "key")))
	require.Equal(t, sub.hex(t, "k1"), m.k1)
	require.Equal(t, sub.hex(t, "k2"), m.k2)
	for _, id := range []string{"aes-cmac-0", "aes-cmac-16", "aes-cmac-40", "aes-cmac-64"} {
		v := published(t, id)
		message, want := v.hex(t, "message"), v.hex(t, "cmac")
		require.Equal(t, want, newCMAC(newAES(v.block(t, "key"))).sum(message), id)
		r := newCMAC(newAES(v.block(t, "key"))).start()
		for _, b := range message {
			r.write([]byte{b})
		}
		require.Equal(t, want, r.sum(), id)
	}
	v := published(t, "ev2-truncate")
	short := truncate(v.hex(t, "full"))
	require.Equal(t, v.hex(t, "truncated"), short[:])
}

// Ensure that the CRC of ChangeKey is the one without a final inversion.
func TestChecksumVectors(t *testing.T) {
	for _, pair := range published(t, "crc32-desfire")["vectors"].([]any) {
		p := pair.([]any)
		sum := checksum(unhex(t, p[0].(string)))
		require.Equal(t, unhex(t, p[1].(string)), sum)
	}
}

// Ensure that the session keys are those of the application notes.
func TestSessionKeyVectors(t *testing.T) {
	ids := []string{
		"ev2-seskeys-an12343", "ev2-seskeys-pm3", "ev2-first-an12196-t14",
		"ev2-first-an12196-t19", "ev2-nonfirst-an12196-t23",
	}
	for _, id := range ids {
		v := published(t, id)
		s := newEV2(0, aesKey(v.hex(t, "key")), v.hex(t, "rndA"), v.hex(t, "rndB"))
		requireKeys(t, v, s)
	}
}

// requireKeys compares keys by what they do, since a session does not show them.
func requireKeys(t *testing.T, v vector, s *ev2) {
	t.Helper()
	var one, other block
	s.enc.Encrypt(one[:], one[:])
	newAES(v.block(t, "ses_auth_enc")).Encrypt(other[:], other[:])
	require.Equal(t, other, one, v["id"])
	require.Equal(t, newCMAC(newAES(v.block(t, "ses_auth_mac"))).sum(nil), s.mac.sum(nil), v["id"])
}

// Ensure that a whole authentication is the published one, byte for byte.
func TestAuthenticationVectors(t *testing.T) {
	for _, id := range []string{"ev2-first-an12196-t14", "ev2-first-an12196-t19"} {
		v := published(t, id)
		c := vectorCard(t, v)
		no := byte(v.number(t, "key_no"))
		out, st := c.perform(codeAuthenticateFirst, []byte{no, 0})
		require.Equal(t, additionalFrame, st)
		require.Equal(t, v.hex(t, "r1_ek_rndB"), out)
		out, st = c.perform(byte(additionalFrame), v.hex(t, "c2_ek_rndA_rndBrot"))
		require.Equal(t, operationOK, st)
		require.Equal(t, v.hex(t, "r2_ek_ti_rndArot_caps"), out)
		requireKeys(t, v, c.power.session.(*ev2))
		require.Equal(t, v.hex(t, "ti"), c.power.session.(*ev2).ti[:])
		require.Equal(t, no, c.power.session.keyNo())
	}
}

// vectorCard has the vector's key in every place, and its nonces to come.
func vectorCard(t *testing.T, v vector) *Card {
	t.Helper()
	nonces := v.hex(t, "rndB")
	if v.has("ti") {
		nonces = append(nonces, v.hex(t, "ti")...)
	}
	c := New(Config{Rand: bytes.NewReader(nonces)})
	a := &application{
		id: aid{1}, settings: factorySettings,
		keySet: keySet{kind: typeAES, keys: make([]key, 5)},
	}
	for i := range a.keys {
		a.keys[i] = aesKey(v.hex(t, "key"))
	}
	c.apps = append(c.apps, a)
	c.enter(a)
	return c
}

// Ensure that the non-first authentication is the published one and keeps TI and
// the counter.
func TestNonFirstVector(t *testing.T) {
	v := published(t, "ev2-nonfirst-an12196-t23")
	c := vectorCard(t, v)
	c.power.session = &ev2{ti: [4]byte{0x76, 0x14, 0x28, 0x1A}, counter: 2}
	out := c.answer(v.hex(t, "c1"))
	require.Equal(t, append(v.hex(t, "r1_ek_rndB"), 0x91, 0xAF), out)
	out, st := c.perform(byte(additionalFrame), v.hex(t, "c2"))
	require.Equal(t, operationOK, st)
	require.Equal(t, v.hex(t, "r2_ek_rndA_rot"), out)
	requireKeys(t, v, c.power.session.(*ev2))
	require.Equal(t, [4]byte{0x76, 0x14, 0x28, 0x1A}, c.power.session.(*ev2).ti)
	require.EqualValues(t, 2, c.power.session.(*ev2).counter)
}

// Ensure that the start values for enciphering are the published ones.
func TestIVVectors(t *testing.T) {
	for _, id := range []string{"ev2-iv-1", "ev2-iv-2"} {
		v := published(t, id)
		s := ev2{
			enc: newAES(v.block(t, "ses_auth_enc")), ti: [4]byte(v.hex(t, "ti")),
			counter: uint16(v.number(t, "cmd_ctr")),
		}
		require.Equal(t, v.block(t, "iv"), s.iv(0xA5, 0x5A), id)
	}
}

// as is a call under that protection, as a session sees it.
func as(m mode, code byte) *call { return &call{terms: terms{mode: m}, code: code} }

// Ensure that enciphered commands are opened, and their answers sealed, as in the
// application notes.
func TestFullVectors(t *testing.T) {
	ids := []string{
		"ev2-full-write-t17", "ev2-full-changefilesettings-t18",
		"ev2-changekey-other-t25", "ev2-changekey-same-t26", "ev2-full-getcarduid-t28",
		"ev2-full-getcarduid-an12343", "ev2-create-tmac-an12343", "ev2-full-write-an12343",
		"ev2-full-readcmd-an12343",
	}
	for _, id := range ids {
		v := published(t, id)
		s := v.session(t)
		require.Equal(t, v.block(t, "iv_cmd"), s.iv(0xA5, 0x5A), id)
		apdu := v.hex(t, "c_apdu")
		params, _, ok := parse(apdu)
		require.True(t, ok)
		n := len(v.hex(t, "header"))
		data, st := s.open(as(modeFull, apdu[1]), params[:n], params[n:])
		require.Equal(t, operationOK, st, id)
		require.Equal(t, v.hex(t, "data"), append([]byte{}, data...), id)
		if v.has("r_mac") {
			want := append(v.hex(t, "r_data"), v.hex(t, "r_mac")...)
			require.Equal(t, want, s.seal(as(modeFull, 0), v.hex(t, "r_plain"), operationOK), id)
		}
	}
}

// Ensure that a flipped bit anywhere in an enciphered command is an integrity
// error.
func TestFullRejectsFlips(t *testing.T) {
	v := published(t, "ev2-full-write-an12343")
	params, _, _ := parse(v.hex(t, "c_apdu"))
	for bit := range 8 * len(params) {
		p := bytes.Clone(params)
		p[bit/8] ^= 1 << (bit % 8)
		q := as(modeFull, codeWriteDataISO)
		_, st := v.session(t).open(q, p[:7], p[7:])
		require.Equal(t, integrityError, st)
	}
}

// Ensure that MACed commands and answers are those of the application notes.
func TestMACVectors(t *testing.T) {
	v := published(t, "ev2-mac-an12343-writeread")
	s := v.session(t)
	command := append(v.hex(t, "write_data"), v.hex(t, "write_cmd_mac")...)
	data, st := s.open(as(modeMAC, codeWriteDataISO), v.hex(t, "write_header"), command)
	require.Equal(t, operationOK, st)
	require.Equal(t, v.hex(t, "write_data"), data)
	require.Equal(t, v.hex(t, "write_rsp_mac"), s.seal(as(modeMAC, 0), nil, operationOK))
	_, st = s.open(as(modeMAC, codeReadDataISO), v.hex(t, "read_header"), v.hex(t, "read_cmd_mac"))
	require.Equal(t, operationOK, st)
	want := append(v.hex(t, "read_rsp_data"), v.hex(t, "read_rsp_mac")...)
	require.Equal(t, want, s.seal(as(modeMAC, 0), v.hex(t, "read_rsp_data"), operationOK))

	v = published(t, "ev2-mac-getfilesettings-t7")
	s = v.session(t)
	params, _, _ := parse(v.hex(t, "c_apdu"))
	_, st = s.open(as(modeMAC, codeGetFileSettings), params[:1], params[1:])
	require.Equal(t, operationOK, st)
	answer := v.hex(t, "r_apdu")
	answer = answer[:len(answer)-2]
	told := answer[:len(answer)-macLen]
	require.Equal(t, answer, s.seal(as(modeMAC, 0), told, operationOK))
}

// Ensure that ChangeKey as published leaves the published key.
func TestChangeKeyVectors(t *testing.T) {
	for id, no := range map[string]int{
		"ev2-changekey-other-t25": 2, "ev2-changekey-same-t26": 0,
	} {
		v := published(t, id)
		c := vectorCard(t, published(t, "ev2-nonfirst-an12196-t23"))
		c.power.session = v.session(t)
		out := c.answer(v.hex(t, "c_apdu"))
		require.Equal(t, append(v.hex(t, "r_mac"), 0x91, 0x00), out, id)
		k := c.power.app.keys[no]
		require.Equal(t, v.hex(t, "data")[:keyLen], k.secret[:], "the old key was zero")
		require.EqualValues(t, 1, k.version)
		require.Equal(t, no == 0, c.power.session == nil, "the own key ends the session")
	}
}

// Ensure that the commands of the notes do on the card what they say.
func TestCommandVectors(t *testing.T) {
	for _, id := range []string{"ev2-full-getcarduid-t28", "ev2-full-getcarduid-an12343"} {
		v := published(t, id)
		c := New(Config{UID: [7]byte(v.hex(t, "r_plain"))})
		c.power.session = v.session(t)
		want := append(v.hex(t, "r_data"), v.hex(t, "r_mac")...)
		require.Equal(t, append(want, 0x91, 0x00), c.answer(v.hex(t, "c_apdu")), id)
	}

	v := published(t, "ev2-create-tmac-an12343")
	c := vectorCard(t, published(t, "ev2-nonfirst-an12196-t23"))
	c.power.session = v.session(t)
	out := c.answer(v.hex(t, "c_apdu"))
	require.Equal(t, []byte{0x91, 0x00}, out[len(out)-2:])
	f := c.power.app.tmac()
	require.Equal(t, v.hex(t, "data")[:keyLen], f.key.secret[:])
	require.EqualValues(t, 15, f.number)
	require.EqualValues(t, 0x1F10, f.access)
	require.Equal(t, make([]byte, tmacLen), f.data)
}

// Ensure that each transaction has the published key.
func TestTransactionKeyVectors(t *testing.T) {
	for id, field := range map[string]string{
		"tmac-enctmri-an12343": "tmc", "tmac-seskeys-pm3-1": "tmc_used",
	} {
		v := published(t, id)
		k := aesKey(v.hex(t, "app_tmac_key"))
		tmc, of := uint32(v.number(t, field)), [7]byte(v.hex(t, "uid"))
		require.Equal(t, v.block(t, "ses_tm_mac"), transactionKey(k, labelMAC, tmc, of), id)
		require.Equal(t, v.block(t, "ses_tm_enc"), transactionKey(k, labelENC, tmc, of), id)
	}
}
