package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"leima/cmd/internal/onboard"
	"leima/validator/place"
	"leima/validator/place/drive"
)

// driveCommand plays the computer, or the satellite receiver, of a bus that drives a trip.
type driveCommand struct {
	Feed   string   `required:"" placeholder:"FEED" help:"Timetable feed (GTFS), folder or zip."`
	Trip   string   `required:"" placeholder:"ID" help:"The trip."`
	As     string   `enum:"bob,ruter,vdv301,itxpt,gpsd" default:"bob" help:"Who speaks: ${enum}."`
	Broker *url.URL `default:"mqtt://127.0.0.1:1883" placeholder:"URL" help:"Default: ${default}."`
	Listen string   `placeholder:"ADDR" help:"Where it answers (gpsd: 2947, else 8301)."`
	Speed  int      `default:"1" placeholder:"N" help:"How many times as fast as planned."`
	Retain bool     `help:"Have the broker keep all that is said, as some computers do."`

	Vehicle uint16 `default:"1" placeholder:"N" help:"The bus's number, as vdv301 says it."`
}

func (*driveCommand) examples() string {
	return `
bench drive --feed testdata/feed --trip 2-0800-0
bench drive --feed testdata/feed --trip 2-0800-0 --as ruter --speed 10 --retain
bench drive --feed testdata/feed --trip 2-0800-0 --as vdv301 --vehicle 42
bench drive --feed testdata/feed --trip 2-0800-0 --as itxpt --listen 0.0.0.0:8301
bench drive --feed testdata/feed --trip 2-0800-0 --as gpsd`
}

func (*driveCommand) Help() string {
	return `Says what the computer of a bus says that drives the trip, from a minute before its
departure on: the trip, its stops with their zones, whether the bus stands at one, and where it
is by satellite: as bob in the words of VALS, as ruter in those of ADT. A validator whose
configuration names the same broker, and the dialect, follows. The broker is any for MQTT 5
(Debian package mosquitto); when it goes it is tried again, and what is said meanwhile is lost.
validator/place/asyncapi.yaml describes the messages.

As vdv301 or itxpt it answers over HTTP, sends to those who have subscribed, and is found by
DNS-SD. As gpsd it is a gpsd whose receiver is on that bus; a validator follows whose place.gpsd is
the address, on the departure that its driver has chosen. The trip begins when somebody
watches, over HTTP when somebody asks, or after half a minute.`
}

// A player says the moments of a trip, one after another.
type player interface {
	say(ctx context.Context, m, last drive.Moment) error
	close() error
}

// players are who may speak, by their names.
var players = map[string]func(context.Context, *bench, *driveCommand, place.Trip) (player, error){
	"bob": overMQTT(drive.BoB), "ruter": overMQTT(drive.Ruter), "gpsd": asGPSD,
	"vdv301": overHTTP(asVDV301), "itxpt": overHTTP(asITxPT),
}

func (c *driveCommand) Run(ctx context.Context, b *bench) error {
	if c.Speed < 1 {
		return mistake(fmt.Errorf("--speed %d: want 1 or more", c.Speed))
	}
	switch over := c.As == "bob" || c.As == "ruter"; {
	case over && c.Listen != "":
		return mistake(fmt.Errorf("--listen is for those to whom a validator connects: %s speaks "+
			"over a --broker", c.As))
	case !over && c.Retain:
		return mistake(fmt.Errorf("--retain is for a broker: %s speaks over none", c.As))
	}
	plan, err := onboard.ReadPlan(c.Feed)
	if err != nil {
		return err
	}
	trip, known := plan.Trip(c.Trip)
	if !known || len(trip.Calls) == 0 {
		ids := plan.Trips()
		return refusal(fmt.Errorf("the feed %s has no trip %q with stops: it has %d trips, as %s",
			c.Feed, c.Trip, len(ids), strings.Join(ids[:min(3, len(ids))], ", ")))
	}
	player, err := players[c.As](ctx, b, c, trip)
	if err != nil {
		return err
	}
	defer func() {
		if failed := player.close(); failed != nil {
			b.remark("%v", failed)
		}
	}()
	begin, last := time.Now(), drive.Moment{Call: -1}
	drive.Moments(trip, time.Second, func(m drive.Moment) bool {
		select {
		case <-time.After(time.Until(begin.Add((m.After + time.Minute) / time.Duration(c.Speed)))):
		case <-ctx.Done():
			err = errStopped
			return false
		}
		if err = player.say(ctx, m, last); err != nil {
			return false
		}
		if m.Call != last.Call {
			b.say("%s  %s", trip.Calls[m.Call].ID, trip.Calls[m.Call].Name)
		}
		last = m
		return true
	})
	return err
}
