package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"leima/hw/disk"
	"leima/validator/api"
)

// A savedState is the state of a console that survives a restart.
type savedState struct {
	Shift    *api.Shift `json:"shift,omitempty"`
	Role     Role       `json:"role,omitempty"`
	Line     string     `json:"line,omitempty"`
	TakeOver bool       `json:"over,omitempty"` // it ends another device's shift on the bus

	Place        *api.Place `json:"place,omitempty"`
	PlacePending bool       `json:"ahead,omitempty"` // the bus was not told the place yet

	// PendingReports are the shifts that have ended while the bus could not be asked: their reports
	// lack its part. HandedOver is the shift that was handed over last, whose driver has not signed
	// for its cash yet.
	PendingReports []api.Shift `json:"owed,omitempty"`
	HandedOver     *api.Shift  `json:"handed,omitempty"`
}

func (c *Console) file(name string) string { return filepath.Join(c.Folder, name) }

func (c *Console) loadState() error { return readJSON(c.file("book"), &c.saved) }

// saveState writes the saved state; c.mu is held. A full disk stops no driver.
func (c *Console) saveState() {
	if err := writeJSON(c.file("book"), c.saved); err != nil {
		c.Log.Error("the shift would be forgotten: make room in the state folder", "error", err)
	}
}

// readJSON reads a file of writeJSON; if there is none it changes nothing.
func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the saved state cannot be read: %w: give the state folder to the "+
			"program's user", err)
	}
	if json.Unmarshal(text, into) != nil {
		return fmt.Errorf("reading %s: it is not what this program has written there: give it "+
			"another name, and what it holds is forgotten", path)
	}
	return nil
}

// writeJSON replaces a file as a whole or not at all.
func writeJSON(path string, from any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return disk.Sync.Replace(path, 0o600, disk.Bytes(text))
}
