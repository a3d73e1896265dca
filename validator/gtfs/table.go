package gtfs

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"leima/cardlayout/plain"
)

// A LineError is an error in a feed with its place: an error of a whole file, or a warning about
// one row.
type LineError struct {
	File   string
	Line   int // 0: the whole file
	Reason string
}

func (f *LineError) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Reason
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Reason)
}

// table reads one file of a feed, row by row.
type table struct {
	file     string
	lines    *bufio.Scanner
	columns  map[string]int
	width    int // columns
	row      []string
	line     int // of the row
	commas   bool
	warnings *[]LineError
}

// byteOrderMark begins a file that was saved as UTF-8 by some programs.
const byteOrderMark = "\uFEFF"

// longestRow is above the length of any row of a feed, in bytes.
const longestRow = 1 << 20

// each calls do for every row of a file that has the required columns. A missing file is an error
// that wraps fs.ErrNotExist. A row of another form gives a warning and is skipped: one quote in the
// name of a stop keeps no bus in the depot.
func each(
	feed fs.FS, file string, required []string, warnings *[]LineError, do func(*table) error,
) error {
	opened, err := feed.Open(file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("reading the feed: %s: %w: want the folder or zip file that has it",
				file, reason(err))
		}
		return &LineError{file, 0, unread(err)}
	}
	defer opened.Close()
	t := &table{
		file: file, columns: map[string]int{}, warnings: warnings,
		lines: bufio.NewScanner(opened),
	}
	t.lines.Buffer(nil, longestRow)
	t.lines.Split(anyLine)
	if err := t.head(required); err != nil {
		return err
	}
	for t.next() {
		if !t.fits() {
			continue
		}
		if err := do(t); err != nil {
			return err
		}
	}
	return t.broken()
}

// anyLine splits at the line ends of any system: a field has none (GTFS reference, file
// requirements).
func anyLine(data []byte, last bool) (advance int, token []byte, err error) {
	end := bytes.IndexAny(data, "\r\n")
	if end < 0 {
		if !last || len(data) == 0 {
			return 0, nil, nil
		}
		return len(data), data, nil
	}
	after := end + 1
	if data[end] == '\r' {
		if after == len(data) && !last {
			return 0, nil, nil // a line feed may come
		}
		if after < len(data) && data[after] == '\n' {
			after++
		}
	}
	return after, data[:end], nil
}

// next reads the next row that is not empty.
func (t *table) next() bool {
	for t.lines.Scan() {
		t.line++
		text := t.lines.Text()
		if t.line == 1 {
			text = strings.TrimPrefix(text, byteOrderMark)
		}
		if strings.Trim(text, " \t,") != "" {
			t.row = fields(text)
			return true
		}
	}
	return false
}

// fields splits a row into its fields. A quote without an end ends with the row.
func fields(text string) []string {
	if !strings.Contains(text, `"`) {
		return strings.Split(text, ",")
	}
	row := csv.NewReader(strings.NewReader(text))
	row.LazyQuotes = true
	all, err := row.Read()
	if err != nil {
		return strings.Split(text, ",")
	}
	return all
}

// fits reports whether the row has as many fields as there are columns.
func (t *table) fits() bool {
	switch over := t.row[min(t.width, len(t.row)):]; {
	case len(t.row) < t.width:
		t.warn("the row has %d fields and not %d: what it lacks is taken for empty", len(t.row),
			t.width)
	case strings.Trim(strings.Join(over, ""), " ") != "":
		t.warn("the row has %d fields and not %d: it is left out: want quotes around a comma",
			len(t.row), t.width)
		return false
	case len(over) > 0 && !t.commas:
		t.commas = true
		t.warn("rows end in commas of no column, which are passed over")
	}
	return true
}

// head reads the first row, which names the columns.
func (t *table) head(required []string) error {
	if !t.next() {
		if err := t.broken(); err != nil {
			return err
		}
		return &LineError{t.file, 0, "it is empty: want a first row with the names of the columns"}
	}
	t.width = len(t.row)
	for n, name := range t.row {
		name = strings.TrimSpace(name)
		if _, twice := t.columns[name]; twice && name != "" {
			return t.fault("the column %s stands there twice: take one away", plain.Text(name))
		}
		t.columns[name] = n
	}
	for _, name := range required {
		if _, has := t.columns[name]; !has {
			return t.lacks(name)
		}
	}
	return nil
}

// lacks is the error of a missing column, with the reason if the first row shows it.
func (t *table) lacks(column string) error {
	all := strings.Join(t.row, "")
	if strings.ContainsRune(all, 0) {
		return &LineError{t.file, 0, "it is saved as UTF-16: save it as UTF-8"}
	}
	for _, separator := range []string{";", "\t", "|"} {
		if strings.Contains(all, separator) {
			return t.fault("the columns are separated by %q: want commas", separator)
		}
	}
	for name := range t.columns {
		if strings.EqualFold(name, column) {
			return t.fault("the column %s is written %s: want small letters", column, name)
		}
	}
	return t.fault("there is no column %s: want a feed that has it", column)
}

func (t *table) fault(format string, args ...any) error {
	return &LineError{t.file, t.line, fmt.Sprintf(format, args...)}
}

// broken is the error with which the file's reader ended; nil at the end of the file.
func (t *table) broken() error {
	err := t.lines.Err()
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return &LineError{
			t.file, t.line + 1,
			"the row is longer than any of a feed: it is no table",
		}
	case err != nil:
		return &LineError{t.file, t.line + 1, unread(err)}
	}
	return nil
}

// unread is the reason why a file cannot be read: the system's, or our own words for an error of
// the zip reader.
func unread(err error) string {
	if known := syscall.Errno(0); errors.As(err, &known) {
		return "it cannot be read: " + known.Error() + ": check its path"
	}
	return "it cannot be read: the zip file is damaged, or packed as no other program reads it: " +
		"fetch it again"
}

// reason is the cause of an error that names an operation and a path.
func reason(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}

// at is a field of the row as text; "" if the file has no such column.
func (t *table) at(column string) string {
	n, has := t.columns[column]
	if !has || n >= len(t.row) {
		return ""
	}
	return plain.Text(strings.TrimSpace(t.row[n]))
}

// warn adds a warning about the row.
func (t *table) warn(format string, args ...any) {
	*t.warnings = append(*t.warnings, LineError{t.file, t.line, fmt.Sprintf(format, args...)})
}
