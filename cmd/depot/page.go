package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"leima/cmd/internal/persons"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/hw/disk"
	"leima/validator/depot"
	"leima/validator/depot/page"
	"leima/validator/depot/settlement"
	"leima/validator/signon"
)

// The files of the page, beside its book and its wrong PINs.
const (
	personsFile = "persons.toml"
	pepperFile  = "page.pepper"
)

// persons is the register of those who may sign on at the page.
func (f folder) persons() *persons.File {
	return &persons.File{
		Path: f.file(personsFile), Table: "person", Roles: page.Roles,
		Command: "depot person add",
	}
}

// pepper is the secret with which PINs are hashed. It is made if there is none.
func (f folder) pepper() (signon.Pepper, error) {
	path := f.file(pepperFile)
	raw, err := os.ReadFile(path)
	_, none := os.Stat(f.file(personsFile))
	if errors.Is(err, fs.ErrNotExist) && errors.Is(none, fs.ErrNotExist) {
		pepper := make(signon.Pepper, pepperSize)
		_, _ = rand.Read(pepper) // it never fails
		return pepper, disk.Sync.Replace(path, 0o600, disk.Bytes(hex.AppendEncode(nil, pepper)))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is gone, with which the PINs were hashed: put back a copy of "+
			"it; without one, move %s away and give each person a new PIN", path, personsFile)
	}
	if err = errors.Join(err, private.Secret(path)); err != nil {
		return nil, fmt.Errorf("the pepper of the page's PINs: %w", err)
	}
	pepper, err := hex.DecodeString(string(raw))
	if err != nil || len(pepper) != pepperSize {
		return nil, fmt.Errorf("%s is not as it was written: put back a copy of it; without one, "+
			"move it away and give each person a new PIN", path)
	}
	return pepper, nil
}

const pepperSize = 32

type personAdd struct {
	Folder  folder `arg:"" help:"The depot's folder."`
	Number  uint32 `required:"" placeholder:"N" help:"The person's number."`
	Role    string `required:"" placeholder:"ROLE" help:"${enum}." enum:"operator,service,finance"`
	PINFile string `placeholder:"FILE" help:"With the PIN; else it is asked for." name:"pin-file"`
}

func (c *personAdd) run(ctx context.Context, s *stage) error {
	if _, err := c.Folder.read(); err != nil {
		return err
	}
	pin, err := persons.PIN(ctx, c.PINFile, os.Stdin, s.stdout)
	if err != nil {
		return program.Usage(err)
	}
	pepper, err := c.Folder.pepper()
	if err != nil {
		return program.Usage(err)
	}
	err = c.Folder.persons().Add(c.Number, signon.Role(c.Role), pin, pepper, rand.Reader)
	if err == nil {
		s.say("%s %d may sign on at the page", c.Role, c.Number)
	}
	return err
}

type personRemove struct {
	Folder folder `arg:"" help:"The depot's folder."`
	Number uint32 `required:"" placeholder:"N" help:"The person's number."`
}

func (c *personRemove) run(s *stage) error {
	if _, err := c.Folder.read(); err != nil {
		return err
	}
	err := c.Folder.persons().Remove(c.Number)
	if err == nil {
		s.say("%d may sign on no more", c.Number)
	}
	return err
}

type personList struct {
	Folder folder `arg:"" help:"The depot's folder."`
	JSON   bool   `name:"json" help:"Write JSON."`
}

// A listedPerson is a person as JSON.
type listedPerson struct {
	Number uint32      `json:"number"`
	Role   signon.Role `json:"role"`
}

func (c *personList) run(s *stage) error {
	if _, err := c.Folder.read(); err != nil {
		return err
	}
	pepper, err := c.Folder.pepper()
	if err != nil {
		return program.Usage(err)
	}
	all, err := c.Folder.registered(pepper)
	if err != nil {
		return program.Usage(err)
	}
	slices.SortFunc(all, func(a, b signon.Person) int { return cmp.Compare(a.Number, b.Number) })
	answer := []listedPerson{}
	for n := range all {
		answer = append(answer, listedPerson{all[n].Number, all[n].Role})
		if !c.JSON {
			s.say("%5d  %s", all[n].Number, all[n].Role)
		}
	}
	if c.JSON {
		return s.json(answer)
	}
	return nil
}

// registered are those who may sign on; nobody was added yet if there is no register.
func (f folder) registered(pepper signon.Pepper) ([]signon.Person, error) {
	all, err := f.persons().Read(pepper)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return all, err
}

// openPage opens the page; nil if the configuration has none.
func (f folder) openPage(c *config, receiver *depot.Receiver, l *settlement.Ledger,
	known *register, certificate tls.Certificate, log *slog.Logger,
) (*page.Page, error) {
	if c.Page.Listen == "" {
		return nil, nil
	}
	pepper, err := f.pepper()
	if err != nil {
		return nil, program.Usage(err)
	}
	if _, err := f.registered(pepper); err != nil {
		log.Error("nobody can sign on at the page", "error", err)
	}
	zone, err := time.LoadLocation(c.Ledger.Zone)
	if err != nil {
		return nil, program.Usage(fmt.Errorf("ledger.zone: %w", err))
	}
	p := &page.Page{
		Receiver: receiver, Ledger: l, Devices: known.waited, Known: known.all, Pepper: pepper,
		Persons: func() ([]signon.Person, error) { return f.registered(pepper) },
		Folder:  string(f), Names: certificate.Leaf.DNSNames,
		Secure: !settings.Loopback(c.Page.Listen), Zone: zone, Now: time.Now, Log: log,
	}
	return p, p.Open()
}

// startPage serves the page, if there is one, until the context ends, which end waits for. heard is
// told what devices have sent.
func (f folder) startPage(ctx context.Context, s *stage, c *config, receiver *depot.Receiver,
	l *settlement.Ledger, known *register, certificate tls.Certificate, log *slog.Logger,
) (heard func(device uint16, all bool, waiting uint64), end func() error, err error) {
	none := func() error { return nil }
	p, err := f.openPage(c, receiver, l, known, certificate, log)
	if err != nil { // journals are received all the same
		log.Error("the page is not served", "error", err)
	}
	if p == nil || err != nil {
		return nil, none, nil
	}
	outer, err := net.Listen("tcp", c.Page.Listen)
	if err != nil {
		return nil, nil, errors.Join(unheard("page.listen", err), p.Close())
	}
	scheme := "http"
	if p.Secure { // PINs do not travel in the clear
		scheme = "https"
		outer = tls.NewListener(outer, &tls.Config{
			Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13,
		})
	}
	server, ended := p.NewServer(), make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(outer); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the page is not served any more", "error", err)
		}
	}()
	s.say("the page is at %s://%s", scheme, reached(outer.Addr(), certificate.Leaf))
	return p.Heard, func() error {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), ending)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
		<-ended
		return p.Close()
	}, nil
}
