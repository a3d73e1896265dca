package text_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/text"
)

// wide is a text as UTF-16.
func wide(s string, order func(uint16) []byte) (raw []byte) {
	for _, unit := range utf16.Encode([]rune(s)) {
		raw = append(raw, order(unit)...)
	}
	return raw
}

func little(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} }
func big(u uint16) []byte    { return []byte{byte(u >> 8), byte(u)} }

// Ensure that a text reads alike whatever has saved it, and that what is none is named with
// its place and the remedy.
func TestClean(t *testing.T) {
	for saved, want := range map[string]string{
		"":                                  "",
		"a\nb\n":                            "a\nb\n",
		"\xEF\xBB\xBFa\nb":                  "a\nb",
		"a\r\nb\r\n":                        "a\nb\n",
		"\xEF\xBB\xBFa\r\nb\r\n\r\n":        "a\nb\n\n",
		"a\rb\r":                            "a\nb\n",
		"Mäki, Åbo, 2,51 €\r\n":             "Mäki, Åbo, 2,51 €\n",
		"\xEF\xBB\xBF":                      "",
		"a \xEF\xBB\xBF mark in the middle": "a \xEF\xBB\xBF mark in the middle",
	} {
		got, err := text.Clean("file", []byte(saved))
		require.NoError(t, err, "%q", saved)
		require.Equal(t, want, string(got), "%q", saved)
	}
	for saved, why := range map[string]string{
		string(wide("\uFEFF9246", little)): "file: it is saved as UTF-16: save it as UTF-8",
		string(wide("\uFEFF9246", big)):    "UTF-16",
		string(wide("9246 99", little)):    "UTF-16",
		string(wide("9246 99", big)):       "UTF-16",
		"\xFF\xFE\x00\x00a\x00\x00\x00":    "UTF-32",
		"a\nb\x00":                         "file:2: there is a zero byte",
		"a\nM\xE4ki":                       "file:2: byte 2 is no letter in UTF-8: save the file as UTF-8",
	} {
		_, err := text.Clean("file", []byte(saved))
		var fault *text.Fault
		require.ErrorAs(t, err, &fault, "%q", saved)
		require.Contains(t, err.Error(), why)
	}
	_, err := text.Read(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// FuzzClean holds that what is read is clean, and stays as it is when it is read again.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "a\r\n", "\xEF\xBB\xBFa", "\xFF\xFEa\x00", "\r\r\n\n", "M\xE4ki"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		clean, err := text.Clean("file", raw)
		if err != nil {
			require.False(t, strings.Contains(err.Error(), "\n"))
			return
		}
		require.True(t, utf8.Valid(clean))
		require.NotContains(t, string(clean), "\r")
		if bytes.HasPrefix(clean, []byte("\xEF\xBB\xBF")) {
			return // there were two marks
		}
		again, err := text.Clean("file", clean)
		require.NoError(t, err)
		require.Equal(t, clean, again)
	})
}
