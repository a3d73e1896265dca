package main

import (
	"context"
	"errors"
	"fmt"

	"leima/hw/emu"
	"leima/hw/pcsc"
)

// emulateCommand offers a card to other people's software.
type emulateCommand struct {
	Image   string `arg:"" help:"The card image."`
	Address string `default:"127.0.0.1:35963" help:"Where vpcd listens. Default: ${default}."`
}

func (*emulateCommand) examples() string { return "bench emulate aino.img" }

// Help implements kong.HelpProvider.
func (*emulateCommand) Help() string {
	return `Lays the card into a virtual reader of pcscd (Debian packages pcscd and
vsmartcard-vpcd), until Ctrl-C: every PC/SC program can then talk to it, and so can the
validator with reader = "pcsc". What is written to the card is kept in the image when it
is taken away.

vpcd listens on all addresses of the machine: try this on a bench, never on a bus.`
}

// Run offers the card.
func (c *emulateCommand) Run(ctx context.Context, b *bench) error {
	card, err := openCard(c.Image)
	if err != nil {
		return err
	}
	conn, err := pcsc.DialVPCD(ctx, c.Address)
	if err != nil {
		return err
	}
	b.say("%s lies in the reader at %s; Ctrl-C takes it away", c.Image, c.Address)
	leave := context.AfterFunc(ctx, func() { conn.Close() })
	defer leave()
	err = emu.Offer(conn, card, emu.Air{})
	if ctx.Err() != nil {
		err = nil // we took it away ourselves
	}
	return errors.Join(err, saveCard(c.Image, card))
}

// readersCommand lists the readers of pcscd.
type readersCommand struct {
	JSON bool `name:"json" help:"Write JSON."`
}

func (*readersCommand) examples() string { return "bench readers" }

// Run lists them.
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
