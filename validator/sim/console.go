package sim

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"leima/fare"
	"leima/validator"
)

// infants tells what children under school age pay beside an adult.
func (w *World) infants(_ context.Context, st Statement) ([]string, error) {
	words, err := st.words(-1)
	if err != nil {
		return nil, err
	}
	infants, inPram, paying, err := parseInfants(words)
	if err != nil {
		return nil, err
	}
	now := w.Clock.Now()
	t, err := w.Tariff.At(w.Area, now)
	if err != nil {
		return nil, err
	}
	c := t.Accompany(infants, inPram, paying, now)
	line := fmt.Sprintf("infants   %d free, %d child fares", infants-c.Fares, c.Fares)
	if c.AdultFree {
		line += ", the adult free"
	}
	return []string{fmt.Sprintf("%s  %v", line, c.Rule)}, nil
}

// parseInfants reads "3", "3 pram 1" or "1 school".
func parseInfants(words []string) (infants, inPram int, paying bool, err error) {
	paying = true
	infants, err = strconv.Atoi(words[0])
	for words = words[1:]; len(words) > 0 && err == nil; {
		switch {
		case words[0] == "school":
			paying, words = false, words[1:]
		case words[0] == "pram" && len(words) > 1:
			inPram, err = strconv.Atoi(words[1])
			words = words[2:]
		default:
			err = fmt.Errorf("%q is not pram and a number, or school", words[0])
		}
	}
	if err != nil || infants < 1 || inPram < 0 || inPram > infants {
		return 0, 0, false, errors.Join(err,
			errors.New("want for example 3, 3 pram 1, or 1 school"))
	}
	return infants, inPram, paying, nil
}

// freeReasons are why a driver lets somebody in without a card.
var freeReasons = map[string]fare.Reason{
	"devices": fare.FreeDevices, "card": fare.FreeCard, "ticket": fare.FreeTicket,
	"veteran": fare.FreeVeteran, "pram": fare.FreePram,
}

// free counts persons without a card.
func (w *World) free(_ context.Context, st Statement) ([]string, error) {
	words, err := st.words(2)
	if err != nil {
		return nil, err
	}
	reason, known := freeReasons[words[0]]
	persons, err := strconv.ParseUint(words[1], 10, 8)
	if !known || err != nil {
		return nil, fmt.Errorf("%q: want devices, card, ticket, veteran or pram, and a number of "+
			"persons", st.Text)
	}
	free := validator.Free{Reason: reason, Persons: uint8(persons)}
	if err := w.Device.Do(free); err != nil {
		return nil, err
	}
	line := fmt.Sprintf("free      %v  %d persons  %v", reason, persons, reason.FreeRule())
	return []string{line}, nil
}
