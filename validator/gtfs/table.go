package gtfs

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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
	csv      *csv.Reader
	columns  map[string]int
	row      []string
	warnings *[]Fault
}

// byteOrderMark begins a file that was saved as UTF-8 by some programs.
const byteOrderMark = "\uFEFF"

// each calls do for every row of a file that has the columns required. A file that is
// missing is an error that wraps fs.ErrNotExist.
func each(
	feed fs.FS, file string, required []string, warnings *[]Fault, do func(*table) error,
) error {
	opened, err := feed.Open(file)
	if err != nil {
		return fmt.Errorf("reading the feed: %w", err)
	}
	defer opened.Close()
	t := &table{file: file, columns: map[string]int{}, warnings: warnings}
	if err := t.head(opened, required); err != nil {
		return err
	}
	for {
		if t.row, err = t.csv.Read(); errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return t.broken(err)
		}
		if err := do(t); err != nil {
			return err
		}
	}
}

// head reads the first row, which names the columns.
func (t *table) head(opened io.Reader, required []string) error {
	text := bufio.NewReader(opened)
	if mark, _ := text.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = text.Discard(len(byteOrderMark))
	}
	t.csv = csv.NewReader(text)
	t.csv.ReuseRecord = true
	names, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return &Fault{t.file, 0, "it is empty: want a first row with the names of the columns"}
	}
	if err != nil {
		return t.broken(err)
	}
	for n, name := range names {
		t.columns[strings.TrimSpace(name)] = n
	}
	for _, name := range required {
		if _, has := t.columns[name]; !has {
			return &Fault{t.file, 1, fmt.Sprintf("there is no column %s: want a feed that has it",
				name)}
		}
	}
	return nil
}

// broken is an error of the file as the reader of its rows told it.
func (t *table) broken(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &Fault{t.file, parse.Line, "no row of the file's columns: " + parse.Err.Error()}
	}
	return fmt.Errorf("reading %s: %w", t.file, err)
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
	line, _ := t.csv.FieldPos(0)
	*t.warnings = append(*t.warnings, Fault{t.file, line, fmt.Sprintf(format, args...)})
}
