package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"leima/cardlayout"
)

// technicalLife is the lifetime of a card.
const technicalLife = 8 // years

// parseCard parses the description of a card to be issued, and completes it with the usual values.
// An error names the line. A # makes the rest of its line a comment, with all its commas.
func parseCard(name, text string, today cardlayout.Day) (cardlayout.Card, error) {
	d := description{lines: map[string]int{}}
	d.card.TransactionMAC = true
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		for _, part := range strings.Split(line, ",") {
			if err := d.add(n+1, part); err != nil {
				return d.card, fmt.Errorf("%s:%d: %w", name, n+1, err)
			}
		}
	}
	d.complete(today)
	if err := d.check(); err != nil {
		return d.card, fmt.Errorf("%s: %w", name, err)
	}
	return d.card, nil
}

// A description is a description that is being parsed.
type description struct {
	card  cardlayout.Card
	lines map[string]int // of every part so far
}

func (d *description) add(line int, part string) error {
	words := strings.Fields(part)
	if len(words) == 0 {
		return nil
	}
	if len(words) == 1 {
		return fmt.Errorf("%s: want what it is after it", words[0])
	}
	if earlier := d.lines[words[0]]; earlier > 0 {
		return fmt.Errorf("%s stands in line %d already: take one away", words[0], earlier)
	}
	d.lines[words[0]] = line
	if err := d.card.ParseCard(part); err != nil {
		return errors.New(withoutPart(err))
	}
	return nil
}

// withoutPart removes the number of the part, which is the only one of its text.
func withoutPart(err error) string {
	text := strings.TrimPrefix(err.Error(), "part 1")
	return strings.TrimPrefix(strings.TrimPrefix(text, ", "), ": ")
}

// complete sets missing parts that have an obvious value.
func (d *description) complete(today cardlayout.Day) {
	c := &d.card
	if d.lines["kind"] == 0 {
		c.Kind = cardlayout.Bearer
	}
	if d.lines["group"] == 0 {
		c.Group = cardlayout.Adult
	}
	if d.lines["issued"] == 0 {
		c.Issued = today
	}
	if d.lines["valid"] == 0 {
		year, month, day := c.Issued.Date()
		c.ValidUntil = cardlayout.DayOf(
			time.Date(year+technicalLife, month, day, 0, 0, 0, 0, time.UTC))
	}
}

// check is the error if a part without an obvious value is missing.
func (d *description) check() error {
	const missing = "the description states no %s: add a line such as %s"
	if d.card.Number == 0 {
		return fmt.Errorf(missing, "number", "number 924699 0011 2345 6787")
	}
	if d.card.Area == 0 {
		return fmt.Errorf(missing, "area", "area 227")
	}
	if d.card.Kind == cardlayout.Personal && d.lines["born"] == 0 {
		return errors.New("a personal card tells its holder's day of birth: add a line such as " +
			"born 1980-05-17, or make it kind bearer")
	}
	return nil
}

// describe writes a card as parseCard reads it, without parts that parseCard would complete in the
// same way.
func describe(c cardlayout.Card) string {
	text := c.Text()
	if !c.TransactionMAC {
		text += "tmac      false\n"
	}
	for _, day := range []struct {
		name string
		day  cardlayout.Day
	}{{"issued", c.Issued}, {"valid", c.ValidUntil}} {
		if day.day == 0 {
			text += fmt.Sprintf("%-9s %v # the card names no day\n", day.name, day.day)
		}
	}
	return text
}
