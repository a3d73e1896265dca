package terminal

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"leima/cmd/internal/device"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/machine"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/service"
	"leima/cmd/internal/text"
	"leima/hw"
	"leima/hw/pcsc"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/console"
	"leima/validator/madt"
	"leima/validator/messages"
	"leima/validator/signon"
	"leima/validator/terminal"
)

//go:embed page
var page embed.FS

// closing is how long requests under way may take when the program ends.
const closing = 2 * time.Second

// An Environment is what an emulated console has in place of a real reader.
type Environment struct {
	Reader    hw.Reader
	Emulation func(*api.Client) console.Emulation
}

// Serve runs the console from its start to its end. bench, if not nil, opens the environment in
// place of a PC/SC reader.
func (c *Config) Serve(ctx context.Context, ring *keyring.Ring, stdout, stderr io.Writer,
	bench func() (Environment, error),
) error {
	pepper, err := c.pepper()
	if err != nil {
		return err
	}
	if _, err := ReadDrivers(c.File(c.Drivers), pepper); err != nil {
		return program.Usage(err)
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	listener, address, err := c.listen()
	if err != nil {
		return err
	}
	d, err := openDevice(c, stderr)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if bench == nil {
		bench = c.withPCSC
	}
	around, err := bench()
	if err != nil {
		return errors.Join(err, listener.Close(), d.Close())
	}
	own := d.own(around.Reader, ring)
	var emulation console.Emulation
	if around.Emulation != nil {
		emulation = around.Emulation(client)
	}
	k := d.console(own, client, emulation, pepper)
	if ring.Warning != "" {
		d.Log.Warn(ring.Warning)
		fmt.Fprintln(stdout, ring.Warning)
	}
	if err = k.Open(); err == nil {
		fmt.Fprintf(stdout, "The driver's page is at %s\n", address)
		closeTab := c.openTab(address, d.Log)
		err = serve(ctx, k, own.Terminal.Validator, listener)
		closeTab()
	}
	_ = listener.Close() // the server has closed it, if it ran
	return errors.Join(err, around.Reader.Close(), d.Close())
}

// openTab opens the page on the driver's terminal, if there is one, until the function that it
// returns is called.
func (c *Config) openTab(page string, log *slog.Logger) (end func()) {
	if c.MADT == "" {
		return func() {}
	}
	tab := &madt.Tab{Terminal: c.MADT, Page: page, Log: log}
	ctx, cancel := context.WithCancel(context.Background())
	var kept sync.WaitGroup
	kept.Go(func() { tab.Keep(ctx) })
	return func() {
		cancel()
		kept.Wait()
	}
}

func (c *Config) withPCSC() (Environment, error) {
	reader, err := pcsc.Open(pcsc.Options{Pattern: c.Pattern})
	if err != nil {
		return Environment{}, program.Usage(err)
	}
	return Environment{Reader: reader}, nil
}

// serve serves cards and browsers until ctx ends or the reader is gone.
func serve(
	ctx context.Context, k *console.Console, v *validator.Validator, listener net.Listener,
) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := k.NewServer()
	server.BaseContext = func(net.Listener) context.Context { return ctx }
	var tasks sync.WaitGroup
	var served, read error
	tasks.Go(func() { k.Run(ctx) })
	tasks.Go(func() { defer cancel(); read = v.Run(ctx) })
	tasks.Go(func() { defer cancel(); served = server.Serve(listener) })
	service.Forget(k.Folder, service.Console)
	service.Ready()
	unwatch := service.Watch(alive(listener.Addr(), k.Own.Journal), k.Log)
	<-ctx.Done()
	service.Stopping()
	unwatch()
	end, stop := context.WithTimeout(context.Background(), closing)
	defer stop()
	_ = server.Shutdown(end)
	_ = server.Close()
	tasks.Wait()
	if errors.Is(served, http.ErrServerClosed) {
		served = nil
	}
	return errors.Join(read, served)
}

// own is the console's own validator.
func (d *consoleDevice) own(reader hw.Reader, ring *keyring.Ring) *api.Local {
	local := &api.Local{
		Journal: d.Journal, Area: d.config.area(), Reader: d.config.Reader,
		Boot: boot(),
	}
	v := &validator.Validator{
		Reader: reader, Panel: noPanel{}, Language: messages.Language(d.config.Language),
		App:  ring.App,
		Keys: ring.Seals, Journal: d.Journal, Blocklist: d.lists, Tariffs: d.tariff,
		Now: d.clock.Now, Rand: rand.Reader, Log: d.Log, Tapped: local.Tapped,
		Place:   validator.Place{Zone: 1, Trip: 1}, // before a place from the bus or the driver
		Version: program.Version(),
	}
	local.Terminal = terminal.New(v, d.config.Organisation)
	local.Terminal.Own = true
	if d.clock.Real {
		v.Built, v.Earliest = machine.Built(), d.earliest
	}
	return local
}

// boot is a new word at each start.
func boot() string {
	word := make([]byte, 8)
	_, _ = rand.Read(word) // it does not fail (crypto/rand)
	return hex.EncodeToString(word)
}

// noPanel is the panel of a device without one: the page shows the results.
type noPanel struct{}

func (noPanel) Show(hw.Signal) error { return nil }

func (d *consoleDevice) console(
	own *api.Local, bus api.Device, s console.Emulation, pepper signon.Pepper,
) *console.Console {
	c := d.config
	assets, _ := fs.Sub(page, "page") // the folder is embedded
	k := &console.Console{
		Own: own, Bus: bus, Folder: c.File(c.State), Clock: d.clock,
		Mirror: d.mirror(), Page: assets, Hosts: c.hosts(), Secure: c.Certificate != "",
		Idle: time.Duration(c.Idle), Language: messages.Language(c.Language), Title: c.Title,
		Emulation: s, Now: time.Now, Rand: rand.Reader, Log: d.Log,
		Pepper: pepper, Drivers: func() ([]signon.Person, error) {
			return ReadDrivers(c.File(c.Drivers), pepper)
		},
	}
	if path, local := strings.CutPrefix(c.Validator.Address, "unix:"); local {
		k.Ended = func() string {
			return service.Kept(filepath.Dir(c.File(path)), service.Validator).Text()
		}
	}
	if c.Printer != "" {
		k.Printer = func(text string) error { return printOn(c.File(c.Printer), text) }
	}
	return k
}

// printOn sends a text to a printer, followed by some paper feed.
func printOn(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text+"\n\n\n")
	return errors.Join(err, file.Close())
}

// listen listens at the address of the page, and returns its URL.
func (c *Config) listen() (net.Listener, string, error) {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, "", fmt.Errorf("%w at %s: %w: end the other program, or change listen",
			device.ErrAddress, c.Listen, text.Cause(err))
	}
	if c.Certificate == "" {
		return listener, "http://" + listener.Addr().String(), nil
	}
	pair, err := private.Certificate(c.File(c.Certificate), c.File(c.Key))
	if err != nil {
		err = program.Usage(fmt.Errorf("the certificate of the page: %w", err))
		return nil, "", errors.Join(err, listener.Close())
	}
	secure := tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{pair},
		MinVersion:   tls.VersionTLS13,
	})
	return secure, "https://" + listener.Addr().String(), nil
}
