package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"leima/hw/desfire"
	"leima/hw/tape"
	"leima/validator/testrig"
)

// recordCommand records the conversation of a tap.
type recordCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`

	Out     string  `required:"" placeholder:"FILE" help:"The tape to be made."`
	Keys    keyPath `placeholder:"FILE" help:"File of the test keys, for a card on a reader."`
	Tariffs string  `default:"testdata/tariffs" placeholder:"DIR" help:"Folder of tariffs."`
}

func (*recordCommand) examples() string {
	return `bench record aino.img --out aino.tape`
}

func (*recordCommand) Help() string {
	return `Taps the card once, as a validator does, and keeps every command and every answer as
text, with the microseconds each took. With the tape the tap can be repeated without the card:
replay shows that the program still sends the same bytes, and a tape from another reader
shows how that differs.

A conversation holds secrets, so only cards with the test keys are recorded. The card pays
for the tap.`
}

func (c *recordCommand) Run(ctx context.Context, b *bench) error {
	if err := absent(c.Out, anotherName); err != nil {
		return err
	}
	out, err := newDraft(c.Out, 0o600)
	if err != nil {
		return err
	}
	defer out.drop()
	slot, err := c.Card.open(b)
	if err != nil {
		return err
	}
	defer slot.close()
	t, err := c.record(ctx, b, slot)
	if err != nil {
		return c.Card.explain(err)
	}
	if err := out.publish(func(w io.Writer) error { return t.Write(w) }); err != nil {
		return errors.Join(fmt.Errorf("%s cannot be written: %w: the tap is not on tape, and the "+
			"card has paid for it", c.Out, cause(err)), slot.keep())
	}
	if err := slot.keep(); err != nil {
		return err
	}
	b.say("%s: %d exchanges", c.Out, len(t.Exchanges))
	b.say("%s", t.Header.Other["ending"])
	return nil
}

// record taps the card on a rig.
func (c *recordCommand) record(ctx context.Context, b *bench, slot *openCardLocation) (
	*tape.Tape, error,
) {
	bus, err := newBenchBus(b, c.Tariffs, c.Keys, c.Card)
	if err != nil {
		return nil, err
	}
	defer bus.end(false)
	if bus.others {
		return nil, refusal(errors.New("a conversation holds secrets, and these are no test " +
			"keys: record a card of the bench (bench keys test)"))
	}
	// A tap does not show which keys a card has; testrig.New, which reads the card, does.
	lying, err := testrig.New(ctx, bus.Bus, slot.present, time.Now())
	if err != nil {
		return nil, err
	}
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, err
	}
	return lying.Record(ctx, binary.LittleEndian.Uint64(seed[:]), time.Now)
}

// replayCommand replays a recorded tap.
type replayCommand struct {
	Tape    string `arg:"" help:"The tape."`
	Tariffs string `default:"testdata/tariffs" placeholder:"DIR" help:"Folder of tariffs."`
	JSON    bool   `name:"json" help:"Write JSON."`
}

func (*replayCommand) examples() string { return `bench replay aino.tape` }

func (*replayCommand) Help() string {
	return `Does the tap of a tape again, without its card, and prints the commands, what each took
when it was recorded, and how the tap ended. Exit code 1 says that the program of today
says or decides something else than it did then, and what that is.

The JSON has the fields reader, at, ending, exchanges (each with command, name, response,
error and took_us) and differs.`
}

// replayed is a replay as JSON.
type replayed struct {
	Reader    string           `json:"reader,omitempty"`
	At        string           `json:"at"`
	Ending    string           `json:"ending"`
	Exchanges []exchangeAnswer `json:"exchanges"`
	Differs   string           `json:"differs,omitempty"`
}

type exchangeAnswer struct {
	Command  string `json:"command"`
	Name     string `json:"name"`
	Response string `json:"response,omitempty"`
	Error    string `json:"error,omitempty"`
	Took     int64  `json:"took_us"`
}

func (c *replayCommand) Run(b *bench) error {
	t, err := c.read()
	if err != nil {
		return err
	}
	bus, err := newBenchBus(b, c.Tariffs, "", "")
	if err != nil {
		return err
	}
	defer bus.end(false)
	ending, differs := testrig.Replay(bus.Bus, t)
	if differs != nil && !errors.Is(differs, tape.ErrDiffers) {
		return mistake(fmt.Errorf("%s: %w", c.Tape, differs))
	}
	if c.JSON {
		err = b.json(c.answer(t, ending, differs))
	} else {
		c.tell(b, t, ending)
	}
	if err == nil && differs != nil {
		err = refusal(fmt.Errorf("%s: %w", c.Tape, differs))
	}
	return err
}

func (c *replayCommand) read() (*tape.Tape, error) {
	file, err := os.Open(c.Tape)
	if err != nil {
		return nil, unreadable(c.Tape, err)
	}
	defer file.Close()
	t, err := tape.Read(file)
	if err != nil {
		return nil, mistake(fmt.Errorf("%s: %w", c.Tape, err))
	}
	return t, nil
}

func (c *replayCommand) tell(b *bench, t *tape.Tape, ending string) {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	for n, e := range t.Exchanges {
		fmt.Fprintf(w, "%d\t%s\t%d bytes\t%s\t%d µs\t\n", n+1, desfire.CommandName(e.Command),
			len(e.Command), answerText(e), e.Took.Microseconds())
	}
	w.Flush()
	b.say("%s", ending)
}

func answerText(e tape.Exchange) string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return fmt.Sprintf("%d bytes", len(e.Response))
}

func (c *replayCommand) answer(t *tape.Tape, ending string, differs error) replayed {
	a := replayed{Reader: t.Header.Reader, At: t.Header.At.Format(time.RFC3339), Ending: ending}
	if differs != nil {
		a.Differs = differs.Error()
	}
	for _, e := range t.Exchanges {
		x := exchangeAnswer{
			Command: fmt.Sprintf("%x", e.Command), Name: desfire.CommandName(e.Command),
			Response: fmt.Sprintf("%x", e.Response), Took: e.Took.Microseconds(),
		}
		if e.Err != nil {
			x.Error = e.Err.Error()
		}
		a.Exchanges = append(a.Exchanges, x)
	}
	return a
}
