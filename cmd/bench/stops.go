package main

import (
	"fmt"
	"io/fs"
	"text/tabwriter"

	"leima/cardlayout"
	"leima/cmd/internal/feed"
	"leima/validator/gtfs"
)

// stopsCommand shows the zones in a timetable feed.
type stopsCommand struct {
	Feed string `arg:"" help:"The feed (GTFS): a zip file or a folder."`

	Stop string `placeholder:"ID" help:"Show this stop."`
	Trip string `placeholder:"ID" help:"Show the stops and zones of this trip."`
	JSON bool   `name:"json" help:"Write JSON."`
}

func (*stopsCommand) examples() string {
	return `
bench stops testdata/gtfs
bench stops testdata/gtfs --trip t101`
}

func (*stopsCommand) Help() string {
	return `Reads the stops of a public timetable as a validator does that takes its zones from it,
and tells how many stops each zone has, and what is wrong with the feed by file and line.

The JSON has the fields stops (how many), zones (stops by zone) and warnings; with --stop
also stop, and with --trip trip.`
}

func (c *stopsCommand) Run(b *bench) error {
	source, closer, err := feed.Open(c.Feed)
	if err != nil {
		return err
	}
	defer closer.Close()
	a, err := c.answer(source)
	if err != nil {
		return err
	}
	if c.JSON {
		return b.json(a)
	}
	a.tell(b)
	return nil
}

// A stopsAnswer is the zones of a feed.
type stopsAnswer struct {
	Stops    int            `json:"stops"`
	Zones    map[string]int `json:"zones"`
	Warnings []string       `json:"warnings"`
	Stop     *stopAnswer    `json:"stop,omitempty"`
	Trip     *tripAnswer    `json:"trip,omitempty"`
}

type stopAnswer struct {
	ID   string `json:"id"`
	Code string `json:"code,omitempty"`
	Name string `json:"name,omitempty"`
	Zone string `json:"zone"`
}

type tripAnswer struct {
	ID        string       `json:"id"`
	Line      string       `json:"line"`
	Direction uint8        `json:"direction"`
	Calls     []callAnswer `json:"calls"`
}

type callAnswer struct {
	Stop      string `json:"stop"`
	Zone      string `json:"zone"`
	Departure string `json:"departure,omitempty"` // of the service day: 24:10 is past midnight
}

func (c *stopsCommand) answer(source fs.FS) (stopsAnswer, error) {
	a := stopsAnswer{Zones: map[string]int{}, Warnings: []string{}}
	stops, warnings, err := gtfs.ReadStops(source)
	if err != nil {
		return a, fmt.Errorf("reading the feed %s: %w", c.Feed, err)
	}
	for _, stop := range stops.All() {
		a.Stops++
		a.Zones[stop.Zones().String()]++
	}
	if c.Stop != "" {
		stop, known := stops.Lookup(c.Stop)
		if !known {
			return a, refusal(fmt.Errorf("the feed %s has no stop %q", c.Feed, c.Stop))
		}
		a.Stop = &stopAnswer{stop.ID, stop.Code, stop.Name, stop.Zones().String()}
	}
	if c.Trip != "" {
		more, err := c.trip(&a, source, stops)
		if err != nil {
			return a, err
		}
		warnings = append(warnings, more...)
	}
	for _, w := range warnings {
		a.Warnings = append(a.Warnings, w.Error())
	}
	return a, nil
}

func (c *stopsCommand) trip(a *stopsAnswer, source fs.FS, stops *gtfs.Stops) (
	[]gtfs.LineError, error,
) {
	timetable, warnings, err := gtfs.ReadTimetable(source, stops)
	if err != nil {
		return nil, fmt.Errorf("reading the feed %s: %w", c.Feed, err)
	}
	trip, known := timetable.Trip(c.Trip)
	if !known {
		return nil, refusal(fmt.Errorf("the feed %s has no trip %q", c.Feed, c.Trip))
	}
	a.Trip = &tripAnswer{ID: trip.ID, Line: trip.Line, Direction: trip.Direction}
	for _, call := range trip.Calls {
		departure := ""
		if d := call.Departure; d != gtfs.NoTime {
			departure = fmt.Sprintf("%02d:%02d", d/3600, d/60%60)
		}
		zone := cardlayout.ZoneRun(call.Zone, call.Zone).String()
		a.Trip.Calls = append(a.Trip.Calls, callAnswer{call.Stop, zone, departure})
	}
	return warnings, nil
}

func (a *stopsAnswer) tell(b *bench) {
	b.say("%d stops", a.Stops)
	for zone := uint8(0); zone <= cardlayout.MaxZone; zone++ {
		name := cardlayout.ZoneRun(zone, zone).String()
		if n := a.Zones[name]; n > 0 && zone > 0 {
			b.say("  zone %s  %d", name, n)
		} else if n > 0 {
			b.say("  without a zone  %d", n)
		}
	}
	if s := a.Stop; s != nil {
		b.say("stop %s, %s, zone %s", s.ID, orNone(s.Name), s.Zone)
	}
	if t := a.Trip; t != nil {
		b.say("trip %s, line %s, direction %d", t.ID, t.Line, t.Direction)
		w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
		for _, call := range t.Calls {
			fmt.Fprintf(w, "  %s\t%s\tzone %s\n", orNone(call.Departure), call.Stop, call.Zone)
		}
		w.Flush()
	}
	for _, warning := range a.Warnings {
		b.say("warning: %s", warning)
	}
}
