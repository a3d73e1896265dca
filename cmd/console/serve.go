package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/machine"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/street"
	"leima/fare/words"
	"leima/hw"
	"leima/hw/pcsc"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/console"
	"leima/validator/desk"
)

//go:embed page
var page embed.FS

// closing is how long those who are being answered may take when the program ends.
const closing = 2 * time.Second

// serve is the console from its start to its end.
func serve(ctx context.Context, path string, stdout, stderr io.Writer) error {
	c, err := readConfig(path)
	if err != nil {
		return err
	}
	keys, err := c.keys()
	if err != nil {
		return err
	}
	if _, err := readDrivers(c.file(c.Drivers)); err != nil {
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
	reader, err := c.openReader()
	if err != nil {
		return errors.Join(err, listener.Close(), d.Close())
	}
	own := d.own(reader, keys)
	k := d.console(own, client, demo(reader, keys, client))
	if err = k.Open(); err == nil {
		fmt.Fprintf(stdout, "The driver's page is at %s\n", address)
		err = work(ctx, k, own.Validator, listener)
	}
	_ = listener.Close() // the server has closed it, if it was served
	return errors.Join(err, reader.Close(), d.Close())
}

// work serves cards and browsers until ctx ends or the reader is gone.
func work(
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
	<-ctx.Done()
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

// own is the driver's own validator.
func (d *device) own(reader hw.Reader, keys desk.Keys) *api.Local {
	local := &api.Local{Journal: d.journal, Area: d.config.area(), Reader: d.config.Reader,
		Boot: boot()}
	local.Validator = &validator.Validator{
		Reader: reader, Panel: dark{}, Language: validator.Language(d.config.Language),
		App:  desk.App(keys.Scheme, append([]cardlayout.Key{keys.Transport}, keys.Former...)...),
		Keys: keys.Keys, Journal: d.journal, Blocklist: d.lists, Tariffs: d.tariff,
		Now: d.clock.Now, Rand: rand.Reader, Log: d.log, Tapped: local.Tapped,
		Place: validator.Place{Zone: 1, Trip: 1}, // until the bus, or the driver, says more
		Desk:  true, Organisation: d.config.Organisation,
	}
	if d.clock.Real {
		local.Validator.Built, local.Validator.Earliest = machine.Built(), d.earliest
	}
	return local
}

// boot is another word at each start.
func boot() string {
	word := make([]byte, 8)
	_, _ = rand.Read(word) // it does not fail (crypto/rand)
	return hex.EncodeToString(word)
}

// dark is the panel of a device without one: the page shows what it does.
type dark struct{}

func (dark) Show(hw.Signal) error { return nil }

func (d *device) console(own *api.Local, bus api.Device, s console.Street) *console.Console {
	c := d.config
	assets, _ := fs.Sub(page, "page") // it is embedded
	k := &console.Console{Own: own, Bus: bus, Folder: c.file(c.State), Clock: d.clock,
		Mirror: d.mirror(), Page: assets, Hosts: c.hosts(), Secure: c.Certificate != "",
		Idle: time.Duration(c.Idle), Language: words.Language(c.Language), Title: c.Title,
		Street: s, Now: time.Now, Rand: rand.Reader, Log: d.log,
		Drivers: func() ([]console.Driver, error) { return readDrivers(c.file(c.Drivers)) }}
	if c.Printer != "" {
		k.Printer = func(text string) error { return printOn(c.file(c.Printer), text) }
	}
	return k
}

// printOn sends a text to a printer, and some paper after it.
func printOn(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text+"\n\n\n")
	return errors.Join(err, file.Close())
}

// listen takes the address of the page, and says how to call it.
func (c *config) listen() (net.Listener, string, error) {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, "", fmt.Errorf("%w at %s: %w: end the other program, or change listen",
			errListen, c.Listen, err)
	}
	if c.Certificate == "" {
		return listener, "http://" + listener.Addr().String(), nil
	}
	err = private.Secret(c.file(c.Key))
	pair, failed := tls.LoadX509KeyPair(c.file(c.Certificate), c.file(c.Key))
	if err = cmp.Or(err, failed); err != nil {
		err = program.Usage(fmt.Errorf("the certificate of the page: %w", err))
		return nil, "", errors.Join(err, listener.Close())
	}
	secure := tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair},
		MinVersion: tls.VersionTLS13})
	return secure, "https://" + listener.Addr().String(), nil
}

func (c *config) openReader() (hw.Reader, error) {
	if c.Reader == emulated {
		return street.NewReader(street.Cards(c.file(c.Emulated.Cards)), c.rate()), nil
	}
	reader, err := pcsc.Open(pcsc.Options{Pattern: c.Pattern})
	if err != nil {
		return nil, program.Usage(err)
	}
	return reader, nil
}
