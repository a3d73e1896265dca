package blocklist

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"leima/cardlayout"
)

// An Entry blocks one card.
type Entry struct {
	Number cardlayout.Number
	Kind   cardlayout.Kind

	// Unblocking is the card's unblocking number at the time of blocking. A card with a higher
	// number was unblocked since, and the entry no longer applies.
	Unblocking uint8
}

// kinds are the kinds of card that an entry may name. A bearer card is among them, to be refused
// with its own reason.
var kinds = [...]cardlayout.Kind{cardlayout.Personal, cardlayout.Bearer, cardlayout.Company}

// Parse reads entries from text: a line holds the card's number, with or without
// blanks, its kind, and its unblocking number:
//
//	924699 0011 2345 6787 personal 0   # what follows a # is a comment
//
// The file's name is for the errors. They name every wrong line, up to a bound; no entry is
// returned with them.
func Parse(file string, r io.Reader) ([]Entry, error) {
	var (
		entries []Entry
		lines   []int // of the entries
		faults  = problems{place: file + ":%d"}
		scanner = bufio.NewScanner(r)
		line    int
	)
	for scanner.Scan() {
		line++
		entry, blank, err := parseLine(scanner.Text())
		switch {
		case err != nil:
			faults.add(line, err)
		case !blank:
			entries, lines = append(entries, entry), append(lines, line)
		}
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("%s:%d: the line is longer than any of a list: want one for each "+
			"card", file, line+1)
	} else if err != nil {
		return nil, fmt.Errorf("%s:%d: reading the list: %w", file, line+1, err)
	}
	check(entries, lines, &faults)
	if err := faults.err(); err != nil {
		return nil, err
	}
	return entries, nil
}

// parseLine reads one line, from its end because the number may be several words.
func parseLine(text string) (entry Entry, blank bool, err error) {
	text, _, _ = strings.Cut(text, "#")
	words := strings.Fields(text)
	if len(words) == 0 {
		return entry, true, nil
	}
	if sign := separator(text); len(words) < 3 && sign != "" {
		return entry, false, fmt.Errorf("the line is separated by %q: want blanks, for example %q",
			sign, "924699 0011 2345 6787 personal 0")
	}
	if len(words) < 3 {
		return entry, false, fmt.Errorf("want a card number, its kind and its unblocking number, "+
			"for example %q", "924699 0011 2345 6787 personal 0")
	}
	kind, unblocking := words[len(words)-2], words[len(words)-1]
	number := strings.Join(words[:len(words)-2], " ")
	if entry.Number, err = cardlayout.ParseNumber(number); err != nil {
		return entry, false, err
	}
	if entry.Kind, err = parseKind(kind); err != nil {
		return entry, false, err
	}
	n, err := strconv.ParseUint(unblocking, 10, 8)
	if err != nil {
		return entry, false, fmt.Errorf("unblocking number %q: want 0 to 255, as the card holds it",
			unblocking)
	}
	entry.Unblocking = uint8(n)
	return entry, false, nil
}

// separator is a spreadsheet's separator between the words of a line; "" for blanks.
func separator(text string) string {
	for _, sign := range []string{";", ",", "|"} {
		if strings.Contains(text, sign) {
			return sign
		}
	}
	return ""
}

func parseKind(word string) (cardlayout.Kind, error) {
	for _, kind := range kinds {
		if kind.String() == word {
			return kind, nil
		}
	}
	return 0, fmt.Errorf("kind of card %q: want personal or company", word)
}
