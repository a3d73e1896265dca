package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"

	"github.com/nats-io/nats.go"

	"leima/cardlayout/plain"
	"leima/cmd/internal/program"
	"leima/validator/depot"
	"leima/validator/depot/embedded"
	"leima/validator/depot/jetstream"
)

// A store is closed in the end.
type store interface {
	depot.Store
	io.Closer
	follower
}

// A follower has a store's cursors go on after one that it has given.
type follower interface {
	Beyond(ctx context.Context, cursor uint64) error
}

// openStore opens the store that the configuration names. lost is called when the store does not
// have any more what was acknowledged.
func (f folder) openStore(ctx context.Context, c *config, log *slog.Logger, lost func()) (
	store, error,
) {
	if c.NATS.Servers == "" {
		return embedded.Open(f.file(storeFile))
	}
	var with []nats.Option
	if c.NATS.Credentials != "" {
		with = append(with, nats.UserCredentials(f.path(c.NATS.Credentials)))
	}
	if c.NATS.Authority != "" {
		with = append(with, nats.RootCAs(f.path(c.NATS.Authority)))
	}
	kept, err := jetstream.Open(ctx, jetstream.Options{
		Servers: c.NATS.Servers, Stream: c.NATS.Stream, Replicas: c.NATS.Replicas,
		Heads: f.file(headsFile), Nats: with,
		Alarm: func(device uint16, after, upTo uint64) {
			log.Error("alarm: what was acknowledged is gone, and its device is asked again",
				"device", device, "after", after, "up_to", upTo)
			lost()
		},
		Stranger: func(subject string, message uint64) {
			log.Error("alarm: somebody else publishes into the stream, and no journal: it is "+
				"passed over, and said once: have NATS let nobody publish there but the depots",
				"subject", plain.Line(subject, 60), "message", message)
		},
	})
	if errors.Is(err, jetstream.ErrUnfit) || errors.Is(err, fs.ErrNotExist) {
		err = program.Usage(err) // it does not mend itself
	}
	return kept, err
}
