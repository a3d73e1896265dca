package street

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"leima/hw/emu"
)

// Suffix is that of a card's file.
const Suffix = ".img"

// ErrLies says that a card lies on another reader.
var ErrLies = errors.New("the card lies on another reader: take it away there first")

// Cards is the folder of the cards.
type Cards string

// Names are the passengers who have one, in their order.
func (c Cards) Names() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(string(c), "*"+Suffix))
	if err != nil {
		return nil, err
	}
	for n, path := range files {
		files[n] = strings.TrimSuffix(filepath.Base(path), Suffix)
	}
	slices.Sort(files)
	return files, nil
}

// Read is a card as it was kept last.
func (c Cards) Read(name string) (*emu.Card, error) {
	file, err := os.Open(c.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no passenger %.40q", name)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	card, err := emu.Load(file)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w: remove it, and its passenger gets a new card",
			c.path(name), err)
	}
	c.KeepAtCommit(name, card)
	return card, nil
}

// KeepAtCommit has a card kept whenever it has committed, before anybody hears of it, as a
// real one keeps itself.
func (c Cards) KeepAtCommit(name string, card *emu.Card) {
	card.OnCommit(func() error { return c.Keep(name, card) })
}

// Has tells whether somebody has a card.
func (c Cards) Has(name string) bool {
	_, err := os.Stat(c.path(name))
	return err == nil
}

// keeping is held while a card's file is replaced, so that the newest state stays.
var keeping sync.Mutex

// Keep replaces a card's file at once or not at all.
func (c Cards) Keep(name string, card *emu.Card) error {
	keeping.Lock()
	defer keeping.Unlock()
	draft := c.path(name) + ".new"
	file, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // it holds keys
	if err != nil {
		return err
	}
	if err := errors.Join(card.Save(file), file.Close()); err != nil {
		return err
	}
	return os.Rename(draft, c.path(name))
}

// path is a card's file. A name is never a way into another folder.
func (c Cards) path(name string) string {
	return filepath.Join(string(c), filepath.Base("/"+name)+Suffix)
}

// lock takes a card for one reader, until the file is closed; ErrLies: another has it.
func (c Cards) lock(name string) (*os.File, error) {
	file, err := os.OpenFile(c.path(name)+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrLies, file.Close())
	}
	return file, nil
}
