package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
)

// Ensure that the JSON of a bundle says the same as its words, and whether it is true.
func TestBundleJSON(t *testing.T) {
	folder(t, "3.bundle")
	var answer bundleAnswer
	for verified, call := range map[bool][]string{
		false: {"list", "open", "3.bundle", "--json"},
		true:  {"list", "open", "3.bundle", "--json", "--public", testPublic},
	} {
		require.NoError(t, json.Unmarshal([]byte(done(t, call...)), &answer))
		require.Len(t, answer.SHA256, 64)
		require.Len(t, answer.Digest, 64)
		require.Positive(t, answer.Bytes)
		answer.SHA256, answer.Digest, answer.Bytes = "", "", 0
		require.Equal(t, bundleAnswer{
			Verified: verified, Purpose: "blocklist", Area: 227,
			Version: 3, Made: "2026-03-02T06:00:00Z", Expires: "2036-04-01T01:00:00Z", Cards: 1,
		}, answer)
	}
}

// Ensure that a key of one's own signs what the public key shown for it verifies, and
// that nobody but its owner may read it.
func TestOwnKey(t *testing.T) {
	folder(t, "blocklist.db")
	done(t, "list", "key", "new", "own.pem")
	public := done(t, "list", "key", "show", "own.pem")
	public = public[:len(public)-1]
	done(t, "list", "sign", "blocklist.db", "--key", "own.pem", "--out", "own.bundle")
	require.Contains(t, done(t, "list", "open", "own.bundle", "--public", public), "verified: ")
	require.Contains(t, done(t, "list", "apply", "lists", "own.bundle", "--area", "227",
		"--public", public), "own.bundle: in use: version 3")
	came := tool(t, "", "list", "open", "own.bundle", "--public", testPublic)
	require.Equal(t, exitRefused, came.code)
}

// cardLines are lines of a block list's text.
func cardLines(count int) string {
	var lines strings.Builder
	for n := range count {
		fmt.Fprintf(&lines, "%v personal 0\n", cardlayout.WithCheckDigit(92469900110000000+uint64(n)))
	}
	return lines.String()
}

// Ensure that who lists a load that no device does any more is told so, and nobody else.
func TestActionsThatAreOver(t *testing.T) {
	folder(t)
	for made, over := range map[string]bool{
		"2026-03-02 08:00": false, "2026-03-16 02:00": false, "2026-03-18 08:00": true,
	} {
		text := "924699 0011 2345 6787 value 20.00 expects 0 from 2026-03-02\n"
		require.NoError(t, os.WriteFile("sales.txt", []byte(text), 0o600))
		says := done(t, "list", "actions", "sales.txt", "--area", "227", "--version", "1", "--out",
			"a.cbor", "--made", made)
		require.Equal(t, over, strings.Contains(says, "1 action waited"), says)
	}
}

// Ensure that an empty list, and one that has lost more than half of a long one, is built only
// when that is asked for, that nothing is replaced otherwise, and that the bundle says it and a
// device does as it is told.
func TestListThatHasLostItsCards(t *testing.T) {
	folder(t, "lists.pem")
	for _, empty := range []string{"", "\n\n", "# nobody\n", "\ufeff"} {
		require.NoError(t, os.WriteFile("empty.txt", []byte(empty), 0o600))
		came := tool(t, "", "list", "build", "empty.txt", "--area", "227", "--version", "1", "--out", "e.db")
		require.Equal(t, exitUsage, came.code, "%q: %s", empty, came.err)
		require.NoFileExists(t, "e.db")
	}
	require.NoError(t, os.WriteFile("empty.txt", nil, 0o600))
	came := tool(t, "", "list", "build", "empty.txt", "--area", "227", "--version", "1", "--out", "e.db")
	require.Contains(t, came.err, "empty.txt: it names no card")
	require.Contains(t, came.err, "--fewer")
	came = tool(t, "", "list", "actions", "empty.txt", "--area", "227", "--version", "1", "--out", "e.cbor")
	require.Equal(t, exitUsage, came.code)
	require.Contains(t, came.err, "it names no action")
	require.NoFileExists(t, "e.cbor")
	done(t, "list", "actions", "empty.txt", "--area", "227", "--version", "1", "--out", "e.cbor",
		"--fewer")

	build := func(version string, count int, more ...string) result {
		require.NoError(t, os.WriteFile("b.txt", []byte(cardLines(count)), 0o600))
		return tool(t, "", append([]string{
			"list", "build", "b.txt", "--area", "227", "--version",
			version, "--out", "b.db",
		}, more...)...)
	}
	require.Zero(t, build("1", 20).code)
	done(t, "list", "sign", "b.db", "--key", "lists.pem", "--out", "1.bundle")
	require.NoError(t, os.Rename("b.db", "a.db"))
	require.Zero(t, build("2", 20).code)
	came = build("3", 9)
	require.Equal(t, exitUsage, came.code)
	require.Contains(t, came.err, "it names 9 cards, and the list before it 20")
	require.Contains(t, done(t, "list", "show", "b.db"), "version 2 for area 227, 20 cards",
		"it stays")
	require.Zero(t, build("3", 10).code)
	require.Zero(t, build("4", 9).code, "10 are no long list")
	came = tool(t, "", "list", "delta", "a.db", "b.db", "--out", "d.db")
	require.Equal(t, exitUsage, came.code)
	require.Contains(t, came.err, "--fewer")
	done(t, "list", "delta", "a.db", "b.db", "--out", "d.db", "--fewer")

	apply := func(name string) string {
		return done(t, "list", "apply", "lists", name, "--area", "227", "--public", testPublic)
	}
	apply("1.bundle")
	done(t, "list", "sign", "d.db", "--key", "lists.pem", "--out", "4.bundle")
	require.Contains(t, apply("4.bundle"), "the list before it 20")
	require.Zero(t, build("5", 0, "--fewer").code)
	done(t, "list", "sign", "b.db", "--key", "lists.pem", "--out", "5.bundle", "--fewer")
	require.Contains(t, done(t, "list", "open", "5.bundle", "--public", testPublic),
		"meant to be far shorter")
	require.Contains(t, done(t, "list", "open", "5.bundle", "--json"), `"fewer": true`)
	require.NotContains(t, apply("5.bundle"), "the list before it")
}

// Ensure that a bundle of tariffs is shown and verified as one of a list is, and refused where
// a list is wanted.
func TestTariffBundle(t *testing.T) {
	folder(t, "lists.pem", "mikkeli.toml")
	public := strings.TrimSpace(done(t, "list", "key", "show", "lists.pem"))
	said := done(t, wordsOf("tariff sign mikkeli.toml --version 3 --key lists.pem --out 3.bundle")...)
	require.Contains(t, said, "3.bundle: tariffs version 3 for area 227, 1 tariff, made ")
	said = done(t, "list", "open", "3.bundle", "--public", public)
	require.Contains(t, said, "verified: signed by a trusted key")
	came := tool(t, "", "list", "apply", "lists", "3.bundle", "--area", "227", "--public", public)
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, "it is for tariffs, not blocklist")
}
