package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"leima/hw"
)

// A bench is what every command works with: where its words come from and go to, and its
// readers.
type bench struct {
	in   io.Reader
	out  *output
	err  io.Writer
	open func(pattern string) (hw.Reader, error)

	// patience is how long a reader that was asked for may be missing.
	patience time.Duration
}

// say writes one line of the answer.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.out, format+"\n", args...) }

// remark says something beside the answer.
func (b *bench) remark(format string, args ...any) { fmt.Fprintf(b.err, format+"\n", args...) }

// json writes the answer for a machine.
func (b *bench) json(answer any) error {
	encoder := json.NewEncoder(b.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
}

// orNone stands for what is empty.
func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// An output remembers that something could not be written, so that no command needs to
// look after every line.
type output struct {
	to   io.Writer
	lost error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if err != nil && o.lost == nil {
		o.lost = err
	}
	return n, err
}

// told tells whether all was written.
func (o *output) told() error {
	if o.lost != nil {
		return fmt.Errorf("the answer cannot be written: %w: it is not complete", cause(o.lost))
	}
	return nil
}
