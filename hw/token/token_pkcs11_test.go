//go:build pkcs11

package token_test

import (
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/stretchr/testify/require"

	"leima/hw/token"
	"leima/hw/token/tokentest"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	require.NoError(t, err)
	return raw
}

// master is that of AN10922, section 2.2.1.
var master = [16]byte{
	0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
	0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
}

// Ensure that a token derives the key that AN10922 prints, in this session and in the next,
// and that a load takes the place of the one before.
func TestDerivation(t *testing.T) {
	uri := tokentest.New(t)
	input := append([]byte{1}, unhex(t, "04782E21801D803042F54E585020416275")...)
	opened := tokentest.Open(t, uri)
	require.NoError(t, opened.Load([]byte("first"), []token.Named{{Label: "gone", Key: master}}))
	require.NoError(t, opened.Load([]byte("second"), []token.Named{
		{Label: "a", Key: master},
		{Label: "b", Key: [16]byte{1}},
	}))
	require.NoError(t, opened.Close())
	opened = tokentest.Open(t, uri)
	said, err := opened.Description()
	require.NoError(t, err)
	require.Equal(t, "second", string(said))
	sum, err := opened.CMAC("a", input)
	require.NoError(t, err)
	require.Equal(t, unhex(t, "A8DD63A3B89D54B37CA802473FDA9175"), sum[:])
	other, err := opened.CMAC("b", input)
	require.NoError(t, err)
	require.NotEqual(t, sum, other)
	_, err = opened.CMAC("gone", input)
	require.ErrorIs(t, err, token.ErrToken)
	require.ErrorContains(t, err, "bench keys token")
}

// Ensure that no key comes out of a token, and that none does anything but AES-CMAC: in the
// hands of a program of the thief's own, who has the PIN.
func TestKeysStayOnTheToken(t *testing.T) {
	uri := tokentest.New(t)
	opened := tokentest.Open(t, uri)
	require.NoError(t, opened.Load([]byte("all"), []token.Named{{Label: "a", Key: master}}))
	require.NoError(t, opened.Close())
	named, err := token.ParseURI(uri)
	require.NoError(t, err)

	thief := pkcs11.New(named.Module)
	require.NoError(t, thief.Initialize())
	defer func() { _ = thief.Finalize(); thief.Destroy() }()
	slots, err := thief.GetSlotList(true)
	require.NoError(t, err)
	session, err := thief.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	require.NoError(t, err)
	find := func() []pkcs11.ObjectHandle {
		require.NoError(t, thief.FindObjectsInit(session, []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY),
		}))
		found, _, err := thief.FindObjects(session, 9)
		require.NoError(t, err)
		require.NoError(t, thief.FindObjectsFinal(session))
		return found
	}
	require.Empty(t, find(), "without the PIN")
	require.NoError(t, thief.Login(session, pkcs11.CKU_USER, tokentest.PIN))
	require.Len(t, find(), 1)
	key := find()[0]
	_, err = thief.GetAttributeValue(session, key, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil),
	})
	require.ErrorIs(t, err, pkcs11.Error(pkcs11.CKR_ATTRIBUTE_SENSITIVE))
	ecb := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_ECB, nil)}
	require.Error(t, thief.EncryptInit(session, ecb, key))
	require.Error(t, thief.DecryptInit(session, ecb, key))
	wrap := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_KEY_WRAP, nil)}
	_, err = thief.WrapKey(session, wrap, key, key)
	require.Error(t, err)
	require.Error(t, thief.SetAttributeValue(session, key, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, true),
	}))
}

// Ensure that whatever is wrong with a token says what it is and what to do.
func TestWhatIsWrongWithAToken(t *testing.T) {
	uri := tokentest.New(t)
	named, err := token.ParseURI(uri)
	require.NoError(t, err)
	open := func(change func(*token.URI), pin string) error {
		other := named
		change(&other)
		opened, err := token.Open(other, []byte(pin))
		if err == nil {
			defer opened.Close()
			_, err = opened.Description()
		}
		return err
	}
	nothing := func(*token.URI) {}
	for want, err := range map[string]error{
		"no PKCS#11 library that can be loaded": open(func(u *token.URI) { u.Module = "/none.so" }, tokentest.PIN),
		"the PIN is wrong":                      open(nothing, "9999"),
		`no token "bus 8" is there: plug it in`: open(func(u *token.URI) { u.Token = "bus 8" }, tokentest.PIN),
		`no token "serial=12" is there`:         open(func(u *token.URI) { u.Token, u.Serial = "", "12" }, tokentest.PIN),
		"no keys are on it, or only a part":     open(nothing, tokentest.PIN),
	} {
		require.ErrorIs(t, err, token.ErrToken, want)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), tokentest.PIN)
		require.NotContains(t, err.Error(), "CKR_")
	}
	out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", "bus 9",
		"--so-pin", "135791", "--pin", tokentest.PIN).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.ErrorContains(t, open(nothing, tokentest.PIN), `2 tokens are called "bus 9": add the serial`)
}

// Ensure that a token which is taken out is told, and found again when it is back.
func TestTokenIsTakenOut(t *testing.T) {
	uri := tokentest.New(t)
	opened := tokentest.Open(t, uri)
	require.NoError(t, opened.Load([]byte("all"), []token.Named{{Label: "a", Key: master}}))
	want, err := opened.CMAC("a", []byte("message"))
	require.NoError(t, err)
	text, err := os.ReadFile(os.Getenv("SOFTHSM2_CONF"))
	require.NoError(t, err)
	_, tokens, _ := strings.Cut(string(text), "tokendir = ")
	tokens, _, _ = strings.Cut(tokens, "\n")
	found, err := filepath.Glob(filepath.Join(tokens, "*"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	tokens = found[0]
	away := filepath.Join(t.TempDir(), "away")
	require.NoError(t, os.Rename(tokens, away))
	_, err = opened.CMAC("a", []byte("message"))
	require.ErrorIs(t, err, token.ErrToken)
	require.ErrorContains(t, err, "plug it in")
	require.NoError(t, os.Rename(away, tokens))
	sum, err := opened.CMAC("a", []byte("message"))
	require.NoError(t, err)
	require.Equal(t, want, sum)
}
