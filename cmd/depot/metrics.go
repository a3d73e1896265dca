package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"leima/cmd/internal/depotmetrics"
	"leima/cmd/internal/program"
	"leima/validator/listener"
)

// serveMetrics serves the depot's figures, if the configuration says where, until stop is called.
func (f folder) serveMetrics(c *config, source depotmetrics.Source, log *slog.Logger) (
	stop func(), err error,
) {
	if c.Metrics.Listen == "" {
		return func() {}, nil
	}
	source.Folder = string(f)
	source.Files = map[string]string{
		"store": f.file(storeFile), "heads": f.file(headsFile), "ledger": f.file(ledgerFile),
	}
	if on, err := f.shelf(&c.Shelf); err == nil {
		source.Manifest = on.Manifest
	}
	at, err := net.Listen("tcp", c.Metrics.Listen)
	if err != nil {
		return nil, unheard("metrics.listen", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", depotmetrics.New(source, program.Version()))
	server := listener.NewServer(listener.CheckHost(nil, mux))
	ctx, cancel := context.WithCancel(context.Background())
	var both sync.WaitGroup
	both.Go(func() { _ = server.Serve(at) })
	if c.NATS.Servers == "" { // there each look would read all of a device's messages
		both.Go(func() {
			err := source.Heard.LookBack(ctx, source.Receiver.Store, source.Devices())
			if err != nil && ctx.Err() == nil {
				log.Warn("when devices were heard is known since the start only", "error", err)
			}
		})
	}
	return func() {
		cancel()
		_ = server.Close()
		both.Wait()
	}, nil
}
