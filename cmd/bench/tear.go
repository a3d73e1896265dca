package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"leima/validator"
	"leima/validator/testrig"
)

// tearCommand cuts a card's power everywhere in a tap.
type tearCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`

	Tariffs string  `default:"testdata/tariffs" placeholder:"DIR" help:"Folder of tariffs."`
	Keys    keyPath `placeholder:"FILE" help:"Key file of the issuer; else the test keys."`
	Yes     bool    `help:"Charge and load also a card that was not issued with the test keys."`
	JSON    bool    `name:"json" help:"Write JSON."`
}

func (*tearCommand) examples() string {
	return `
bench tear aino.img
bench tear reader:ACR122U`
}

func (*tearCommand) Help() string {
	return `Begins one tap after the other, and cuts the card's power in each: between every two
commands, and after the card has acted on each, when its answer is thrown away. The card
is presented again at once, as a passenger does who is told to. Before and after every
tap the card is read and audited against the journal: it must pay once, no event may be
lost or left open, and a tap that was to be tried again must have changed nothing.

The card pays some thirty times, and is loaded when its purse is low: use a test card. It
carries journeys of the time to come afterwards. With an issuer's keys --yes must be said,
and the journal of the taps is kept, as it is when something is wrong. Exit code 1 means
that the audit found something.

The JSON is a list with command, code, side, first and second (how the two taps ended) and
wrong.`
}

func (c *tearCommand) Run(ctx context.Context, b *bench) error {
	if err := confirmCard(c.Keys, c.Yes); err != nil {
		return err
	}
	slot, err := c.Card.open(b)
	if err != nil {
		return err
	}
	defer slot.close()
	cuts, err := c.cuts(ctx, b, slot)
	if c.JSON {
		err = errors.Join(err, b.json(cutAnswers(cuts)))
	} else {
		tellCuts(b, cuts)
	}
	if n := wrong(cuts); err == nil && n > 0 {
		return refusal(fmt.Errorf("%d of %d cuts came to what must not be", n, len(cuts)))
	}
	return err
}

// wrong counts the cuts with a finding of the audit.
func wrong(cuts []testrig.Cut) (n int) {
	for _, cut := range cuts {
		if cut.Wrong != nil {
			n++
		}
	}
	return n
}

// cuts makes the cuts, and explains an error.
func (c *tearCommand) cuts(ctx context.Context, b *bench, slot *openCardLocation) (
	cuts []testrig.Cut, err error,
) {
	bus, err := newBenchBus(b, c.Tariffs, c.Keys, c.Card)
	if err != nil {
		return nil, err
	}
	defer func() { bus.end(err != nil || wrong(cuts) > 0) }()
	lying, err := testrig.New(ctx, bus.Bus, slot.present, time.Now())
	if err != nil {
		return nil, c.Card.explain(err)
	}
	const usual = 26 // cuts of a tap of thirteen commands
	line := newProgress(b.progress, usual)
	done := 0
	cuts, err = lying.Cuts(ctx, func(cut testrig.Cut) {
		if done++; line.terminal && line.due(done) {
			line.say("cut %s command %d, %s", sideText(cut), cut.Command, cut.Name)
		}
	})
	line.end()
	return cuts, errors.Join(c.Card.explainTaps(ctx, err), slot.keep())
}

func tellCuts(b *bench, cuts []testrig.Cut) {
	if len(cuts) == 0 {
		return
	}
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "power cut\tcommand\tthe tap\tcame back\t")
	uncertain := 0
	for _, cut := range cuts {
		if cut.First == validator.Uncertain {
			uncertain++
		}
		fmt.Fprintf(w, "%s\t%d %s\t%v\t%v\t\n", sideText(cut), cut.Command,
			cut.Name, cut.First, cut.Second)
	}
	w.Flush()
	for _, cut := range cuts {
		if cut.Wrong != nil {
			b.say("wrong: cut %s command %d: %v", sideText(cut), cut.Command, cut.Wrong)
		}
	}
	b.say("%d cuts, %d of them at the commit", len(cuts), uncertain)
}

// sideText says when the power was cut.
func sideText(cut testrig.Cut) string {
	if cut.Acted {
		return "after"
	}
	return "before"
}

// A cutAnswer is a cut as JSON.
type cutAnswer struct {
	Command int    `json:"command"`
	Code    string `json:"code"`
	Side    string `json:"side"`
	First   string `json:"first"`
	Second  string `json:"second"`
	Wrong   string `json:"wrong,omitempty"`
}

func cutAnswers(cuts []testrig.Cut) []cutAnswer {
	answers := []cutAnswer{}
	for _, cut := range cuts {
		a := cutAnswer{
			Command: cut.Command, Code: fmt.Sprintf("%02X", byte(cut.Code)),
			Side: sideText(cut), First: cut.First.String(), Second: cut.Second.String(),
		}
		if cut.Wrong != nil {
			a.Wrong = cut.Wrong.Error()
		}
		answers = append(answers, a)
	}
	return answers
}
