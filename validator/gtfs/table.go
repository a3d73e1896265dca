package gtfs

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// A Fault is what is wrong with a feed, and where: an error of a whole file, or a warning
// about one row.
type Fault struct {
	File   string
	Line   int // 0: the file as a whole
	Reason string
}

func (f *Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Reason
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Reason)
}

// table is one file of a feed being read, row by row.
type table struct {
	file     string
	lines    *bufio.Scanner
	columns  map[string]int
	width    int // columns
	row      []string
	line     int // of the row
	commas   bool
	warnings *[]Fault
}

// byteOrderMark begins a file that was saved as UTF-8 by some programs.
const byteOrderMark = "\uFEFF"

// longestRow is more than any row of a feed has, in bytes.
const longestRow = 1 << 20

// each calls do for every row of a file that has the columns required. A file that is
// missing is an error that wraps fs.ErrNotExist. A row that is not like the others is warned
// of and the rest is read: one café with a quote in its name keeps no bus in the depot.
func each(
	feed fs.FS, file string, required []string, warnings *[]Fault, do func(*table) error,
) error {
	opened, err := feed.Open(file)
	if err != nil {
		return fmt.Errorf("reading the feed: %w", err)
	}
	defer opened.Close()
	t := &table{file: file, columns: map[string]int{}, warnings: warnings,
		lines: bufio.NewScanner(opened)}
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

// anyLine splits at the line ends of any system: a field holds none (GTFS reference, file
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

// next reads the next row that has anything in it.
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

// fields are those of a row. A quote that nobody closes ends with its row.
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

// fits tells whether the fields of the row can be those of the columns.
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
		return &Fault{t.file, 0, "it is empty: want a first row with the names of the columns"}
	}
	t.width = len(t.row)
	for n, name := range t.row {
		t.columns[strings.TrimSpace(name)] = n
	}
	for _, name := range required {
		if _, has := t.columns[name]; !has {
			return &Fault{t.file, t.line, fmt.Sprintf("there is no column %s: want a feed that "+
				"has it", name)}
		}
	}
	return nil
}

// broken is an error of the file as its reader told it; nil: it was read to its end.
func (t *table) broken() error {
	err := t.lines.Err()
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return &Fault{t.file, t.line + 1, "the row is longer than any of a feed: it is no table"}
	case err != nil:
		return fmt.Errorf("reading %s: %w", t.file, err)
	}
	return nil
}

// at is a field of the row; "" where the file has no such column.
func (t *table) at(column string) string {
	n, has := t.columns[column]
	if !has || n >= len(t.row) {
		return ""
	}
	return strings.TrimSpace(t.row[n])
}

// warn notes what is wrong with the row.
func (t *table) warn(format string, args ...any) {
	*t.warnings = append(*t.warnings, Fault{t.file, t.line, fmt.Sprintf(format, args...)})
}
