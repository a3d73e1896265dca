package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator/journal"
)

// Ensure that the back office sees a chain which was written anew as a whole, with the public
// key that the device has told, and that an export carries the last signed head.
func TestVerifySigned(t *testing.T) {
	folder(t)
	d := newDevice(t, "j", 1)
	d.loads(0, fare.PayerCustomer, "", 0, d.settle)
	require.NoError(t, d.Close())
	key, err := journal.DeviceKey("device.key")
	require.NoError(t, err)
	public := journal.PublicText(key)
	require.Equal(t, public+"\n", done(t, "list", "key", "show", "device.key"))

	came := tool(t, "", "journal", "verify", "j", "--public", public)
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, "no head of it is signed")
	require.Equal(t, 2, strings.Count(done(t, "journal", "export", "j"), "\n"))

	exported := done(t, "journal", "export", "j", "--key", "device.key")
	lines := strings.Split(strings.TrimSpace(exported), "\n")
	require.Len(t, lines, 3)
	var head headAnswer
	require.NoError(t, json.Unmarshal([]byte(lines[2]), &head))
	require.Equal(t, "head", head.Kind)
	require.EqualValues(t, 2, head.Position)
	signed, err := hex.DecodeString(head.Head)
	require.NoError(t, err)
	signature, err := hex.DecodeString(head.Signature)
	require.NoError(t, err)
	require.True(t, ed25519.Verify(key.Public().(ed25519.PublicKey),
		append([]byte("leima journal head\x00"), signed...), signature))
	raw := done(t, "journal", "export", "j", "--format", "cbor", "--after", "2")
	var item map[int]any
	require.NoError(t, cbor.NewDecoder(strings.NewReader(raw)).Decode(&item))
	require.Equal(t, signed, item[5])
	require.Equal(t, signature, item[7])

	require.Contains(t, done(t, "journal", "verify", "j", "--public", public),
		"signed: every entry up to 2 of 2 is the device's")
	came = tool(t, "", "journal", "verify", "j", "--public", "none")
	require.Equal(t, exitUsage, came.code)

	require.NoError(t, os.Rename("j", "true"))
	forged := newDevice(t, "j", 1)
	forged.loads(0, fare.PayerBenefit, "", 0, forged.settle)
	require.NoError(t, forged.Close())
	require.Zero(t, tool(t, "", "journal", "verify", "j").code, "the chain alone is whole")
	came = tool(t, "", "journal", "verify", "j", "--public", public)
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, "entry 2 is not the one that was signed")
}

// Ensure that the back office is told of a last entry that is gone.
func TestVerifyTellsALoss(t *testing.T) {
	folder(t)
	d := newDevice(t, "j", 1)
	d.loads(0, fare.PayerCustomer, "", 0, d.settle)
	require.NoError(t, d.Close())
	segment := filepath.Join("j", "00000000000000000001")
	raw := read(t, segment)
	write(t, segment, raw[:len(raw)-1])
	came := tool(t, "", "journal", "verify", "j")
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, "the last record was not whole: the newest entry may be missing")
}
