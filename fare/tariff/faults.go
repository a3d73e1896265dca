package tariff

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// faultBound is how many faults of a file are told.
const faultBound = 20

// faults collects what is wrong with a file, each at the line of the entry to be
// mended.
type faults struct {
	file  string
	lines map[string]int // of every path; see linesOf
	list  []fault
}

type fault struct {
	line   int
	reason string
}

// fault notes what is wrong with the entry at path. The indexes of a path are for
// finding the line: a person counts from one and reads the line.
func (f *faults) fault(path, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if shown := indexes.ReplaceAllString(path, ""); shown != "" {
		reason = shown + ": " + reason
	}
	f.at(f.line(path), reason)
}

var indexes = regexp.MustCompile(`\[\d+\]`)

// at notes a fault by its line. A key may hold a line break, which would make two
// faults of one.
func (f *faults) at(line int, reason string) {
	f.list = append(f.list, fault{line, strings.ReplaceAll(reason, "\n", `\n`)})
}

// line is that of the entry, or where it is missing of the table that should hold
// it.
func (f *faults) line(path string) int {
	for path != "" {
		if line, known := f.lines[path]; known {
			return line
		}
		path = parent(path)
	}
	return 1
}

// err joins the faults in the order of the lines; nil if there are none.
func (f *faults) err() error {
	slices.SortStableFunc(f.list, func(a, b fault) int { return cmp.Compare(a.line, b.line) })
	var told []error
	for n, fault := range f.list {
		if n == faultBound {
			told = append(told, fmt.Errorf("%s: and %d more", f.file, len(f.list)-n))
			break
		}
		told = append(told, fmt.Errorf("%s:%d: %s", f.file, fault.line, fault.reason))
	}
	return errors.Join(told...)
}
