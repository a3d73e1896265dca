package cardlayout

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The text form of a card: a line for each part that is not empty, with its name and then its value
// or its pairs name=value. Engineers write it to describe a card to be issued, an inspection prints
// it, and each is the inverse of the other:
//
//	number   924699 0011 2345 6787
//	kind     personal
//	area     227
//	group    adult
//	purse    10.00
//	season1  area=227 product=30 zones=A-B days=30 price=57.00
//
// A comma may stand for the end of a line; # begins a comment.

// A Line is one part of a card in text.
type Line struct {
	Name  string
	Pairs []Pair
}

// A Pair is one value of a part. A part with a single value has one pair without a name.
type Pair struct{ Name, Value string }

// String writes the line as ParseCard reads it.
func (l Line) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-9s", l.Name)
	for _, p := range l.Pairs {
		b.WriteByte(' ')
		if p.Name != "" {
			b.WriteString(p.Name + "=")
		}
		b.WriteString(p.Value)
	}
	return b.String()
}

// Lines describes c in text.
func (c Card) Lines() []Line {
	var lines []Line
	for _, part := range c.parts() {
		v := textCodec{}
		part.fields(&v)
		if len(v.pairs) > 0 {
			lines = append(lines, Line{Name: part.name, Pairs: v.pairs})
		}
	}
	return lines
}

// Text describes c in lines of text.
func (c Card) Text() string {
	var b strings.Builder
	for _, line := range c.Lines() {
		b.WriteString(line.String() + "\n")
	}
	return b.String()
}

// ParseCard sets in c what a text describes. Its error names the part, counted from 1.
func (c *Card) ParseCard(text string) error {
	known := map[string]part{}
	for _, p := range c.parts() {
		known[p.name] = p
	}
	for n, words := range partsOf(text) {
		part, ok := known[words[0]]
		if !ok {
			return fmt.Errorf("part %d: a card has no %q", n+1, words[0])
		}
		v := textCodec{parsing: true, words: pairsOf(words[1:])}
		if len(v.words) == 0 {
			return fmt.Errorf("part %d, %s: want a value after it", n+1, words[0])
		}
		part.fields(&v)
		if err := v.done(); err != nil {
			return fmt.Errorf("part %d, %s: %w", n+1, words[0], err)
		}
	}
	return nil
}

// partsOf are the words of every part of a text, without comments.
func partsOf(text string) (parts [][]string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for part := range strings.SplitSeq(line, ",") {
			if words := strings.Fields(part); len(words) > 0 {
				parts = append(parts, words)
			}
		}
	}
	return parts
}

// pairsOf parses words name=value; words without = are the single value.
func pairsOf(words []string) map[string]string {
	pairs := map[string]string{}
	for _, word := range words {
		name, value, found := strings.Cut(word, "=")
		if !found {
			name, value = "", strings.TrimSpace(pairs[""]+" "+word)
		}
		pairs[name] = value
	}
	return pairs
}

// part is one line of the text form.
type part struct {
	name   string
	fields func(*textCodec)
}

// textCodec goes over the fields of a part in either direction: printing and parsing share one
// list.
type textCodec struct {
	parsing bool
	pairs   []Pair            // printed
	words   map[string]string // still to be parsed
	err     error
}

func (v *textCodec) done() error {
	if names := slices.Sorted(maps.Keys(v.words)); v.err == nil && len(names) > 0 {
		return fmt.Errorf("%q is not understood here", names[0])
	}
	return v.err
}

// as moves one field; print is called only for values other than zero.
func as[T comparable](
	v *textCodec, name string, field *T, print func(T) string, parse func(string) (T, error),
) {
	var zero T
	if !v.parsing {
		if *field != zero {
			v.pairs = append(v.pairs, Pair{name, print(*field)})
		}
		return
	}
	text, given := v.words[name]
	if !given {
		return
	}
	delete(v.words, name)
	value, err := parse(text)
	if err != nil {
		if v.err == nil {
			v.err = err
		}
		return
	}
	*field = value
}

func number[T ~uint8 | ~uint16 | ~uint32](v *textCodec, name string, field *T) {
	as(v, name, field, func(n T) string { return strconv.FormatUint(uint64(n), 10) },
		func(text string) (T, error) {
			n, err := strconv.ParseUint(text, 10, 32)
			if err != nil || uint64(T(n)) != n {
				return 0, fmt.Errorf("%s %q: want a number that fits", name, text)
			}
			return T(n), nil
		})
}

func boolean(v *textCodec, name string, field *bool) {
	as(v, name, field, strconv.FormatBool, strconv.ParseBool)
}

func word[T interface {
	~uint8
	fmt.Stringer
}](v *textCodec, name string, field *T, all names) {
	as(v, name, field, T.String, func(text string) (T, error) {
		n, err := all.parse(name, text)
		return T(n), err
	})
}

func (v *textCodec) cents(name string, field *Cents) {
	as(v, name, field, Cents.String, ParseCents)
}
func (v *textCodec) day(name string, field *Day) { as(v, name, field, Day.String, ParseDay) }
func (v *textCodec) zones(name string, field *Zones) {
	as(v, name, field, Zones.String, ParseZones)
}

func (v *textCodec) stamp(name string, field *Stamp) {
	as(v, name, field, Stamp.String, ParseStamp)
}

func (v *textCodec) instant(name string, field *Instant) {
	as(v, name, field, Instant.String, parseInstant)
}

// birth is the only day that may be day 0, 1.1.1997: a personal card always has it.
func (c *Card) birth(v *textCodec) {
	if v.parsing || c.Kind != Personal || c.Birth != 0 {
		v.day("", &c.Birth)
		return
	}
	v.pairs = append(v.pairs, Pair{"", c.Birth.String()})
}
