package page

import (
	"bytes"
	"encoding/json"
	"os"
	"sync"
	"time"

	"leima/fare"
)

// What persons do that stands in the book.
const (
	looked   = "looked"
	handed   = "handed over"
	dealt    = "done"
	exported = "exported"
)

// An entry is a line of the book.
type entry struct {
	At     time.Time `json:"at"`
	Person uint32    `json:"person"`
	Did    string    `json:"did"`
	Card   string    `json:"card,omitempty"` // mark of the card
	Case   string    `json:"case,omitempty"`
	Note   string    `json:"note,omitempty"`
	Day    string    `json:"day,omitempty"`
	Driver uint32    `json:"driver,omitempty"`
	Device uint16    `json:"device,omitempty"`
	Cash   int64     `json:"cash,omitempty"` // cents
}

// A book is the file of what persons have done.
type book struct {
	file *os.File

	mu      sync.Mutex
	entries []entry
}

// open reads the book. A last line that was cut by a power cut has shown nobody anything.
func (b *book) open(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	whole := bytes.LastIndexByte(raw, '\n') + 1
	for n, line := range bytes.Split(bytes.TrimSuffix(raw[:whole], []byte("\n")), []byte("\n")) {
		if whole == 0 {
			break
		}
		var e entry
		if json.Unmarshal(line, &e) != nil {
			return fare.Say("%s, line %d: it is not as it was written: put back a copy of it, or "+
				"give it another name, and a new book begins", path, n+1)
		}
		b.entries = append(b.entries, e)
	}
	b.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err == nil && whole < len(raw) {
		err = b.file.Truncate(int64(whole))
	}
	return err
}

// add appends an entry. After an error it is not there, and what it is about must not be done.
func (b *book) add(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	before, err := b.file.Seek(0, 2)
	if err != nil {
		return err
	}
	if _, err = b.file.Write(append(line, '\n')); err == nil {
		err = b.file.Sync()
	}
	if err != nil {
		_ = b.file.Truncate(before)
		return err
	}
	b.entries = append(b.entries, e)
	return nil
}

// each calls do with the entries of one kind, the oldest first.
func (b *book) each(did string, do func(entry)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries {
		if e.Did == did {
			do(e)
		}
	}
}
