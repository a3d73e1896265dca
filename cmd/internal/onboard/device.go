package onboard

import (
	"errors"
	"io"
	"sync/atomic"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/cmd/internal/device"
	"leima/fare/tariff"
	"leima/validator/api"
	"leima/validator/download"
	"leima/validator/lists"
	"leima/validator/lists/inbox"
)

// The files of a state folder.
const (
	ListFolder   = "lists"
	ActionFolder = "actions"
	InboxFolder  = "inbox"

	// refusedFolder holds the last refused bundles, out of reach of those who can write to the
	// inbox.
	refusedFolder  = "refused"
	downloadFolder = "downloads" // bundles from the depot
	TariffFile     = "tariffs"
	TariffFolder   = "board"
)

// A Device is a validator's open state folder.
type Device struct {
	*device.Device
	Lists  *blocklist.Store
	Blocks *lists.Blocks

	config   *Config
	actions  lists.Actions
	unsigned atomic.Pointer[tariff.Set]
	tariffs  *lists.Tariffs // signed; nil: they are unsigned

	fetcher   *download.Client // nil: no lists are fetched
	arrived   chan struct{}    // bundles from the depot wait
	downloads atomic.Pointer[api.Download]
}

// Folder is the configuration of the device's folder, with the limits of its journal.
func (c *Config) Folder() device.Folder {
	folder := c.Config.Folder()
	folder.Limits = c.limits()
	return folder
}

// Open opens everything in order. It returns an error if a necessary part is missing.
func (c *Config) Open(stderr io.Writer) (d *Device, err error) {
	d = &Device{
		config: c, Lists: blocklist.NewStore(cardlayout.Area(c.Area)),
		arrived: make(chan struct{}, 1),
	}
	if d.Device, err = c.Folder().Open(stderr); err != nil {
		return nil, err
	}
	d.saveStop()
	if err = d.openLists(); err == nil {
		err = d.openTariffs()
	}
	if err == nil {
		err = d.openDownload()
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// An exchange takes checked data into use at the right moment: at once, or between two taps.
// Reading and checking delay no passenger.
type exchange = inbox.Exchange

// Close closes all parts, the journal first.
func (d *Device) Close() error { return errors.Join(d.Device.Close(), d.Lists.Close()) }
