package device

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"leima/cmd/internal/program"
	"leima/cmd/internal/text"
	"leima/validator/api"
	"leima/validator/journal"
	"leima/validator/upload"
)

// A Depot is where a device's journal is sent. Without an address it stays where it is.
type Depot struct {
	URL         string `toml:"url"`         // https://host:port
	Certificate string `toml:"certificate"` // file, PEM: the depot's, or that of who has signed it
}

// A Link is how a device asks its depot.
type Link struct {
	URL   string // without a path
	HTTP  *http.Client
	Again <-chan struct{} // the depot is reached again
}

// check checks the address; the certificate is read when the device is opened.
func (d *Depot) check() error {
	at, err := url.Parse(d.URL)
	switch {
	case *d == Depot{}:
		return nil
	case err != nil, at.Scheme != "https", at.Host == "", at.Path != "", at.RawQuery != "",
		at.User != nil:
		return fmt.Errorf("depot.url is %q: want https://host:port of the depot", d.URL)
	case d.Certificate == "":
		return errors.New("depot.certificate is missing: want the file that \"depot init\" has " +
			"made, or that of the authority that has signed the depot's")
	}
	return nil
}

// send begins to send the journal to the depot, if there is one. No tap depends on it.
func (d *Device) send(f *Folder) error {
	if f.Depot.URL == "" {
		return nil
	}
	key, err := journal.DeviceKey(f.file(KeyFile))
	if err != nil {
		return err
	}
	certificate, err := text.Read(f.Depot.Certificate)
	if err != nil {
		return program.Usage(fmt.Errorf("depot.certificate: %w", err))
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(certificate) {
		return program.Usage(fmt.Errorf("depot.certificate: %s holds no certificate in PEM",
			f.Depot.Certificate))
	}
	link, err := upload.NewHTTP(f.Number, key, authorities)
	if err != nil {
		return err
	}
	again := make(chan struct{}, 1)
	d.Link = &Link{strings.TrimSuffix(f.Depot.URL, "/"), link, again}
	client := upload.Client{
		Device: f.Number, URL: d.Link.URL, HTTP: link,
		Journal: d.Journal, Log: d.Log, Now: time.Now, Failed: d.uploadFails,
		Sent: func(at time.Time) {
			if d.upload.Swap(&api.Upload{Last: at}).Trouble != "" {
				select {
				case again <- struct{}{}:
				default:
				}
			}
		},
	}
	d.upload.Store(&api.Upload{})
	ctx, stop := context.WithCancel(context.Background())
	var sending sync.WaitGroup
	sending.Go(func() { client.Run(ctx) })
	d.stopUpload = func() {
		stop()
		sending.Wait()
	}
	return nil
}

// uploadFails notes why nothing is acknowledged now.
func (d *Device) uploadFails(err error) {
	now := *d.upload.Load()
	now.Trouble = err.Error()
	d.upload.Store(&now)
}

// Upload is how the sending of the journal goes; nil if it is sent to no depot.
func (d *Device) Upload() *api.Upload { return d.upload.Load() }
