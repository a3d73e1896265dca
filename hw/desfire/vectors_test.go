package desfire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
)

// hexed is a string of hex digits in the vector file.
type hexed []byte

func (h *hexed) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	raw, err := hex.DecodeString(text)
	*h = raw
	return err
}

// vector has the fields of the published vectors that concern a terminal.
type vector struct {
	ID     string `json:"id"`
	Key    hexed  `json:"key"`
	KeyNo  byte   `json:"key_no"`
	RndA   hexed  `json:"rndA"`
	RndB   hexed  `json:"rndB"`
	R1     hexed  `json:"r1_ek_rndB"`
	C2     hexed  `json:"c2_ek_rndA_rndBrot"`
	C2b    hexed  `json:"c2"`
	R2     hexed  `json:"r2_ek_ti_rndArot_caps"`
	R2b    hexed  `json:"r2_ek_rndA_rot"`
	TI     hexed  `json:"ti"`
	Enc    hexed  `json:"ses_auth_enc"`
	MAC    hexed  `json:"ses_auth_mac"`
	Ctr    uint16 `json:"cmd_ctr"`
	IV     hexed  `json:"iv"`
	Header hexed  `json:"header"`
	Data   hexed  `json:"data"`
	IVCmd  hexed  `json:"iv_cmd"`
	CAPDU  hexed  `json:"c_apdu"`
	RAPDU  hexed  `json:"r_apdu"`
	RMAC   hexed  `json:"r_mac"`
	RData  hexed  `json:"r_data"`
	RPlain hexed  `json:"r_plain"`

	Message   hexed `json:"message"`
	CMAC      hexed `json:"cmac"`
	K1        hexed `json:"k1"`
	K2        hexed `json:"k2"`
	Full      hexed `json:"full"`
	Truncated hexed `json:"truncated"`

	WriteHeader hexed `json:"write_header"`
	WriteData   hexed `json:"write_data"`
	WriteMAC    hexed `json:"write_cmd_mac"`
	WriteRMAC   hexed `json:"write_rsp_mac"`
	ReadHeader  hexed `json:"read_header"`
	ReadMAC     hexed `json:"read_cmd_mac"`
	ReadData    hexed `json:"read_rsp_data"`
	ReadRMAC    hexed `json:"read_rsp_mac"`

	Ciphertext hexed `json:"ciphertext"`
	Plaintext  hexed `json:"plaintext"`

	TMACKey hexed  `json:"app_tmac_key"`
	UID     hexed  `json:"uid"`
	TMC     uint32 `json:"tmc"`
	TMCUsed uint32 `json:"tmc_used"`
	SesTM   hexed  `json:"ses_tm_mac"`

	Frames  []hexed           `json:"frames"`
	Vectors []json.RawMessage `json:"vectors"`
}

// vectors returns the published vectors whose name begins with prefix.
func vectors(t *testing.T, prefix string) []vector {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/vectors/desfire-ev2.json")
	require.NoError(t, err)
	var file struct{ Vectors []vector }
	require.NoError(t, json.Unmarshal(raw, &file))
	var found []vector
	for _, v := range file.Vectors {
		if strings.HasPrefix(v.ID, prefix) {
			found = append(found, v)
		}
	}
	require.NotEmpty(t, found, "no vector begins with %q", prefix)
	return found
}

// script is a card that answers each command only if it is the very one
// expected.
type script struct {
	t     *testing.T
	steps [][2][]byte
}

func (s *script) Transmit(command []byte) ([]byte, error) {
	require.NotEmpty(s.t, s.steps, "one command too many: %X", command)
	step := s.steps[0]
	s.steps = s.steps[1:]
	require.Equal(s.t, fmt.Sprintf("%X", step[0]), fmt.Sprintf("%X", command))
	return bytes.Clone(step[1]), nil
}

var _ hw.Card = (*script)(nil)

func apdu(ins byte, data []byte) []byte {
	out := []byte{0x90, ins, 0, 0}
	if len(data) > 0 {
		out = append(append(out, byte(len(data))), data...)
	}
	return append(out, 0)
}

func answer(status byte, parts ...[]byte) []byte {
	return append(bytes.Join(parts, nil), 0x91, status)
}

// session is a session in the middle of a vector.
func session(t *testing.T, v vector, steps ...[2][]byte) (*Session, *script) {
	card := &script{t: t, steps: steps}
	s := &Session{card: card}
	m := newEV2(SessionKeys{Enc: keyOf(v.Enc), MAC: keyOf(v.MAC), TI: [4]byte(v.TI)})
	m.counter = v.Ctr
	s.secure = m
	return s, card
}

// sealed is a command as it is sent.
func sealed(m secureMessaging, mode Mode, code byte, header, data []byte) []byte {
	return m.seal(append(append([]byte{code}, header...), data...), 1+len(header), 0, mode)
}

func keyOf(b []byte) (k Key) {
	copy(k[:], b)
	return k
}

// Ensure that CMAC and its two subkeys are those of RFC 4493.
func TestCMAC(t *testing.T) {
	for _, v := range vectors(t, "aes-cmac") {
		c := newCMAC(keyOf(v.Key).cipher())
		if v.K1 != nil {
			require.Equal(t, []byte(v.K1), c.k1[:], v.ID)
			require.Equal(t, []byte(v.K2), c.k2[:], v.ID)
			continue
		}
		sum := c.sum(v.Message)
		require.Equal(t, []byte(v.CMAC), sum[:], v.ID)
	}
}

// Ensure that a MAC is truncated to its odd bytes.
func TestTruncate(t *testing.T) {
	for _, v := range vectors(t, "ev2-truncate") {
		short := truncate([16]byte(v.Full))
		require.Equal(t, []byte(v.Truncated), short[:])
	}
}

// Ensure that the session keys are those of the application notes.
func TestSessionKeys(t *testing.T) {
	for _, v := range vectors(t, "ev2-seskeys") {
		keys := keyOf(v.Key).session(EV2First, v.RndA, v.RndB)
		require.Equal(t, []byte(v.Enc), keys.Enc[:], v.ID)
		require.Equal(t, []byte(v.MAC), keys.MAC[:], v.ID)
	}
}

// Ensure that AuthenticateEV2First says and concludes what the application note
// prints.
func TestAuthenticateEV2First(t *testing.T) {
	for _, v := range vectors(t, "ev2-first") {
		card := &script{t: t, steps: [][2][]byte{
			{apdu(0x71, []byte{v.KeyNo, 0}), answer(0xAF, v.R1)},
			{apdu(0xAF, v.C2), answer(0x00, v.R2)},
		}}
		s := &Session{card: card}
		require.NoError(t, s.Authenticate(v.KeyNo, keyOf(v.Key), bytes.NewReader(v.RndA)), v.ID)
		require.Equal(t, []byte(v.TI), s.secure.(*ev2).ti[:], v.ID)
		require.Equal(t, newEV2(SessionKeys{
			Enc: keyOf(v.Enc), MAC: keyOf(v.MAC), TI: [4]byte(v.TI),
		}), s.secure, v.ID)
	}
}

// Ensure that AuthenticateEV2NonFirst changes the keys and keeps identifier and
// counter.
func TestAuthenticateEV2NonFirst(t *testing.T) {
	for _, v := range vectors(t, "ev2-nonfirst") {
		card := &script{t: t, steps: [][2][]byte{
			{apdu(0x77, []byte{0}), answer(0xAF, v.R1)},
			{apdu(0xAF, v.C2b), answer(0x00, v.R2b)},
		}}
		s := &Session{card: card}
		m := newEV2(SessionKeys{TI: [4]byte{0x76, 0x14, 0x28, 0x1A}})
		m.counter = 2
		s.secure = m
		require.NoError(t, s.Reauthenticate(0, keyOf(v.Key), bytes.NewReader(v.RndA)))
		want := newEV2(SessionKeys{
			Enc: keyOf(v.Enc), MAC: keyOf(v.MAC), TI: [4]byte{0x76, 0x14, 0x28, 0x1A},
		})
		want.counter = 2
		require.Equal(t, want, s.secure)
	}
}

// Ensure that the start value of enciphering is the published one.
func TestCommandIV(t *testing.T) {
	for _, v := range vectors(t, "ev2-iv") {
		m := newEV2(SessionKeys{Enc: keyOf(v.Enc), TI: [4]byte(v.TI)})
		m.counter = v.Ctr
		m.startValue(0xA5, 0x5A)
		require.Equal(t, []byte(v.IV), m.iv[:], v.ID)
	}
}

// Ensure that a write and a read in MAC mode carry the four published MACs.
func TestMACMode(t *testing.T) {
	v := vectors(t, "ev2-mac-an12343")[0]
	m := newEV2(SessionKeys{MAC: keyOf(v.MAC), TI: [4]byte(v.TI)})
	sent := sealed(m, MAC, 0x8D, v.WriteHeader, v.WriteData)
	require.Equal(t, []byte(v.WriteMAC), sent[len(sent)-macSize:])
	_, err := m.open(MAC, v.WriteRMAC, 0)
	require.NoError(t, err)
	sent = sealed(m, MAC, 0xAD, v.ReadHeader, nil)
	require.Equal(t, []byte(v.ReadMAC), sent[len(sent)-macSize:])
	data, err := m.open(MAC, append(bytes.Clone(v.ReadData), v.ReadRMAC...), len(v.ReadData))
	require.NoError(t, err)
	require.Equal(t, []byte(v.ReadData), data)
}

// Ensure that the settings of a file are asked and believed as in AN12196.
func TestFileSettings(t *testing.T) {
	v := vectors(t, "ev2-mac-getfilesettings")[0]
	s, card := session(t, v, [2][]byte{v.CAPDU, answer(0, v.RAPDU[:len(v.RAPDU)-2])})
	settings, err := s.FileSettings(2)
	require.NoError(t, err)
	require.Equal(t, []byte(v.RAPDU[:len(v.RAPDU)-10]), settings)
	require.Empty(t, card.steps)
}

// Ensure that every published command in Full mode is built to the byte, and
// that its answer is accepted and deciphered.
func TestFullMode(t *testing.T) {
	run := func(v vector, act func(*Session) error) {
		s, card := session(t, v, [2][]byte{v.CAPDU, answer(0, v.RData, v.RMAC)})
		require.NoError(t, act(s), v.ID)
		require.Empty(t, card.steps)
	}
	v := vectors(t, "ev2-full-write-t17")[0]
	run(v, func(s *Session) error { return s.Write(2, Full, 0, v.Data) })
	v = vectors(t, "ev2-changekey-other")[0]
	var next Key
	copy(next[:], v.Data) // the key held before is all zeros
	run(v, func(s *Session) error { return s.ChangeKey(2, &Key{}, next, 1) })
	v = vectors(t, "ev2-changekey-same")[0]
	run(v, func(s *Session) error { return s.ChangeKey(0, nil, keyOf(v.Data[:16]), 1) })
	for _, v := range vectors(t, "ev2-full-getcarduid") {
		run(v, func(s *Session) error {
			uid, err := s.CardUID()
			require.Equal(t, []byte(v.RPlain), uid[:])
			return err
		})
	}
}

// Ensure that published commands whose answers were not printed are built to the
// byte.
func TestFullModeCommands(t *testing.T) {
	for _, v := range append(vectors(t, "ev2-full-write-an12343"),
		append(vectors(t, "ev2-full-changefilesettings"),
			append(vectors(t, "ev2-full-readcmd"), vectors(t, "ev2-create-tmac")...)...)...) {
		m := newEV2(SessionKeys{Enc: keyOf(v.Enc), MAC: keyOf(v.MAC), TI: [4]byte(v.TI)})
		m.counter = v.Ctr
		ins := v.CAPDU[1]
		require.Equal(t, fmt.Sprintf("%X", []byte(v.CAPDU)),
			fmt.Sprintf("%X", apdu(ins, sealed(m, Full, ins, v.Header, v.Data)[1:])), v.ID)
	}
	v := vectors(t, "ev2-create-tmac")[0]
	s, card := session(t, v, [2][]byte{v.CAPDU, answer(0x9D)})
	err := s.CreateTransactionMACFile(Layout{
		No: 0x0F, Mode: Plain, Rights: Rights{1, Never, 1, 0},
	}, keyOf(v.Data[:16]), v.Data[16])
	require.ErrorIs(t, err, PermissionDenied)
	require.Empty(t, card.steps)
}

// Ensure that GetVersion is put together from its three frames.
func TestVersion(t *testing.T) {
	for _, v := range vectors(t, "fmt-getversion") {
		last := v.Frames[2][:14]
		s := &Session{card: &script{t: t, steps: [][2][]byte{
			{apdu(0x60, nil), answer(0xAF, v.Frames[0])},
			{apdu(0xAF, nil), answer(0xAF, v.Frames[1])},
			{apdu(0xAF, nil), answer(0x00, last)},
		}}}
		version, err := s.Version()
		require.NoError(t, err)
		require.Equal(t, []byte(last[:7]), version.UID[:])
		want := 1
		if strings.Contains(v.ID, "ev3") {
			want = 3
		}
		require.Equal(t, want, version.Generation(), v.ID)
	}
}

// Ensure that the CRC of ChangeKey is the one of the traces.
func TestCRC32(t *testing.T) {
	for _, raw := range vectors(t, "crc32-desfire")[0].Vectors {
		var v [2]hexed
		require.NoError(t, json.Unmarshal(raw, &v))
		require.Equal(t, []byte(v[1]), crc32Of(v[0]))
	}
}

// Ensure that a key never prints, whatever the verb.
func TestKeyIsRedacted(t *testing.T) {
	key := Key{0xDE, 0xAD}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		require.Equal(t, "REDACTED", fmt.Sprintf(verb, key))
		require.NotContains(t, fmt.Sprintf(verb, SessionKeys{Enc: key}), "222")
	}
}

// Ensure that the session key of a transaction's signature is the published one: its
// CMAC over one block is the signature under that block.
func TestTransactionMACSession(t *testing.T) {
	for _, v := range vectors(t, "tmac-") {
		block := make([]byte, 16)
		want := truncate(newCMAC(keyOf(v.SesTM).cipher()).sum(block))
		counter := max(v.TMC, v.TMCUsed)
		require.Equal(t, want, keyOf(v.TMACKey).TransactionMAC(UID(v.UID), counter, block), v.ID)
	}
}
