package tape

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"leima/hw"
)

// Write writes the tape in its canonical form, which Read and Write preserve. What could not be
// read back is an error, and so are keys other than TestKeys.
func (t *Tape) Write(w io.Writer) error {
	if err := t.check(); err != nil {
		return fmt.Errorf("writing a tape: %w", err)
	}
	_, err := w.Write(t.text())
	return err
}

// A line is one line of the header.
type line struct{ name, value string }

// lines are those after the first two, in order.
func (h Header) lines() (all []line) {
	for _, l := range []line{{"reader", h.Reader}, {"card", h.Card}} {
		if l.value != "" {
			all = append(all, l)
		}
	}
	if !h.At.IsZero() {
		all = append(all, line{"at", h.At.UTC().Format(time.RFC3339Nano)})
	}
	for _, name := range slices.Sorted(maps.Keys(h.Other)) {
		all = append(all, line{name, h.Other[name]})
	}
	return all
}

// words stand for the errors of a card.
var words = map[error]string{hw.ErrRemoved: "removed", hw.ErrReader: "reader"}

func (t *Tape) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "tape: 1\nkeys: %s\n", t.Header.Keys)
	for _, l := range t.Header.lines() {
		fmt.Fprintf(&b, "%s: %s\n", l.name, l.value)
	}
	for n, e := range t.Exchanges {
		if n == 0 || len(e.Comment) > 0 {
			b.WriteByte('\n')
		}
		comment(&b, e.Comment)
		fmt.Fprintf(&b, "> %X\n", e.Command)
		if e.Err != nil {
			fmt.Fprintf(&b, "! %s", words[e.Err])
		} else {
			fmt.Fprintf(&b, "< %X", e.Response)
		}
		fmt.Fprintf(&b, "  %dus\n", e.Took.Microseconds())
	}
	if len(t.End) > 0 {
		b.WriteByte('\n')
	}
	comment(&b, t.End)
	return b.Bytes()
}

func comment(b *bytes.Buffer, lines []string) {
	for _, l := range lines {
		if l != "" {
			l = " " + l
		}
		b.WriteString("#" + l + "\n")
	}
}
