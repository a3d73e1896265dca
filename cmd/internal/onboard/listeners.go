package onboard

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
	"leima/cmd/internal/text"
	"leima/hw/panel"
	"leima/validator/api"
	"leima/validator/listener"
	"leima/validator/terminal"
)

// The listeners are the addresses of the validator: its API and the display.
type listeners struct {
	servers   []*http.Server
	addresses []string // for people: the addresses by purpose
	ends      []func() // of what else runs beside them
}

// local is the validator behind its API.
func (d *Device) local(t *terminal.Terminal) *api.Local {
	c := d.config
	boot := make([]byte, 8)
	_, _ = rand.Read(boot) // never fails
	return &api.Local{
		Upload: d.Upload, Download: d.downloads.Load, Actions: d.actions.Version,
		Terminal: t, Journal: d.Journal, Area: cardlayout.Area(c.Area),
		Reader: c.Reader, Boot: hex.EncodeToString(boot),
		Copies: map[string]func() (io.ReadCloser, error){
			"tariffs": func() (io.ReadCloser, error) { return opened(c.InState(TariffFile)) },
			"full": func() (io.ReadCloser, error) {
				full, _ := d.Blocks.InUse()
				return opened(full)
			},
			"delta": func() (io.ReadCloser, error) {
				_, delta := d.Blocks.InUse()
				return opened(delta)
			},
		},
	}
}

func opened(path string) (io.ReadCloser, error) {
	if path == "" {
		return nil, fs.ErrNotExist
	}
	return os.Open(path)
}

// checkListeners checks the addresses. Over a network clients need the token, and it is never sent
// unencrypted.
func (c *Config) checkListeners() error {
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

// listenAll serves the API and the display, until close is called. The additional handlers of bench
// are not served over a network.
func (c *Config) listenAll(local *api.Local, page *panel.Page, figures http.Handler,
	also map[string]http.Handler,
) (d *listeners, err error) {
	d = &listeners{}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	for _, address := range c.API.Listen {
		if err := d.openAPI(c, address, local, also); err != nil {
			return d, err
		}
	}
	err = d.open("display", c.Display.Listen, displayServer(page, c.Display.Names))
	if err == nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", figures)
		err = d.open("metrics", c.Metrics.Listen, listener.NewServer(listener.CheckHost(nil, mux)))
	}
	if err == nil {
		err = d.openInventory(c, local)
	}
	return d, err
}

// open serves something at an address for people; "": nothing is.
func (d *listeners) open(what, address string, server *http.Server) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return program.Usage(fmt.Errorf("opening the %s at %s: %w: end the other program, or name "+
			"another address", what, address, text.Cause(err)))
	}
	d.serve(server, listener)
	d.addresses = append(d.addresses, fmt.Sprintf("%-9s http://%s", what, listener.Addr()))
	return nil
}

// displayServer serves the passenger's display under its address, or one of its names.
func displayServer(page *panel.Page, names []string) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.Handle("/events", new(listener.Streams).Limit(page))
	server := listener.NewServer(listener.CheckHost(names, mux))
	server.WriteTimeout = 30 * time.Second // a stream sets its own
	return server
}

func (d *listeners) openAPI(c *Config, address string, local *api.Local,
	also map[string]http.Handler,
) error {
	token, over, err := c.protection(address)
	if err != nil {
		return program.Usage(err)
	}
	listener, err := c.listen(address)
	if err != nil {
		return program.Usage(fmt.Errorf("opening the API at %s: %w: end the other "+
			"program, or name another address", address, text.Cause(err)))
	}
	if over != nil {
		listener = tls.NewListener(listener, over)
	}
	server := api.NewServer(local, token)
	if len(also) > 0 && over == nil {
		mux := http.NewServeMux()
		for path, handler := range also {
			mux.Handle(path, handler)
		}
		mux.Handle("/", server.Handler)
		server.Handler = mux
	}
	d.serve(server, listener)
	d.addresses = append(d.addresses, "API       "+address)
	return nil
}

// protection is the token and the TLS configuration of an address over a network.
func (c *Config) protection(address string) (token string, over *tls.Config, err error) {
	if strings.HasPrefix(address, unixPrefix) {
		return "", nil, nil
	}
	if err := private.Secret(c.File(c.API.Token)); err != nil {
		return "", nil, fmt.Errorf("a secret of the API: %w", err)
	}
	text, err := text.Read(c.File(c.API.Token))
	if err != nil {
		return "", nil, fmt.Errorf("reading the API's token: %w", err)
	}
	if token = strings.TrimSpace(string(text)); len(token) < 32 {
		return "", nil, errors.New("the API's token is too short: want 32 characters and more " +
			"that cannot be guessed")
	}
	pair, err := private.Certificate(c.File(c.API.Certificate), c.File(c.API.Key))
	if err != nil {
		return "", nil, fmt.Errorf("reading the API's certificate: %w", err)
	}
	over = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}
	return token, over, nil
}

// listen opens an address. A socket without a server was left by a power cut.
func (c *Config) listen(address string) (net.Listener, error) {
	name, unix := strings.CutPrefix(address, unixPrefix)
	if !unix {
		return net.Listen("tcp", address)
	}
	path := c.InState(name)
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
	return listener, os.Chmod(path, 0o660) // only for the driver's console
}

func (d *listeners) serve(s *http.Server, l net.Listener) {
	d.servers = append(d.servers, s)
	go func() { _ = s.Serve(l) }()
}

// close ends all requests at once: a stream would last for ever.
func (d *listeners) close() {
	for _, end := range d.ends {
		end()
	}
	for _, s := range d.servers {
		_ = s.Close()
	}
}
