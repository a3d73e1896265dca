//go:build pcsc && linux

package pcsc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/pcsc/pcscdtest"
)

// Other people's programs talk to the emulated card, each through the pcscd of the tests.

// offered lays a card into the first reader and waits until pcscd has seen it.
func offered(t *testing.T) {
	h := at(t, pcscdtest.First, blank(0x42))
	r := open(t, pcscdtest.First)
	h.Put()
	wait(t, r)
	require.NoError(t, r.Close())
}

// commands ask for the version in three frames, the UID and the ATS; the answers are as a
// real DESFire EV2 gives them.
const commands = `90 60 00 00 00
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

func TestScriptor(t *testing.T) {
	pcscdtest.Need(t)
	pcscdtest.Program(t, "scriptor", "pcsc-tools")
	offered(t)
	said := pcscdtest.Run(t, commands, "scriptor", "-p", "T=1", "-r", pcscdtest.First)
	want := `(?s)`
	for _, answer := range answers {
		want += `< ` + answer + `.*`
	}
	require.Regexp(t, want, said)
}

func TestOpenscTool(t *testing.T) {
	pcscdtest.Need(t)
	pcscdtest.Program(t, "opensc-tool", "opensc")
	offered(t)
	require.Regexp(t, `(?i)3b:81:80:01:80:80`, pcscdtest.Run(t, "", "opensc-tool", "-r", "0", "--atr"))
	said := pcscdtest.Run(t, "", "opensc-tool", "-r", "0", "-c", "default",
		"-s", "9060000000", "-s", "90AF000000", "-s", "90AF000000", "-s", "FFCA000000")
	require.Regexp(t, `(?s)04 01 01 12 00 1A 05.*04 01 01 02 01 1A 05.*04 1E 13 3A 55 00 42.*`+
		`04 1E 13 3A 55 00 42`, said)
}

func TestPcscScan(t *testing.T) {
	pcscdtest.Need(t)
	pcscdtest.Program(t, "pcsc_scan", "pcsc-tools")
	offered(t)
	said := pcscdtest.Run(t, "", "pcsc_scan", "-t", "2")
	require.Contains(t, said, "3B 81 80 01 80 80")
	require.Regexp(t, `(?i)desfire`, said)
}
