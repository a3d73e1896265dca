//go:build pcsc && linux

package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/pcsc"
	"leima/hw/pcsc/pcscdtest"
)

// These tests talk through a pcscd of their own, as one who has only the virtual reader.

func TestMain(m *testing.M) { pcscdtest.Main(m) }

// emulated runs bench emulate until the test ends, and waits until pcscd has seen the card.
func emulated(t *testing.T, args ...string) {
	t.Helper()
	pcscdtest.Need(t)
	ctx, takeAway := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	var out, errs strings.Builder
	go func() {
		b := newBench(nil, &out, &errs)
		ended <- b.run(ctx, append([]string{"emulate"}, args...))
	}()
	t.Cleanup(func() {
		takeAway()
		require.Zero(t, <-ended, errs.String())
		time.Sleep(500 * time.Millisecond) // pcscd looks at its reader
	})
	reader, err := pcsc.Open(pcsc.Options{Pattern: pcscdtest.First})
	require.NoError(t, err)
	defer reader.Close()
	soon, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err = reader.Wait(soon)
	require.NoError(t, err, "%v", reader.Trouble())
}

// apdus ask for the version in three frames, the UID and the ATS; the answers are as a
// real DESFire EV2 gives them.
const apdus = `90 60 00 00 00
90 AF 00 00 00
90 AF 00 00 00
FF CA 00 00 00
FF CA 01 00 00
00 A4 04 00 07 D2 76 00 00 85 01 00
`

var answers = []string{
	`04 01 01 12 00 1A 05 91 AF`,
	`04 01 01 02 01 1A 05 91 AF`,
	`04 1E 13 3A 55 00 42 [0-9A-F ]{21}91 00`,
	`04 1E 13 3A 55 00 42 90 00`,
	`06 75 77 81 02 80 90 00`,
	`90 00`,
}

// Ensure that other people's programs find in the card of bench emulate what a real EV2
// tells them: ATR, version in three frames, UID and ATS.
func TestScriptor(t *testing.T) {
	pcscdtest.Need(t)
	pcscdtest.Program(t, "scriptor", "pcsc-tools")
	folder(t, "aino.txt")
	done(t, "issue", "aino.txt", "--out", "aino.img", "--uid", "041E133A550042")
	emulated(t, "aino.img")
	said := pcscdtest.Run(t, apdus, "scriptor", "-p", "T=1", "-r", pcscdtest.First)
	want := `(?s)`
	for _, answer := range answers {
		want += `< ` + answer + `.*`
	}
	require.Regexp(t, want, said)
}

func TestOpenscTool(t *testing.T) {
	pcscdtest.Need(t)
	pcscdtest.Program(t, "opensc-tool", "opensc")
	folder(t, "aino.txt")
	done(t, "issue", "aino.txt", "--out", "aino.img", "--uid", "041E133A550042")
	emulated(t, "aino.img")
	require.Regexp(t, `(?i)3b:81:80:01:80:80`, pcscdtest.Run(t, "", "opensc-tool", "-r", "0", "--atr"))
	said := pcscdtest.Run(t, "", "opensc-tool", "-r", "0", "-c", "default",
		"-s", "9060000000", "-s", "90AF000000", "-s", "90AF000000", "-s", "FFCA000000")
	require.Regexp(t, `(?s)04 01 01 12 00 1A 05.*04 01 01 02 01 1A 05.*04 1E 13 3A 55 00 42.*`+
		`04 1E 13 3A 55 00 42`, said)
}

func TestPcscScan(t *testing.T) {
	pcscdtest.Need(t)
	pcscdtest.Program(t, "pcsc_scan", "pcsc-tools")
	folder(t, "aino.txt")
	done(t, "issue", "aino.txt", "--out", "aino.img", "--uid", "041E133A550042")
	emulated(t, "aino.img")
	said := pcscdtest.Run(t, "", "pcsc_scan", "-t", "2")
	require.Contains(t, said, "3B 81 80 01 80 80")
	require.Regexp(t, `(?i)desfire`, said)
}

// Ensure that anyone who misspells a reader is told what there is instead of waiting.
func TestNoSuchReader(t *testing.T) {
	folder(t, "aino.img")
	emulated(t, "aino.img")
	came := tool(t, "", "probe", "reader:NOPE")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, `no reader is called "NOPE", there is ["`+pcscdtest.First)
}

// Ensure that a card is made out of a blank one, loaded, inspected, soaked, torn and erased
// through pcscd, with the words of the help.
func TestServicePointThroughPcscd(t *testing.T) {
	folder(t, "aino.txt", "test.toml")
	emulated(t, "blank.img", "--blank", "ev2")
	at := "reader:" + pcscdtest.First
	require.Contains(t, done(t, "readers"), pcscdtest.First)

	var p probedAnswer
	require.NoError(t, json.Unmarshal([]byte(done(t, "probe", at, "--json")), &p))
	require.Equal(t, 2, p.Generation)
	require.Equal(t, pcscdtest.First, p.Reader)
	require.Equal(t, "3b8180018080", p.ATR)
	require.Equal(t, "067577810280", p.ATS)
	require.Equal(t, 64, p.Frame)

	require.Contains(t, done(t, "issue", "aino.txt", "--out", at, "--keys", "test.toml"), "uid "+p.UID)
	done(t, "load", at, "--keys", "test.toml", "value", "20", "--tariff", "testdata/tariffs/mikkeli-2025.toml")
	require.Contains(t, done(t, "inspect", at, "--keys", "test.toml"), "purse     30.00")

	came := tool(t, "", "soak", at, "--keys", "test.toml", "--taps", "200", "--report", "soak.html")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, "200 accepted")
	t.Log(came.out)
	require.Contains(t, done(t, "tear", at, "--keys", "test.toml"), "20 cuts, 2 of them at the commit")
	done(t, "record", at, "--keys", "test.toml", "--out", "a.tape")
	require.Contains(t, read(t, "a.tape"), "reader: "+pcscdtest.First)
	done(t, "replay", "a.tape")

	require.Contains(t, done(t, "erase", at, "--keys", "test.toml"), "blank")
	require.Equal(t, exitFailed, tool(t, "", "inspect", at, "--keys", "test.toml").code)
	done(t, "issue", "aino.txt", "--out", at, "--keys", "test.toml")
}
