package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

type issueCommand struct {
	Description string `arg:"" help:"What the card is to hold; - reads standard input."`

	Out     cardLocation `required:"" placeholder:"CARD" help:"A new image, or reader:NAME."`
	Keys    keyPath      `placeholder:"FILE" help:"The issuer's key file, or the test keys."`
	Profile string       `enum:"enciphered,readable" default:"enciphered" help:"Or readable."`
	Holder  string       `placeholder:"FILE" help:"Whose card it is, in TOML."`
	UID     uid          `name:"uid" placeholder:"HEX" help:"Of an image; else made of the number."`
	Frame   int          `enum:"64,128,256" default:"64" help:"Of an image: bytes, or 128 or 256."`
	Force   bool         `help:"Replace an image that is there already."`
}

func (*issueCommand) examples() string {
	return `
bench issue testdata/cards/aino.txt --out aino.img
bench issue matti.txt --out matti.img --profile readable --holder matti.toml`
}

func (*issueCommand) Help() string {
	return `Makes a card of ours of a blank one on a reader, or an image of one.

The description has a line for each part of the card, as inspect prints them:

    number   924699 0011 2345 6787
    area     227
    kind     personal            # else bearer; or company
    born     1980-05-17          # of a personal card
    group    adult               # as it is without this line
    purse    10.00

Number and area must be stated, and the day of birth of a personal card. What else is left
out is empty, but for these: kind bearer, group adult, tmac true (the card signs its
transactions), issued today, valid 8 years from the day of issue, ev what the emulated
card is.

An enciphered card can be read only with its keys; the public structure of a readable one
can be read without. A serial number has 14 hexadecimal digits, the first two
04.

The holder's file has the fields name, identity_code, municipality, sex, user_group and
company, the name alone being required.

The image holds the card's own keys as they are, so its mode is 0600. Only test cards
belong in images.`
}

func (c *issueCommand) Run(ctx context.Context, b *bench) error {
	if err := c.vacant(); err != nil {
		return err
	}
	order, err := c.order(ctx, b)
	if err != nil {
		return err
	}
	keys, err := c.Keys.read(b, c.Out)
	if err != nil {
		return err
	}
	slot, err := c.blank(b, order)
	if err != nil {
		return err
	}
	defer slot.close()
	card, err := slot.present(ctx)
	if err != nil {
		return err
	}
	uid, err := issue(card, order, keys)
	if err != nil {
		return c.Out.explain(err)
	}
	if err := slot.keep(); err != nil {
		return err
	}
	b.say("%s: card %v, %v, %v, uid %x", c.Out, order.Card.Number, order.Card.Kind,
		order.Profile, uid)
	return nil
}

// vacant checks that a card may be made at the location: no image is overwritten by accident. A
// card on a reader is checked when it is opened.
func (c *issueCommand) vacant() error {
	_, real := c.Out.onReader()
	switch {
	case real && (c.UID != uid{} || c.Frame != usualFrame || c.Force):
		return mistake(errors.New("--uid, --frame and --force are for images: a card on a reader " +
			"is what it is; leave them out"))
	case real, c.Force:
		return nil
	}
	return absent(string(c.Out), "choose another name, or add --force")
}

// usualFrame is the longest frame without --frame.
const usualFrame = 64

// blank is the location of the new card; an emulated card is made.
func (c *issueCommand) blank(b *bench, order servicepoint.Order) (*openCardLocation, error) {
	if _, real := c.Out.onReader(); real {
		return c.Out.open(b)
	}
	config := emu.Config{UID: c.serial(order.Card.Number), Frame: c.Frame}
	return c.Out.onImage(emu.New(config)), nil
}

func (c *issueCommand) order(ctx context.Context, b *bench) (o servicepoint.Order, err error) {
	name, text, err := b.read(ctx, c.Description)
	if err != nil {
		return o, err
	}
	if o.Card, err = parseCard(name, string(text), cardlayout.DayOf(time.Now())); err != nil {
		return o, mistake(err)
	}
	if c.Holder != "" {
		if o.Holder, err = readHolder(ctx, b, c.Holder); err != nil {
			return o, err
		}
	}
	if c.Profile == servicepoint.Readable.String() {
		o.Profile = servicepoint.Readable
	}
	return o, nil
}

// issue issues the card as a service point does.
func issue(card hw.Card, order servicepoint.Order, keys oncard.Keys) (desfire.UID, error) {
	if keys.Holder == nil {
		return desfire.UID{}, mistake(errors.New("the key file has no [issuer] part: no card can " +
			"be issued with the keys of a bus; name the issuer's file (--keys)"))
	}
	err := servicepoint.Issue(card, servicepoint.BlankKeys(), order, keys, rand.Reader)
	if errors.Is(err, servicepoint.ErrOrder) {
		return desfire.UID{}, mistake(fmt.Errorf("%w: change the description", err))
	}
	if err != nil {
		return desfire.UID{}, err
	}
	session, err := desfire.Connect(card)
	if err != nil {
		return desfire.UID{}, err
	}
	return session.UID(), nil
}

// serial is the card's UID. It follows from the printed number, so that the same description makes
// the same card.
func (c *issueCommand) serial(number cardlayout.Number) [7]byte {
	if c.UID != (uid{}) {
		return c.UID
	}
	body := binary.BigEndian.AppendUint64(nil, uint64(number)/10) // without the check digit
	return [7]byte(append([]byte{maker}, body[2:]...))
}

// uid is a card's UID on the command line.
type uid [7]byte

// maker is the first byte of every UID by NXP (ISO/IEC 7816-6).
const maker = 0x04

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *uid) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(u) || raw[0] != maker {
		return fmt.Errorf("%q: want 14 hexadecimal digits, the first two 04", text)
	}
	*u = uid(raw)
	return nil
}
