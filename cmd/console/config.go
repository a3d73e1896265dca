package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/fare/words"
	"leima/hw/emu"
	"leima/validator/api"
	"leima/validator/desk"
	"leima/validator/sim"
)

// A config is what a device is told before it starts. Its paths are relative to the file it
// stands in.
type config struct {
	State        string            `toml:"state"`        // folder of journal and copies
	Device       uint16            `toml:"device"`       // its own number, 1 to 16383
	Area         uint8             `toml:"area"`         // whose prices and lists it uses
	Organisation uint16            `toml:"organisation"` // who sells loads, 1 to 16383
	Reader       string            `toml:"reader"`       // emulated or pcsc
	Pattern      string            `toml:"pattern"`      // which PC/SC reader; without it the first
	Keys         string            `toml:"keys"`         // key file, or test for the test keys
	Passphrase   string            `toml:"passphrase"`   // file that opens a sealed key file
	Language     string            `toml:"language"`     // of receipts: fi, sv or en
	Title        string            `toml:"title"`        // over receipts
	Drivers      string            `toml:"drivers"`      // register of those who may sign on
	Idle         settings.Duration `toml:"idle"`         // until the page is locked; 0: never
	Printer      string            `toml:"printer"`      // device or file that receipts go to
	Log          string            `toml:"log"`          // file; without it standard error

	Listen      string   `toml:"listen"`      // address of the page
	Names       []string `toml:"names"`       // further names that it is called by
	Certificate string   `toml:"certificate"` // with key: the page is served with TLS
	Key         string   `toml:"key"`

	Validator struct {
		Address string `toml:"address"` // unix:path or https://host:port
		Token   string `toml:"token"`   // file with the token of the bus
		CA      string `toml:"ca"`      // file with the certificates that are trusted
	} `toml:"validator"`

	Emulated struct {
		Cards string `toml:"cards"` // folder of the cards
		Rate  int    `toml:"rate"`  // kbit/s
	} `toml:"emulated"`

	path string
}

// The readers. The emulated one needs no hardware.
const (
	emulated = "emulated"
	cable    = "pcsc"
)

// testKeys names the keys that everybody has.
const testKeys = "test"

// Device and organisation have 14 bits on a card.
const most14 = 1<<14 - 1

// readConfig reads and checks a configuration. Its error names file and line.
func readConfig(path string) (*config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, program.Usage(fmt.Errorf("reading the configuration: %w", err))
	}
	c := &config{path: path, Reader: emulated, Language: string(words.Finnish),
		Idle: settings.Duration(10 * time.Minute), Listen: "127.0.0.1:8080"}
	c.Emulated.Rate = 848
	if err := settings.Decode(path, text, c); err != nil {
		return nil, program.Usage(err)
	}
	if err := c.check(); err != nil {
		return nil, program.Usage(fmt.Errorf("%s: %w", path, err))
	}
	return c, nil
}

// rates are the bit rates in kbit/s, in the order of emu.Rate.
var rates = []int{106, 212, 424, 848}

func (c *config) rate() emu.Rate { return emu.Rate(slices.Index(rates, c.Emulated.Rate)) }

func (c *config) check() error {
	_, _, listen := net.SplitHostPort(c.Listen)
	address := c.Validator.Address
	switch {
	case c.State == "":
		return errors.New("state is missing: want the folder of the journal")
	case c.Device < 1 || c.Device > most14:
		return fmt.Errorf("device is %d: want its own number, 1 to %d", c.Device, most14)
	case c.Area == 0:
		return errors.New("area is missing: want its code, for example 209 for Jyväskylä")
	case c.Organisation > most14:
		return fmt.Errorf("organisation is %d: want 0 to %d", c.Organisation, most14)
	case c.Reader != emulated && c.Reader != cable:
		return fmt.Errorf("reader is %q: want emulated or pcsc", c.Reader)
	case c.Keys == "" && c.Reader != emulated:
		return errors.New("keys is missing: want the key file, or test for cards of a bench")
	case !slices.Contains(words.All, words.Language(c.Language)):
		return fmt.Errorf("language is %q: want fi, sv or en", c.Language)
	case c.Drivers == "":
		return errors.New("drivers is missing: want the register, which driver add makes")
	case listen != nil:
		return fmt.Errorf("listen is %q: want an address such as 127.0.0.1:8080", c.Listen)
	case c.Certificate == "" && !loopback(c.Listen):
		return fmt.Errorf("listen is %q: beyond this machine the page needs certificate and key: "+
			"PINs do not travel in the clear", c.Listen)
	case (c.Certificate == "") != (c.Key == ""):
		return errors.New("certificate and key go together: want both, or neither")
	case !strings.HasPrefix(address, "unix:") && !strings.HasPrefix(address, "https://"):
		return fmt.Errorf("validator.address is %q: want unix:path or https://host:port", address)
	case strings.HasPrefix(address, "https://") && c.Validator.Token == "":
		return errors.New("validator.token is missing: want the file with the token of the bus")
	case c.Reader == emulated && c.Emulated.Cards == "":
		return errors.New("emulated.cards is missing: want the folder of the cards")
	case c.Reader == emulated && !slices.Contains(rates, c.Emulated.Rate):
		return fmt.Errorf("emulated.rate is %d: want one of %v", c.Emulated.Rate, rates)
	}
	return nil
}

// loopback tells an address that nobody beyond this machine reaches.
func loopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hosts are what a browser may call the console.
func (c *config) hosts() []string {
	host, _, _ := net.SplitHostPort(c.Listen) // checked
	hosts := []string{strings.ToLower(host)}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		hosts = append(hosts, "localhost")
	}
	for _, name := range c.Names {
		hosts = append(hosts, strings.ToLower(name))
	}
	return hosts
}

// client is the way to the validator.
func (c *config) client() (*api.Client, error) {
	address, token := c.Validator.Address, ""
	var trust *tls.Config
	if path, local := strings.CutPrefix(address, "unix:"); local {
		address = "unix:" + c.file(path)
	}
	if c.Validator.Token != "" {
		if err := private.Secret(c.file(c.Validator.Token)); err != nil {
			return nil, program.Usage(fmt.Errorf("the token of the bus: %w", err))
		}
		text, err := text.Read(c.file(c.Validator.Token))
		if err != nil {
			return nil, program.Usage(fmt.Errorf("reading the token of the bus: %w", err))
		}
		token = strings.TrimSpace(string(text))
	}
	if c.Validator.CA != "" {
		text, err := os.ReadFile(c.file(c.Validator.CA))
		if err != nil {
			return nil, program.Usage(fmt.Errorf("reading whom to trust: %w", err))
		}
		trust = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS13}
		if !trust.RootCAs.AppendCertsFromPEM(text) {
			return nil, program.Usage(fmt.Errorf("%s holds no certificate", c.Validator.CA))
		}
	}
	return api.NewClient(address, token, trust), nil
}

// keys are those of the key file, or the test keys; without the holder key: nobody aboard
// reads a name.
func (c *config) keys() (keys desk.Keys, err error) {
	keys = sim.TestKeys()
	if c.Keys != "" && c.Keys != testKeys {
		passphrase := c.Passphrase
		if passphrase != "" {
			passphrase = c.file(passphrase)
		}
		if keys, err = keyfile.Read(c.file(c.Keys), passphrase); err != nil {
			return keys, program.Usage(err)
		}
	}
	keys.Holder = nil
	return keys, nil
}

func (c *config) area() cardlayout.Area { return cardlayout.Area(c.Area) }

// file is a path of the configuration; state is one inside the state folder.
func (c *config) file(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.path), name)
}

func (c *config) state(name string) string { return filepath.Join(c.file(c.State), name) }
