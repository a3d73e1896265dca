package pcsc

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"leima/hw"
)

// selectReader picks the reader of a pattern: the one with exactly that name, else the first that
// matches.
func selectReader(statuses []readerStatus, pattern string) (readerStatus, error) {
	fits := func(s readerStatus) bool { return s.name == pattern }
	at := slices.IndexFunc(statuses, fits)
	if at < 0 {
		fits = func(s readerStatus) bool { return matches(pattern, s.name) }
		at = slices.IndexFunc(statuses, fits)
	}
	if at < 0 {
		return readerStatus{}, noReader(statuses, pattern)
	}
	return statuses[at], nil
}

// matches reports whether a name contains the parts of the pattern, separated by stars, in their
// order. Case does not matter. The slot of a SAM, which never holds a passenger's card, must be
// named by the pattern.
func matches(pattern, name string) bool {
	pattern, name = strings.ToUpper(pattern), strings.ToUpper(name)
	if hasSAM(name) && !hasSAM(pattern) {
		return false
	}
	for part := range strings.SplitSeq(pattern, "*") {
		_, after, found := strings.Cut(name, part)
		if !found {
			return false
		}
		name = after
	}
	return true
}

// hasSAM reports whether SAM is one of the words.
func hasSAM(upper string) bool {
	words := strings.FieldsFunc(upper, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return slices.Contains(words, "SAM")
}

// noReader is the error that lists the readers present.
func noReader(statuses []readerStatus, pattern string) error {
	if len(statuses) == 0 {
		return fmt.Errorf("pcsc: %w", codeNoReaders)
	}
	var names []string
	for _, s := range statuses {
		names = append(names, s.name)
	}
	return fmt.Errorf("pcsc: no reader is called %q, there is %q: %w: plug it in, "+
		"or ask for another name", pattern, names, hw.ErrReader)
}
