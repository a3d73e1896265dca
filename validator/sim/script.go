package sim

import (
	"fmt"
	"slices"
	"strings"
)

// A Script is a scenario with its expected output.
type Script struct {
	Name   string
	blocks []block
}

// A block is a paragraph of a script.
type block struct {
	source []string // the lines before the dashes, as written
	output []string // the lines after them
	line   int      // of the first line of the source
}

// A Statement is one line of a script.
type Statement struct {
	Script string
	Line   int
	Verb   string
	Text   string // after the verb
}

const dashes = "----"

// Parse parses a script. Its statements are checked when it is played.
func Parse(name, text string) *Script {
	s := &Script{Name: name}
	for n, lines := 1, strings.Split(text, "\n"); len(lines) > 0; {
		b := block{line: n}
		end := slices.Index(lines, "")
		if end < 0 {
			end = len(lines)
		}
		b.source = lines[:end]
		if dash := slices.Index(b.source, dashes); dash >= 0 {
			b.source, b.output = lines[:dash], lines[dash+1:end]
		}
		if len(b.source) > 0 {
			s.blocks = append(s.blocks, b)
		}
		n, lines = n+end+1, lines[min(end+1, len(lines)):]
	}
	return s
}

// String is the script in the form that Parse reads.
func (s *Script) String() string {
	var parts []string
	for _, b := range s.blocks {
		lines := strings.Join(b.source, "\n") + "\n"
		if len(b.output) > 0 {
			lines += dashes + "\n" + strings.Join(b.output, "\n") + "\n"
		}
		parts = append(parts, lines)
	}
	return strings.Join(parts, "\n") // an empty line between two blocks
}

// statements are the lines of a block without comments and empty lines.
func (s *Script) statements(b block) []Statement {
	var all []Statement
	for n, line := range b.source {
		line, _, _ = strings.Cut(line, "#")
		verb, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if verb != "" {
			all = append(all, Statement{
				Script: s.Name, Line: b.line + n, Verb: verb, Text: strings.TrimSpace(text),
			})
		}
	}
	return all
}

// wrong is an error in a statement, with its place.
func (st Statement) wrong(err error) error {
	return fmt.Errorf("%s:%d: %s: %w", st.Script, st.Line, st.Verb, err)
}

// words splits the statement's text into want words, or at least -want of them.
func (st Statement) words(want int) ([]string, error) {
	words := strings.Fields(st.Text)
	switch {
	case want >= 0 && len(words) != want:
		return nil, fmt.Errorf("want %d words after it, not %d", want, len(words))
	case want < 0 && len(words) < -want:
		return nil, fmt.Errorf("want %d words after it or more, not %d", -want, len(words))
	}
	return words, nil
}
