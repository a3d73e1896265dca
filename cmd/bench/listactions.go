package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"leima/cardlayout"
	"leima/fare/actionlist"
	"leima/hw/disk"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
)

type listActionsCommand struct {
	List string `arg:"" help:"What waits for which card; - reads standard input."`

	Area    uint8  `required:"" placeholder:"CODE" help:"Whose cards they are, such as 227."`
	Version uint32 `required:"" placeholder:"N" help:"A later list has a higher one."`
	Out     string `required:"" placeholder:"FILE" help:"The action list to be made."`
	Made    string `placeholder:"TIME" help:"When, such as '2026-03-02 08:00', local; else now."`
	Fewer   bool   `help:"It is meant to have no action, or far fewer than the list it replaces."`
}

func (*listActionsCommand) examples() string {
	return "bench list actions sales.txt --area 227 --version 7 --out actions.cbor"
}

func (*listActionsCommand) Help() string {
	return `The text has a line for each action: the card's number, what is to be done, the action
counter that the card has before, which is actions in "bench inspect --json", and the first
day:

    924699 0011 2345 6787 value 20.00 expects 3 from 2026-03-02  # what follows a # is a comment
    924699 0011 2345 6787 season 30 A-B days 30 price 57.00 expects 4 from 2026-03-02
    924699 0011 2345 6787 unblock expects 5 from 2026-03-02

An action waits for 14 days, or to its until. Its counter may be expected of another
action only when it is over and every device has uploaded since. More settings: leaves,
organisation, device, funder (employer or benefit).

A list of no action, or of fewer than half of the 20 or more that it replaces, is built only
with --fewer.`
}

func (c *listActionsCommand) Run(ctx context.Context, b *bench) error {
	made, err := timeFlag("--made", c.Made, time.Now())
	if err != nil {
		return err
	}
	name, text, err := b.read(ctx, c.List)
	if err != nil {
		return err
	}
	entries, err := actionlist.Parse(name, bytes.NewReader(text))
	if err != nil {
		return mistake(err)
	}
	if !c.Fewer {
		before := 0
		if replaced, _ := actionsOf(c.Out); replaced != nil {
			before = replaced.Edition().Count
		}
		err := tooFew(before, len(entries), "action", "the bought loads would not come")
		if err != nil {
			return mistake(fmt.Errorf("%s: %w", name, err))
		}
	}
	list, err := actionlist.New(cardlayout.Area(c.Area), c.Version, made, entries)
	if err != nil {
		return mistake(err)
	}
	raw, err := list.Encode()
	if err != nil {
		return err
	}
	if err := replace(c.Out, 0o644, disk.Bytes(raw)); err != nil {
		return err
	}
	b.say("%s: %s", c.Out, actionsLine(list.Edition()))
	if over := overBefore(entries, made); over > 0 {
		b.say("%s waited for a card until before that, and no device does it: change from, or "+
			"until", some(over, "action"))
	}
	return nil
}

// overBefore counts the actions whose last day was before a time.
func overBefore(entries []actionlist.Entry, made time.Time) (over int) {
	today := cardlayout.DayOf(made)
	for _, e := range entries {
		if e.Action.Last < today-1 { // a service day ends in the night after it
			over++
		}
	}
	return over
}

func actionsLine(e actionlist.Edition) string {
	return fmt.Sprintf("action list version %d for area %d, %s, made %s", e.Version, e.Area,
		some(e.Count, "action"), e.Made.Format(time.RFC3339))
}

func some(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// The first bytes of an action list and of a delta, which are CBOR. A block list is not.
const (
	listHead  = 0x85
	deltaHead = 0x88
)

// actionsOf reads an action list or a delta; nil: the file is something else.
func actionsOf(path string) (list lists.ActionFile, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	// A block list may be large: it is not read to see what it is.
	var head [1]byte
	if _, err := io.ReadFull(file, head[:]); err != nil ||
		head[0] != listHead && head[0] != deltaHead {
		return nil, nil
	}
	raw, err := io.ReadAll(io.MultiReader(bytes.NewReader(head[:]), file))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if head[0] == listHead {
		list, err = actionlist.Decode(raw)
	} else {
		list, err = actionlist.DecodeDelta(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// ofActions makes the delta between two action lists.
func (c *listDeltaCommand) ofActions(b *bench, first lists.ActionFile) error {
	second, err := actionsOf(c.To)
	if err != nil {
		return err
	}
	from, full := first.(*actionlist.List)
	to, fullToo := second.(*actionlist.List)
	if !full || !fullToo {
		return mistake(errors.New("want two full lists, both block lists or both action lists"))
	}
	if !c.Fewer {
		err := tooFew(from.Len(), to.Len(), "action", "the bought loads would not come")
		if err != nil {
			return mistake(fmt.Errorf("%s: %w", c.To, err))
		}
	}
	delta, err := actionlist.NewDelta(from, to)
	if err != nil {
		return mistake(err)
	}
	raw, err := delta.Encode()
	if err != nil {
		return err
	}
	if err := replace(c.Out, 0o644, disk.Bytes(raw)); err != nil {
		return err
	}
	c.made(b, delta.Base(), delta.Changes(), actionsLine(delta.Edition()))
	return nil
}

// signActions makes the bundle of an action list or a delta.
func (c *listSignCommand) signActions(b *bench, list lists.ActionFile, terms lists.Terms) error {
	switch {
	case c.Adding != 0:
		return mistake(errors.New("--adding: an action list adds no blocked cards"))
	case !terms.Expires.After(list.Edition().Made):
		return mistake(errors.New("--expires: that is before the list was made"))
	}
	key, err := signingKey(c.Key)
	if err != nil {
		return err
	}
	return c.sign(b, func(w io.Writer) (bundle.Manifest, error) {
		return lists.SignActions(w, list, terms, key)
	})
}

// An actionAnswer is an action as JSON.
type actionAnswer struct {
	Expects uint32 `json:"expects"`
	Leaves  uint32 `json:"leaves"`
	Kind    string `json:"kind"`
	Cents   int64  `json:"cents"`
	Product uint16 `json:"product,omitempty"`
	Zones   string `json:"zones,omitempty"`
	Days    uint16 `json:"days,omitempty"`
	First   string `json:"first"`
	Last    string `json:"last"`
}

// An actionsAnswer is the JSON of an action list.
type actionsAnswer struct {
	Version uint32         `json:"version"`
	Area    uint8          `json:"area"`
	Made    string         `json:"made"`
	Count   int            `json:"actions"`
	Base    uint32         `json:"base,omitempty"`
	Changes int            `json:"changes,omitempty"`
	Card    string         `json:"card,omitempty"`
	Waiting []actionAnswer `json:"waiting,omitempty"`
}

// showActions shows an action list or a delta, and the actions for a card if that is not 0.
func (c *listShowCommand) showActions(
	b *bench, file lists.ActionFile, card cardlayout.Number,
) error {
	edition := file.Edition()
	answer := actionsAnswer{
		Version: edition.Version, Area: uint8(edition.Area),
		Made: edition.Made.Format(time.RFC3339), Count: edition.Count, Base: file.Base(),
	}
	if delta, is := file.(*actionlist.Delta); is {
		answer.Changes = delta.Changes()
	}
	if list, is := file.(*actionlist.List); is {
		answer.waits(list, card)
	} else if card != 0 {
		return mistake(errDeltaOfCard)
	}
	if c.JSON {
		return b.json(answer)
	}
	b.say("%s: %s", c.List, actionsLine(edition))
	if answer.Base != 0 {
		b.say("a delta for version %d, %d changes", answer.Base, answer.Changes)
	}
	for _, w := range answer.Waiting {
		b.say("card %v: %s, action %d to %d, from %s to %s", card, w.words(), w.Expects, w.Leaves,
			w.First, w.Last)
	}
	if card != 0 && len(answer.Waiting) == 0 {
		b.say("card %v: nothing waits", card)
	}
	return nil
}

// waits adds what waits for a card.
func (answer *actionsAnswer) waits(list *actionlist.List, card cardlayout.Number) {
	if card == 0 {
		return
	}
	answer.Card = digits(card)
	found, _ := list.Lookup(card) // never fails
	for n := range found {
		a := &found[n]
		waiting := actionAnswer{
			Expects: a.Expects, Leaves: a.Leaves, Kind: a.Kind.String(),
			Cents: int64(a.Amount), Product: a.Product, Days: a.Days,
			First: a.First.String(), Last: a.Last.String(),
		}
		if a.Zones != 0 {
			waiting.Zones = a.Zones.String()
		}
		answer.Waiting = append(answer.Waiting, waiting)
	}
}

func (a *actionAnswer) words() string {
	amount := cardlayout.Cents(a.Cents)
	switch {
	case a.Product != 0 || a.Zones != "":
		return fmt.Sprintf("%s %d %s, %d days for %v", a.Kind, a.Product, a.Zones, a.Days, amount)
	case a.Cents != 0:
		return fmt.Sprintf("%s %v", a.Kind, amount)
	}
	return a.Kind
}

// actionFolder is the folder of the action list beside the block lists, as on a validator.
const actionFolder = "actions"
