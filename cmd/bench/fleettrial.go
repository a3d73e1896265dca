package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/emulated/fleet"
	"leima/fare"
	"leima/validator"
)

// The pauses of a trial.
const (
	fleetDies    = time.Minute
	followEvery  = 10 * time.Second
	followLook   = time.Second / 2
	arrivesAfter = 10 * time.Minute // longest
)

// A fleetTrial is a fleet that sends to a depot.
type fleetTrial struct {
	command *fleetCommand
	bench   *bench
	depot   *fleetDepot
	fleet   *fleet.Fleet

	taps, torn, kills int
	followed          []time.Duration // from the lamp to the verdict
}

func (t *fleetTrial) run(ctx context.Context) error {
	authorities, err := t.depot.admit(t.fleet)
	if err != nil {
		return err
	}
	if err := t.depot.start(); err != nil {
		return err
	}
	how, err := t.depot.welcome()
	if err != nil {
		return err
	}
	t.bench.say("%s\n%s", t.depot.says(), how)
	sending, silence := context.WithCancel(context.Background()) // Ctrl-C ends the boarding alone
	defer silence()
	if err := t.fleet.Send(sending, t.depot.address, authorities); err != nil {
		return err
	}
	if err := t.board(ctx); err != nil {
		return err
	}
	if err := t.arrive(); err != nil {
		return err
	}
	return t.compare()
}

// board has passengers board, in an open loop.
func (t *fleetTrial) board(ctx context.Context) error {
	c, begin, before := t.command, time.Now(), t.fleet.Entries()
	killed, follow, dead := begin, begin, false
	following := make(chan time.Duration, 1)
	busy := false
	heard := func(took time.Duration) {
		busy = false
		if took > 0 {
			t.followed = append(t.followed, took)
		}
	}
	if c.For > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, c.For)
		defer stop()
	}
	for ctx.Err() == nil {
		gone := time.Since(begin)
		switch {
		case !dead && gone > fleetDies:
			dead = true
			for n := range c.Dead {
				t.fleet.Die(uint16(c.Devices - n))
				t.bench.say("bus %d has lost its power, and is not heard of again", c.Devices-n)
			}
		case c.Kill > 0 && time.Since(killed) > c.Kill:
			if err := t.depot.restart(); err != nil {
				return err
			}
			killed, t.kills = time.Now(), t.kills+1
		}
		select {
		case took := <-following:
			heard(took)
		default:
		}
		if float64(t.fleet.Entries()-before) >= c.Rate*gone.Seconds() {
			time.Sleep(time.Millisecond)
			continue
		}
		tap, err := t.fleet.Board(context.WithoutCancel(ctx), time.Now())
		if err != nil {
			return err
		}
		t.taps++
		if tap.Torn {
			t.torn++
		}
		if !busy && !tap.Torn && time.Since(follow) > followEvery && charged(&tap.Outcome) {
			follow, busy = time.Now(), true
			t.lamp(&tap)
			go func(id cardlayout.EventID, lit time.Time) { following <- t.follow(id, lit) }(
				tap.Outcome.Event.ID, time.Now())
		}
	}
	if busy {
		heard(<-following)
	}
	return nil
}

// charged reports whether a tap leaves a row of money.
func charged(o *validator.Outcome) bool {
	return o.Ending == validator.Accepted && o.Event.Reason == fare.Value
}

func (t *fleetTrial) lamp(tap *fleet.Tap) {
	e := &tap.Outcome.Event
	t.bench.say("%s  bus %d, line %s at %s: green, %v of card %v, event %d-%d",
		time.Now().Format("15:04:05"), tap.Device, e.Line, e.Stop, e.Charge, e.Card, e.ID.Device,
		e.ID.Sequence)
}

// follow waits until a tap is settled, and returns how long that took; 0: it was not.
func (t *fleetTrial) follow(id cardlayout.EventID, lit time.Time) time.Duration {
	event := fmt.Sprintf("event %d-%d", id.Device, id.Sequence)
	for time.Since(lit) < time.Minute {
		time.Sleep(followLook)
		if verdict, booked := t.verdict(id); verdict != "" {
			took := time.Since(lit).Round(100 * time.Millisecond)
			t.bench.say("          %s after %v: %s, booked on %s", event, took, verdict, booked)
			return took
		}
	}
	t.bench.say("          %s is not settled after a minute", event)
	return 0
}

// verdict is what the settlement says of an event; "" if nothing yet.
func (t *fleetTrial) verdict(id cardlayout.EventID) (verdict, booked string) {
	out, err := t.depot.ask("settlement")
	if err != nil {
		return "", "" // it was just killed
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil || len(rows) == 0 {
		return "", ""
	}
	column := map[string]int{}
	for n, name := range rows[0] {
		column[name] = n
	}
	of := [2]string{fmt.Sprint(id.Device), fmt.Sprint(id.Sequence)}
	for _, row := range rows[1:] {
		if of == [2]string{row[column["device"]], row[column["event"]]} {
			return row[column["verdict"]], row[column["booked"]]
		}
	}
	return "", ""
}

// arrive waits until all that living buses have kept is acknowledged.
func (t *fleetTrial) arrive() error {
	begin, shown := time.Now(), time.Time{}
	for {
		living, dead := t.fleet.Waiting()
		if living == 0 {
			t.bench.say("%d taps, %d of them torn, made %d entries; the depot was killed %d times",
				t.taps, t.torn, t.fleet.Entries(), t.kills)
			lost := ""
			if dead > 0 {
				lost = fmt.Sprintf(" but %d, of buses that died", dead)
			}
			t.bench.say("all of them have arrived%s", lost)
			if n := len(t.followed); n > 0 {
				slices.Sort(t.followed)
				t.bench.say("from lamp to verdict: %v in the middle, %v at most, of %d",
					t.followed[n/2].Round(100*time.Millisecond),
					t.followed[n-1].Round(100*time.Millisecond), n)
			}
			if memory := t.depot.memory(); memory != "" {
				t.bench.say("the depot's memory, at most: %s", memory)
			}
			return nil
		}
		if time.Since(begin) > arrivesAfter {
			return refusal(fmt.Errorf("%d entries have not arrived after %v", living, arrivesAfter))
		}
		if time.Since(shown) > 5*time.Second {
			t.bench.remark("%d entries are on their way", living)
			shown = time.Now()
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// compare compares what is stored with what the buses have.
func (t *fleetTrial) compare() error {
	for number := range t.fleet.Keys() {
		if int(number) > t.command.Devices-t.command.Dead {
			continue // it may have died
		}
		stored, err := t.depot.ask("export", fmt.Sprint(number))
		if err != nil {
			return err
		}
		var sent []byte
		if err := t.fleet.Export(number, func(raw []byte) error {
			sent = append(sent, raw...)
			return nil
		}); err != nil {
			return err
		}
		if !bytes.Equal(stored, sent) {
			return refusal(fmt.Errorf("what the depot has of device %d is not what was sent",
				number))
		}
	}
	t.bench.say("stored equals sent, byte for byte")
	return nil
}
