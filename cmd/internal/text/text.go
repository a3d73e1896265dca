// Package text reads what people write, as editors and spreadsheets of all systems save it:
// with or without a byte order mark, with the line ends of any system.
package text

import (
	"bytes"
	"fmt"
	"os"
	"unicode/utf8"
)

// Read reads a text file. Its errors are those of os.ReadFile and of Clean.
func Read(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Clean(path, raw)
}

// A Fault says that a file is no text that can be read, and what to do.
type Fault struct {
	File string
	Line int // 0: all of the file
	Why  string
}

func (f *Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.Why)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Why)
}

// Clean is the text of a file as UTF-8 with lines that end in a line feed, and nothing before
// the first. name is what to call it in errors, all of which are a *Fault.
func Clean(name string, raw []byte) ([]byte, error) {
	if is := wide(raw); is != "" {
		return nil, &Fault{name, 0, "it is saved as " + is + ": save it as UTF-8"}
	}
	raw = bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF")) // a byte order mark
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	for n, line := range bytes.Split(raw, []byte("\n")) {
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, &Fault{name, n + 1, "there is a zero byte: it is no text"}
		}
		if !utf8.Valid(line) {
			return nil, &Fault{name, n + 1, fmt.Sprintf("byte %d is no letter in UTF-8: "+
				"save the file as UTF-8", broken(line)+1)}
		}
	}
	return raw, nil
}

// wide is the encoding of two or four bytes a letter that a file is saved in; "": none. Without
// a byte order mark every other byte of a plain text is zero.
func wide(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE, 0, 0}),
		bytes.HasPrefix(raw, []byte{0, 0, 0xFE, 0xFF}):
		return "UTF-32"
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return "UTF-16"
	case len(raw) >= 4 && (plain(raw[0], raw[2]) && raw[1] == 0 && raw[3] == 0 ||
		plain(raw[1], raw[3]) && raw[0] == 0 && raw[2] == 0):
		return "UTF-16"
	}
	return ""
}

// plain tells whether bytes are what a text begins with.
func plain(all ...byte) bool {
	for _, b := range all {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' || b >= 0x7F {
			return false
		}
	}
	return true
}

// broken is the place of the first byte that is no UTF-8.
func broken(line []byte) int {
	for n := 0; n < len(line); {
		r, size := utf8.DecodeRune(line[n:])
		if r == utf8.RuneError && size <= 1 {
			return n
		}
		n += size
	}
	return len(line) - 1
}
