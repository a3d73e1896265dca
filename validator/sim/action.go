package sim

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"leima/cardlayout"
	"leima/fare/sale"
)

// action adds an action to the action list.
func (w *Simulation) action(_ context.Context, st Statement) ([]string, error) {
	words, err := st.words(-2)
	if err != nil {
		return nil, err
	}
	contents, err := w.Inspect(words[0])
	if err != nil {
		return nil, err
	}
	card := contents.Card
	a := sale.Action{
		Expects:      max(card.ActionCounter, w.actionCounters[words[0]]),
		First:        cardlayout.DayOf(w.Clock.Now().In(w.Zone)),
		Organisation: 1, Device: 1,
	}
	a.Leaves, a.Last = a.Expects+1, a.First+sale.ActionDays-1
	rest, err := w.content(&a, card.Group, words[1:])
	for ; err == nil && len(rest) > 1; rest = rest[2:] {
		err = option(&a, rest[0], rest[1])
	}
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%q: want its value after it", rest[0])
	}
	if err == nil {
		err = w.Device.AddAction(card.Number, a)
	}
	if err == nil {
		w.actionCounters[words[0]] = max(a.Leaves, w.actionCounters[words[0]])
	}
	return nil, err
}

// content parses the content of an action, and returns the words after it. A season has today's
// price.
func (w *Simulation) content(a *sale.Action, group cardlayout.Group, words []string) (
	[]string, error,
) {
	switch {
	case words[0] == "unblock":
		a.Kind = sale.UnblockAction
		return words[1:], nil
	case words[0] == "value" && len(words) > 1:
		amount, err := cardlayout.ParseCents(words[1])
		a.Kind, a.Amount = sale.ValueAction, amount
		return words[2:], err
	case words[0] == "season" && len(words) > 2:
		return words[3:], w.season(a, group, words[1], words[2])
	}
	return nil, errors.New("want value AMOUNT, season PRODUCT ZONES or unblock after the name")
}

func (w *Simulation) season(a *sale.Action, group cardlayout.Group, code, zones string) (
	err error,
) {
	number, bad := strconv.ParseUint(code, 10, 14)
	if a.Zones, err = cardlayout.ParseZones(zones); err != nil {
		return err
	}
	t, err := w.Tariff.At(w.Area, w.Clock.Now())
	if err != nil {
		return err
	}
	product, known := t.Season(uint16(number))
	if bad != nil || !known {
		return fmt.Errorf("product %q: the tariff knows none", code)
	}
	a.Kind, a.Product, a.Days = sale.SeasonAction, product.Code, product.Days
	a.Amount = product.Prices[group][a.Zones]
	return nil
}

// option parses a counter or a day.
func option(a *sale.Action, name, value string) (err error) {
	day := func() (d cardlayout.Day) { d, err = cardlayout.ParseDay(value); return d }
	counter := func() uint32 {
		n, bad := strconv.ParseUint(value, 10, 32)
		err = bad
		return uint32(n)
	}
	switch name {
	case "expects":
		a.Expects = counter()
		a.Leaves = a.Expects + 1
	case "leaves":
		a.Leaves = counter()
	case "from":
		a.First = day()
		a.Last = a.First + sale.ActionDays - 1
	case "until":
		a.Last = day()
	default:
		err = fmt.Errorf("an action has no %q", name)
	}
	return err
}
