package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/plain"
)

// hostile is what a name may hold to command a terminal: a colour by ESC and by C1, a title by
// OSC, the end of a line that was said, an override of the direction, and DEL.
const hostile = "\x1b[31m\u009b31m\x1b]0;x\x07\r\u202e\x7f"

// harmless tells that nothing of that kind was written.
func harmless(t *testing.T, came result) {
	t.Helper()
	for _, text := range []string{came.out, came.err} {
		require.NoError(t, plain.Check(text), "%q", text)
	}
}

// Ensure that hostile characters in texts that people write are refused with file and place,
// also where a text only names them, and that none of them reaches the terminal.
func TestHostileTextsAreRefused(t *testing.T) {
	folder(t, "aino.txt", "mikkeli.toml")
	name := `name.en = "Mikkeli public transport"`
	require.Contains(t, read(t, "mikkeli.toml"), name)
	write(t, "raw.toml", strings.Replace(read(t, "mikkeli.toml"), name, `name.en = "Mikkeli`+"\u009b"+`"`, 1))
	for _, escape := range []string{`\u001b[2J`, `\u009b`, `\u202e`, `\u007f`, `\b`} {
		write(t, "escaped.toml", strings.Replace(read(t, "mikkeli.toml"), name, `name.en = "Mikkeli`+escape+`"`, 1))
		came := tool(t, "", "tariff", "check", "escaped.toml")
		require.Equal(t, exitRefused, came.code, escape)
		require.Regexp(t, `escaped\.toml:\d+: name.en: character 8 is U\+`, came.out)
		harmless(t, came)
	}
	write(t, "aino.txt", read(t, "aino.txt")+"# "+hostile+"\n")
	write(t, "list.txt", "924699 0011 2345 6787 personal 0 # "+hostile+"\n")
	write(t, "a.tap", "say "+hostile+"\n")
	for _, line := range []string{
		"tariff check raw.toml", "issue aino.txt --out aino.img", "run a.tap",
		"list build list.txt --area 227 --version 3 --out list.db",
	} {
		came := tool(t, "", strings.Fields(line)...)
		require.NotZero(t, came.code, line)
		require.Contains(t, came.out+came.err, "commands a terminal: take it out", line)
		harmless(t, came)
	}
}

// Ensure that where nothing can be refused, a feed's stop, a file's name, a word of the command
// line or somebody's dump, hostile characters are shown and command nothing.
func TestHostileTextsAreShown(t *testing.T) {
	folder(t, "lists.pem")
	require.NoError(t, os.CopyFS("feed", os.DirFS(filepath.Join(repository, "testdata/gtfs"))))
	stops := read(t, "feed/stops.txt")
	write(t, "feed/stops.txt", strings.Replace(stops, "Graani", "Graani\x1b[31m\u009b\u202e\x7f", 1))
	came := tool(t, "", "stops", "feed", "--stop", "100")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, `Graani\u001b[31m\u009b\u202e\u007f`)
	harmless(t, came)
	came = tool(t, "", "stops", "feed", "--stop", "100", "--json")
	require.Zero(t, came.code, came.err)
	harmless(t, came)

	name := "\x1b]0;x\x07\u202e.bundle"
	require.NoError(t, os.WriteFile(name, []byte("rubbish"), 0o644))
	dump := `{"tagId":"` + `\u001b[2J` + `","mifareDesfire":{"applications":{}}}`
	write(t, "dump.json", dump)
	for _, args := range [][]string{
		{"list", "open", name},
		{"list", "apply", "lists", name, "--area", "227"},
		{"isue" + hostile},
		{"inspect", hostile},
		{"inspect", "dump.json"},
		{"keys", "show", hostile},
		{"journal", "show", hostile},
		{"probe", "reader:" + hostile},
		{"stops", hostile},
		{"fare", hostile, "--tariff", hostile},
	} {
		came := tool(t, "", args...)
		require.NotZero(t, came.code, "%q", args)
		harmless(t, came)
	}
}
