package signon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"leima/hw/disk"
)

// ReadJSON reads a file of WriteJSON; if there is none it changes nothing.
func ReadJSON(path string, into any) error {
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

// WriteJSON replaces a file as a whole or not at all.
func WriteJSON(path string, from any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return disk.Sync.Replace(path, 0o600, disk.Bytes(text))
}
