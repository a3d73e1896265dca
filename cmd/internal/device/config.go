package device

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"leima/cmd/internal/keyring"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/validator/journal"
	"leima/validator/messages"
)

// A Config is the part of a configuration that all devices share. Its paths are relative to its
// file.
type Config struct {
	State        string `toml:"state"`        // folder of the journal and all other files
	Device       uint16 `toml:"device"`       // the device number, 1 to 16383
	Area         uint8  `toml:"area"`         // whose prices and lists it uses
	Organisation uint16 `toml:"organisation"` // the seller of the driver's loads, 0 to 16383
	Reader       string `toml:"reader"`       // emulated or pcsc
	Pattern      string `toml:"pattern"`      // which PC/SC reader; without it the first
	Keys         string `toml:"keys"`         // key file, token, or test
	Passphrase   string `toml:"passphrase"`   // file that opens a sealed key file
	Language     string `toml:"language"`     // of panel or receipts: fi, sv or en
	Log          string `toml:"log"`          // file; without it standard error

	// BackOffice is the public key with which the identity of an event's card is sealed.
	BackOffice journal.BackOfficeKey `toml:"back_office"`

	Depot Depot `toml:"depot"` // who receives the journal

	// Bench is set if the reader is emulated, and no money is lost with the state folder.
	Bench bool `toml:"-"`

	Path string `toml:"-"` // of the configuration
}

// most14 is the largest number of a device or an organisation on a card.
const most14 = 1<<14 - 1

// Read reads a configuration. whole is the value that contains c and into which the file is
// decoded. An error names file and line.
func (c *Config) Read(path string, whole any) error {
	text, err := text.Read(path)
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	c.Path, c.Reader, c.Language = path, PCSC, string(messages.Finnish)
	if c.Bench {
		c.Reader = Emulated
	}
	return settings.Decode(path, text, whole)
}

// Check checks the shared settings.
func (c *Config) Check() error {
	switch {
	case c.State == "":
		return errors.New("state is missing: want the folder of the journal")
	case c.Device < 1 || c.Device > most14:
		return fmt.Errorf("device is %d: want its number, 1 to %d", c.Device, most14)
	case c.Area == 0:
		return errors.New("area is missing: want its code, for example 227 for Mikkeli")
	case c.Organisation > most14:
		return fmt.Errorf("organisation is %d: want its number, 0 to %d", c.Organisation, most14)
	case c.checkReader() != nil:
		return c.checkReader()
	case c.BackOffice == journal.BackOfficeKey{} && !c.Bench:
		return journal.ErrNoBackOffice
	case c.Depot.check() != nil:
		return c.Depot.check()
	case !slices.Contains(messages.Languages, messages.Language(c.Language)):
		return fmt.Errorf("language is %q: want one of %v", c.Language, messages.Languages)
	}
	return nil
}

// The readers that a configuration may name. The emulated one is only for bench.
const (
	Emulated = "emulated"
	PCSC     = "pcsc"
)

// checkReader is the error if the reader does not suit the program.
func (c *Config) checkReader() error {
	switch {
	case c.Bench && c.Reader != Emulated:
		return fmt.Errorf("reader is %q: bench bus has an emulated one; with a real one start the "+
			"program of the bus", c.Reader)
	case !c.Bench && c.Reader == Emulated:
		return errors.New("reader is \"emulated\": bench bus has one; on a bus want pcsc")
	case !c.Bench && c.Reader != PCSC:
		return fmt.Errorf("reader is %q: want pcsc", c.Reader)
	}
	return nil
}

// Folder is the configuration of the device's folder.
func (c *Config) Folder() Folder {
	depot := c.Depot
	depot.Certificate = c.File(depot.Certificate)
	return Folder{
		Path: c.File(c.State), Number: c.Device, Log: c.Log, BackOffice: c.BackOffice,
		Depot: depot, Bench: c.Bench,
	}
}

// Source is the configuration of the keys.
func (c *Config) Source() keyring.Source {
	return keyring.Source{
		Keys: c.Keys, Passphrase: c.Passphrase, BackOffice: c.BackOffice,
		RealReader: !c.Bench, File: c.File,
	}
}

// File is a path of the configuration; InState is one inside the state folder.
func (c *Config) File(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.Path), name)
}

func (c *Config) InState(name string) string { return filepath.Join(c.File(c.State), name) }

// StateFolder is the state folder; empty if the configuration does not name it.
func (c *Config) StateFolder() string {
	if c.State == "" {
		return ""
	}
	return c.File(c.State)
}
