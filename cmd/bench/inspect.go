package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator/servicepoint"
)

type inspectCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`

	Keys   keyPath `placeholder:"FILE" help:"Key file; else the test keys."`
	Public bool    `help:"Use no key: show the free files."`
	Holder bool    `help:"Show whose card it is, too. Needs the issuer's keys."`
	Raw    bool    `help:"Add the bytes of the files."`
	JSON   bool    `name:"json" help:"Write JSON."`
}

func (*inspectCommand) examples() string {
	return `
bench inspect aino.img
bench inspect reader:ACR122U --json
bench inspect ride.img --public
bench inspect aino.img | bench issue - --out copy.img`
}

func (*inspectCommand) Help() string {
	return `Prints the card in the form that issue reads, and what issue does not need as
comments behind it. A card that is issued again from it has the same content, but for the
holder, the older events and the counter of its signatures, which begins again. The last
line says what else issue must be told for the very same card.

Of a card of HSL or Waltti it prints the free files: seasons, value, ticket and
events. So it does of any card with --public, of one on a reader without --keys, and of a
dump that Metrodroid has written.

The JSON has the fields card, uid, profile, application, differs (what the public files say
otherwise), history, signature, and with --holder and --raw also holder and files; of a
card read without keys uid, system, application, control, seasons, season_load,
season_boarding, purse, ticket, history and unread (files). Amounts are integers of cents,
their fields end in _cents. What is empty on the card is left out, except for amounts,
counters and what is true or false.`
}

func (c *inspectCommand) Run(ctx context.Context, b *bench) error {
	if dump, is, err := c.Card.dump(); is {
		if err != nil {
			return mistake(fmt.Errorf("%s: %w", c.Card, err))
		}
		return c.showPublic(b, dump)
	}
	if c.Public && (c.Keys != "" || c.Holder) {
		return mistake(errors.New("--public uses no key: leave out --keys and --holder, or it"))
	}
	slot, err := c.Card.open(b)
	if err != nil {
		return err
	}
	defer slot.close()
	if _, metal := c.Card.onReader(); c.Public || metal && c.Keys == "" && !c.Holder {
		return c.public(ctx, b, slot)
	}
	contents, err := c.contents(ctx, b, slot)
	if c.Keys == "" && !c.Holder && strange(err) {
		if err := c.public(ctx, b, slot); !errors.Is(err, servicepoint.ErrSilent) {
			return err
		}
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return b.json(c.answer(contents))
	}
	fmt.Fprint(b.out, c.text(contents))
	return nil
}

// strange reports whether a card is not one of ours.
func strange(err error) bool {
	return errors.Is(err, cardlayout.ErrNotOurs) || errors.Is(err, cardlayout.ErrForged)
}

func (c *inspectCommand) contents(ctx context.Context, b *bench, slot *openCardLocation) (
	servicepoint.Contents, error,
) {
	keys, err := c.Keys.read(b, c.Card)
	if err != nil {
		return servicepoint.Contents{}, err
	}
	if c.Holder && keys.Holder == nil {
		return servicepoint.Contents{},
			mistake(errors.New("the key file has no [issuer] part, so it " +
				"opens no holder: name the issuer's file (--keys), or leave out --holder"))
	}
	if !c.Holder {
		keys.Holder = nil // not read unless requested
	}
	return slot.inspect(ctx, keys)
}

// text is the card's description, and the rest as comments. The newest event is part of the
// description.
func (c *inspectCommand) text(contents servicepoint.Contents) string {
	var t strings.Builder
	t.WriteString(describe(withEvent(contents)))
	comment := func(name, format string, args ...any) {
		fmt.Fprintf(&t, "# %-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	comment("uid", "%x", contents.UID)
	comment("profile", "%v", contents.Profile)
	for _, line := range changes(contents.Card, contents.Others) {
		comment("differs", "%s (in the public files)", line)
	}
	a := contents.Application
	comment("application", "version %d, keys of generation %d, number %v",
		a.Version, a.KeyVersion, a.Number)
	if s := contents.TMAC; s != (desfire.TMAC{}) {
		comment("signature", "%d %x", s.TMC, s.TMV)
	}
	for _, r := range contents.History {
		comment("history", "%s", eventLine(r))
	}
	if c.Holder {
		commentHolder(comment, contents.Holder)
	}
	if c.Raw {
		for _, no := range filesOf(&contents.Image) {
			comment(fmt.Sprintf("file %d", no), "%x", contents.Image.File(no))
		}
	}
	comment("again with", "--uid %x --profile %v", contents.UID, contents.Profile)
	return t.String()
}

// withEvent is the card with its newest event, as in an order.
func withEvent(contents servicepoint.Contents) cardlayout.Card {
	card := contents.Card
	if n := len(contents.History); n > 0 {
		card.Record = contents.History[n-1]
	}
	return card
}

func commentHolder(comment func(string, string, ...any), h *cardlayout.Holder) {
	if h == nil {
		comment("holder", "none")
		return
	}
	comment("holder", "name %q, identity code %q, municipality %d, sex %d, user group %q, "+
		"company %q", h.Name, h.IdentityCode, h.Municipality, h.Sex, h.UserGroup, h.Company)
}

// eventLine is a use event in one line.
func eventLine(r cardlayout.Record) string {
	kind, until := "free", "-"
	if r.Debit {
		kind = "debit"
	}
	if (r.Until != cardlayout.Stamp{}) {
		until = r.Until.String()
	}
	return fmt.Sprintf("%v  %-5s  fare %v  persons %d  until %s  remaining %v",
		r.Boarded, kind, r.Fare, r.Persons, until, r.Remaining)
}

// filesOf are the numbers of the files that an inspection reads.
func filesOf(i *cardlayout.Image) []byte {
	if i.Validation[0] == 0 { // layout 1
		return []byte{
			cardlayout.FileControl, cardlayout.FileSeasons, cardlayout.FileValue,
			cardlayout.FileTicket, cardlayout.FileHistory, cardlayout.FileState,
			cardlayout.FileRights,
		}
	}
	return []byte{
		cardlayout.FileControl, cardlayout.FileSeasons, cardlayout.FileValue,
		cardlayout.FileTicket, cardlayout.FileHistory, cardlayout.FileRights,
		cardlayout.FileValidation,
	}
}
