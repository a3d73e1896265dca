package tariff

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// faultBound is how many faults of a file are reported.
const faultBound = 20

// faults collects the faults of a file, each at the line of the entry to be corrected.
type faults struct {
	file  string
	lines map[string]int // of every path; see linesOf
	list  []fault
}

type fault struct {
	line   int
	reason string
}

// fault notes a fault of the entry at path. The indexes of a path serve only to find the line:
// people count from one and read the line.
func (f *faults) fault(path, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if shown := indexes.ReplaceAllString(path, ""); shown != "" {
		reason = shown + ": " + reason
	}
	f.at(f.line(path), reason)
}

var indexes = regexp.MustCompile(`\[\d+\]`)

// at notes a fault by its line. A line break in a key must not make two faults of one.
func (f *faults) at(line int, reason string) {
	f.list = append(f.list, fault{line, strings.ReplaceAll(reason, "\n", `\n`)})
}

// line is the line of the entry, or if it is missing of the table that should hold it.
func (f *faults) line(path string) int {
	for path != "" {
		if line, known := f.lines[path]; known {
			return line
		}
		path = parent(path)
	}
	return 1
}

// err joins the faults in the order of their lines; nil if none.
func (f *faults) err() error {
	slices.SortStableFunc(f.list, func(a, b fault) int { return cmp.Compare(a.line, b.line) })
	var all []error
	for n, fault := range f.list {
		if n == faultBound {
			all = append(all, fmt.Errorf("%s: and %d more", f.file, len(f.list)-n))
			break
		}
		all = append(all, fmt.Errorf("%s:%d: %s", f.file, fault.line, fault.reason))
	}
	return errors.Join(all...)
}
