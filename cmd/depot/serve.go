package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"leima/cardlayout/plain"
	"leima/cmd/internal/depotmetrics"
	"leima/cmd/internal/program"
	"leima/cmd/internal/service"
	"leima/cmd/internal/settings"
	"leima/validator/depot"
	"leima/validator/depot/server"
	"leima/validator/listener"
)

type serveCommand struct {
	Folder folder `arg:"" help:"The depot's folder."`
}

func (c *serveCommand) run(ctx context.Context, s *stage) (err error) {
	ctx, stop := context.WithCancel(ctx)
	var open parts
	defer func() {
		stop()
		err = errors.Join(err, open.end())
	}()
	settled, err := c.Folder.read()
	if err != nil {
		return err
	}
	certificate, err := c.Folder.certificate()
	if err != nil {
		return err
	}
	log, logFile, err := settings.OpenLog("", s.stderr)
	if err != nil {
		return err
	}
	if logFile != nil {
		open.add(logFile.Close)
	}
	figures := depotmetrics.NewHeard(time.Now)
	store, err := c.Folder.openStore(ctx, &settled, log, figures.Lost)
	if err != nil {
		return err
	}
	open.add(store.Close)
	known := &register{path: c.Folder.file(registerFile), log: log}
	if _, err := readRegister(known.path); err != nil { // nobody would be let in
		return program.Usage(err)
	}
	receiving := server.Server{
		Receiver: &depot.Receiver{
			Store: figures.Into(store), Now: time.Now,
			Alarm: func(a depot.Alarm) { log.Error("alarm", "error", a) },
		},
		Register: known, Log: log,
	}
	ledger, ledgerEnds, err := c.Folder.settle(ctx, &settled, known, store, log)
	if err != nil {
		return err
	}
	open.add(ledgerEnds)
	heard, pageEnds, err := c.Folder.startPage(ctx, s, &settled, receiving.Receiver, ledger, known,
		certificate, log)
	if err != nil {
		return err
	}
	open.add(pageEnds)
	receiving.Heard = heard
	devices, listsEnd, err := c.Folder.serveLists(&settled.Shelf, known, receiving.Handler(), log)
	if err != nil {
		return err
	}
	open.add(quiet(listsEnd))
	figuresEnd, err := c.Folder.serveMetrics(&settled, depotmetrics.Source{
		Heard: figures, Receiver: receiving.Receiver, Devices: known.waited, Ledger: ledger,
	}, log)
	if err != nil {
		return err
	}
	open.add(quiet(figuresEnd))
	open.add(quiet(service.Watch(alive(store), log)))
	link := listener.NewLargeServer(devices, mostConnections)
	link.TLSConfig = server.TLS(certificate)
	link.ReadHeaderTimeout, link.ReadTimeout = 10*time.Second, 30*time.Second // links are slow
	link.IdleTimeout = 2 * time.Minute                                        // a device's is less
	local := listener.NewServer(localHandler(store, ledger, &settled))
	return listen(ctx, s, settled.Listen, c.Folder.file(socketFile), link, local)
}

// parts are the ends of what is open, in the order in which it was opened.
type parts []func() error

func (p *parts) add(end func() error) { *p = append(*p, end) }

// quiet is an end that does not fail.
func quiet(end func()) func() error {
	return func() error {
		end()
		return nil
	}
}

// end ends all, the last one first.
func (p *parts) end() (err error) {
	for _, end := range slices.Backward(*p) {
		err = errors.Join(err, end())
	}
	return err
}

// alive is what the service manager hears of a depot. Servers that are gone are no reason to begin
// anew: only a store that does not return is.
func alive(s depot.Store) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		last, err := s.Last(ctx)
		if err != nil {
			return "the store does not answer: " + plain.Line(err.Error(), 200), nil
		}
		return fmt.Sprintf("%d batches are kept", last), nil
	}
}

// mostConnections is how many devices, and strangers, are connected at once. Each uses a file: a
// program may raise its limit, which is 524288 as Debian's systemd starts it.
const mostConnections = 8192

// ending is how long requests that are under way may take when the depot ends.
const ending = 10 * time.Second

// reached is where devices find an address: by the certificate's name, if it is every address here.
func reached(at net.Addr, certificate *x509.Certificate) string {
	tcp, is := at.(*net.TCPAddr)
	if !is || !tcp.IP.IsUnspecified() {
		return at.String()
	}
	names := slices.Clone(certificate.DNSNames)
	for _, ip := range certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 { // it was not made by init
		return at.String()
	}
	return net.JoinHostPort(names[0], strconv.Itoa(tcp.Port))
}

// listen serves both until the context ends, or one fails.
func listen(ctx context.Context, s *stage, address, socket string, link, local *http.Server) error {
	outer, err := net.Listen("tcp", address)
	if err != nil {
		return unheard("listen", err)
	}
	_ = os.Remove(socket) // the store is ours, so nobody else serves there
	inner, err := net.Listen("unix", socket)
	if err != nil {
		return errors.Join(fmt.Errorf("%w: %w", errAddress, err), outer.Close())
	}
	failed := make(chan error, 2)
	go func() { failed <- link.ServeTLS(outer, "", "") }()
	go func() { failed <- local.Serve(inner) }()
	s.say("devices send to https://%s", reached(outer.Addr(), link.TLSConfig.Certificates[0].Leaf))
	service.Ready()
	context.AfterFunc(ctx, service.Stopping)
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), ending)
	defer cancel()
	var both sync.WaitGroup
	for _, one := range []*http.Server{link, local} {
		both.Go(func() {
			if one.Shutdown(last) != nil {
				_ = one.Close()
			}
		})
	}
	both.Wait()
	return err
}
