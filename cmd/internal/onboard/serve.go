package onboard

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"leima/cmd/internal/keyring"
	"leima/cmd/internal/machine"
	"leima/cmd/internal/metrics"
	"leima/cmd/internal/program"
	"leima/cmd/internal/service"
	"leima/hw"
	"leima/hw/panel"
	"leima/hw/pcsc"
	"leima/validator"
	"leima/validator/messages"
	"leima/validator/terminal"
)

// A Run says where a program writes; on a terminal it shows a screen, unless a transcript is asked
// for.
type Run struct {
	Plain          bool
	Stdout, Stderr io.Writer
}

// displayWords are the passenger's display's own words.
func displayWords(l messages.Language) panel.Words {
	return panel.Words{
		Language: string(l), Charge: l.Text("display.charge"),
		Balance: l.Text("display.balance"), Until: l.Text("display.until"),
		Gone: [2]string{l.Text("ending.fault"), l.Text("do.ask")},
	}
}

// Serve runs the device from its start to its end. place finds the validator's environment, once
// the device is open.
func (c *Config) Serve(ctx context.Context, ring *keyring.Ring, run Run,
	place func(*Device, *panel.Terminal) (Environment, error),
) error {
	if err := c.checkTariffs(ring); err != nil {
		return program.Usage(fmt.Errorf("%s: %w", c.Path, err))
	}
	hangup := hangups()
	defer signal.Stop(hangup)
	device, err := c.Open(run.Stderr)
	if err != nil {
		return err
	}
	screen := panel.New(run.Stdout, run.style())
	at, err := place(device, screen)
	if err != nil {
		return errors.Join(err, screen.Close(), device.Close())
	}
	display := &panel.Page{Words: displayWords(messages.Language(c.Language)), Now: time.Now}
	disk := metrics.NewFlushes()
	v := &validator.Validator{
		Reader: at.Reader, Panel: panel.All{screen, display},
		Language: messages.Language(c.Language), App: ring.App, Keys: ring.Seals,
		Blocklist: device.Lists, Journal: disk.Timed(device.Journal),
		Actions: device.actions, Tariffs: device.Tariff, RequireList: c.BlockList.Required,
		ListLimit: time.Duration(c.BlockList.Limit), Budget: time.Duration(c.Budget),
		Now: at.Now, Elapsed: at.Elapsed, Synced: at.Synced, Built: at.Built, Earliest: at.Earliest,
		Rand: rand.Reader, Log: device.Log, Place: c.Place(), Version: program.Version(),
	}
	local := device.local(terminal.New(v, c.Organisation))
	network, err := c.network(local, v.Uptime, device.Log)
	if err != nil {
		return errors.Join(program.Usage(err), at.Reader.Close(), device.Close(), screen.Close())
	}
	where, unfollow := c.follow(local, network, at.Sources, device.Log)
	figures := metrics.New(metrics.Source{
		State: local.State, Journal: device.Journal, Flushes: disk, Lists: device.figures,
		Place: where,
	}, program.Version())
	v.Tapped = func(o validator.Outcome) {
		figures.Tapped(&o)
		if network != nil {
			network.said(&o)
		}
		local.Tapped(o)
		if at.Tapped != nil {
			at.Tapped(o)
		}
	}
	doors, err := c.listenAll(local, display, figures.Handler(), at.Handlers)
	if err != nil {
		return errors.Join(err, at.Reader.Close(), device.Close(), screen.Close())
	}
	device.warn(ring.Warning, screen)
	for _, address := range doors.addresses {
		_ = screen.Note(address)
	}
	stop := device.keepFresh(hangup, v)
	v.Waiting = sync.OnceFunc(device.ready)
	unwatch := service.Watch(device.alive(v), device.Log)
	context.AfterFunc(ctx, service.Stopping)
	err = at.Serve(ctx, local.Terminal)
	unwatch()
	doors.close()
	stop()
	unfollow()
	_ = screen.Note(device.Summary())
	if dark := screen.Close(); dark != nil { // no passenger was turned away for it
		device.Log.Warn("not all could be shown", "error", dark)
	}
	return errors.Join(err, at.Reader.Close(), device.Close())
}

// An Environment is the environment of a validator: a PC/SC reader, or an emulated bus.
type Environment struct {
	Reader   hw.Reader
	Tapped   func(validator.Outcome) // nil: not needed
	Serve    func(context.Context, *terminal.Terminal) error
	Handlers map[string]http.Handler // served beside the API, to this machine only

	// Sources are its own ones of where the bus is, by a time since the start; nil: none.
	Sources func(elapsed func() time.Duration) []Listener

	Now      func() time.Time
	Elapsed  func() time.Duration
	Synced   func() bool      // nil: the clock is emulated, and the following fields are unused
	Built    time.Time        // of the program
	Earliest func() time.Time // first day of a tariff
}

// WithPCSC is the environment with a PC/SC reader.
func (c *Config) WithPCSC(d *Device, _ *panel.Terminal) (Environment, error) {
	reader, err := pcsc.Open(pcsc.Options{Pattern: c.Pattern})
	if err != nil {
		return Environment{}, program.Usage(err)
	}
	return Environment{
		Reader: reader, Now: time.Now, Elapsed: machine.Elapsed,
		Synced: machine.Synced, Built: machine.Built(), Earliest: d.Earliest,
		Serve: func(ctx context.Context, t *terminal.Terminal) error {
			return t.Validator.Run(ctx)
		},
	}, nil
}

// warn shows a warning on the screen and in the log.
func (d *Device) warn(text string, screen *panel.Terminal) {
	if text != "" {
		d.Log.Warn(text)
		_ = screen.Note(text)
	}
}

// style is a screen on a terminal, or else a transcript. NO_COLOR is honoured (no-color.org).
func (r Run) style() panel.Style {
	file, ok := r.Stdout.(*os.File)
	if !ok || r.Plain {
		return panel.Style{}
	}
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	return panel.Style{
		Screen: terminal, Colour: terminal && os.Getenv("NO_COLOR") == "", Hold: readingTime,
	}
}

// readingTime is the time in which a passenger reads the result.
const readingTime = 2 * time.Second

// hangups catches SIGHUP, which asks for a reload, also while the device is still starting.
func hangups() chan os.Signal {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	return hangup
}

// Summary sums up the state of the device.
func (d *Device) Summary() string {
	next := d.Journal.Next()
	return fmt.Sprintf("The journal of device %d holds %d events, %d of them in doubt.",
		next.Device, next.Sequence-1, d.Journal.Unresolved())
}
