package tape

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"leima/hw"
)

// A Tape is the recording of one presentation of a card, from its activation to its removal.
type Tape struct {
	Header    Header
	Exchanges []Exchange
	End       []string // comments after the last exchange
}

// TestKeys is the value of Header.Keys without which a tape may not be kept.
const TestKeys = "test"

// A Header describes the origin of a tape. Empty fields are left out of the text.
type Header struct {
	Keys   string
	Reader string
	Card   string
	At     time.Time         // of the first exchange
	Other  map[string]string // by names of small letters, digits and hyphens
}

// An Exchange is a command and its response.
type Exchange struct {
	Comment  []string // lines before it
	Command  []byte
	Response []byte
	Err      error         // hw.ErrRemoved, hw.ErrReader or nil
	Took     time.Duration // in whole microseconds
}

var (
	// ErrKeys means that a tape does not declare that it was made under test keys.
	ErrKeys = errors.New("only conversations under test keys may be kept on tape")

	// ErrDiffers means that a Player was sent another command than the recorded one.
	ErrDiffers = errors.New("the command is not the recorded one")
)

// longest bounds the time of an exchange.
const longest = time.Hour

// check finds what could not be read back.
func (t *Tape) check() error {
	if err := t.Header.check(); err != nil {
		return err
	}
	for n, e := range t.Exchanges {
		if err := e.check(); err != nil {
			return fmt.Errorf("exchange %d: %w", n+1, err)
		}
		if e.Err != nil && n+1 < len(t.Exchanges) {
			return fmt.Errorf("exchange %d: %w: no exchange can follow", n+1, e.Err)
		}
	}
	return checkComments(t.End)
}

func (h Header) check() error {
	if h.Keys != TestKeys {
		return ErrKeys
	}
	for _, line := range h.lines() {
		if err := checkLine(line.name, line.value); err != nil {
			return err
		}
	}
	if !h.At.IsZero() {
		if err := checkInstant(h.At.UTC()); err != nil {
			return err
		}
	}
	for name := range h.Other {
		if standard(name) {
			return fmt.Errorf("header %s: it is not one of the others", name)
		}
	}
	return nil
}

// standard reports whether a line of the header has a field of its own.
func standard(name string) bool {
	switch name {
	case "tape", "keys", "reader", "card", "at":
		return true
	}
	return false
}

var errInstant = errors.New("header at: want an instant, such as 2026-03-02T06:15:30Z")

// checkInstant bounds an instant to the years that its text form has.
func checkInstant(at time.Time) error {
	if at.Year() < 1900 || at.Year() > 9999 {
		return errInstant
	}
	return nil
}

func checkLine(name, value string) error {
	for i, r := range name {
		if (r < 'a' || r > 'z') && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return fmt.Errorf("header %q: want a name of small letters, digits and hyphens", name)
		}
	}
	switch {
	case name == "":
		return errors.New("a header has no name")
	case value == "":
		return fmt.Errorf("header %s: it has no value", name)
	}
	if err := checkText(value); err != nil {
		return fmt.Errorf("header %s: %w", name, err)
	}
	return nil
}

func (e Exchange) check() error {
	switch {
	case len(e.Command) == 0:
		return errors.New("the command is empty")
	case e.Took < 0 || e.Took > longest || e.Took%time.Microsecond != 0:
		return fmt.Errorf("it took %v: want whole microseconds up to %v", e.Took, longest)
	case e.Err != nil && e.Err != hw.ErrRemoved && e.Err != hw.ErrReader:
		return fmt.Errorf("the error %q has no word on a tape", e.Err)
	case e.Err != nil && len(e.Response) > 0:
		return errors.New("it has a response and an error")
	}
	return checkComments(e.Comment)
}

func checkComments(comments []string) error {
	for _, c := range comments {
		if err := checkText(c); err != nil {
			return fmt.Errorf("a comment: %w", err)
		}
	}
	return nil
}

// checkText finds a text that could not be read back from its line.
func checkText(text string) error {
	if text != strings.TrimSpace(text) {
		return errors.New("it begins or ends with a blank")
	}
	return checkPrintable(text)
}

func checkPrintable(line string) error {
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool {
		return unicode.IsControl(r) && r != '\t'
	}) {
		return errors.New("it is not printable text")
	}
	return nil
}
