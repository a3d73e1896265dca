package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare/sale"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/servicepoint"
	"leima/validator/terminal"
)

// verbs are the statements described in doc.go.
var verbs map[string]func(*Simulation, context.Context, Statement) ([]string, error)

func init() {
	verbs = map[string]func(*Simulation, context.Context, Statement) ([]string, error){
		"tariffs": (*Simulation).tariffs, "card": (*Simulation).issue, "at": (*Simulation).at,
		"feed": (*Simulation).feed,
		"bus":  (*Simulation).bus, "driver": (*Simulation).driver, "tear": (*Simulation).tear,
		"tap": (*Simulation).tap, "load": (*Simulation).load, "block": (*Simulation).block,
		"show": (*Simulation).show, "history": (*Simulation).history,
		"journal": (*Simulation).journal,
		"restart": (*Simulation).restart, "say": (*Simulation).say,
		"infants": (*Simulation).infants,
		"free":    (*Simulation).free, "action": (*Simulation).action, "sell": (*Simulation).sell,
		"clock": (*Simulation).clock, "sync": (*Simulation).sync,
	}
}

func (w *Simulation) tariffs(_ context.Context, st Statement) ([]string, error) {
	names, err := st.words(-1)
	if err != nil {
		return nil, err
	}
	return nil, w.Device.Prices(names)
}

// at waits for a time, or sets the clock if waiting does not reach it.
func (w *Simulation) at(_ context.Context, st Statement) ([]string, error) {
	at, err := w.parseTime(st.Text)
	if err == nil {
		w.Clock.Set(at)
	}
	return nil, err
}

// clock sets the clock without waiting.
func (w *Simulation) clock(_ context.Context, st Statement) ([]string, error) {
	if st.Text == "right" {
		w.Clock.Right()
		return nil, nil
	}
	at, err := w.parseTime(st.Text)
	if err == nil {
		w.Clock.Step(at)
	}
	return nil, err
}

// sync sets whether the clock is synchronized.
func (w *Simulation) sync(_ context.Context, st Statement) ([]string, error) {
	switch st.Text {
	case "on", "off":
		return nil, w.Device.Synchronize(st.Text == "on")
	}
	return nil, fmt.Errorf("%q: want on or off", st.Text)
}

// parseTime parses a time, relative to that of the clock.
func (w *Simulation) parseTime(said string) (time.Time, error) {
	now := w.Clock.Now().In(w.Zone)
	if strings.HasPrefix(said, "+") || strings.HasPrefix(said, "-") {
		d, err := time.ParseDuration(said)
		if err != nil {
			return now, fmt.Errorf("%q: want a time such as +40m, -2h or +1h30m", said)
		}
		return now.Truncate(time.Second).Add(d), nil
	}
	today := now.Format("2006-01-02 ")
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		for _, text := range []string{said, today + said} {
			if at, err := time.ParseInLocation(layout, text, w.Zone); err == nil {
				return at, nil
			}
		}
	}
	return now, fmt.Errorf("%q: want a time such as 2026-03-02 08:00, 08:00:30 or +40m", said)
}

// bus sets the place of the bus.
func (w *Simulation) bus(_ context.Context, st Statement) ([]string, error) {
	next := w.place
	for _, word := range strings.Fields(st.Text) {
		name, value, _ := strings.Cut(word, "=")
		err := setPlace(&next, name, value)
		if err == nil && name == "stop" {
			err = w.stopAt(&next)
		}
		if err != nil {
			return nil, err
		}
	}
	err := w.Order(terminal.Move{Place: next})
	if err == nil {
		w.place = next
	}
	return nil, err
}

// stopAt takes the zone of a stop from the timetable, if there is one.
func (w *Simulation) stopAt(p *validator.Place) error {
	if w.stops == nil {
		return nil
	}
	stop, known := w.stops.Lookup(p.Stop)
	if !known || stop.Zone == 0 {
		return fmt.Errorf("stop=%s: the feed knows no zone of it", p.Stop)
	}
	p.Zone, p.NextZone, p.Zones = stop.Zone, 0, 0
	return nil
}

// feed takes the stops of a timetable into use.
func (w *Simulation) feed(_ context.Context, st Statement) (_ []string, err error) {
	if w.Feed == nil {
		return nil, errors.New("there are no timetables here")
	}
	w.stops, err = w.Feed(st.Text)
	return nil, err
}

func setPlace(p *validator.Place, name, value string) (err error) {
	number := func(most uint64) uint64 {
		n, bad := strconv.ParseUint(value, 10, 16)
		if bad != nil || n > most {
			err = fmt.Errorf("%s=%s: want a number up to %d", name, value, most)
		}
		return n
	}
	switch name {
	case "line":
		p.Line = value
	case "stop":
		p.Stop = value
	case "vehicle":
		p.Vehicle = uint16(number(1<<14 - 1))
	case "direction":
		p.Direction = uint8(number(1))
	case "trip":
		p.Trip = uint16(number(1<<16 - 1))
	case "zone":
		zone, bad := cardlayout.ParseZones(value)
		p.Zone, p.NextZone, p.Zones, err = zone.First(), 0, 0, bad
	case "next":
		zone, bad := cardlayout.ParseZones(value)
		p.NextZone, err = zone.First(), bad
	case "zones":
		p.Zones, err = cardlayout.ParseZones(value)
	default:
		err = fmt.Errorf("a bus has no %q", name)
	}
	return err
}

// driver gives an order of the driver.
func (w *Simulation) driver(_ context.Context, st Statement) ([]string, error) {
	switch st.Text {
	case "clear":
		return nil, w.Order(terminal.NextTap{})
	case "pause":
		return nil, w.Order(terminal.Pause{})
	case "resume":
		return nil, w.Order(terminal.Resume{})
	case "lent":
		return nil, w.Order(terminal.NextTap{Party: validator.Party{Lent: true}})
	case "check":
		return nil, w.Order(terminal.NextTap{Check: true})
	case "take back":
		return nil, w.Order(terminal.TakeBack{By: sale.Driver})
	}
	if what, ok := strings.CutPrefix(st.Text, "load "); ok {
		return w.driverLoad(strings.Fields(what))
	}
	order, err := ParseOrder(strings.Fields(st.Text))
	if err != nil {
		return nil, err
	}
	return nil, w.Order(order)
}

// Order gives an order whose result is ignored.
func (w *Simulation) Order(c terminal.Command) error {
	_, err := w.Device.Do(c)
	return err
}

// ParseOrder parses an order of the driver: pairs such as "3 persons", "2 child" and "zones A-B".
func ParseOrder(words []string) (n terminal.NextTap, err error) {
	if len(words) == 0 || len(words)%2 != 0 {
		return n, errors.New("want for example 3 persons, 1 adult 2 child, or zones A-B")
	}
	for ; len(words) > 0 && err == nil; words = words[2:] {
		if words[0] == "zones" {
			n.Zones, err = cardlayout.ParseZones(words[1])
			continue
		}
		count, bad := strconv.ParseUint(words[0], 10, 8)
		group := cardlayout.Group(0) // the holder's
		if words[1] != "persons" && words[1] != "person" {
			group, err = cardlayout.ParseGroup(words[1])
		}
		if bad != nil {
			err = fmt.Errorf("%q: want a number of persons", words[0])
		}
		if err == nil {
			n.Persons[group] = uint8(count)
		}
	}
	return n, err
}

// commitCode is CommitTransaction (DESFire EV1 data sheet).
const commitCode = 0xC7

// tear has the next presentation of a card torn.
func (w *Simulation) tear(_ context.Context, st Statement) ([]string, error) {
	words, err := st.words(3)
	if err != nil {
		return nil, err
	}
	if _, err := w.card(words[0]); err != nil {
		return nil, err
	}
	tear := emu.Tear{Code: commitCode}
	switch words[1] {
	case "before":
	case "after":
		tear.Side = emu.After
	default:
		return nil, fmt.Errorf("%q: want before or after", words[1])
	}
	if words[2] != "commit" {
		n, err := strconv.Atoi(words[2])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q: want the number of an exchange, or commit", words[2])
		}
		tear.Code, tear.Exchange = 0, n
	}
	w.tears[words[0]] = tear
	return nil, nil
}

func (w *Simulation) tap(ctx context.Context, st Statement) ([]string, error) {
	words, err := st.words(1)
	if err != nil {
		return nil, err
	}
	card, err := w.card(words[0])
	if err != nil {
		return nil, err
	}
	tear := w.tears[words[0]]
	delete(w.tears, words[0])
	o, _, err := w.Present(ctx, card, tear)
	if err != nil {
		return nil, err
	}
	return []string{Describe(o)}, nil
}

func (w *Simulation) block(_ context.Context, st Statement) ([]string, error) {
	contents, err := w.Inspect(st.Text)
	if err != nil {
		return nil, err
	}
	return nil, w.Device.Block(contents.Card)
}

// show prints the named parts of a card.
func (w *Simulation) show(_ context.Context, st Statement) ([]string, error) {
	words, err := st.words(-1)
	if err != nil {
		return nil, err
	}
	contents, err := w.Inspect(words[0])
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, line := range contents.Card.Lines() {
		if len(words) == 1 || slices.Contains(words[1:], line.Name) {
			lines = append(lines, line.String())
		}
	}
	return lines, nil
}

func (w *Simulation) history(_ context.Context, st Statement) ([]string, error) {
	contents, err := w.Inspect(st.Text)
	var lines []string
	for _, r := range contents.History {
		lines = append(lines, recordLine(r))
	}
	return lines, err
}

// Inspect reads all of a passenger's card.
func (w *Simulation) Inspect(name string) (servicepoint.Contents, error) {
	card, err := w.card(name)
	if err != nil {
		return servicepoint.Contents{}, err
	}
	return servicepoint.Inspect(emu.Air{}.Present(card), w.Keys, w.Rand)
}

func (w *Simulation) journal(context.Context, Statement) ([]string, error) {
	return w.Device.Report()
}

func (w *Simulation) restart(context.Context, Statement) ([]string, error) {
	return nil, w.Device.Restart()
}

func (w *Simulation) say(_ context.Context, st Statement) ([]string, error) {
	if w.Say != nil {
		w.Say(st.Text)
	}
	return nil, nil
}

// names are the passengers, sorted.
func (w *Simulation) names() []string { return slices.Sorted(maps.Keys(w.Cards)) }
