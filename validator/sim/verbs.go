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
	"leima/fare"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/desk"
)

// verbs are the statements, as doc.go describes them.
var verbs map[string]func(*World, context.Context, Statement) ([]string, error)

func init() {
	verbs = map[string]func(*World, context.Context, Statement) ([]string, error){
		"tariffs": (*World).tariffs, "card": (*World).issue, "at": (*World).at,
		"feed": (*World).feed,
		"bus":  (*World).bus, "driver": (*World).driver, "tear": (*World).tear,
		"tap": (*World).tap, "load": (*World).load, "block": (*World).block,
		"show": (*World).show, "history": (*World).history, "journal": (*World).journal,
		"restart": (*World).restart, "say": (*World).say, "infants": (*World).infants,
		"free": (*World).free, "action": (*World).action, "sell": (*World).sell,
		"clock": (*World).clock, "sync": (*World).sync,
	}
}

func (w *World) tariffs(_ context.Context, st Statement) ([]string, error) {
	names, err := st.words(-1)
	if err != nil {
		return nil, err
	}
	return nil, w.Device.Prices(names)
}

// at lets time go by, and sets a clock that does not come there so.
func (w *World) at(_ context.Context, st Statement) ([]string, error) {
	at, err := w.parseTime(st.Text)
	if err == nil {
		w.Clock.Set(at)
	}
	return nil, err
}

// clock sets the clock, while no time goes by.
func (w *World) clock(_ context.Context, st Statement) ([]string, error) {
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

// sync says whether somebody keeps the clock right.
func (w *World) sync(_ context.Context, st Statement) ([]string, error) {
	switch st.Text {
	case "on", "off":
		return nil, w.Device.Keep(st.Text == "on")
	}
	return nil, fmt.Errorf("%q: want on or off", st.Text)
}

// parseTime reads a time, from what the clock shows.
func (w *World) parseTime(said string) (time.Time, error) {
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

// bus says where the bus is now.
func (w *World) bus(_ context.Context, st Statement) ([]string, error) {
	next := w.place
	for _, word := range strings.Fields(st.Text) {
		name, value, _ := strings.Cut(word, "=")
		err := setPlace(&next, name, value)
		if err == nil && name == "stop" {
			err = w.halt(&next)
		}
		if err != nil {
			return nil, err
		}
	}
	err := w.Device.Do(validator.Move{Place: next})
	if err == nil {
		w.place = next
	}
	return nil, err
}

// halt takes the zone of a stop from the timetable, where there is one.
func (w *World) halt(p *validator.Place) error {
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
func (w *World) feed(_ context.Context, st Statement) (_ []string, err error) {
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

// driver passes on what the driver says.
func (w *World) driver(_ context.Context, st Statement) ([]string, error) {
	switch st.Text {
	case "clear":
		return nil, w.Device.Do(validator.NextTap{})
	case "pause":
		return nil, w.Device.Do(validator.Pause{})
	case "resume":
		return nil, w.Device.Do(validator.Resume{})
	case "lent":
		return nil, w.Device.Do(validator.NextTap{Lent: true})
	case "check":
		return nil, w.Device.Do(validator.NextTap{Check: true})
	case "take back":
		return nil, w.Device.Do(validator.TakeBack{By: fare.Driver})
	}
	if what, ok := strings.CutPrefix(st.Text, "load "); ok {
		return w.driverLoad(strings.Fields(what))
	}
	order, err := ParseOrder(strings.Fields(st.Text))
	if err != nil {
		return nil, err
	}
	return nil, w.Device.Do(order)
}

// ParseOrder reads what a driver says: pairs such as "3 persons", "2 child" and "zones A-B".
func ParseOrder(words []string) (n validator.NextTap, err error) {
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

// tear prepares the next presentation of a card to be cut short.
func (w *World) tear(_ context.Context, st Statement) ([]string, error) {
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

func (w *World) tap(ctx context.Context, st Statement) ([]string, error) {
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

func (w *World) block(_ context.Context, st Statement) ([]string, error) {
	contents, err := w.Inspect(st.Text)
	if err != nil {
		return nil, err
	}
	return nil, w.Device.Block(contents.Card)
}

// show prints the parts of a card that are asked for.
func (w *World) show(_ context.Context, st Statement) ([]string, error) {
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

func (w *World) history(_ context.Context, st Statement) ([]string, error) {
	contents, err := w.Inspect(st.Text)
	var lines []string
	for _, r := range contents.History {
		lines = append(lines, recordLine(r))
	}
	return lines, err
}

// Inspect reads all of a passenger's card.
func (w *World) Inspect(name string) (desk.Contents, error) {
	card, err := w.card(name)
	if err != nil {
		return desk.Contents{}, err
	}
	return desk.Inspect(emu.Air{}.Present(card), w.Keys, w.Rand)
}

func (w *World) journal(context.Context, Statement) ([]string, error) { return w.Device.Report() }

func (w *World) restart(context.Context, Statement) ([]string, error) {
	return nil, w.Device.Restart()
}

func (w *World) say(_ context.Context, st Statement) ([]string, error) {
	if w.Say != nil {
		w.Say(st.Text)
	}
	return nil, nil
}

// names are the passengers, in order.
func (w *World) names() []string { return slices.Sorted(maps.Keys(w.Cards)) }
