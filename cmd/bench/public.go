package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"

	"leima/cardlayout/matkakortti"
	"leima/validator/servicepoint"
)

// Reading without a key works for HSL's and Waltti's cards, and for our own readable ones, which
// have the structure of Waltti's.

// public shows the free files of a card.
func (c *inspectCommand) public(ctx context.Context, b *bench, slot *openCardLocation) error {
	card, err := slot.present(ctx)
	if err != nil {
		return err
	}
	dump, err := servicepoint.Public(card)
	if err != nil {
		return c.Card.explain(err)
	}
	return c.showPublic(b, dump)
}

// dump reads a dump, if the location is a file that looks like one.
func (s cardLocation) dump() (d matkakortti.Dump, is bool, err error) {
	if _, real := s.onReader(); real {
		return d, false, nil
	}
	text, err := os.ReadFile(string(s))
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return d, false, nil // an error is reported when an image is needed
	}
	d, err = matkakortti.ReadDump(bytes.NewReader(text))
	return d, true, err
}

// showPublic shows the free files of a card.
func (c *inspectCommand) showPublic(b *bench, dump matkakortti.Dump) error {
	card, err := matkakortti.Decode(dump.System, dump.Files)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Card, err)
	}
	files := map[string]string{}
	for number, bytes := range dump.Files {
		files[fmt.Sprint(number)] = hex.EncodeToString(bytes)
	}
	if !c.Raw {
		files = nil
	}
	if c.JSON {
		return b.json(struct {
			UID string `json:"uid"`
			matkakortti.Card
			Files map[string]string `json:"files,omitempty"`
		}{hex.EncodeToString(dump.UID), card, files})
	}
	for _, line := range card.Lines() {
		b.say("%s", line)
	}
	b.say("%-14s  %x", "uid", dump.UID)
	for _, f := range dump.System.Files() {
		if bytes, read := files[fmt.Sprint(f.Number)]; read {
			b.say("%-14s  %s", fmt.Sprintf("file %d", f.Number), bytes)
		}
	}
	return nil
}
