package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"leima/cardlayout/matkakortti"
	"leima/hw"
	"leima/hw/desfire"
)

// What anybody may read of a travel card needs no key: that of HSL's and Waltti's cards,
// and of our own readable ones, which are laid out as Waltti's are.

// errSilent says that a card gives nothing away.
var errSilent = errors.New("without a key nothing of the card can be read")

// public reads what anybody may.
func (c *inspectCommand) public(ctx context.Context, b *bench) error {
	slot, err := c.Card.open(b)
	if err != nil {
		return err
	}
	defer slot.close()
	card, err := slot.present(ctx)
	if err != nil {
		return err
	}
	dump, err := readPublic(card)
	if err != nil {
		return c.Card.explain(err)
	}
	return c.showPublic(b, dump)
}

// readPublic finds the application of a travel card and reads its files.
func readPublic(card hw.Card) (matkakortti.Dump, error) {
	s, err := desfire.Connect(card)
	if err != nil {
		return matkakortti.Dump{}, err
	}
	uid := s.UID()
	for _, system := range matkakortti.Systems {
		err := s.Select(system.AID())
		if errors.Is(err, desfire.ApplicationNotFound) {
			continue
		}
		if err != nil {
			return matkakortti.Dump{}, err
		}
		files, err := readFiles(s, system)
		if err == nil && len(files) == 0 {
			err = errSilent
		}
		return matkakortti.Dump{UID: uid[:], System: system, Files: files}, err
	}
	return matkakortti.Dump{}, errSilent
}

// readFiles reads the files that the card gives away.
func readFiles(s *desfire.Session, system matkakortti.System) (map[byte][]byte, error) {
	files := map[byte][]byte{}
	for _, f := range system.Files() {
		p, err := readFile(s, f)
		var refused desfire.Status
		switch {
		case err == nil:
			files[f.Number] = p
			continue
		case !errors.As(err, &refused):
			return nil, err
		}
		if err := s.Select(system.AID()); err != nil { // a refusal has ended the session
			return nil, err
		}
	}
	return files, nil
}

// readFile reads a file of data, or the records of a history, as many as there are.
func readFile(s *desfire.Session, f matkakortti.File) ([]byte, error) {
	if f.Records == 0 {
		p := make([]byte, f.Size)
		return p, s.Read(f.Number, desfire.Plain, 0, p)
	}
	// The settings of a record file end in how many there are (EV1 data sheet,
	// GetFileSettings). Where they are kept secret, it is full or nothing is read.
	count := f.Records
	settings, err := s.FileSettings(f.Number)
	if n := len(settings); err == nil && n >= 13 {
		count = min(count, int(settings[n-3]))
	}
	if err != nil || count == 0 {
		return nil, err
	}
	return s.ReadRecords(f.Number, desfire.Plain, f.Size, count)
}

// dump reads a dump, if the spot is a file that looks like one.
func (s spot) dump() (d matkakortti.Dump, is bool, err error) {
	if _, real := s.onReader(); real {
		return d, false, nil
	}
	text, err := os.ReadFile(string(s))
	if err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return d, false, nil // whoever needs an image says what is wrong
	}
	d, err = matkakortti.ReadDump(bytes.NewReader(text))
	return d, true, err
}

// showPublic shows a card as anybody may see it.
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
