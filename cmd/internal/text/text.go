// Package text reads text files as saved by editors and spreadsheets of all systems: with or
// without a byte order mark, with any line ends.
package text

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"strings"
	"unicode"
	"unicode/utf8"

	"leima/cardlayout/plain"
)

// Read reads a text file. Its errors name the file, and are those of os.ReadFile or of Clean.
func Read(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", path, Cause(err), Remedy(err))
	}
	return Clean(path, raw)
}

// Remedy is what to do about a file that cannot be opened.
func Remedy(err error) string {
	if !errors.Is(err, fs.ErrPermission) {
		return "check its path"
	}
	me, err := user.Current()
	if err != nil {
		return "let the user of this program read it"
	}
	return "let " + me.Username + " read it, the user of this program"
}

// Cause is the reason in a system error, without its operation, path or address, which the caller
// has named already.
func Cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	var net *net.OpError
	var call *os.SyscallError
	switch {
	case errors.As(err, &net):
		return Cause(net.Err)
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &call):
		return call.Err
	}
	return err
}

// A LineError means that a file is not readable text, and says what to do.
type LineError struct {
	File   string
	Line   int // 0: the whole file
	Reason string
}

func (f *LineError) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Reason)
}

// Clean is the text of a file as UTF-8 with lines that end in a line feed, without a byte order
// mark. name is its name in errors, all of which are a *LineError.
func Clean(name string, raw []byte) ([]byte, error) {
	if is := wide(raw); is != "" {
		return nil, &LineError{name, 0, "it is saved as " + is + ": save it as UTF-8"}
	}
	if is := other(raw); is != "" {
		return nil, &LineError{name, 0, "it is no text but " + is}
	}
	raw = bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF")) // the byte order mark
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	for n, line := range bytes.Split(raw, []byte("\n")) {
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, &LineError{name, n + 1, "there is a zero byte: it is no text"}
		}
		if !utf8.Valid(line) {
			return nil, &LineError{name, n + 1, fmt.Sprintf("byte %d is no letter in UTF-8: "+
				"save the file as UTF-8", broken(line)+1)}
		}
		if err := plain.Check(string(line)); err != nil {
			return nil, &LineError{name, n + 1, err.Error()}
		}
		if err := seen(string(line)); err != nil {
			return nil, &LineError{name, n + 1, err.Error()}
		}
	}
	return raw, nil
}

// seen finds an invisible character in a line, such as word processors and web pages leave behind;
// nil: none.
func seen(line string) error {
	at := strings.IndexFunc(line, func(r rune) bool { return unicode.Is(unicode.Cf, r) })
	if at < 0 {
		return nil
	}
	r, _ := utf8.DecodeRuneInString(line[at:])
	return fmt.Errorf("character %d cannot be seen (U+%04X), and is no letter and no digit: take "+
		"it out", utf8.RuneCountInString(line[:at])+1, r)
}

// other is the kind of a file that is not text, and what to do; "": it may be text.
func other(raw []byte) string {
	for begins, is := range map[string]string{
		"PK\x03\x04":          "a zip file, as spreadsheets are saved: export it as text",
		"\xD0\xCF\x11\xE0":    document,
		`{\rtf`:               document,
		"\x1F\x8B":            "a compressed file: unpack it",
		"%PDF-":               "a PDF: want the text that it was made of",
		"\x89PNG":             picture,
		"\xFF\xD8\xFF":        picture,
		"SQLite format 3\x00": "a database: name the right file",
	} {
		if bytes.HasPrefix(raw, []byte(begins)) {
			return is
		}
	}
	return ""
}

const (
	document = "a document of an office program: save it as text"
	picture  = "a picture: name the right file"
)

// wide is the encoding of a file with two or four bytes a character; "": none. Without a byte order
// mark every other byte of plain text is zero.
func wide(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE, 0, 0}),
		bytes.HasPrefix(raw, []byte{0, 0, 0xFE, 0xFF}):
		return "UTF-32"
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return "UTF-16"
	case len(raw) >= 4 && (narrow(raw[0], raw[2]) && raw[1] == 0 && raw[3] == 0 ||
		narrow(raw[1], raw[3]) && raw[0] == 0 && raw[2] == 0):
		return "UTF-16"
	}
	return ""
}

// narrow reports whether bytes are the beginning of a text.
func narrow(all ...byte) bool {
	for _, b := range all {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' || b >= 0x7F {
			return false
		}
	}
	return true
}

// broken is the position of the first byte that is not UTF-8.
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
