package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/machine"
	"leima/cmd/internal/program"
	"leima/cmd/internal/street"
	"leima/hw"
	"leima/hw/panel"
	"leima/hw/pcsc"
	"leima/validator"
	"leima/validator/desk"
	"leima/validator/sim"
)

// serve is the device from its start to its end: the one place where the whole
// machine is seen at once.
func serve(ctx context.Context, flags *commands, stdout, stderr io.Writer) error {
	c, err := readConfig(flags.Run.Config)
	if err == nil {
		err = c.override(flags)
	}
	if err != nil {
		return program.Usage(err)
	}
	keys, err := c.keys()
	if err != nil {
		return program.Usage(err)
	}
	hangup := hangups()
	defer signal.Stop(hangup)
	device, err := openDevice(c, stderr)
	if err != nil {
		return err
	}
	screen := panel.New(stdout, c.style(flags, stdout))
	at, err := c.station(device, keys, screen)
	if err != nil {
		return errors.Join(err, screen.Close(), device.Close())
	}
	display := &panel.Page{Language: c.Language, Now: time.Now}
	v := &validator.Validator{
		Reader: at.reader, Panel: panel.All{screen, display},
		Language: validator.Language(c.Language),
		App: desk.App(keys.Scheme,
			append([]cardlayout.Key{keys.Transport}, keys.Former...)...),
		Keys: keys.Keys, Journal: device.journal, Blocklist: device.lists,
		Actions: device.actions,
		Tariffs: device.tariff, RequireList: c.BlockList.Required,
		ListLimit: time.Duration(c.BlockList.Limit), Budget: time.Duration(c.Budget),
		Now: at.now, Elapsed: at.elapsed, Synced: at.synced, Built: at.built,
		Earliest: at.earliest, Rand: rand.Reader, Log: device.log,
		Organisation: c.Organisation, Place: c.place(),
	}
	local := device.local(v)
	v.Tapped = func(o validator.Outcome) {
		local.Tapped(o)
		if at.tapped != nil {
			at.tapped(o)
		}
	}
	doors, err := c.openDoors(local, display, at.stage)
	if err != nil {
		return errors.Join(err, at.reader.Close(), device.Close(), screen.Close())
	}
	for _, address := range doors.at {
		_ = screen.Note(address)
	}
	stop := device.keepFresh(hangup, v)
	err = at.drive(ctx, v)
	doors.close()
	stop()
	_ = screen.Note(device.summary())
	if dark := screen.Close(); dark != nil { // nobody was turned away for it
		device.log.Warn("not all could be shown", "error", dark)
	}
	return errors.Join(err, at.reader.Close(), device.Close())
}

// A station is where a validator works: on a cable, or in an emulated street.
type station struct {
	reader hw.Reader
	tapped func(validator.Outcome)
	drive  func(context.Context, *validator.Validator) error
	stage  street.Stage // where cards are laid by hand; nil: nowhere

	now      func() time.Time
	elapsed  func() time.Duration
	synced   func() bool      // nil: the clock is emulated, and the rest is nothing
	built    time.Time        // the program
	earliest func() time.Time // day of a tariff
}

func (c *config) station(d *device, keys desk.Keys, screen *panel.Terminal) (station, error) {
	if c.Reader == emulated {
		world, err := newWorld(c, d, keys, screen)
		if err != nil {
			return station{}, err
		}
		return world.station(), nil
	}
	reader, err := pcsc.Open(pcsc.Options{Pattern: c.Pattern})
	if err != nil {
		return station{}, program.Usage(err)
	}
	return station{reader: reader, now: time.Now, elapsed: machine.Elapsed,
		synced: machine.Synced, built: machine.Built(), earliest: d.earliest,
		drive: func(ctx context.Context, v *validator.Validator) error { return v.Run(ctx) },
	}, nil
}

// override puts the command line before the configuration.
func (c *config) override(flags *commands) error {
	if flags.Run.Pace == "" {
		return nil
	}
	return c.Emulated.Pace.UnmarshalText([]byte(flags.Run.Pace))
}

// keys are those of the key file, or the test keys. The holder key, should it be
// there, is left out: a bus cannot read a name.
func (c *config) keys() (desk.Keys, error) {
	keys := sim.TestKeys()
	if c.Keys != "" && c.Keys != testKeys {
		var err error
		if keys, err = c.readKeys(); err != nil {
			return keys, err
		}
	}
	keys.Holder = nil
	return keys, nil
}

func (c *config) readKeys() (desk.Keys, error) {
	passphrase := c.Passphrase
	if passphrase != "" {
		passphrase = c.file(passphrase)
	}
	return keyfile.Read(c.file(c.Keys), passphrase)
}

// style is a screen on a terminal and a transcript elsewhere. NO_COLOR is honoured
// (no-color.org).
func (c *config) style(flags *commands, stdout io.Writer) panel.Style {
	file, ok := stdout.(*os.File)
	if !ok || flags.Run.Plain {
		return panel.Style{}
	}
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	return panel.Style{
		Screen: terminal, Colour: terminal && os.Getenv("NO_COLOR") == "", Hold: readingTime,
	}
}

// readingTime is what a passenger needs to read the result.
const readingTime = 2 * time.Second

// hangups catches SIGHUP from now on: it asks for a reload, also while the device is
// still starting.
func hangups() chan os.Signal {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	return hangup
}

// summary is what the device leaves behind.
func (d *device) summary() string {
	next := d.journal.Next()
	return fmt.Sprintf("The journal of device %d holds %d events, %d of them in doubt.",
		next.Device, next.Sequence-1, d.journal.Unresolved())
}
