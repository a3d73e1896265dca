package actionlist

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"leima/cardlayout"
	"leima/fare/sale"
)

// Parse reads entries from text. A line holds the card's number, with or without blanks, the
// action, and then settings, each a word and its value:
//
//	924699 0011 2345 6787 value 20.00 expects 3 from 2026-03-02  # what follows is a comment
//	924699 0011 2345 6787 season 30 A-B days 30 price 57.00 expects 4 from 2026-03-02
//	924699 0011 2345 6787 unblock expects 5 from 2026-03-02
//
// expects and from are required. leaves defaults to one more than expects, and until to a wait of
// 14 days; organisation and device are the seller's, and funder is employer or benefit, if either
// has paid.
//
// The file's name is for the errors, which name the first wrong line.
func Parse(file string, r io.Reader) (entries []Entry, err error) {
	scanner := bufio.NewScanner(r)
	line := 0
	for scanner.Scan() {
		line++
		text, _, _ := strings.Cut(scanner.Text(), "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		e, err := parseLine(words)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, line, err)
		}
		entries = append(entries, e)
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("%s:%d: the line is longer than any of a list: want one for each "+
			"card", file, line+1)
	} else if err != nil {
		return nil, fmt.Errorf("%s:%d: reading the list: %w", file, line+1, err)
	}
	return entries, nil
}

func parseLine(words []string) (e Entry, err error) {
	digits := 0
	for digits < len(words) && strings.Trim(words[digits], "0123456789") == "" {
		digits++
	}
	if e.Card, err = cardlayout.ParseNumber(strings.Join(words[:digits], " ")); err != nil {
		return e, err
	}
	rest, err := content(&e.Action, words[digits:])
	if err != nil {
		return e, err
	}
	given := map[string]bool{}
	for ; len(rest) > 1; rest = rest[2:] {
		if given[rest[0]] {
			return e, fmt.Errorf("%s stands there twice", rest[0])
		}
		given[rest[0]] = true
		if err := setting(&e.Action, rest[0], rest[1]); err != nil {
			return e, fmt.Errorf("%s %q: %w", rest[0], rest[1], err)
		}
	}
	switch {
	case len(rest) > 0:
		return e, fmt.Errorf("%s: want its value after it", rest[0])
	case !given["expects"] || !given["from"]:
		return e, errors.New("want expects, the action counter that the card has before, and " +
			"from, the first day, for example expects 3 from 2026-03-02")
	}
	if !given["leaves"] {
		e.Action.Leaves = e.Action.Expects + 1
	}
	if !given["until"] {
		e.Action.Last = e.Action.First + sale.ActionDays - 1
	}
	return e, e.Action.Check()
}

// content reads the action, and returns the words after it.
func content(a *sale.Action, words []string) (rest []string, err error) {
	switch {
	case len(words) > 0 && words[0] == "unblock":
		a.Kind = sale.UnblockAction
		return words[1:], nil
	case len(words) > 1 && words[0] == "value":
		a.Kind = sale.ValueAction
		a.Amount, err = cardlayout.ParseCents(words[1])
		return words[2:], err
	case len(words) > 2 && words[0] == "season":
		a.Kind = sale.SeasonAction
		if a.Product, err = number[uint16](words[1]); err == nil {
			a.Zones, err = cardlayout.ParseZones(words[2])
		}
		return words[3:], err
	}
	return nil, errors.New("want value AMOUNT, season PRODUCT ZONES or unblock after the " +
		"card's number")
}

func setting(a *sale.Action, name, value string) (err error) {
	switch name {
	case "expects":
		a.Expects, err = number[uint32](value)
	case "leaves":
		a.Leaves, err = number[uint32](value)
	case "from":
		a.First, err = cardlayout.ParseDay(value)
	case "until":
		a.Last, err = cardlayout.ParseDay(value)
	case "days":
		a.Days, err = number[uint16](value)
	case "price":
		a.Amount, err = cardlayout.ParseCents(value)
		if a.Kind != sale.SeasonAction {
			err = errors.New("only a season has a price beside its amount")
		}
	case "organisation":
		a.Organisation, err = number[uint16](value)
	case "device":
		a.Device, err = number[uint16](value)
	case "funder":
		a.Funder, err = funder(value)
	default:
		err = errors.New("an action has no such setting")
	}
	return err
}

func funder(word string) (sale.Funder, error) {
	switch word {
	case "employer":
		return sale.Employer, nil
	case "benefit":
		return sale.Benefit, nil
	}
	return 0, errors.New("want employer or benefit")
}

// number reads a number that fits its type.
func number[T uint16 | uint32](text string) (T, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || uint64(T(n)) != n {
		return 0, fmt.Errorf("want a number from 0 to %d", ^T(0))
	}
	return T(n), nil
}
