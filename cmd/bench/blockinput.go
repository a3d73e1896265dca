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
	"leima/fare"
)

// A blockInput is the text from which a block list is built, while a card is added to it.
type blockInput struct {
	path string
	mode fs.FileMode
	text string
}

// blockInput reads the text, and sees that it is one. A file that is not there is made.
func (b *bench) blockInput(ctx context.Context, path string) (*blockInput, error) {
	const everybody = 0o644
	if path == standard {
		return nil, mistake(errors.New("--list: want a file, for the card is added to it"))
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &blockInput{path, everybody, ""}, nil
	}
	name, text, err := b.read(ctx, path)
	if err != nil {
		return nil, err
	}
	if _, err := blocklist.Parse(name, bytes.NewReader(text)); err != nil {
		return nil, mistake(err)
	}
	return &blockInput{path, info.Mode().Perm(), string(text)}, nil
}

// lists tells whether the text names a card.
func (l *blockInput) lists(card cardlayout.Number) bool {
	entries, _ := blocklist.Parse(l.path, strings.NewReader(l.text)) // which was read once
	return slices.ContainsFunc(entries, func(e blocklist.Entry) bool { return e.Number == card })
}

// forGood is the unblocking number of an entry that no card ever outgrows.
const forGood = 255

// replaced adds a card that was replaced: one that may be somewhere is blocked, and not to be
// unblocked again; one that lies on the counter is noted, for it is destroyed
// . A bearer card is never blocked.
func (l *blockInput) replaced(old *cardlayout.Card, cause fare.Cause, on cardlayout.Day) error {
	line := fmt.Sprintf("# %v destroyed %v", old.Number, on)
	if cause == fare.Lost {
		if err := fare.BlockRefused(old.Kind); err != nil {
			return err
		}
		line = fmt.Sprintf("%v %v %d # replaced %v", old.Number, old.Kind, forGood, on)
	}
	var kept []string
	for _, earlier := range strings.Split(strings.TrimRight(l.text, "\n"), "\n") {
		entries, err := blocklist.Parse(l.path, strings.NewReader(earlier))
		same := err == nil && len(entries) == 1 && entries[0].Number == old.Number
		if earlier != "" && (!same || cause != fare.Lost) {
			kept = append(kept, earlier)
		}
	}
	text := strings.Join(append(kept, line), "\n") + "\n"
	return replace(l.path, l.mode, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
