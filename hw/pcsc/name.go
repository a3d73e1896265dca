package pcsc

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"leima/hw"
)

// choose picks the reader that a pattern means: the one that has it for its name, else
// the first that fits.
func choose(sights []sight, pattern string) (sight, error) {
	fits := func(s sight) bool { return s.name == pattern }
	at := slices.IndexFunc(sights, fits)
	if at < 0 {
		fits = func(s sight) bool { return matches(pattern, s.name) }
		at = slices.IndexFunc(sights, fits)
	}
	if at < 0 {
		return sight{}, noReader(sights, pattern)
	}
	return sights[at], nil
}

// matches says whether a name contains the parts of the pattern, which are separated by
// stars, in their order. Letters are alike in both cases. The slot for a SAM, which
// never holds a passenger's card, must be asked for.
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

// hasSAM says whether SAM is one of the words.
func hasSAM(upper string) bool {
	words := strings.FieldsFunc(upper, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return slices.Contains(words, "SAM")
}

// noReader says what there is instead of the reader that was asked for.
func noReader(sights []sight, pattern string) error {
	if len(sights) == 0 {
		return fmt.Errorf("pcsc: %w", codeNoReaders)
	}
	var names []string
	for _, s := range sights {
		names = append(names, s.name)
	}
	return fmt.Errorf("pcsc: no reader is called %q, there is %q: %w: plug it in, "+
		"or ask for another name", pattern, names, hw.ErrReader)
}
