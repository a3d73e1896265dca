package main

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
	"leima/hw/emu"
)

// Ensure that of a readable card anybody sees what has the public structure, and of an
// enciphered one nothing.
func TestInspectPublic(t *testing.T) {
	folder(t, "ride.img", "aino.img")
	text := done(t, "inspect", "ride.img", "--public", "--raw")
	for _, want := range []string{
		"system          Waltti",
		"number          924699 0011 2345 6787",
		"purse           8.98",
		"history         2026-03-02T10:00, value debit, fare 2.51, persons 1, until 2026-03-02T11:30",
		"file 2          00",
	} {
		require.Contains(t, text, want)
	}
	var answer map[string]any
	require.NoError(t, json.Unmarshal([]byte(done(t, "inspect", "ride.img", "--public", "--json")), &answer))
	require.Equal(t, "Waltti", answer["system"])
	require.Len(t, answer["history"], 2)

	came := tool(t, "", "inspect", "aino.img", "--public")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "without a key nothing of the card can be read: it is blank, of another")
	done(t, "keys", "new", "keys.toml")
	require.Equal(t, exitFailed, tool(t, "", "inspect", "ride.img", "--keys", "keys.toml").code)
	require.Contains(t, done(t, "inspect", "ride.img"), "journey", "a key that fits shows more")
}

// Ensure that a card issued with other keys still shows what anybody may read.
func TestInspectOfAnotherSystem(t *testing.T) {
	folder(t, "aino.txt")
	done(t, "keys", "new", "keys.toml")
	done(t, "issue", "aino.txt", "--keys", "keys.toml", "--profile", "readable", "--out", "b.img")
	require.Contains(t, done(t, "inspect", "b.img"), "purse           10.00")
	require.Equal(t, exitFailed, tool(t, "", "inspect", "b.img", "--holder").code)
}

// Ensure that a dump is read as a card is, and that a wrong one is told with its reason.
func TestInspectDump(t *testing.T) {
	folder(t)
	write(t, "dump.json", `{"tagId":"04010203040506","mifareDesfire":{"applications":{"1319151":`+
		`{"files":{"2":{"settings":"010110e10d0000","data":"004d20000000000000000000`+`00"}}}}}}`)
	text := done(t, "inspect", "dump.json")
	require.Contains(t, text, "system          HSL v2")
	require.Contains(t, text, "purse           12.34")
	require.Contains(t, text, "not read        files 8 0 1 3 4")
	require.Contains(t, text, "uid             04010203040506")
	for wrong, want := range map[string]string{
		`{}`: "not that of a DESFire card",
		`{"mifareDesfire":{"applications":{"1319151":{"files":{"2":{"data":"00"}}}}}}`: "StoredValue",
	} {
		write(t, "wrong.json", wrong)
		came := tool(t, "", "inspect", "wrong.json")
		require.NotZero(t, came.code)
		require.Contains(t, came.err, want)
		require.True(t, strings.HasPrefix(came.err, "bench: wrong.json: "), came.err)
	}
}

// Ensure that an HSL card on a reader, which is an EV1 and has files that nobody may read,
// is read without a key.
func TestInspectHSL(t *testing.T) {
	folder(t)
	card := emu.New(emu.Config{UID: [7]byte{4, 1, 2, 3, 4, 5, 6}, Chip: emu.EV1})
	s, err := desfire.Connect(emu.Air{}.Present(card))
	require.NoError(t, err)
	require.NoError(t, s.CreateApplication(desfire.AID{0x14, 0x20, 0xEF}, 0x0F, 2))
	require.NoError(t, s.Select(desfire.AID{0x14, 0x20, 0xEF}))
	require.NoError(t, s.Authenticate(0, desfire.Key{}, rand.Reader))
	free := desfire.Rights{Read: desfire.Free}
	value := []byte{0x00, 0x4D, 0x20, 12: 0}
	require.NoError(t, s.CreateBackupFile(desfire.Layout{No: 2, Rights: free, Mode: desfire.MAC, Size: 13}))
	require.NoError(t, s.CreateStandardFile(desfire.Layout{No: 8, Size: 11}))
	require.NoError(t, s.CreateCyclicFile(desfire.Layout{No: 4, Rights: free, Size: 12, Most: 8}))
	require.NoError(t, s.Write(2, desfire.MAC, 0, value))
	event := []byte{0xBF, 0xFF, 0x65, 0xE0, 11: 0}
	require.NoError(t, s.WriteRecord(4, desfire.Plain, event))
	_, err = s.Commit(false)
	require.NoError(t, err)

	came := onReader(t, &bothersome{card: card}, "inspect", "reader:ACR")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, "system          HSL v2")
	require.Contains(t, came.out, "purse           12.34")
	require.Equal(t, 1, strings.Count(came.out, "\nhistory "), came.out)
	require.Contains(t, came.out, "not read        files 8 0 1 3")
}
