package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"leima/hw/emu"
	"leima/hw/pcsc"
)

// emulateCommand offers an emulated card to other software.
type emulateCommand struct {
	Image   string `arg:"" help:"The card image."`
	Blank   string `placeholder:"EV" help:"Make the image: a card from the works, ev1, ev2 or ev3."`
	Address string `default:"127.0.0.1:35963" help:"Where vpcd listens. Default: ${default}."`
}

func (*emulateCommand) examples() string {
	return `
bench emulate aino.img
bench emulate blank.img --blank ev2`
}

func (*emulateCommand) Help() string {
	return `Lays the card into a virtual reader of pcscd (Debian packages pcscd and
vsmartcard-vpcd), until Ctrl-C: every PC/SC program can then talk to it, and so can the
validator with reader = "pcsc". What is written to the card is kept in the image at each
commit, and when it is taken away. A blank card is as NXP delivers it: empty, with a key
of DES zeros.

vpcd listens on all addresses of the machine: try this on a bench, never on a bus.`
}

func (c *emulateCommand) Run(ctx context.Context, b *bench) error {
	card, err := c.card()
	if err != nil {
		return err
	}
	conn, err := pcsc.DialVPCD(ctx, c.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := saveCard(c.Image, card); err != nil {
		return err // a card that cannot be stored must not be written
	}
	card.OnCommit(func() error { return saveCard(c.Image, card) })
	b.say("%s is in the reader at %s; Ctrl-C takes it away", c.Image, c.Address)
	leave := context.AfterFunc(ctx, func() { conn.Close() })
	defer leave()
	err = emu.Offer(conn, card, emu.Air{})
	if ctx.Err() != nil {
		err = nil // the card was taken away on purpose
	}
	return errors.Join(err, saveCard(c.Image, card))
}

// card is the card of the image, or a new one for a new image.
func (c *emulateCommand) card() (*emu.Card, error) {
	if c.Blank == "" {
		return openCard(c.Image)
	}
	chip, known := chips[c.Blank]
	if !known {
		return nil, mistake(fmt.Errorf("--blank %q: want ev1, ev2 or ev3", c.Blank))
	}
	if err := absent(c.Image, "choose another name, or leave out --blank"); err != nil {
		return nil, err
	}
	config := emu.Config{Chip: chip, Blank: true}
	if _, err := rand.Read(config.UID[:]); err != nil {
		return nil, err
	}
	config.UID[0] = maker
	return emu.New(config), nil
}

// chips are the generations of cards by name.
var chips = map[string]emu.Chip{"ev1": emu.EV1, "ev2": emu.EV2, "ev3": emu.EV3}

// readersCommand lists the readers of pcscd.
type readersCommand struct {
	JSON bool `name:"json" help:"Write JSON."`
}

func (*readersCommand) examples() string { return "bench readers" }

func (c *readersCommand) Run(b *bench) error {
	names, err := pcsc.Readers()
	if err != nil {
		return err
	}
	if c.JSON {
		return b.json(append([]string{}, names...))
	}
	for _, name := range names {
		b.say("%s", name)
	}
	if len(names) == 0 {
		return fmt.Errorf("pcscd knows no reader: plug one in, and see that pcscd runs")
	}
	return nil
}
