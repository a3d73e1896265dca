package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"leima/validator"
	"leima/validator/sim"
)

// soakCommand taps a card again and again.
type soakCommand struct {
	Card spot `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`

	Taps    int     `default:"1000" help:"How many taps."`
	Report  string  `placeholder:"FILE" help:"Write a report with pictures, one file of HTML."`
	Tariffs string  `default:"testdata/tariffs" placeholder:"DIR" help:"Folder of tariffs."`
	Keys    keyPath `placeholder:"FILE" help:"Key file of the issuer; else the test keys."`
	JSON    bool    `name:"json" help:"Write JSON."`
}

func (*soakCommand) examples() string {
	return `
bench soak aino.img --taps 50
bench soak reader:ACR122U --taps 5000 --report soak.html`
}

// Help implements kong.HelpProvider.
func (*soakCommand) Help() string {
	return `Taps a card that lies on the reader again and again, each time as a journey of its own,
with a validator and a journal as on a bus, and tells how long the taps take: the whole
tap and its steps, by percentiles. Between two taps the card's power is cut, so that it
is found anew every time; that is not measured. In the end the card is audited against
the journal.

The card pays, and is loaded when its purse is low: use a test card. Exit code 1 means that
a tap was not accepted, or that the audit found something. Ctrl-C ends the soak after the
tap under way and tells what was measured.

The report needs no network to be read. The JSON has the fields taps, endings, commands,
allocations_per_command and bytes_per_command (of the whole program), of the reader layer
alone reader_allocations and reader_bytes, and steps: for tap and each step p50_us, p90_us,
p99_us, p999_us and worst_us.`
}

// Run soaks.
func (c *soakCommand) Run(ctx context.Context, b *bench) error {
	if c.Report != "" {
		if err := absent(c.Report, "choose another name"); err != nil {
			return err
		}
	}
	s, err := c.soak(ctx, b)
	if s == nil {
		return err
	}
	if c.Report != "" && len(s.Taps) > 0 {
		page := func(w io.Writer) error { return writeReport(w, s) }
		err = errors.Join(err, replace(c.Report, 0o644, page))
	}
	if c.JSON {
		err = errors.Join(err, b.json(s.answer()))
	} else {
		s.tell(b)
	}
	if err == nil && s.Trouble != nil {
		err = refusal(fmt.Errorf("%d taps were not accepted; the last: %w",
			len(s.Taps)-s.Endings[validator.Accepted], s.Trouble))
	}
	return err
}

// A soaked is a soak with what the report says besides.
type soaked struct {
	*sim.Soaking
	card    spot
	began   time.Time
	took    time.Duration
	allocs  float64 // of the reader layer, per command
	bytes   float64
	problem error // why it ended early, or what the audit found
}

// soak soaks. Without any tap there is nothing to tell of.
func (c *soakCommand) soak(ctx context.Context, b *bench) (*soaked, error) {
	bus, err := newBenchBus(b, c.Tariffs, c.Keys)
	if err != nil {
		return nil, err
	}
	defer bus.close()
	slot, err := c.Card.open(b)
	if err != nil {
		return nil, err
	}
	defer slot.close()
	s := &soaked{card: c.Card, began: time.Now()}
	lying, err := sim.NewStand(ctx, bus.Bus, slot.present, s.began)
	if err != nil {
		return nil, c.Card.explain(err)
	}
	if s.allocs, s.bytes, err = lying.Exchanges(ctx, 200); err != nil {
		return nil, c.Card.explain(err)
	}
	line := newProgress(b.err, c.Taps)
	start := time.Now()
	s.Soaking, err = lying.Soak(ctx, c.Taps, time.Now, line.soaked)
	s.took = time.Since(start)
	line.end()
	if errors.Is(err, context.Canceled) {
		err = errStopped
	}
	if s.problem = err; err != nil && len(s.Taps) == 0 {
		return nil, c.Card.explain(err)
	}
	return s, errors.Join(c.Card.explain(err), slot.keep())
}

// marks are the percentiles that are told.
var marks = []struct {
	name, json string
	percent    float64
}{
	{"p50", "p50_us", 50}, {"p90", "p90_us", 90}, {"p99", "p99_us", 99},
	{"p99.9", "p999_us", 99.9}, {"worst", "worst_us", 100},
}

func (s *soaked) tell(b *bench) {
	b.say("%d taps in %v: %s", len(s.Taps), s.took.Round(time.Millisecond), s.endings())
	whole, steps := s.Sorted()
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "ms\t")
	for _, mark := range marks {
		fmt.Fprintf(w, "%s\t", mark.name)
	}
	fmt.Fprintln(w)
	row := func(name string, sorted []time.Duration) {
		fmt.Fprintf(w, "%s\t", name)
		for _, mark := range marks {
			fmt.Fprintf(w, "%.3f\t", millis(sim.Percentile(sorted, mark.percent)))
		}
		fmt.Fprintln(w)
	}
	row("tap", whole)
	for n, sorted := range steps {
		row(sim.Step(n).String(), sorted)
	}
	w.Flush()
	b.say("%s", s.work())
}

// work is what the taps took besides time.
func (s *soaked) work() string {
	return fmt.Sprintf("%.1f commands a tap; allocations a command: %.1f of %.0f bytes in the "+
		"whole\nprogram, %.1f of %.0f bytes in the reader layer alone",
		float64(s.Commands)/float64(max(1, len(s.Taps))),
		s.perCommand(s.Mallocs), s.perCommand(s.Bytes), s.allocs, s.bytes)
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (s *soaked) perCommand(n uint64) float64 { return float64(n) / float64(max(1, s.Commands)) }

// endings says how the taps ended, in the order of their precedence.
func (s *soaked) endings() (text string) {
	for ending := validator.Ending(0); ending <= validator.Fault; ending++ {
		if n := s.Endings[ending]; n > 0 {
			text += fmt.Sprintf(", %d %v", n, ending)
		}
	}
	return text[min(2, len(text)):]
}

func (s *soaked) answer() any {
	whole, steps := s.Sorted()
	micros := func(sorted []time.Duration) map[string]int64 {
		all := map[string]int64{}
		for _, mark := range marks {
			all[mark.json] = sim.Percentile(sorted, mark.percent).Microseconds()
		}
		return all
	}
	all := map[string]map[string]int64{"tap": micros(whole)}
	for n, sorted := range steps {
		all[sim.Step(n).String()] = micros(sorted)
	}
	endings := map[string]int{}
	for ending, n := range s.Endings {
		endings[ending.String()] = n
	}
	return struct {
		Taps         int                         `json:"taps"`
		Endings      map[string]int              `json:"endings"`
		Commands     int                         `json:"commands"`
		Allocs       float64                     `json:"allocations_per_command"`
		Bytes        float64                     `json:"bytes_per_command"`
		ReaderAllocs float64                     `json:"reader_allocations"`
		ReaderBytes  float64                     `json:"reader_bytes"`
		Steps        map[string]map[string]int64 `json:"steps"`
	}{len(s.Taps), endings, s.Commands, s.perCommand(s.Mallocs), s.perCommand(s.Bytes),
		s.allocs, s.bytes, all}
}

// A benchBus is a bus for a bench in a folder that is gone with it.
type benchBus struct {
	*sim.Bus
	folder string
}

// newBenchBus makes a bus with the keys of a file. A bus that issues and inspects needs the
// issuer's.
func newBenchBus(b *bench, tariffs string, path keyPath) (*benchBus, error) {
	keys, err := path.read(b)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "leima-bench-")
	if err != nil {
		return nil, err
	}
	prices := (&measureCommand{Tariffs: tariffs}).prices
	bus, err := sim.NewBus(folder, sim.Setup{Keys: &keys, Rand: rand.Reader, Prices: prices})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &benchBus{bus, folder}, nil
}

func (b *benchBus) close() { _ = cmp.Or(b.Close(), os.RemoveAll(b.folder)) }
