package text_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
		"":                           "",
		"a\nb\n":                     "a\nb\n",
		"\xEF\xBB\xBFa\nb":           "a\nb",
		"a\r\nb\r\n":                 "a\nb\n",
		"\xEF\xBB\xBFa\r\nb\r\n\r\n": "a\nb\n\n",
		"a\rb\r":                     "a\nb\n",
		"Mäki, Åbo, 2,51 €\r\n":      "Mäki, Åbo, 2,51 €\n",
		"\xEF\xBB\xBF":               "",
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
		"a\nb\u200bc":                      "file:2: character 2 cannot be seen (U+200B), and is no letter and no digit: take it out",
		"\xEF\xBB\xBF\xEF\xBB\xBFa":        "file:1: character 1 cannot be seen (U+FEFF)",
		"M\u00adki":                        "file:1: character 2 cannot be seen (U+00AD)",
		"a\u2060":                          "file:1: character 2 cannot be seen (U+2060)",
		"PK\x03\x04\x14\x00":               "file: it is no text but a zip file, as spreadsheets are saved: export it as text",
		"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1": "file: it is no text but a document of an office program: save it as text",
		"\x1F\x8B\x08\x00":                 "file: it is no text but a compressed file: unpack it",
		"%PDF-1.4\n":                       "file: it is no text but a PDF: want the text that it was made of",
		"{\\rtf1 ":                         "file: it is no text but a document of an office program: save it as text",
		"\x89PNG\r\n\x1a\n":                "file: it is no text but a picture: name the right file",
		"\xFF\xD8\xFF\xE0":                 "file: it is no text but a picture: name the right file",
		"SQLite format 3\x00":              "file: it is no text but a database: name the right file",
		"a\nM\xE4ki":                       "file:2: byte 2 is no letter in UTF-8: save the file as UTF-8",
	} {
		_, err := text.Clean("file", []byte(saved))
		var fault *text.LineError
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
		again, err := text.Clean("file", clean)
		require.NoError(t, err)
		require.Equal(t, clean, again)
	})
}

// Ensure that a file that may not be read is told from one that is not there.
func TestRemedy(t *testing.T) {
	_, absent := os.ReadFile(filepath.Join(t.TempDir(), "absent"))
	require.Equal(t, "check its path", text.Remedy(absent))
	closed := &os.PathError{Op: "open", Path: "closed", Err: syscall.EACCES}
	require.Regexp(t, "^let .* read it, the user of this program$", text.Remedy(closed))
}
