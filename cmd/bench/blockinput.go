package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/fare/sale"
	"leima/hw/desfire"
)

// A blockInput is the text of a block list, to which a card is added.
type blockInput struct {
	path string
	mode fs.FileMode
	text string // "" if there was no file
	kept bool   // the file was changed since
}

// blockInput reads and checks the text. A missing file is made.
func (b *bench) blockInput(ctx context.Context, path string) (*blockInput, error) {
	const everybody = 0o644
	if path == standard {
		return nil, mistake(errors.New("--list: want a file, for the card is added to it"))
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &blockInput{path: path, mode: everybody}, nil
	}
	name, text, err := b.read(ctx, path)
	if err != nil {
		return nil, err
	}
	if _, err := blocklist.Parse(name, bytes.NewReader(text)); err != nil {
		return nil, mistake(err)
	}
	return &blockInput{path: path, mode: info.Mode().Perm(), text: string(text)}, nil
}

// lists reports whether the text names a card.
func (l *blockInput) lists(card cardlayout.Number) bool {
	entries, _ := blocklist.Parse(l.path, strings.NewReader(l.text)) // which was parsed before
	return slices.ContainsFunc(entries, func(e blocklist.Entry) bool { return e.Number == card })
}

// Notes on a card whose content was moved to another one.
const (
	replacedNote  = "replaced"
	destroyedNote = "destroyed"
)

// gone reports whether the text says that a card was replaced or destroyed.
func (l *blockInput) gone(card cardlayout.Number) bool {
	for line := range strings.Lines(l.text) {
		_, note, _ := strings.Cut(line, "#")
		note = strings.TrimSpace(note)
		if strings.HasPrefix(note, fmt.Sprintf("%v %s ", card, destroyedNote)) {
			return true
		}
		of := blockInput{path: l.path, text: line}
		if strings.HasPrefix(note, replacedNote+" ") && of.lists(card) {
			return true
		}
	}
	return false
}

// restore restores the text if nothing was moved. If that is unknown the text stays: a card that is
// blocked in vain costs less than one that pays twice.
func (l *blockInput) restore(failed error) error {
	switch {
	case l == nil || !l.kept || errors.Is(failed, errStopped) ||
		errors.Is(failed, desfire.ErrCommitUnknown):
		return nil
	case l.text == "":
		return os.Remove(l.path)
	}
	return l.write(l.text)
}

// forGood is an unblocking number that no card exceeds.
const forGood = 255

// replaced adds a card that was replaced: one that may still exist is blocked for good (R-104,
// R-105); one that was handed in is noted, since it is destroyed. A bearer card is never
// blocked.
func (l *blockInput) replaced(old *cardlayout.Card, cause sale.Cause, on cardlayout.Day) error {
	line := fmt.Sprintf("# %v %s %v", old.Number, destroyedNote, on)
	if cause == sale.Lost {
		if err := sale.CheckBlock(old.Kind); err != nil {
			return err
		}
		line = fmt.Sprintf("%v %v %d # %s %v", old.Number, old.Kind, forGood, replacedNote,
			on)
	}
	var kept []string
	for _, earlier := range strings.Split(strings.TrimRight(l.text, "\n"), "\n") {
		entries, err := blocklist.Parse(l.path, strings.NewReader(earlier))
		same := err == nil && len(entries) == 1 && entries[0].Number == old.Number
		if earlier != "" && (!same || cause != sale.Lost) {
			kept = append(kept, earlier)
		}
	}
	l.kept = true
	return l.write(strings.Join(append(kept, line), "\n") + "\n")
}

func (l *blockInput) write(text string) error {
	return replace(l.path, l.mode, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
