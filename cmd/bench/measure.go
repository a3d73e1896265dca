package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"text/tabwriter"
	"time"

	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// measureCommand measures taps.
type measureCommand struct {
	Tariffs string        `default:"testdata/tariffs" placeholder:"DIR" help:"Folder of tariffs."`
	Time    time.Duration `default:"100ms" help:"How long each tap is repeated."`
	JSON    bool          `name:"json" help:"Write JSON."`
}

func (*measureCommand) examples() string { return "bench measure --time 1ms" }

// measured are the figures of one kind of tap, as JSON.
type measured struct {
	Tap       string     `json:"tap"`
	Card      string     `json:"card"` // its generation
	Profile   string     `json:"profile"`
	Frame     int        `json:"frame"`
	Commands  int        `json:"commands"`
	Exchanges int        `json:"exchanges"`
	Sent      int        `json:"bytes_sent"`
	Received  int        `json:"bytes_received"`
	Modelled  [4]float64 `json:"modelled_ms"` // at 106, 212, 424 and 848 kbit/s
	CPU       float64    `json:"cpu_us"`      // of our side only
	Allocs    int64      `json:"allocations"`
}

// A kind is a kind of card for the measurements.
type kind struct {
	chip    string
	profile servicepoint.Profile
	frame   int
}

// An EV1 has only frames of 64 bytes.
var kinds = []kind{
	{"ev1", servicepoint.Enciphered, 64},
	{"ev1", servicepoint.Readable, 64},
	{"ev2", servicepoint.Enciphered, 64},
	{"ev2", servicepoint.Enciphered, 128},
	{
		"ev2",
		servicepoint.Enciphered, 256,
	},
	{"ev2", servicepoint.Readable, 64},
	{"ev2", servicepoint.Readable, 128},
	{
		"ev2",
		servicepoint.Readable, 256,
	},
}

func (c *measureCommand) Run(ctx context.Context, b *bench) error {
	testing.Init() // sets the duration of a benchmark
	if err := flag.Set("test.benchtime", c.Time.String()); err != nil {
		return err
	}
	var all []measured
	for _, tap := range sim.Taps {
		for _, k := range kinds {
			if err := stopped(ctx); err != nil {
				return err
			}
			m, err := c.measure(tap, k)
			if err != nil {
				return err
			}
			all = append(all, m)
		}
	}
	if c.JSON {
		return b.json(all)
	}
	return b.measures(all)
}

// measure measures one kind of tap on a new bus.
func (c *measureCommand) measure(tap string, k kind) (measured, error) {
	folder, err := os.MkdirTemp("", "leima-measure-")
	if err != nil {
		return measured{}, err
	}
	defer os.RemoveAll(folder)
	setup := sim.Setup{Chip: chips[k.chip], Frame: k.frame, Prices: pricesIn(c.Tariffs)}
	f, err := sim.Measure(folder, setup, tap, k.profile)
	if err != nil {
		return measured{}, err
	}
	m := measured{
		Tap: tap, Card: k.chip, Profile: k.profile.String(), Frame: k.frame,
		Commands: f.Stats.Commands, Exchanges: f.Stats.Exchanges,
		Sent: f.Stats.Sent, Received: f.Stats.Received,
	}
	for rate, took := range f.Stats.Times {
		m.Modelled[rate] = float64(took.Microseconds()) / 1000
	}
	result := testing.Benchmark(func(t *testing.B) {
		t.ReportAllocs()
		for t.Loop() {
			if err = f.Repeat(); err != nil {
				t.FailNow()
			}
		}
	})
	m.CPU, m.Allocs = float64(result.NsPerOp())/1000, result.AllocsPerOp()
	return m, err
}

// measures prints the figures as a table.
func (b *bench) measures(all []measured) error {
	b.say("A block pair on the air is an exchange. Times in ms are modelled at 106, 212, 424 and")
	b.say("848 kbit/s, the card's own work included; CPU and allocations are of our side alone,")
	b.say("measured on this machine.")
	b.say("")
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "tap\tcard\tprofile\tframe\tcommands\texchanges\tsent\treceived\t"+
		"106\t212\t424\t848\tCPU µs\tallocs\t")
	for _, m := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%d\t\n",
			m.Tap, m.Card, m.Profile, m.Frame, m.Commands, m.Exchanges, m.Sent, m.Received,
			m.Modelled[0], m.Modelled[1], m.Modelled[2], m.Modelled[3], m.CPU, m.Allocs)
	}
	return w.Flush()
}
