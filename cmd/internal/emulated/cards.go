package emulated

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

	"leima/hw/disk"
	"leima/hw/emu"
)

// Suffix is the suffix of a card's file.
const Suffix = ".img"

// errCardInUse means that a card is on another reader.
var errCardInUse = errors.New("the card is on another reader: take it away there first")

// Cards is the folder of the cards.
type Cards string

// Names are the passengers with a card, sorted.
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

// Read is a card as stored last.
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
		return nil, fmt.Errorf("opening %s: %w: if it is no card, give it another name; its "+
			"passenger then gets a new card", c.path(name), err)
	}
	c.SaveOnCommit(name, card)
	return card, nil
}

// SaveOnCommit has a card stored at each commit, before its answer, as a real card does.
func (c Cards) SaveOnCommit(name string, card *emu.Card) {
	card.OnCommit(func() error { return c.Save(name, card) })
}

// Has reports whether a passenger has a card.
func (c Cards) Has(name string) bool {
	_, err := os.Stat(c.path(name))
	return err == nil
}

// saving is held while a card's file is replaced, so that the newest state stays.
var saving sync.Mutex

// unflushed waits for no disk: an emulated card has to survive its program, but not a power cut,
// for which every tap would wait twice.
var unflushed disk.Flush = func(*os.File) error { return nil }

// Save replaces a card's file as a whole or not at all.
func (c Cards) Save(name string, card *emu.Card) error {
	saving.Lock()
	defer saving.Unlock()
	return unflushed.Replace(c.path(name), 0o600, card.Save) // it holds keys
}

// path is the path of a card's file. A name cannot lead into another folder.
func (c Cards) path(name string) string {
	return filepath.Join(string(c), filepath.Base("/"+name)+Suffix)
}

// lock reserves a card for one reader, until the file is closed; errCardInUse: another has it.
func (c Cards) lock(name string) (*os.File, error) {
	file, err := os.OpenFile(c.path(name)+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(errCardInUse, file.Close())
	}
	return file, nil
}
