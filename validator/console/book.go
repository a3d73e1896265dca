package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"leima/validator/api"
)

// A book is what a console knows again after it was switched off.
type book struct {
	Shift *api.Shift `json:"shift,omitempty"`
	Role  Role       `json:"role,omitempty"`
	Line  string     `json:"line,omitempty"`
	Over  bool       `json:"over,omitempty"` // it ends another device's shift on the bus

	Place *api.Place `json:"place,omitempty"`
	Ahead bool       `json:"ahead,omitempty"` // the bus was not told of the place yet

	// Owed are the shifts that have ended while the bus could not be asked: their reports
	// lack its part. Handed is the shift that was handed over last, whose driver has not
	// signed for its cash yet.
	Owed   []api.Shift `json:"owed,omitempty"`
	Handed *api.Shift  `json:"handed,omitempty"`
}

func (c *Console) file(name string) string { return filepath.Join(c.Folder, name) }

func (c *Console) readBook() error { return readJSON(c.file("book"), &c.book) }

// keepBook writes the book; c.mu is held. A full disk stops no driver.
func (c *Console) keepBook() {
	if err := writeJSON(c.file("book"), c.book); err != nil {
		c.Log.Error("the shift would be forgotten: make room in the state folder", "error", err)
	}
}

// readJSON reads a file that writeJSON wrote; where there is none it changes nothing.
func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w: remove it, and what it holds is forgotten", path, err)
	}
	return nil
}

// writeJSON replaces a file at once or not at all.
func writeJSON(path string, from any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder flushes a folder: without it a power cut could undo a rename.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
