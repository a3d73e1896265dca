package onboard

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/metrics"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/place"
	"leima/validator/place/gpsd"
	"leima/validator/place/nmea"
	"leima/validator/terminal"
)

// A Listener hears what a source on the bus says, until ctx ends. hear and lost may wait. No
// receiver of positions is lost: they have an age, and another one may say them, too.
type Listener interface {
	Listen(ctx context.Context, hear func(place.Report), lost func(place.Source)) error
}

// A follower moves the validator to where the sources on the bus say that it is.
type follower struct {
	terminal *terminal.Terminal
	elapsed  func() time.Duration
	log      *slog.Logger
	reports  chan place.Report
	losses   chan place.Source
	plans    chan *Plan

	// The following is used in the validator's turn only.
	arbiter place.Arbiter
	base    validator.Place // by the configuration and the driver
	doubt   place.Doubt
	network *busNetwork // hears of doubts; nil: none

	mu        sync.Mutex
	record    place.Record // the newest, and when it was made
	at        time.Duration
	unsure    time.Duration // so far
	conflicts uint64
}

// placeSources are the sources that the configuration names.
func (c *Config) placeSources(elapsed func() time.Duration, log *slog.Logger,
	network *busNetwork,
) (all []Listener) {
	if network != nil {
		all = append(all, network)
	}
	if c.Sources.GPSD != "" {
		all = append(all, &gpsd.Client{Address: c.Sources.GPSD, Elapsed: elapsed, Log: log})
	}
	if c.Sources.NMEA != "" {
		all = append(all, &nmea.Listener{Address: c.Sources.NMEA, Elapsed: elapsed, Log: log})
	}
	return append(all, c.computers(elapsed, log)...)
}

// follow makes a validator follow the sources of the configuration and others, until the function
// that it returns is called.
func (c *Config) follow(local *api.Local, network *busNetwork,
	others func(func() time.Duration) []Listener, log *slog.Logger,
) (measures func() metrics.Place, stop func()) {
	f := &follower{
		terminal: local.Terminal, elapsed: local.Terminal.Validator.Uptime, log: log,
		base: c.Place(), reports: make(chan place.Report), losses: make(chan place.Source),
		plans: make(chan *Plan, 1), network: network,
	}
	local.Timetable = c.timetable(log, f.plans)
	sources := c.placeSources(f.elapsed, log, network)
	if others != nil {
		sources = append(sources, others(f.elapsed)...)
	}
	if len(sources) == 0 {
		return nil, func() {}
	}
	f.arbiter.Expected = true
	f.begin()
	f.terminal.Validator.Place, _ = f.where() // the first tap may come before any word
	f.terminal.Moved, local.Located = f.moved, f.located
	return f.measures, f.run(sources)
}

// timetable reads the feed beside the start, as a city's takes seconds. It goes to plans, and to
// who asks for departures.
func (c *Config) timetable(log *slog.Logger, plans chan<- *Plan,
) func(string, time.Time) api.Departures {
	if c.Stops == "" {
		return nil
	}
	var read atomic.Pointer[Plan]
	go func() {
		plan, err := ReadPlan(c.File(c.Stops))
		if err != nil {
			log.Error("there is no timetable: trips and zones are those that the bus's computer "+
				"says", "error", err)
			return
		}
		read.Store(plan)
		plans <- plan
	}()
	return func(line string, now time.Time) api.Departures {
		if plan := read.Load(); plan != nil {
			return plan.next(line, now)
		}
		return api.Departures{}
	}
}

// begin tells the arbiter where service begins.
func (f *follower) begin() {
	f.arbiter.Hear(place.Report{
		Source: place.Configuration, Heard: f.elapsed(),
		Trip: &place.Trip{Number: f.base.Trip, Line: f.base.Line, Direction: f.base.Direction},
		Stop: &place.Stop{ID: f.base.Stop, Zones: []uint8{f.base.Zone}},
	})
}

// run hears the sources and follows, each in a goroutine of its own.
func (f *follower) run(sources []Listener) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	hear := func(r place.Report) {
		select {
		case f.reports <- r:
		case <-ctx.Done():
		}
	}
	lost := func(s place.Source) {
		select {
		case f.losses <- s:
		case <-ctx.Done():
		}
	}
	for _, source := range sources {
		running.Go(func() { f.listen(ctx, source, hear, lost) })
	}
	running.Go(func() { f.loop(ctx) })
	return func() {
		cancel()
		ended := make(chan struct{})
		go func() { running.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(retry):
			f.log.Warn("a source of where the bus is has not ended, and is left behind")
		}
	}
}

// listen hears a source, and again whenever it has ended: its address may not be there yet.
func (f *follower) listen(ctx context.Context, source Listener, hear func(place.Report),
	lost func(place.Source),
) {
	for said := ""; ctx.Err() == nil; {
		err := source.Listen(ctx, hear, lost)
		if ctx.Err() != nil {
			return
		}
		if text := fmt.Sprint(err); text != said {
			f.log.Error("a source of where the bus is has ended, and is tried again", "error", err)
			said = text
		}
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
	}
}

// retry is the wait before a source that has ended is heard again, and for one that is to end.
const retry = 5 * time.Second

func (f *follower) loop(ctx context.Context) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		heard := func() {}
		select {
		case r := <-f.reports:
			heard = func() { f.arbiter.Hear(aged(r, f.terminal.Validator.Clock())) }
		case s := <-f.losses:
			heard = func() { f.arbiter.Lose(s) }
		case p := <-f.plans:
			heard = func() { f.arbiter.Plan = p }
		case <-second.C:
		case <-ctx.Done():
			return
		}
		_, err := f.terminal.DoWithin(ctx, terminal.Follow(func() (validator.Place, time.Duration) {
			heard()
			return f.where()
		}))
		if err != nil && ctx.Err() == nil {
			f.log.Warn("the validator cannot be where the bus is", "error", err)
		}
	}
}

// moved takes what the driver has said. A stop that is only repeated with a new trip is no news.
func (f *follower) moved(from, to validator.Place) {
	r := place.Report{Source: place.Driver, Heard: f.elapsed()}
	if !to.SameTrip(from) {
		r.Trip = &place.Trip{Number: to.Trip, Line: to.Line, Direction: to.Direction}
	}
	if to.Stop != from.Stop || to.Zone != from.Zone || r.Trip == nil {
		r.Stop = &place.Stop{ID: to.Stop, Zones: []uint8{to.Zone}}
	}
	f.base = to
	f.arbiter.Hear(r)
}

// where is where the bus is now. It logs when that is not sure any more, and when it is again.
func (f *follower) where() (validator.Place, time.Duration) {
	r := f.arbiter.Where(f.elapsed())
	to := placeOf(&r, f.base)
	switch {
	case r.Doubt == f.doubt:
	case r.Sure():
		f.log.Info("where the bus is is sure again", "stop", to.Stop, "source", to.From)
	default:
		f.log.Warn("where the bus is is not sure: the cheapest of the zones in question is charged",
			"why", r.Doubt.String(), "stop", to.Stop, "source", to.From)
	}
	news := r.Doubt != f.doubt && !r.Sure()
	f.note(&r)
	if news && f.network != nil {
		f.network.notify(f.located())
	}
	return to, r.StopFrom.Since
}

// note keeps the newest record, for others to see.
func (f *follower) note(r *place.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.elapsed()
	if f.at != 0 && !f.record.Sure() {
		f.unsure += now - f.at
	}
	if r.Doubt == place.Conflict && f.doubt != place.Conflict {
		f.conflicts++
	}
	f.record, f.at, f.doubt = *r, now, r.Doubt
}

// measures are the figures of the newest record.
func (f *follower) measures() metrics.Place {
	f.mu.Lock()
	defer f.mu.Unlock()
	return metrics.Place{
		Source: f.record.StopFrom.Source.String(), Age: f.elapsed() - f.record.StopFrom.Since,
		Sure: f.record.Sure(), Unsure: f.unsure, Conflicts: f.conflicts,
	}
}

// located is what others see of the newest record.
func (f *follower) located() *api.Located {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &f.record
	l := &api.Located{
		Source:  r.StopFrom.Source.String(),
		Minutes: int(max(0, f.elapsed()-r.StopFrom.Since) / time.Minute),
		Doubt:   r.Doubt.String(), Between: r.At == place.Between, Call: r.Call,
	}
	for zone := range r.Question.All {
		l.Question += cardlayout.ZoneRun(zone, zone).String()
	}
	for _, c := range r.Trip.Calls {
		call := api.Call{Stop: c.ID, Name: c.Name}
		if len(c.Zones) > 0 {
			call.Zone = cardlayout.ZoneRun(c.Zones[0], c.Zones[0]).String()
		}
		l.Calls = append(l.Calls, call)
	}
	return l
}

// placeOf is a record as a place. What the sources do not say is as the configuration or the driver
// has it.
func placeOf(r *place.Record, base validator.Place) validator.Place {
	p := base
	p.From, p.Unsure = r.StopFrom.Source.String(), !r.Sure()
	switch {
	case r.Trip.Number != 0:
		p.Trip = r.Trip.Number
	case r.Trip.ID != "":
		p.Trip = numberOf(r.Trip.ID)
	}
	if r.Trip.Number != 0 || r.Trip.ID != "" {
		p.Line, p.Direction = r.Trip.Line, r.Trip.Direction
	}
	if r.StopFrom.Source > place.Driver {
		p.NextZone, p.Zones = 0, 0 // the driver's, of another stop
	}
	if r.Stop.ID == "" && len(r.Stop.Zones) == 0 {
		return p
	}
	p.Stop = r.Stop.ID
	also := r.Question
	if r.Sure() {
		also = cardlayout.ZonesOf(r.Stop.Zones...)
	}
	p.Zone = zoneOf(r.Stop.Zones, also, base.Zone)
	if r.Sure() && r.At == place.Between && r.StopFrom.Source > place.Driver {
		also |= cardlayout.ZonesOf(r.Next.Zones...)
		p.NextZone = zoneOf(r.Next.Zones, 0, 0)
	}
	if p.NextZone == p.Zone {
		p.NextZone = 0
	}
	p.Also = also &^ cardlayout.ZonesOf(p.Zone, p.NextZone)
	return p
}

// zoneOf is the zone that a stop mainly is in, or the first of those in question.
func zoneOf(zones []uint8, question cardlayout.ZoneSet, otherwise uint8) uint8 {
	if len(zones) > 0 {
		return zones[0]
	}
	for zone := range question.All {
		return zone
	}
	return otherwise
}
