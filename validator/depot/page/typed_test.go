package page_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot/page"
)

// Ensure that a card's number is taken as it may be typed or copied, and that nothing else passes
// for one.
func TestNumbersAsTheyAreTyped(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	b := d.as(page.Service)
	for typed, want := range map[string]int{
		"924699001100000004":             http.StatusOK,
		" 9246 9900 1100 0000 04 ":       http.StatusOK,
		"9246\u00a09900\u202f1100000004": http.StatusOK,
		"\u202a924699001100000004\u202c": http.StatusOK, // as a right-to-left page copies it
		"924699001100000005":             http.StatusBadRequest,
		"92469900110000000":              http.StatusBadRequest,
		"924699001100000004924699001100": http.StatusBadRequest,
		"٩٢٤٦٩٩٠٠١١٠٠٠٠٠٠٠٤":             http.StatusBadRequest,
		"92469900110000000O":             http.StatusBadRequest,
		"-924699001100000004":            http.StatusBadRequest,
		"":                               http.StatusBadRequest,
	} {
		code, _ := b.post("/card", "number", typed)
		require.Equal(t, want, code, "%q", typed)
	}
}

// Ensure that the note of a case keeps no card's number out of the book's marks, that a form which
// is too long is called that, and that of a card that is forgotten no number is asked for.
func TestNotes(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	d.sentByTwo(1)
	b := d.as(page.Service)
	b.post("/language", "language", "en")
	_, says := b.get("/work")
	key := regexp.MustCompile(`<li id="([^"]+)"`).FindStringSubmatch(says)[1]
	for note, want := range map[string]string{
		"asked the holder of 9246 9900-1100 0000 04": "without a card&#39;s number",
		strings.Repeat("ä", 10_000):                  "longer than this page takes",
	} {
		code, says := b.post("/work", "case", key, "note", note)
		require.GreaterOrEqual(t, code, http.StatusBadRequest)
		require.Contains(t, says, want)
	}
	code, says := b.post("/card", "case", strings.Repeat("0", 32))
	require.Equal(t, http.StatusNotFound, code)
	require.Contains(t, says, "no longer known")
	raw, err := os.ReadFile(filepath.Join(d.folder, "page.book"))
	require.NoError(t, err)
	require.NotContains(t, string(raw), "9246")
}
