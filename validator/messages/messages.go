// Package messages holds all that passengers, drivers and customers read, in Finnish, Swedish and
// English. It decides nothing.
//
// Its table is in text files, for translators: a key, and under it the text in each language.
// Finnish is canonical. The key of a refusal is its English text, which is also the error
// in the log. A text has the verbs of package fmt in place of its values; each language writes the
// types of these in its own way. "=" and another key make a message the same as another.
package messages

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// A Language is a language of the table.
type Language string

// The languages.
const (
	Finnish Language = "fi"
	Swedish Language = "sv"
	English Language = "en"
)

// Languages are all languages, the canonical one first.
var Languages = []Language{Finnish, Swedish, English}

// A row is a message in all languages, in their order.
type row [3]string

//go:embed *.txt
var files embed.FS

// table is read once; a test ensures that it has no mistakes.
var table = sync.OnceValue(func() map[string]*row {
	all, _ := read(files)
	return all
})

// read reads the rows of all files.
func read(files fs.FS) (map[string]*row, error) {
	all, same := make(map[string]*row, 1<<10), map[string]string{}
	paths, err := fs.Glob(files, "*.txt")
	for _, path := range paths {
		text, unread := fs.ReadFile(files, path)
		err = errors.Join(err, unread, add(all, same, path, string(text)))
	}
	for key, other := range same {
		row, known := all[other]
		if !known || same[other] != "" {
			err = errors.Join(err, fmt.Errorf("%q is the same as %q, which has no text", key,
				other))
		}
		all[key] = row
	}
	return all, err
}

// add reads the rows of a file, and the messages that equal others. Without a text in English the
// key is the text.
func add(all map[string]*row, same map[string]string, path, text string) (err error) {
	key, into := "", (*row)(nil)
	for n, line := range strings.Split(text, "\n") {
		text, below := strings.CutPrefix(line, "\t")
		language, text, _ := strings.Cut(text, " ")
		column := slices.Index(Languages, Language(language))
		switch {
		case line == "", line[0] == '#':
		case !below && all[line] != nil:
			err = errors.Join(err, fmt.Errorf("%s:%d: %q is there twice", path, n+1, line))
		case !below:
			key, into = line, &row{2: line}
			all[key] = into
		case language == "=":
			same[key] = text
		case column < 0 || into == nil:
			err = errors.Join(err, fmt.Errorf("%s:%d: want a key, and fi, sv and en below it",
				path, n+1))
		default:
			into[column] = text
		}
	}
	return err
}

// column is a language's place in a row; an unknown language is English.
func (l Language) column() int {
	if n := slices.Index(Languages, l); n >= 0 {
		return n
	}
	return len(Languages) - 1
}

// Text is a message with its values. A key without a row is its own text.
func (l Language) Text(key string, values ...any) string {
	text := key
	if row, known := table()[key]; known {
		text = row[l.column()]
	}
	if len(values) == 0 {
		return text
	}
	written := make([]any, len(values))
	for n, value := range values {
		written[n] = l.format(value)
	}
	return fmt.Sprintf(text, written...)
}

// Has reports whether the table has a message.
func Has(key string) bool {
	_, known := table()[key]
	return known
}

// Named are the messages with their own key, in the order of the languages, for the driver's page,
// which puts in the values itself.
func Named() map[string][3]string {
	named := map[string][3]string{}
	for key, row := range table() {
		elsewhere := strings.HasPrefix(key, "rule.") || strings.HasPrefix(key, "depot.")
		if row[2] != key && !elsewhere {
			named[key] = *row
		}
	}
	return named
}
