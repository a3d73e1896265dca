//go:build pkcs11

// Package tokentest makes tokens for tests with SoftHSM 2, a token in software. It says what to
// install if that is missing.
package tokentest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/token"
)

// PIN is the PIN of every token.
const PIN = "2468-bus"

// New makes a token for one test, and returns its URI, with the PIN in a file.
func New(t testing.TB) (uri string) {
	t.Helper()
	folder := t.TempDir()
	tokens, conf := filepath.Join(folder, "tokens"), filepath.Join(folder, "softhsm2.conf")
	require.NoError(t, os.Mkdir(tokens, 0o700))
	text := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\n", tokens)
	require.NoError(t, os.WriteFile(conf, []byte(text), 0o600))
	t.Setenv("SOFTHSM2_CONF", conf)
	out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", "bus 9",
		"--so-pin", "135791", "--pin", PIN).CombinedOutput()
	require.NoError(t, err, "want SoftHSM: apt install softhsm2\n%s", out)
	pin := filepath.Join(folder, "pin")
	require.NoError(t, os.WriteFile(pin, []byte(PIN+"\n"), 0o600))
	return fmt.Sprintf("pkcs11:token=bus%%209?module-path=%s&pin-source=file:%s", module(t), pin)
}

// Open opens the token of New.
func Open(t testing.TB, text string) *token.Token {
	t.Helper()
	uri, err := token.ParseURI(text)
	require.NoError(t, err)
	opened, err := token.Open(uri, []byte(PIN))
	require.NoError(t, err)
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

// module finds the library for the machine's architecture.
func module(t testing.TB) string {
	t.Helper()
	for _, pattern := range []string{
		"/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib/*/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
	} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	require.FailNow(t, "libsofthsm2.so is not there: apt install softhsm2")
	return ""
}
