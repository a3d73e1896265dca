package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"leima/validator"
	"leima/validator/testrig"
)

// soakCommand taps a card again and again.
type soakCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`

	Taps    int     `default:"1000" help:"How many taps."`
	Report  string  `placeholder:"FILE" help:"Write a report with pictures, one file of HTML."`
	Tariffs string  `default:"testdata/tariffs" placeholder:"DIR" help:"Folder of tariffs."`
	Keys    keyPath `placeholder:"FILE" help:"Key file of the issuer; else the test keys."`
	Yes     bool    `help:"Charge and load also a card that was not issued with the test keys."`
	JSON    bool    `name:"json" help:"Write JSON."`
}

func (*soakCommand) examples() string {
	return `
bench soak aino.img --taps 50
bench soak reader:ACR122U --taps 5000 --report soak.html`
}

func (*soakCommand) Help() string {
	return `Taps a card on the reader again and again, each time as a separate journey, with a
validator and a journal as on a bus, and shows how long the taps take: the whole tap and its
steps, by percentiles. Between two taps the card's power is cut, so that it is activated
again every time; that is not measured. In the end the card is audited against
the journal.

The card pays, and is loaded when its purse is low: use a test card. Every journey begins
when the transfer right of the last one is over, so the card carries journeys of the time
to come afterwards, and its last day ends a long soak; the next one on the card goes on from
there. With an issuer's keys --yes must be said, and the journal of the taps is kept, as it
is when something is wrong. Exit code 1 means that a tap was not accepted, that the audit
found something, or that the card's last day was over. Ctrl-C ends the soak after the tap
under way and tells what was measured.

The report needs no network to be read. The JSON has the fields taps, asked, ended (why
there are fewer), began, on (what probe knows), endings, commands, allocations_per_command
and bytes_per_command (of the whole program), of the reader layer alone reader_allocations
and reader_bytes, and steps: for tap and each step p50_us, p90_us, p99_us, p999_us and
worst_us.`
}

func (c *soakCommand) Run(ctx context.Context, b *bench) error {
	if c.Taps < 1 {
		return mistake(fmt.Errorf("--taps %d: want one at least", c.Taps))
	}
	if err := confirmCard(c.Keys, c.Yes); err != nil {
		return err
	}
	page, err := c.page()
	if err != nil {
		return err
	}
	defer page.drop()
	slot, err := c.Card.open(b)
	if err != nil {
		return err
	}
	defer slot.close()
	s, err := c.soak(ctx, b, slot)
	if s == nil || len(s.Taps) == 0 {
		return err // without any tap there is nothing to report
	}
	if page != nil {
		if lost := page.publish(func(w io.Writer) error { return writeReport(w, s) }); lost != nil {
			err = errors.Join(err, fmt.Errorf("%s cannot be written: %w: there is no report, and "+
				"the card has paid", c.Report, cause(lost)))
		}
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

// page is the draft of the report, nil if not requested.
func (c *soakCommand) page() (*draft, error) {
	if c.Report == "" {
		return nil, nil
	}
	if err := absent(c.Report, anotherName); err != nil {
		return nil, err
	}
	return newDraft(c.Report, 0o644)
}

// A soaked is a soak with further data for the report.
type soaked struct {
	*testrig.SoakResult
	card   cardLocation
	probed testrig.ProbeResult
	began  time.Time
	took   time.Duration
	allocs float64 // of the reader layer, per command
	bytes  float64
	asked  int    // the number of taps to be made
	ended  string // why there are fewer, or another error
}

// soak soaks, and explains an error.
func (c *soakCommand) soak(ctx context.Context, b *bench, slot *openCardLocation) (
	s *soaked, err error,
) {
	bus, err := newBenchBus(b, c.Tariffs, c.Keys, c.Card)
	if err != nil {
		return nil, err
	}
	defer func() {
		bus.end(err != nil && !errors.Is(err, errStopped) || s != nil && s.Trouble != nil)
	}()
	s = &soaked{SoakResult: &testrig.SoakResult{}, card: c.Card, began: time.Now(), asked: c.Taps}
	lying, err := testrig.New(ctx, bus.Bus, slot.present, s.began)
	if err != nil {
		return nil, c.Card.explain(err)
	}
	if err := s.look(ctx, lying); err != nil {
		return nil, c.Card.explain(err)
	}
	line := newProgress(b.progress, c.Taps)
	start := time.Now()
	s.SoakResult, err = lying.Soak(ctx, c.Taps, time.Now, line.soaked)
	s.took = time.Since(start)
	line.end()
	if err = c.Card.explainTaps(ctx, err); err != nil {
		s.ended = err.Error()
	}
	return s, errors.Join(err, slot.keep())
}

// look probes reader and card before the soak.
func (s *soaked) look(ctx context.Context, lying *testrig.Rig) error {
	card, err := lying.Present(ctx)
	if err != nil {
		return err
	}
	if s.probed, err = testrig.Probe(card, time.Now); err != nil {
		return err
	}
	s.allocs, s.bytes, err = lying.Exchanges(ctx, 200)
	return err
}

// marks are the percentiles that are shown.
var marks = []struct {
	name, json string
	percent    float64
}{
	{"p50", "p50_us", 50},
	{"p90", "p90_us", 90},
	{"p99", "p99_us", 99},
	{"p99.9", "p999_us", 99.9},
	{"worst", "worst_us", 100},
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
			fmt.Fprintf(w, "%.3f\t", millis(testrig.Percentile(sorted, mark.percent)))
		}
		fmt.Fprintln(w)
	}
	row("tap", whole)
	for n, sorted := range steps {
		row(testrig.Step(n).String(), sorted)
	}
	w.Flush()
	b.say("%s", s.work())
}

// work are the commands and allocations of the taps.
func (s *soaked) work() string {
	return fmt.Sprintf("%.1f commands a tap; allocations a command: %.1f of %.0f bytes in the "+
		"whole\nprogram, %.1f of %.0f bytes in the reader layer alone",
		float64(s.Commands)/float64(max(1, len(s.Taps))),
		s.perCommand(s.Mallocs), s.perCommand(s.Bytes), s.allocs, s.bytes)
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (s *soaked) perCommand(n uint64) float64 { return float64(n) / float64(max(1, s.Commands)) }

// endings are the endings of the taps, in the order of their precedence.
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
			all[mark.json] = testrig.Percentile(sorted, mark.percent).Microseconds()
		}
		return all
	}
	all := map[string]map[string]int64{"tap": micros(whole)}
	for n, sorted := range steps {
		all[testrig.Step(n).String()] = micros(sorted)
	}
	endings := map[string]int{}
	for ending, n := range s.Endings {
		endings[ending.String()] = n
	}
	return struct {
		Taps         int                         `json:"taps"`
		Asked        int                         `json:"asked"`
		Ended        string                      `json:"ended,omitempty"`
		Began        string                      `json:"began"`
		On           probedAnswer                `json:"on"`
		Endings      map[string]int              `json:"endings"`
		Commands     int                         `json:"commands"`
		Allocs       float64                     `json:"allocations_per_command"`
		Bytes        float64                     `json:"bytes_per_command"`
		ReaderAllocs float64                     `json:"reader_allocations"`
		ReaderBytes  float64                     `json:"reader_bytes"`
		Steps        map[string]map[string]int64 `json:"steps"`
	}{
		len(s.Taps), s.asked, s.ended, s.began.Format(time.RFC3339), answerOf(s.probed), endings,
		s.Commands, s.perCommand(s.Mallocs), s.perCommand(s.Bytes),
		s.allocs, s.bytes, all,
	}
}
