package terminal

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/device"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/hw/token"
	"leima/validator/api"
	"leima/validator/signon"
)

// A Config is the configuration of a console.
type Config struct {
	device.Config

	Title   string            `toml:"title"`   // over receipts
	Pepper  string            `toml:"pepper"`  // key file with it; else keys
	Drivers string            `toml:"drivers"` // register of drivers
	Idle    settings.Duration `toml:"idle"`    // until the page is locked; 0: never
	Printer string            `toml:"printer"` // device or file that receipts go to

	Listen      string   `toml:"listen"`      // address of the page
	Names       []string `toml:"names"`       // further names under which it is served
	MADT        string   `toml:"madt"`        // URL of ITxPT's terminal that shows the page
	Certificate string   `toml:"certificate"` // with key: the page is served with TLS
	Key         string   `toml:"key"`

	Validator struct {
		Address string `toml:"address"` // unix:path or https://host:port
		Token   string `toml:"token"`   // file with the token of the bus
		CA      string `toml:"ca"`      // file with the trusted certificates
	} `toml:"validator"`
}

// Read reads and checks a configuration. whole is the value that contains c and into which the file
// is decoded. An error names file and line.
func (c *Config) Read(path string, whole any) error {
	c.Idle, c.Listen = settings.Duration(10*time.Minute), "127.0.0.1:8080"
	err := c.Config.Read(path, whole)
	if err == nil {
		if err = c.check(); err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}
	return program.Usage(err)
}

func (c *Config) check() error {
	_, _, listen := net.SplitHostPort(c.Listen)
	terminal, tab := url.Parse(c.MADT)
	address := c.Validator.Address
	switch {
	case c.Check() != nil:
		return c.Check()
	case c.Drivers == "":
		return errors.New("drivers is missing: want the register, which driver add makes")
	case listen != nil:
		return fmt.Errorf("listen is %q: want an address such as 127.0.0.1:8080", c.Listen)
	case c.Certificate == "" && !settings.Loopback(c.Listen):
		return fmt.Errorf("listen is %q: beyond this machine the page needs certificate and key: "+
			"PINs do not travel in the clear", c.Listen)
	case (c.Certificate == "") != (c.Key == ""):
		return errors.New("certificate and key go together: want both, or neither")
	case c.MADT != "" && (tab != nil || terminal.Scheme != "http" || terminal.Host == ""):
		return fmt.Errorf("madt is %q: want the terminal's URL, http://host:port/path", c.MADT)
	case !strings.HasPrefix(address, "unix:") && !strings.HasPrefix(address, "https://"):
		return fmt.Errorf("validator.address is %q: want unix:path or https://host:port", address)
	case strings.HasPrefix(address, "https://") && c.Validator.Token == "":
		return errors.New("validator.token is missing: want the file with the token of the bus")
	}
	return nil
}

// hosts are the names under which a browser may use the console.
func (c *Config) hosts() []string {
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

// client is the client of the validator.
func (c *Config) client() (*api.Client, error) {
	address, token := c.Validator.Address, ""
	var trust *tls.Config
	if path, local := strings.CutPrefix(address, "unix:"); local {
		address = "unix:" + c.File(path)
	}
	if c.Validator.Token != "" {
		if err := private.Secret(c.File(c.Validator.Token)); err != nil {
			return nil, program.Usage(fmt.Errorf("the token of the bus: %w", err))
		}
		text, err := text.Read(c.File(c.Validator.Token))
		if err != nil {
			return nil, program.Usage(fmt.Errorf("reading the token of the bus: %w", err))
		}
		token = strings.TrimSpace(string(text))
	}
	if c.Validator.CA != "" {
		text, err := text.Read(c.File(c.Validator.CA))
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

// pepper is the pepper of the PINs in the register.
func (c *Config) pepper() (signon.Pepper, error) {
	keys, passphrase := cmp.Or(c.Pepper, c.Keys), c.Passphrase
	if !keyring.IsTestKeys(keys) && !strings.HasPrefix(keys, token.Scheme) {
		keys = c.File(keys)
	}
	if passphrase != "" {
		passphrase = c.File(passphrase)
	}
	pepper, err := pepperOf(keys, passphrase)
	return pepper, program.Usage(err)
}

func (c *Config) area() cardlayout.Area { return cardlayout.Area(c.Area) }
