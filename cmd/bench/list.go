package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/validator/lists/bundle"
)

type listCommands struct {
	Build listBuildCommand `cmd:"" help:"Build a block list from a text."`
	Show  listShowCommand  `cmd:"" help:"Show what a list says, of itself or of a card."`
	Delta listDeltaCommand `cmd:"" help:"Make what leads from one list to another."`
	Sign  listSignCommand  `cmd:"" help:"Sign a list or a delta: make its bundle."`
	Open  listOpenCommand  `cmd:"" help:"Verify a bundle, and take its list out."`
	Apply listApplyCommand `cmd:"" help:"Do with bundles what a validator does, in a folder."`
	Key   listKeyCommands  `cmd:"" help:"Keys that sign lists."`

	Actions listActionsCommand `cmd:"" help:"Build an action list: loads bought elsewhere."`
}

type listBuildCommand struct {
	List string `arg:"" help:"The blocked cards; - reads standard input."`

	Area    uint8  `required:"" placeholder:"CODE" help:"Whose cards they are, such as 227."`
	Version uint32 `required:"" placeholder:"N" help:"A later list has a higher one."`
	Out     string `required:"" placeholder:"FILE" help:"The block list to be made."`
	Made    string `placeholder:"TIME" help:"When, such as '2026-03-02 08:00', local; else now."`
	Fewer   bool   `help:"It is meant to name no card, or far fewer than the list it replaces."`
}

func (*listBuildCommand) examples() string {
	return "bench list build blocked.txt --area 227 --version 3 --out blocklist.db"
}

func (*listBuildCommand) Help() string {
	return `The text has a line for each card: its number, its kind, personal or company, and
its unblocking number, as inspect shows them:

    924699 0011 2345 6787 personal 0   # what follows a # is a comment

An existing list is replaced as a whole, or stays if there is a mistake. One that names no
card, or fewer than half of the 20 or more that it replaces, is built only with --fewer; so
is its signing.`
}

// Run builds the list, and reads it back.
func (c *listBuildCommand) Run(ctx context.Context, b *bench) error {
	made, err := timeFlag("--made", c.Made, time.Now())
	if err != nil {
		return err
	}
	if c.Version == 0 || c.Area == 0 {
		return mistake(errors.New("area and version are counted from 1"))
	}
	name, text, err := b.read(ctx, c.List)
	if err != nil {
		return err
	}
	entries, err := blocklist.Parse(name, bytes.NewReader(text))
	if err != nil {
		return mistake(err)
	}
	if !c.Fewer {
		if err := c.tooFew(len(entries)); err != nil {
			return mistake(fmt.Errorf("%s: %w", name, err))
		}
	}
	list := blocklist.List{
		Version: c.Version, Area: cardlayout.Area(c.Area), Made: made, Entries: entries,
	}
	if err := blocklist.Build(c.Out, list); err != nil {
		return fmt.Errorf("%w: check the folder and its free space", err)
	}
	edition, err := editionOf(c.Out)
	if err == nil {
		b.say("%s: %s", c.Out, editionLine(edition))
	}
	return err
}

// tooFew warns of a list that is probably incomplete.
func (c *listBuildCommand) tooFew(count int) error {
	before := 0
	if edition, err := editionOf(c.Out); err == nil { // otherwise none is replaced
		before = edition.Count
	}
	return tooFew(before, count, "card", "the blocked cards would travel")
}

// tooFew is the error if a list of count entries replaces one of before.
func tooFew(before, count int, what, then string) error {
	switch {
	case count == 0:
		return fmt.Errorf("it names no %s: %s: say --fewer if that is meant", what, then)
	case bundle.Thinned(before, count):
		return fmt.Errorf("it names %s, and the list before it %d: %s: say --fewer if that is "+
			"meant", some(count, what), before, then)
	}
	return nil
}

func editionOf(path string) (blocklist.Edition, error) {
	file, err := blocklist.Open(path)
	if err != nil {
		return blocklist.Edition{}, err
	}
	return file.Edition(), file.Close()
}

func editionLine(i blocklist.Edition) string {
	return fmt.Sprintf("version %d for area %d, %s, made %s", i.Version, i.Area,
		some(i.Count, "card"), i.Made.Format(time.RFC3339))
}

type listShowCommand struct {
	List string `arg:"" help:"The block list or action list, or a delta of one."`

	Card string `placeholder:"NUMBER" help:"Look this card up."`
	JSON bool   `name:"json" help:"Write JSON."`
}

func (*listShowCommand) examples() string {
	return `
bench list show blocklist.db
bench list show blocklist.db --card "924699 0011 2345 6787"`
}

func (*listShowCommand) Help() string {
	return `The JSON has the fields version, area, made, cards (how many), digest (of all
entries), with a delta base (the version that it is for) and changes, and with --card
also card, with number, listed and unblocking. That of an action list has version, area,
made, actions (how many), with a delta base and changes, and with --card also card and
waiting.`
}

// A listAnswer is the JSON of a block list.
type listAnswer struct {
	Version uint32        `json:"version"`
	Area    uint8         `json:"area"`
	Made    string        `json:"made"`
	Cards   int           `json:"cards"`
	Digest  string        `json:"digest"`
	Base    uint32        `json:"base,omitempty"`
	Changes int           `json:"changes,omitempty"`
	Card    *listedAnswer `json:"card,omitempty"`
}

type listedAnswer struct {
	Number     string `json:"number"`
	Listed     bool   `json:"listed"`
	Unblocking *uint8 `json:"unblocking,omitempty"`
}

func (c *listShowCommand) Run(b *bench) error {
	var number cardlayout.Number
	if c.Card != "" {
		var err error
		if number, err = cardlayout.ParseNumber(c.Card); err != nil {
			return mistake(fmt.Errorf("--card: %w", err))
		}
	}
	actions, err := actionsOf(c.List)
	if err != nil {
		return err
	}
	if actions != nil {
		return c.showActions(b, actions, number)
	}
	file, err := blocklist.Open(c.List)
	if err != nil {
		return err
	}
	defer file.Close()
	return c.show(b, file, number)
}

var errDeltaOfCard = errors.New("--card: a delta says little of a card: ask the full list")

func (c *listShowCommand) show(b *bench, file *blocklist.File, number cardlayout.Number) error {
	edition := file.Edition()
	answer := listAnswer{
		edition.Version, uint8(edition.Area), edition.Made.Format(time.RFC3339),
		edition.Count, hex.EncodeToString(edition.Digest[:]), file.Base(), file.Changes(), nil,
	}
	if number != 0 && file.Base() != 0 {
		return mistake(errDeltaOfCard)
	}
	if number != 0 {
		unblocking, listed, err := file.Lookup(number)
		if err != nil {
			return err
		}
		answer.Card = &listedAnswer{Number: digits(number), Listed: listed}
		if listed {
			answer.Card.Unblocking = &unblocking
		}
	}
	if c.JSON {
		return b.json(answer)
	}
	b.say("%s: %s", c.List, editionLine(edition))
	b.say("digest %s", answer.Digest)
	if answer.Base != 0 {
		b.say("a delta for version %d, %d changes", answer.Base, answer.Changes)
	}
	switch card := answer.Card; {
	case card == nil:
	case card.Listed:
		b.say("card %v: blocked, with unblocking number %d", number, *card.Unblocking)
	default:
		b.say("card %v: not listed", number)
	}
	return nil
}
