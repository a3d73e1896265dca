package emu

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// older are the published numbers of the cards before the EV2, and conversations
// that were recorded with real ones; each names its source.
type older struct {
	Vectors []vector
	Talks   []talk
}

// A talk is a conversation with a real card: native frames, status first, or APDUs.
type talk struct {
	ID    string
	Steps []struct {
		Tx, Rx []string
		RndB   string // the card's nonce, where it draws one
	}
}

func readOlder(t *testing.T) (o older) {
	t.Helper()
	text, err := os.ReadFile("../../testdata/vectors/desfire-ev1.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &o))
	return o
}

// nonces are all that the card draws in the conversation.
func (k talk) nonces(t *testing.T) (all []byte) {
	for _, s := range k.Steps {
		all = append(all, unhex(t, s.RndB)...)
	}
	return all
}

// before is what each card held when the conversation began.
var before = map[string]func(t *testing.T) *Card{
	"d40-des-auth-and-change":   blankEV1("04010203040506", ""),
	"ev1-des-iso-to-aes-master": blankEV1("04010203040506", ""),

	"elmue-ev1-00-des":    blankEV1("04063F72633480", "BA4519E3204913"),
	"elmue-ev1-01-des":    withApp("16DE00", typeDES, 0, ""),
	"elmue-ev1-02-des":    withApp("16DE00", typeDES, 0, ""),
	"elmue-ev1-04-2k3des": withApp("16DE00", typeDES, 0, "10182029303840485058606870788088"),
	"elmue-ev1-05-des":    withApp("16DE00", typeDES, 0, ""),
	"elmue-ev1-06-2k3des": withApp("16DE00", typeDES, 1, "10182029303840485058606870788088"),
	"elmue-ev1-08-3k3des": withApp("24DE00", type3K3DES, 0,
		"00102031405060708090A0B0B0A090807060504030201000"),
	"elmue-ev1-09-3k3des": withApp("24DE00", type3K3DES, 0,
		"101820293038404850586068707880889098A0A8B0B8C0C8"),
	"elmue-ev1-10-3k3des": withApp("24DE00", type3K3DES, 0, ""),
	"elmue-ev1-12-aes":    withApp("16AE00", typeAES, 0, ""),
	"elmue-ev1-13-aes":    withApp("16AE00", typeAES, 0, "00102030405060708090A0B0B0A09080"),
	"elmue-ev1-14-aes":    withApp("16AE00", typeAES, 0, "10182028303840485058606870788088"),
	"elmue-ev1-16-aes":    withApp("16AE00", typeAES, 1, "10182028303840485058606870788088"),
	"elmue-ev1-17-des":    blankEV1("04063F72633480", "BA4519E3204913"),

	"skjolber-testAES1":    masterAES("04145992DA2C80"),
	"skjolber-testAES3":    masterAES("041F5B92DA2C80"),
	"skjolber-test3K3DES1": withApp("CCCCCC", type3K3DES, 0, parityKey),
	"skjolber-test3K3DES2": usedApp,

	"desox-ev3-application":                     blankEV3,
	"desox-ev3-file_io":                         blankEV3,
	"desox-ev3-key_change_app_aes_aes":          blankEV3,
	"desox-ev3-key_change_picc_round_the_world": blankEV3,
	"desox-ev3-metadata":                        blankEV3,
}

const parityKey = "000100010001000100000000000000000000000000000000"

func blankEV1(uid, batch string) func(*testing.T) *Card {
	return func(t *testing.T) *Card {
		c := Config{UID: [7]byte(unhex(t, uid)), Chip: EV1, Memory: 8192, Blank: true}
		copy(c.Batch[:], unhex(t, batch))
		return New(c)
	}
}

func blankEV3(t *testing.T) *Card {
	return New(Config{
		UID: [7]byte(unhex(t, "0464D59ADD1E90")), Chip: EV3, Blank: true,
		Batch: [7]byte(unhex(t, "21136230304024")),
	})
}

// masterAES has an AES key of zeros, version 42, at PICC level.
func masterAES(uid string) func(*testing.T) *Card {
	return func(t *testing.T) *Card {
		c := New(Config{
			UID: [7]byte(unhex(t, uid)), Chip: EV1,
			Batch: [7]byte(unhex(t, "BA3498BAD02912")),
		})
		c.root.keys[0].version = 0x42
		return c
	}
}

// withApp has an application that is selected already, all keys zero but one.
func withApp(id string, kind keyType, no int, secret string) func(*testing.T) *Card {
	return func(t *testing.T) *Card {
		c := blankEV1("04063F72633480", "")(t)
		a := &application{
			id: aid(unhex(t, id)), settings: factorySettings,
			keySet: keySet{kind: kind, keys: blankKeys(kind, 6)},
		}
		if id[0] == '1' || id[0] == '2' {
			a.keys = a.keys[:2]
		}
		if secret != "" {
			a.keys[no].secret = unhex(t, secret)
		}
		if secret == "10182028303840485058606870788088" {
			a.keys[no].version = 0x10
		}
		c.apps = append(c.apps, a)
		c.powerUp(nil)
		c.enter(a)
		return c
	}
}

// usedApp has files that somebody has used.
func usedApp(t *testing.T) *Card {
	c := withApp("BBBBBB", type3K3DES, 5, parityKey)(t)
	a := c.apps[0]
	common := file{mode: modeFull, access: accessOf([]byte{0x54, 0x12})}
	backup, value, cyclic := common, common, common
	backup.number, backup.kind, backup.size = 5, backupFile, 64
	backup.data = append([]byte("00"), make([]byte, 62)...)
	value.number, value.kind = 4, valueFile
	value.purse = purse{upper: 1000, value: 3, allowance: 97}
	cyclic.number, cyclic.kind, cyclic.size, cyclic.most = 0, cyclicFile, 4, 10
	cyclic.data = []byte("r.00")
	a.files[5], a.files[4], a.files[0] = &backup, &value, &cyclic
	return c
}

// Ensure that what real cards have said is what this card says, byte for byte: the
// three older authentications, their session keys, running start values, frames.
func TestRecordedTalks(t *testing.T) {
	talks := readOlder(t).Talks
	require.Len(t, talks, len(before))
	for _, k := range talks {
		t.Run(k.ID, func(t *testing.T) {
			card := before[k.ID](t)
			card.SetRand(bytes.NewReader(k.nonces(t)))
			for _, step := range k.Steps {
				for i, tx := range step.Tx {
					got := card.answer(unhex(t, tx))
					require.Equal(t, step.Rx[i], upper(got), "to %s", tx)
				}
			}
		})
	}
}

func upper(p []byte) string { return string(bytes.ToUpper([]byte(hex.EncodeToString(p)))) }

// Ensure that the conversations have left what they are about.
func TestRecordedTalksLeave(t *testing.T) {
	after := func(id string) *Card {
		i := slices.IndexFunc(readOlder(t).Talks, func(k talk) bool { return k.ID == id })
		k, card := readOlder(t).Talks[i], before[id](t)
		card.SetRand(bytes.NewReader(k.nonces(t)))
		for _, step := range k.Steps {
			for _, tx := range step.Tx {
				card.answer(unhex(t, tx))
			}
		}
		return card
	}
	for _, id := range []string{"d40-des-auth-and-change", "ev1-des-iso-to-aes-master"} {
		c := after(id)
		require.Equal(t, typeAES, c.root.kind, id)
		require.Equal(t, make([]byte, 16), c.root.keys[0].secret, id)
	}
	require.Equal(t, byte(0x42), after("d40-des-auth-and-change").root.keys[0].reportedVersion())
	require.Equal(t, byte(0x10), after("elmue-ev1-02-des").apps[0].keys[0].reportedVersion())
	require.Equal(t, "10182029303840485058606870788088",
		upper(after("elmue-ev1-05-des").apps[0].keys[1].secret))
	require.Equal(t, typeDES, after("desox-ev3-key_change_picc_round_the_world").root.kind)
	require.Equal(t, "Some data to write to the card",
		string(after("skjolber-testAES3").apps[0].files[15].data[:30]))
	f := after("desox-ev3-file_io").apps[0].files
	require.Equal(t, f[1].data, f[2].data)
	require.Equal(t, f[1].data, f[3].data)
}

// Ensure that the CMAC of the DES family is that of the standard.
func TestDESVectors(t *testing.T) {
	for _, v := range readOlder(t).Vectors {
		switch {
		case v.has("cmac"):
			require.Equal(t, v.hex(t, "cmac"), newCMAC(tripled(v.hex(t, "key")).cipher()).
				sum(v.hex(t, "message")), v["id"])
		case v.has("ciphertext"):
			b := tripled(v.hex(t, "key")).cipher()
			require.Equal(t, v.hex(t, "plaintext"), decipher(b, nil, v.hex(t, "ciphertext")))
			// The card's way back from what a reader has deciphered is to encipher.
			require.Equal(t, v.hex(t, "ciphertext"), backwards(b, v.hex(t, "plaintext")))
		default:
			for _, pair := range v["vectors"].([]any) {
				p := pair.([]any)
				require.Equal(t, unhex(t, p[1].(string)), checksum16(unhex(t, p[0].(string))))
			}
		}
	}
}

// tripled is a key of the DES family by its length.
func tripled(secret []byte) key {
	switch len(secret) {
	case 8:
		return key{kind: typeDES, secret: slices.Concat(secret, secret)}
	case 24:
		return key{kind: type3K3DES, secret: secret}
	}
	return key{kind: typeDES, secret: secret}
}
