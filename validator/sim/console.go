package sim

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator/terminal"
)

// infants shows the fares of children under school age beside an adult.
func (w *Simulation) infants(_ context.Context, st Statement) ([]string, error) {
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
	c := t.CompanionFares(infants, inPram, paying, now)
	line := fmt.Sprintf("infants   %d free, %d child fares", infants-c.Due, c.Due)
	if c.AdultFree {
		line += ", the adult free"
	}
	return []string{fmt.Sprintf("%s  %v", line, c.Rule)}, nil
}

// parseInfants parses "3", "3 pram 1" or "1 school".
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

// freeReasons are the reasons of free boardings.
var freeReasons = map[string]fare.Reason{
	"devices": fare.FreeDevices, "card": fare.FreeCard, "ticket": fare.FreeTicket,
	"veteran": fare.FreeVeteran, "pram": fare.FreePram,
}

// free counts persons without a card.
func (w *Simulation) free(_ context.Context, st Statement) ([]string, error) {
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
	free := terminal.Free{Reason: reason, Persons: uint8(persons)}
	if _, err := w.Device.Do(free); err != nil {
		return []string{"refused   " + err.Error()}, nil
	}
	line := fmt.Sprintf("free      %v  %d persons  %v", reason, persons, reason.FreeRule())
	return []string{line}, nil
}

// driverLoad orders a load on the next card: "20.00" or "season 30 A-B".
func (w *Simulation) driverLoad(words []string) ([]string, error) {
	var load terminal.Load
	var err error
	switch {
	case len(words) == 1:
		load.Amount, err = cardlayout.ParseCents(words[0])
	case len(words) == 3 && words[0] == "season":
		var product uint64
		product, err = strconv.ParseUint(words[1], 10, 16)
		load.Season.Product = uint16(product)
		if err == nil {
			load.Season.Zones, err = cardlayout.ParseZones(words[2])
		}
	default:
		err = errors.New("want for example load 20.00, or load season 30 A-B")
	}
	if err != nil {
		return nil, err
	}
	return nil, w.Order(load)
}

// sell sells single tickets.
func (w *Simulation) sell(_ context.Context, st Statement) ([]string, error) {
	words, err := st.words(-1)
	if err != nil {
		return nil, err
	}
	if len(words) < 2 || len(words) > 3 {
		return nil, errors.New("want for example sell 2 adult, or sell 2 adult A-B")
	}
	var sell terminal.Sell
	var sold terminal.Result
	persons, err := strconv.ParseUint(words[0], 10, 8)
	if err == nil {
		sell.Persons = uint8(persons)
		sell.Group, err = cardlayout.ParseGroup(words[1])
	}
	if err == nil && len(words) == 3 {
		sell.Zones, err = cardlayout.ParseZones(words[2])
	}
	if err == nil {
		sold, err = w.Device.Do(sell)
	}
	if err != nil {
		return nil, err
	}
	ticket := sold.Ticket
	line := fmt.Sprintf("sold      %d %v  zones %v  until %s", persons, ticket.Group, ticket.Zones,
		ticket.Until.Clock())
	for _, l := range ticket.Lines {
		line += fmt.Sprintf("  %v %v", l.Item, l.Amount)
	}
	return []string{line}, nil
}
