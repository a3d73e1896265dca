package main

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/street"
	"leima/cmd/internal/text"
	"leima/hw/panel"
	"leima/validator"
	"leima/validator/api"
)

// The doors are what others on the bus reach the validator by: its API and the display.
type doors struct {
	servers []*http.Server
	at      []string // for people: what is served where
}

// local is the validator as its API has it.
func (d *device) local(v *validator.Validator) *api.Local {
	c := d.config
	boot := make([]byte, 8)
	_, _ = rand.Read(boot) // never fails
	return &api.Local{Validator: v, Journal: d.journal, Area: cardlayout.Area(c.Area),
		Reader: c.Reader, Boot: hex.EncodeToString(boot),
		Copies: map[string]func() (io.ReadCloser, error){
			"tariffs": func() (io.ReadCloser, error) { return opened(c.state(tariffFile)) },
			"full": func() (io.ReadCloser, error) {
				full, _ := d.shelf.InUse()
				return opened(full)
			},
			"delta": func() (io.ReadCloser, error) {
				_, delta := d.shelf.InUse()
				return opened(delta)
			},
		}}
}

func opened(path string) (io.ReadCloser, error) {
	if path == "" {
		return nil, fs.ErrNotExist
	}
	return os.Open(path)
}

// checkDoors tells what is wrong with the addresses. Whoever comes over a network needs the
// token, and it never travels in the clear.
func (c *config) checkDoors() error {
	for _, address := range c.API.Listen {
		switch {
		case strings.HasPrefix(address, unixPrefix) && len(address) > len(unixPrefix):
		case c.API.Token == "" || c.API.Certificate == "" || c.API.Key == "":
			return fmt.Errorf("api.listen is %q: over a network it wants token, certificate and "+
				"key as well", address)
		}
	}
	return nil
}

const unixPrefix = "unix:"

// openDoors serves the API and the display, until close is called. The street is only there
// with an emulated reader.
func (c *config) openDoors(local *api.Local, page *panel.Page, stage street.Stage) (
	d *doors, err error,
) {
	d = &doors{}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	for _, address := range c.API.Listen {
		if err := d.openAPI(c, address, local, stage); err != nil {
			return d, err
		}
	}
	if c.Display.Listen == "" {
		return d, nil
	}
	listener, err := net.Listen("tcp", c.Display.Listen)
	if err != nil {
		return d, program.Usage(fmt.Errorf("opening the display: %w: name another address", err))
	}
	d.serve(&http.Server{Handler: page, ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout: time.Minute}, listener)
	d.at = append(d.at, "display   http://"+listener.Addr().String())
	return d, nil
}

func (d *doors) openAPI(c *config, address string, local *api.Local, stage street.Stage) error {
	token, over, err := c.protection(address)
	if err != nil {
		return program.Usage(err)
	}
	listener, err := c.listen(address)
	if err != nil {
		return program.Usage(fmt.Errorf("opening the API: %w", err))
	}
	if over != nil {
		listener = tls.NewListener(listener, over)
	}
	server := api.NewServer(local, token)
	if stage != nil && over == nil {
		mux := http.NewServeMux()
		mux.Handle(street.Path, street.Handler(stage))
		mux.Handle("/", server.Handler)
		server.Handler = mux
	}
	d.serve(server, listener)
	d.at = append(d.at, "API       "+address)
	return nil
}

// protection is what an address needs over a network.
func (c *config) protection(address string) (token string, over *tls.Config, err error) {
	if strings.HasPrefix(address, unixPrefix) {
		return "", nil, nil
	}
	for _, secret := range []string{c.API.Token, c.API.Key} {
		if err := private.Secret(c.file(secret)); err != nil {
			return "", nil, fmt.Errorf("a secret of the API: %w", err)
		}
	}
	text, err := text.Read(c.file(c.API.Token))
	if err != nil {
		return "", nil, fmt.Errorf("reading the API's token: %w", err)
	}
	if token = strings.TrimSpace(string(text)); len(token) < 32 {
		return "", nil, errors.New("the API's token is too short: want 32 characters and more " +
			"that nobody can guess")
	}
	pair, err := tls.LoadX509KeyPair(c.file(c.API.Certificate), c.file(c.API.Key))
	if err != nil {
		return "", nil, fmt.Errorf("reading the API's certificate: %w", err)
	}
	over = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}
	return token, over, nil
}

// listen opens an address. A socket that nobody answers was left by a power cut.
func (c *config) listen(address string) (net.Listener, error) {
	name, unix := strings.CutPrefix(address, unixPrefix)
	if !unix {
		return net.Listen("tcp", address)
	}
	path := c.state(name)
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = conn.Close()
		return nil, fmt.Errorf("%s is served already: another validator runs", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	return listener, os.Chmod(path, 0o660) // for the driver's console, and nobody else
}

func (d *doors) serve(s *http.Server, l net.Listener) {
	d.servers = append(d.servers, s)
	go func() { _ = s.Serve(l) }()
}

// close ends at once whatever is under way: a stream would last for ever.
func (d *doors) close() {
	for _, s := range d.servers {
		_ = s.Close()
	}
}
