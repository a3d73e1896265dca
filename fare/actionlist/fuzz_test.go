package actionlist

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// placed is an error of a text: its file, its line, and what is wrong there.
var placed = regexp.MustCompile(`(?s)^actions\.txt:\d+: .+`)

// FuzzParse: whatever people write, an error names file and line; what is read is read again
// when it is spaced otherwise.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"924699 0011 2345 6787 value 20.00 expects 3 from 2026-03-02  # so",
		"924699001123456787 season 30 A-B days 30 price 57.00 expects 4 from 2026-03-02",
		"924699 0011 2345 6787 unblock expects 5 from 2026-03-02 until 2026-03-09 leaves 9", "x", "#\n\n",
		strings.Repeat("9", 70_000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := Parse("actions.txt", strings.NewReader(text))
		if err != nil {
			require.Regexp(t, placed, err.Error())
			require.NotContains(t, err.Error(), "bufio")
			return
		}
		again, err := Parse("actions.txt", strings.NewReader(
			strings.ReplaceAll(text, " ", "  ")+"\n# the end\n"))
		require.NoError(t, err)
		require.Equal(t, entries, again)
	})
}
