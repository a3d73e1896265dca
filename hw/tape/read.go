package tape

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// largest bounds the text of a tape, in bytes; that of a tap has some two kilobytes.
const largest = 16 << 20

// Read reads a tape. An error names the line; one about the keys wraps ErrKeys.
func Read(r io.Reader) (*Tape, error) {
	text, err := io.ReadAll(io.LimitReader(r, largest+1))
	if err != nil {
		if disk := (*fs.PathError)(nil); errors.As(err, &disk) {
			err = disk.Err
		}
		return nil, fmt.Errorf("reading a tape: %w", err)
	}
	if len(text) > largest {
		return nil, fmt.Errorf("reading a tape: it is longer than %d bytes", largest)
	}
	p, n := parser{}, 0
	for l := range strings.Lines(string(text)) {
		n++
		if err := p.line(n, strings.TrimSpace(l)); err != nil {
			return nil, fmt.Errorf("reading a tape: line %d: %w", n, err)
		}
	}
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("reading a tape: line %d: %w", n, err)
	}
	return &p.tape, nil
}

// A parser reads a tape line by line.
type parser struct {
	tape    Tape
	given   map[string]bool // lines of the header
	comment []string        // to the next exchange
	command []byte          // that waits for its response
}

var errStart = errors.New(`this is no tape: want "tape: 1" in its first line`)

func (p *parser) line(n int, text string) error {
	if n == 1 {
		return p.start(text)
	}
	if text == "" {
		return nil
	}
	if err := checkPrintable(text); err != nil {
		return err
	}
	rest := strings.TrimSpace(text[1:])
	switch text[0] {
	case '#':
		if p.command != nil {
			return errors.New("a comment stands before a command, not between it and its answer")
		}
		p.comment = append(p.comment, rest)
		return nil
	case '>':
		return p.parseCommand(rest)
	case '<', '!':
		return p.parseResponse(text[0], rest)
	}
	return p.header(text)
}

// start reads the first line. It is checked before all others, so that another kind of file is
// named as such.
func (p *parser) start(text string) error {
	name, version, _ := strings.Cut(text, ":")
	if name != "tape" {
		return errStart
	}
	if version = strings.TrimSpace(version); version != "1" {
		return fmt.Errorf("version %q of tapes: this program knows version 1", version)
	}
	p.given = map[string]bool{name: true}
	return nil
}

func (p *parser) header(text string) error {
	name, value, colon := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	switch {
	case !colon:
		return errors.New("want a header, a comment (#) or an exchange (>, < or !)")
	case p.command != nil || len(p.tape.Exchanges) > 0:
		return errors.New("a header stands before the first exchange")
	case p.given[name]:
		return fmt.Errorf("header %s: it is there twice", name)
	}
	if err := checkLine(name, value); err != nil {
		return err
	}
	p.given[name] = true
	return p.tape.Header.set(name, value)
}

func (h *Header) set(name, value string) (err error) {
	switch name {
	case "keys":
		h.Keys = value
		if value != TestKeys {
			err = ErrKeys
		}
	case "reader":
		h.Reader = value
	case "card":
		h.Card = value
	case "at":
		h.At, err = instant(value)
	default:
		if h.Other == nil {
			h.Other = map[string]string{}
		}
		h.Other[name] = value
	}
	return err
}

func instant(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errInstant
	}
	return at.UTC(), checkInstant(at.UTC())
}

// parseCommand reads a command.
func (p *parser) parseCommand(text string) (err error) {
	last := len(p.tape.Exchanges) - 1
	switch {
	case p.tape.Header.Keys == "":
		return errNoKeys
	case p.command != nil:
		return errUnanswered
	case last >= 0 && p.tape.Exchanges[last].Err != nil:
		return fmt.Errorf("%w: no exchange can follow", p.tape.Exchanges[last].Err)
	}
	if p.command, err = unhex(strings.Fields(text)); err == nil && len(p.command) == 0 {
		err = errors.New("the command is empty")
	}
	return err
}

var errNoKeys = fmt.Errorf(`%w: want "keys: test" in the header`, ErrKeys)

var errUnanswered = errors.New("the command has no answer: want a line that begins with ! or <")

// parseResponse reads the response to the command, or the error in its place.
func (p *parser) parseResponse(kind byte, text string) (err error) {
	if p.command == nil {
		return errors.New("an answer without a command: want a line that begins with > before it")
	}
	e := Exchange{Comment: p.comment, Command: p.command}
	words := strings.Fields(text)
	if e.Took, err = parseTook(words); err != nil {
		return err
	}
	words = words[:len(words)-1]
	if kind == '<' {
		e.Response, err = unhex(words)
	} else {
		e.Err, err = parseError(strings.Join(words, " "))
	}
	p.tape.Exchanges = append(p.tape.Exchanges, e)
	p.comment, p.command = nil, nil
	return err
}

// parseTook reads the microseconds at the end of a line.
func parseTook(words []string) (time.Duration, error) {
	if len(words) > 0 {
		digits, us := strings.CutSuffix(words[len(words)-1], "us")
		n, err := strconv.ParseUint(digits, 10, 32)
		if us && err == nil && time.Duration(n)*time.Microsecond <= longest {
			return time.Duration(n) * time.Microsecond, nil
		}
	}
	return 0, errors.New("want the microseconds it took at the end of the line, such as 1234us")
}

// parseError is the error of a word.
func parseError(text string) (error, error) {
	for err, word := range words {
		if word == text {
			return err, nil
		}
	}
	return nil, errors.New("want ! removed or ! reader")
}

// end checks that nothing is missing.
func (p *parser) end() error {
	switch {
	case p.given == nil:
		return errStart
	case p.tape.Header.Keys == "":
		return errNoKeys
	case p.command != nil:
		return errUnanswered
	}
	p.tape.End = p.comment
	return nil
}

func unhex(words []string) ([]byte, error) {
	p, err := hex.DecodeString(strings.Join(words, ""))
	if err != nil {
		return nil, errors.New("want whole bytes in hexadecimal")
	}
	return p, nil
}
