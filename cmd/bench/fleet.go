package main

import (
	"context"
	"errors"
	"os"
	"time"

	"leima/cmd/internal/emulated/fleet"
	"leima/cmd/internal/onboard"
)

// fleetCommand tries a depot with a fleet of emulated buses.
type fleetCommand struct {
	Depot   string        `arg:"" placeholder:"FOLDER" help:"The depot's folder, which is made."`
	Devices int           `default:"20" placeholder:"N" help:"Buses, each with one device."`
	Rate    float64       `default:"4" placeholder:"N" help:"Entries a second of all devices."`
	For     time.Duration `placeholder:"TIME" help:"How long passengers board; else until Ctrl-C."`
	Dead    int           `default:"1" placeholder:"N" help:"So many buses die after a minute."`
	Kill    time.Duration `placeholder:"TIME" help:"Kill the depot so often, and start it again."`
	Lossy   bool          `default:"true" negatable:"" help:"Have the links lose and double."`

	Feed    string `default:"testdata/feed" placeholder:"FEED" help:"Their timetable (GTFS)."`
	Speed   int    `default:"6" placeholder:"N" help:"How many times as fast as planned."`
	Tariffs string `default:"testdata/tariffs" placeholder:"FOLDER" help:"Where its tariff is."`
	Tariff  string `default:"jyvaskyla-2018" placeholder:"NAME" help:"Of the feed's zones."`
	Seed    uint64 `default:"1" placeholder:"N" help:"Another seed, other passengers."`

	Listen  string `default:"127.0.0.1:8443" placeholder:"ADDR" help:"Where buses send to."`
	Page    string `default:"127.0.0.1:8444" placeholder:"ADDR" help:"Where the depot's page is."`
	Program string `placeholder:"FILE" help:"The depot's; else the one beside bench."`
}

func (*fleetCommand) examples() string {
	return `
bench fleet state/fleet
bench fleet state/city --devices 3000 --rate 360 --for 10m --kill 30s`
}

func (*fleetCommand) Help() string {
	return `Makes a depot and starts it, commissions buses, and has them drive the trips of a
timetable. Passengers with emulated cards board them in an open loop: a slow depot slows
nobody down. Some cards are torn away, links lose what is sent, double it, or fail for a
while, and some buses die and are not heard of again. Now and then one tap is followed, from the
lamp until it is settled.

At the end all that living buses have kept must be in the depot, byte for byte; 1 if it
is not. The depot's ledger opens events with everybody's test key: this is for trials only.`
}

func (c *fleetCommand) Run(ctx context.Context, b *bench) error {
	if c.Devices < 1 || c.Devices > 16383 || c.Rate <= 0 || c.Speed < 1 || c.Dead >= c.Devices {
		return mistake(errors.New("want 1 to 16383 devices, of which at least one lives, a rate " +
			"above 0, and a speed from 1"))
	}
	plan, err := onboard.ReadPlan(c.Feed)
	if err != nil {
		return err
	}
	depot := &fleetDepot{
		folder: c.Depot, program: c.Program, listen: c.Listen, page: c.Page, err: b.err,
	}
	if err := depot.make(); err != nil {
		return err
	}
	journals, err := os.MkdirTemp("", "fleet-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(journals)
	shown := time.Now()
	buses, err := fleet.Open(fleet.Setup{
		Folder: journals, Devices: c.Devices, Plan: plan, Prices: pricesIn(c.Tariffs),
		Tariff: c.Tariff, Speed: c.Speed, Seed: c.Seed, Lossy: c.Lossy,
	}, time.Now(), func(n int) {
		if time.Since(shown) > time.Second {
			b.remark("%d of %d devices are commissioned", n, c.Devices)
			shown = time.Now()
		}
	})
	if err != nil {
		return err
	}
	trial := &fleetTrial{command: c, bench: b, depot: depot, fleet: buses}
	return errors.Join(trial.run(ctx), depot.end(), buses.Close())
}
