package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"leima/cardlayout/plain"
	"leima/hw"
)

// A bench holds the streams and readers that every command uses.
type bench struct {
	in  io.Reader
	out *output
	err io.Writer

	// progress writes to err unchanged: on a terminal a line of progress is rewritten.
	progress io.Writer

	open func(pattern string) (hw.Reader, error)

	// patience is how long a named reader may be missing.
	patience time.Duration
}

// newBench is a bench with the readers of this machine.
func newBench(in io.Reader, out, err io.Writer) *bench {
	return &bench{
		in: in, out: &output{to: out, text: plain.Writer(out)}, err: plain.Writer(err),
		progress: err, open: usePCSC, patience: 800 * time.Millisecond,
	}
}

// say writes one line of the answer.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.out, format+"\n", args...) }

// remark writes a line beside the answer.
func (b *bench) remark(format string, args ...any) { fmt.Fprintf(b.err, format+"\n", args...) }

// json writes the answer as JSON.
func (b *bench) json(answer any) error {
	encoder := json.NewEncoder(b.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
}

// orNone replaces an empty text.
func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// An output writes text without control characters. It remembers an error, so that commands need
// not check every line.
type output struct {
	to   io.Writer
	text io.Writer // writes to to without control characters
	lost error
}

func (o *output) Write(p []byte) (int, error) { return o.write(o.text, p) }

// binary writes bytes that are not text.
func (o *output) binary(p []byte) { _, _ = o.write(o.to, p) }

func (o *output) write(to io.Writer, p []byte) (int, error) {
	n, err := to.Write(p)
	if err != nil && o.lost == nil {
		o.lost = err
	}
	return n, err
}

// complete returns the error of an incomplete output.
func (o *output) complete() error {
	if o.lost != nil {
		return fmt.Errorf("the answer cannot be written: %w: it is not complete", cause(o.lost))
	}
	return nil
}
