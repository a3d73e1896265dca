package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/hw/disk"
	"leima/validator/depot/embedded"
)

// A folder holds all that a depot has.
type folder string

// path is that of a file that the configuration names.
func (f folder) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return f.file(name)
}

func (f folder) file(name string) string { return filepath.Join(string(f), name) }

// The files of the folder.
const (
	configFile      = "depot.toml"
	certificateFile = "certificate.pem"
	keyFile         = "certificate.key"
	registerFile    = "devices.toml"
	storeFile       = "store"
	ledgerFile      = "ledger"
	headsFile       = "heads"      // what was acknowledged, if batches are not kept in the folder
	socketFile      = "depot.sock" // for the other commands while it runs
)

// A config is the depot's configuration.
type config struct {
	Listen string `toml:"listen"` // host:port where devices send to

	// NATS is where batches are kept, if they are not kept in the folder.
	NATS struct {
		Servers     string `toml:"servers"`     // nats://host:port,nats://host:port
		Stream      string `toml:"stream"`      // is made if there is none
		Replicas    int    `toml:"replicas"`    // of the stream: 1, 3 or 5
		Credentials string `toml:"credentials"` // file of the servers' operator; "": none
		Authority   string `toml:"authority"`   // file, PEM: of the servers' certificates
	} `toml:"nats"`

	Shelf shelfConfig `toml:"shelf"` // of the lists that devices fetch

	Metrics struct {
		Listen string `toml:"listen"` // host:port on this machine; "": none are served
	} `toml:"metrics"`

	Ledger struct {
		Office []string `toml:"office"` // files: the back office's private keys; none: no ledger
		Zone   string   `toml:"zone"`   // of its days

		// Keys is the issuer's key file, by which cards' signatures are verified, and Passphrase is
		// the file that opens it; "": they are not verified here. Verifier has them wait for a
		// program that has the keys.
		Keys       string `toml:"keys"`
		Passphrase string `toml:"passphrase"`
		Verifier   bool   `toml:"verifier"`
	} `toml:"ledger"`

	Page struct {
		Listen string `toml:"listen"` // host:port of the page; "": there is none
	} `toml:"page"`
}

const firstConfig = `# The depot's configuration.
listen = "0.0.0.0:8443" # where devices send to

[ledger]
office = []              # files with the back office's private keys; without: no ledger
zone = "Europe/Helsinki" # where its days begin

[page]
listen = "127.0.0.1:8444" # the page for a browser; beyond this machine with the certificate
`

// read reads the configuration.
func (f folder) read() (c config, err error) {
	if err := private.Own(string(f)); err != nil {
		return c, err
	}
	path := f.file(configFile)
	raw, err := text.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, program.Usage(fmt.Errorf("%s is no depot's folder: \"depot init\" makes one", f))
	} else if err != nil {
		return c, program.Usage(fmt.Errorf("reading the configuration: %w", err))
	}
	if err := settings.Decode(path, raw, &c); err != nil {
		return c, program.Usage(err)
	}
	_, _, err = net.SplitHostPort(c.Listen)
	_, _, paged := net.SplitHostPort(c.Page.Listen)
	switch n := &c.NATS; {
	case err != nil:
		err = fmt.Errorf("%s: listen is %q: want host:port", path, c.Listen)
	case c.Metrics.Listen != "" && !settings.Loopback(c.Metrics.Listen):
		err = fmt.Errorf("%s: metrics.listen is %q: want an address of this machine alone, such "+
			"as 127.0.0.1:9465: what is beyond asks by a proxy that knows who asks", path,
			c.Metrics.Listen)
	case c.Page.Listen != "" && paged != nil:
		err = fmt.Errorf("%s: page.listen is %q: want host:port", path, c.Page.Listen)
	case c.Ledger.Verifier && c.Ledger.Keys != "":
		err = fmt.Errorf("%s: ledger.keys and ledger.verifier: cards' signatures are verified "+
			"here or by another program, not by both", path)
	case (c.Ledger.Verifier || c.Ledger.Keys != "") && len(c.Ledger.Office) == 0:
		err = fmt.Errorf("%s: cards' signatures are verified for a ledger: name the back office's "+
			"private keys in ledger.office", path)
	case n.Servers == "":
	case n.Stream == "" || strings.ContainsAny(n.Stream, ".*> /\\"):
		err = fmt.Errorf("%s: nats.stream is %q: want a name without . * > and spaces", path,
			n.Stream)
	case n.Replicas != 1 && n.Replicas != 3 && n.Replicas != 5:
		err = fmt.Errorf("%s: nats.replicas is %d: want 3, or 1 or 5", path, n.Replicas)
	}
	return c, program.Usage(err)
}

// initCommand makes a depot.
type initCommand struct {
	Folder folder   `arg:"" help:"The depot's folder."`
	Name   []string `required:"" placeholder:"HOST" help:"Where devices reach it."`
}

func (c *initCommand) run(s *stage) error {
	if err := private.Own(string(c.Folder)); err != nil {
		return err
	}
	if _, err := os.Stat(c.Folder.file(configFile)); err == nil {
		return program.Usage(fmt.Errorf("%s is a depot's folder already", c.Folder))
	}
	isNone := func(name string) bool { return net.ParseIP(name) == nil && !host.MatchString(name) }
	if len(c.Name) == 0 || slices.ContainsFunc(c.Name, isNone) {
		return program.Usage(fmt.Errorf("--name %q: want a name such as depot.example or an "+
			"address such as 192.0.2.1, without https:// and port", strings.Join(c.Name, ",")))
	}
	if err := os.MkdirAll(string(c.Folder), 0o700); err != nil {
		return program.Usage(fmt.Errorf("making the folder: %w: name one in a folder that is "+
			"there, in which the user of this command may write", err))
	}
	if err := private.Close(string(c.Folder)); err != nil {
		return err
	}
	certificate, key, err := newCertificate(c.Name)
	if err != nil {
		return fmt.Errorf("making the certificate: %w", err)
	}
	store, err := embedded.Open(c.Folder.file(storeFile))
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		perm fs.FileMode
		text []byte
	}{
		{keyFile, 0o600, key},
		{certificateFile, 0o644, certificate},
		{configFile, 0o600, []byte(firstConfig)}, // last: with it the folder is a depot's
	} {
		err := disk.Sync.Replace(c.Folder.file(file.name), file.perm, disk.Bytes(file.text))
		if err != nil {
			return err
		}
	}
	s.say("%s is a depot's folder. Each device needs a copy of its %s, as depot.pem, and\nin its "+
		"configuration:\n\n[depot]\nurl = \"https://%s\"\ncertificate = \"depot.pem\"", c.Folder,
		certificateFile, net.JoinHostPort(c.Name[0], "8443"))
	return nil
}

// host is a name by which a host is found.
var host = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?` +
	`(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// newCertificate makes a certificate that signs itself, and its key: devices are given the
// certificate, and trust no other. Its dates say nothing, as a device's clock may be wrong.
func newCertificate(names []string) (certificate, secret []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: names[0]},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	raw, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	saved, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: saved}), err
}

// certificate is the one of the folder.
func (f folder) certificate() (tls.Certificate, error) {
	c, err := private.Certificate(f.file(certificateFile), f.file(keyFile))
	return c, program.Usage(err)
}
