package desfire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A talk is a conversation that somebody has recorded with a real card: native frames,
// the status first, or APDUs.
type talk struct {
	ID    string `json:"id"`
	Steps []step `json:"steps"`
}

// A step is one command with all its frames.
type step struct {
	Tx, Rx []hexed

	Key, RndA        hexed // of an authentication
	Plain            hexed // what was enciphered: data, or the key settings
	Held, Next, Vers hexed // of ChangeKey; Held only of another key than the session's
}

func (p *step) UnmarshalJSON(b []byte) error {
	type bare step
	full := struct {
		*bare
		Version hexed
	}{bare: (*bare)(p)}
	err := json.Unmarshal(b, &full)
	p.Vers = full.Version
	return err
}

func readOlder(t *testing.T) (vectors []vector, talks []talk) {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/vectors/desfire-ev1.json")
	require.NoError(t, err)
	var file struct {
		Vectors []vector
		Talks   []talk
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	return file.Vectors, file.Talks
}

// A frame is one exchange: code and data, status and data.
type frame struct {
	code   byte
	data   []byte
	status Status
	answer []byte
}

// frames are those of a step. What the recorded client has sent in pieces is one here
// with joined, for how it cuts is each client's own affair.
func (p step) frames(joined bool) (all []frame) {
	for i, tx := range p.Tx {
		f := native(tx, p.Rx[i])
		if n := len(all) - 1; joined && n >= 0 && f.code == 0xAF && len(f.data) > 0 &&
			all[n].status == AdditionalFrame && len(all[n].answer) == 0 {
			all[n].data = append(all[n].data, f.data...)
			all[n].status, all[n].answer = f.status, f.answer
			continue
		}
		all = append(all, f)
	}
	return all
}

// native takes the wrapping off.
func native(tx, rx []byte) frame {
	if tx[0] != 0x90 {
		return frame{tx[0], bytes.Clone(tx[1:]), Status(rx[0]), rx[1:]}
	}
	f := frame{code: tx[1], status: Status(rx[len(rx)-1]), answer: rx[:len(rx)-2]}
	if len(tx) > 5 {
		f.data = bytes.Clone(tx[5 : len(tx)-1])
	}
	return f
}

// A recorded card says again what it has said to the same frames.
type recorded struct {
	t      *testing.T
	frames []frame
	so     []byte // far of a frame that comes in pieces
}

func (r *recorded) Transmit(command []byte) ([]byte, error) {
	r.t.Helper()
	f := native(command, []byte{0x91, 0x00})
	require.NotEmpty(r.t, r.frames, "one frame too many: %X", command)
	want := r.frames[0]
	if len(r.so) > 0 {
		want.code = 0xAF
	}
	require.Equal(r.t, want.code, f.code, "%X", command)
	r.so = append(r.so, f.data...)
	if len(r.so) < len(want.data) {
		require.Equal(r.t, hexOf(want.data[:len(r.so)]), hexOf(r.so), "command %02X", f.code)
		return []byte{0x91, 0xAF}, nil
	}
	require.Equal(r.t, hexOf(want.data), hexOf(r.so), "command %02X", f.code)
	r.frames, r.so = r.frames[1:], nil
	return append(bytes.Clone(want.answer), 0x91, byte(want.status)), nil
}

func hexOf(p []byte) string { return fmt.Sprintf("%X", p) }

// only is a key that is proved in one way.
type only struct {
	Authenticator
	method Method
}

func (o only) Methods() []Method { return []Method{o.method} }

// keyFor is the key of an authentication step.
func keyFor(t *testing.T, m Method, secret []byte) Authenticator {
	t.Helper()
	if m == AES {
		return only{keyOf(secret), m}
	}
	key, err := NewDESKey(secret)
	require.NoError(t, err)
	return only{key, m}
}

// Ensure that the client says to real cards, byte for byte, what other clients have
// said, and believes what the cards have answered: three authentications, session keys
// of every type, running start values, keys of every type changed, files of every mode.
func TestRecordedTalks(t *testing.T) {
	_, talks := readOlder(t)
	for _, k := range talks {
		t.Run(k.ID, func(t *testing.T) {
			// The wrapped ones were cut as we cut.
			joined := !strings.HasPrefix(k.ID, "skjolber")
			card := &recorded{t: t}
			s := &Session{card: card}
			for i, p := range k.Steps {
				card.frames = p.frames(joined)
				f := card.frames[0]
				require.NoError(t, p.do(t, s, f.code, f.data), "step %d, %02X", i, f.code)
				require.Empty(t, card.frames, "step %d, %02X", i, f.code)
			}
		})
	}
}

// do has the session do what the step is about.
func (p step) do(t *testing.T, s *Session, code byte, data []byte) error {
	t.Helper()
	switch code {
	case 0x0A, 0x1A, 0xAA:
		random := append(bytes.Clone(p.RndA), make([]byte, 16-len(p.RndA))...)
		return s.Authenticate(data[0], keyFor(t, Method(code), p.Key), bytes.NewReader(random))
	case 0xC4:
		return s.changeKey(data[0], p.Held, p.Next, p.Vers...)
	case 0x54:
		return s.ChangeKeySettings(p.Plain[0])
	case 0xCA:
		if data[4]&0xC0 != 0x80 { // only AES applications are ours to make
			return s.execute(command{code: Code(code), header: data, mode: managed})
		}
		return s.CreateApplication(AID(data), data[3], int(data[4]&0x0F))
	case 0xCD:
		return s.CreateStandardFile(Layout{
			No: data[0], Mode: Mode(data[1]),
			Rights: Rights{data[3] >> 4, data[3] & 15, data[2] >> 4, data[2] & 15},
			Size:   number24(data[4:]),
		})
	case 0xDF: // DeleteFile is no command of ours
		return s.execute(command{code: Code(code), header: data, mode: managed})
	case 0x5A:
		return s.Select(AID(data))
	case 0xDA:
		return s.DeleteApplication(AID(data))
	case 0xFC:
		return s.Format()
	case 0x3D:
		return p.write(t, s, data)
	case 0xBD, 0xBB, 0x6C:
		return p.read(t, s, code, data)
	}
	return p.ask(t, s, code, data)
}

func number24(p []byte) int { return int(p[0]) | int(p[1])<<8 | int(p[2])<<16 }

// write tells the mode by the length.
func (p step) write(t *testing.T, s *Session, data []byte) error {
	t.Helper()
	size, mode, content := number24(data[4:]), Plain, data[7:]
	switch {
	case p.Plain != nil:
		mode, content = Full, p.Plain
	case len(content) == size+macSize:
		mode, content = MAC, content[:size]
	}
	require.Len(t, content, size)
	return s.Write(data[0], mode, number24(data[1:]), content)
}

func (p step) read(t *testing.T, s *Session, code byte, data []byte) error {
	t.Helper()
	if code == 0x6C { // GetValue is no command of ours
		got, err := s.ask(Code(code), data, Full, 4)
		require.Equal(t, []byte(p.Plain), got)
		return err
	}
	offset, size := number24(data[1:]), number24(data[4:])
	switch {
	case code == 0xBB:
		got, err := s.ReadRecords(data[0], Full, len(p.Plain)/size, size)
		require.Equal(t, []byte(p.Plain), got)
		return err
	case size == 0:
		return p.readUntold(t, s, data)
	case p.Plain == nil:
		got, want := make([]byte, size), []byte(nil)
		for _, rx := range p.Rx {
			want = append(want, rx[1:]...)
		}
		err := s.Read(data[0], Plain, offset, got)
		require.Equal(t, want[:size], got)
		return err
	}
	got := make([]byte, size)
	err := s.Read(data[0], Full, offset, got)
	require.Equal(t, []byte(p.Plain), got)
	return err
}

// readUntold is a read that leaves the length to the card, which then marks the end of
// the data. The client has no such read, only the running start value.
func (p step) readUntold(t *testing.T, s *Session, data []byte) error {
	t.Helper()
	answer, err := s.exchange(command{code: 0xBD, header: data, mode: Full})
	require.NoError(t, err)
	m := s.secure.(*ev1)
	cbcDecrypt(m.mac.block, m.mac.iv(), answer)
	n := len(p.Plain)
	require.Equal(t, []byte(p.Plain), answer[:n])
	require.Equal(t, crc32Of(append(bytes.Clone(p.Plain), 0)), answer[n:n+4])
	require.Equal(t, byte(0x80), answer[n+4])
	return nil
}

// ask compares what is learned with the recorded answer.
func (p step) ask(t *testing.T, s *Session, code byte, data []byte) (err error) {
	t.Helper()
	rx := native(p.Tx[0], p.Rx[0]).answer
	switch code {
	case 0x60:
		var v Version
		v, err = s.Version()
		require.Equal(t, rx, v.Hardware[:])
		require.Equal(t, native(p.Tx[2], p.Rx[2]).answer[:7], v.UID[:])
	case 0x64:
		var version byte
		version, err = s.KeyVersion(data[0])
		require.Equal(t, rx[0], version)
	case 0x45:
		var ks1, ks2 byte
		ks1, ks2, err = s.KeySettings()
		require.Equal(t, rx[:2], []byte{ks1, ks2})
	case 0x6A:
		var ids []AID
		ids, err = s.ApplicationIDs()
		for i, id := range ids {
			require.Equal(t, rx[3*i:3*i+3], id[:])
		}
		require.Len(t, ids, (len(rx)-macSize)/3)
	case 0x51:
		var uid UID
		uid, err = s.CardUID()
		require.Equal(t, []byte(p.Plain), uid[:])
	case 0x6F:
		var files []byte
		files, err = s.FileIDs()
		require.Equal(t, rx[:len(rx)-macSize], append([]byte{}, files...))
	case 0xF5:
		var settings []byte
		settings, err = s.FileSettings(data[0])
		require.Equal(t, rx[:len(rx)-macSize], settings)
	default:
		require.Fail(t, "no such command here", "%02X", code)
	}
	return err
}

// Ensure that the CMAC of the DES family is that of the standard.
func TestDESCMAC(t *testing.T) {
	older, _ := readOlder(t)
	for _, v := range older {
		if v.CMAC == nil {
			continue
		}
		key, err := NewDESKey(v.Key)
		require.NoError(t, err)
		sum := newCMAC(key.cipher()).sum(v.Message)
		require.Equal(t, []byte(v.CMAC), sum[:8], v.ID)
	}
}

// Ensure that the CRC of the oldest cards is that of the traces.
func TestCRC16(t *testing.T) {
	older, _ := readOlder(t)
	for _, v := range older {
		for _, raw := range v.Vectors {
			var pair [2]hexed
			require.NoError(t, json.Unmarshal(raw, &pair))
			require.Equal(t, []byte(pair[1]), crc16Of(pair[0]))
		}
	}
}

// Ensure that what D40 receives, and what it sends, is deciphered.
func TestDeciphering(t *testing.T) {
	older, _ := readOlder(t)
	i := len(older) - 1
	v := older[i]
	require.Equal(t, "d40-des-receive-send", v.ID)
	key, err := NewDESKey(v.Key)
	require.NoError(t, err)
	for _, decipher := range []func(){
		func() { cbcDecrypt(key.cipher(), make([]byte, 8), v.Ciphertext) },
		func() { cbcSend(key.cipher(), make([]byte, 8), v.Ciphertext) },
	} {
		held := bytes.Clone(v.Ciphertext)
		decipher()
		require.Equal(t, []byte(v.Plaintext), []byte(v.Ciphertext))
		v.Ciphertext = held
	}
}

// vectorsOf says what each published vector is for: the test here that holds the
// client to it, or why there is none. A name may stand for all that begin with it.
var vectorsOf = map[string]string{
	"aes-cmac":                        "TestCMAC",
	"cmac-":                           "TestDESCMAC",
	"crc16-desfire":                   "TestCRC16",
	"crc32-desfire":                   "TestCRC32",
	"d40-des-receive-send":            "TestDeciphering",
	"d40-des-auth-and-change":         "TestRecordedTalks",
	"ev1-des-iso-to-aes-master":       "TestRecordedTalks",
	"elmue-ev1":                       "TestRecordedTalks",
	"skjolber":                        "TestRecordedTalks",
	"desox-ev3":                       "TestRecordedTalks",
	"fmt-getversion":                  "TestVersion",
	"ev2-seskeys":                     "TestSessionKeys",
	"ev2-iv":                          "TestCommandIV",
	"ev2-mac-an12343-writeread":       "TestMACMode",
	"ev2-truncate":                    "TestTruncate",
	"ev2-first":                       "TestAuthenticateEV2First",
	"ev2-nonfirst":                    "TestAuthenticateEV2NonFirst",
	"ev2-mac-getfilesettings-t7":      "TestFileSettings",
	"ev2-full-write-t17":              "TestFullMode",
	"ev2-changekey":                   "TestFullMode",
	"ev2-full-getcarduid":             "TestFullMode",
	"ev2-full-changefilesettings-t18": "TestFullModeCommands",
	"ev2-create-tmac-an12343":         "TestFullModeCommands",
	"ev2-full-write-an12343":          "TestFullModeCommands",
	"ev2-full-readcmd-an12343":        "TestFullModeCommands",
	"tmac-":                           "TestTransactionMACSession",
	"an10922-aes128":                  "none: keys are derived in cardlayout",
	"an10957-aes128-short-m":          "none: keys are derived in cardlayout",
	"an10957-issue91":                 "none: keys are derived in cardlayout",
	"python-desfire-nopad":            "none: keys are derived in cardlayout",
}

// Ensure that no published vector is forgotten, and that every test named is there.
func TestEveryVectorIsUsed(t *testing.T) {
	older, talks := readOlder(t)
	all := append(vectors(t, ""), older...)
	for _, k := range talks {
		all = append(all, vector{ID: k.ID})
	}
	used := map[string]bool{}
	for _, v := range all {
		found := 0
		for name := range vectorsOf {
			if strings.HasPrefix(v.ID, name) {
				used[name] = true
				found++
			}
		}
		require.Equal(t, 1, found, "vector %s: say in the table which test uses it", v.ID)
	}
	require.Len(t, used, len(vectorsOf), "the table names vectors that are not there")
	var tests string
	for _, file := range []string{"vectors_test.go", "replay_test.go"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		tests += string(text)
	}
	for name, test := range vectorsOf {
		if !strings.HasPrefix(test, "none: ") {
			require.Contains(t, tests, "func "+test+"(t *testing.T)", name)
		}
	}
}
