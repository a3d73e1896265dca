package plain

import (
	"strings"
	"unicode/utf8"
)

// oneLine keeps a text on one line.
var oneLine = strings.NewReplacer("\n", " ", "\t", " ")

// Line is a text that commands nothing, on one line. It has at most longest characters; of a longer
// one the end is left out, and marked.
func Line(text string, longest int) string {
	text = Text(oneLine.Replace(text))
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest-1]) + "…"
	}
	return text
}
