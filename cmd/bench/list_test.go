package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
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
		require.Equal(t, bundleAnswer{Verified: verified, Purpose: "blocklist", Area: 227,
			Version: 3, Made: "2026-03-02T06:00:00Z", Expires: "2036-04-01T01:00:00Z", Cards: 1}, answer)
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
