package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"leima/hw/emu"
	"leima/validator"
	"leima/validator/sim"
)

// tearCommand cuts a card's power everywhere.
type tearCommand struct {
	Card spot `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`

	Tariffs string  `default:"testdata/tariffs" placeholder:"DIR" help:"Folder of tariffs."`
	Keys    keyPath `placeholder:"FILE" help:"Key file of the issuer; else the test keys."`
	JSON    bool    `name:"json" help:"Write JSON."`
}

func (*tearCommand) examples() string {
	return `
bench tear aino.img
bench tear reader:ACR122U`
}

// Help implements kong.HelpProvider.
func (*tearCommand) Help() string {
	return `Begins one tap after the other, and cuts the card's power in each: between every two
commands, and after the card has acted on each, when its answer is thrown away. The card
is presented again at once, as a passenger does who is told to. Before and after every
tap the card is read and audited against the journal: it must pay once, no event may be
lost or left open, and a tap that was to be tried again must have changed nothing.

The card pays some thirty times, and is loaded when its purse is low: use a test card.
Exit code 1 means that the audit found something.

The JSON is a list with command, code, side, first and second (how the two taps ended) and
wrong.`
}

// Run cuts.
func (c *tearCommand) Run(ctx context.Context, b *bench) error {
	cuts, err := c.cuts(ctx, b)
	if errors.Is(err, context.Canceled) {
		err = errStopped
	}
	if c.JSON {
		err = errors.Join(c.Card.explain(err), b.json(cutAnswers(cuts)))
	} else {
		tellCuts(b, cuts)
		err = c.Card.explain(err)
	}
	wrong := 0
	for _, cut := range cuts {
		if cut.Wrong != nil {
			wrong++
		}
	}
	if err == nil && wrong > 0 {
		return refusal(fmt.Errorf("%d of %d cuts came to what must not be", wrong, len(cuts)))
	}
	return err
}

func (c *tearCommand) cuts(ctx context.Context, b *bench) ([]sim.Cut, error) {
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
	lying, err := sim.NewStand(ctx, bus.Bus, slot.present, time.Now())
	if err != nil {
		return nil, err
	}
	const usual = 26 // cuts of a tap of thirteen commands
	line := newProgress(b.err, usual)
	done := 0
	cuts, err := lying.Cuts(ctx, func(cut sim.Cut) {
		if done++; line.terminal && line.due(done) {
			line.say("cut %v command %d, %s", cut.Side, cut.Command, commandName(cut.Code))
		}
	})
	line.end()
	return cuts, errors.Join(err, slot.keep())
}

func tellCuts(b *bench, cuts []sim.Cut) {
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
		fmt.Fprintf(w, "%s\t%d %s\t%v\t%v\t\n", sideText(cut.Side), cut.Command,
			commandName(cut.Code), cut.First, cut.Second)
	}
	w.Flush()
	for _, cut := range cuts {
		if cut.Wrong != nil {
			b.say("wrong: cut %s command %d: %v", sideText(cut.Side), cut.Command, cut.Wrong)
		}
	}
	b.say("%d cuts, %d of them at the commit", len(cuts), uncertain)
}

// sideText says when the power was cut.
func sideText(side emu.Side) string {
	if side == emu.Before {
		return "before"
	}
	return "after"
}

// A cutAnswer is a cut for a machine.
type cutAnswer struct {
	Command int    `json:"command"`
	Code    string `json:"code"`
	Side    string `json:"side"`
	First   string `json:"first"`
	Second  string `json:"second"`
	Wrong   string `json:"wrong,omitempty"`
}

func cutAnswers(cuts []sim.Cut) []cutAnswer {
	answers := []cutAnswer{}
	for _, cut := range cuts {
		a := cutAnswer{Command: cut.Command, Code: fmt.Sprintf("%02X", cut.Code),
			Side: sideText(cut.Side), First: cut.First.String(), Second: cut.Second.String()}
		if cut.Wrong != nil {
			a.Wrong = cut.Wrong.Error()
		}
		answers = append(answers, a)
	}
	return answers
}

// commandNames are the commands of a tap (DESFire EV1 and EV2 data sheets; CA is the
// reader's own Get Data of PC/SC part 3).
var commandNames = map[byte]string{
	0x0A: "Authenticate", 0x1A: "AuthenticateISO", 0xAA: "AuthenticateAES",
	0x71: "AuthenticateEV2First", 0x77: "AuthenticateEV2NonFirst", 0xAF: "AdditionalFrame",
	0x5A: "SelectApplication", 0xCA: "GetData", 0xF5: "GetFileSettings",
	0xAD: "ReadData", 0xBD: "ReadData", 0xAB: "ReadRecords", 0xBB: "ReadRecords",
	0x8D: "WriteData", 0x3D: "WriteData", 0x8B: "WriteRecord", 0x3B: "WriteRecord",
	0xC7: "CommitTransaction", 0xA7: "AbortTransaction",
}

func commandName(code byte) string {
	if name, known := commandNames[code]; known {
		return name
	}
	return fmt.Sprintf("%02X", code)
}
