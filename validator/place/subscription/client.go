package subscription

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"leima/validator/place"
)

// A Client hears the services of one kind.
type Client struct {
	Source  place.Source
	Find    func(context.Context) ([]Offer, error) // those that are there, the best first
	Elapsed func() time.Duration                   // since the machine's start, sleep included
	Log     *slog.Logger

	Renew time.Duration // the subscription; 0: a minute
	Poll  time.Duration // what cannot be subscribed to; 0: 5 seconds

	port uint16 // of the replies, kept so that a service knows its subscriber again
}

// An Offer is a service that may be heard.
type Offer struct {
	Name string      // the same wherever the service is
	Base string      // the address of its operations, with a slash at the end
	Talk func() Talk // begins to hear it
}

// A Talk is how a service is spoken with, and what it has said so far. It is for one goroutine.
type Talk interface {
	// Ask is what is to be asked: what can be subscribed to, or what cannot.
	Ask(subscribed bool) []Request

	// Subscribe is how to subscribe: the service is to send to an address and a path.
	Subscribe(operation string, to netip.AddrPort, path string) Request
	Unsubscribe(operation string, to netip.AddrPort, path string) Request
	Operations() []string // that can be subscribed to

	// Subscribed reads the answer: the service sends at least every heartbeat; 0: it does not say.
	Subscribed(answer []byte) (heartbeat time.Duration, err error)

	// Hear reads what the service says. With ErrStranger it is not heard any more.
	Hear(text []byte) (Heard, error)
}

// A Request is one to a service: a GET, or a POST if there is a body.
type Request struct {
	Path string // below its base
	Body []byte
}

// Heard is what a service has said at once.
type Heard struct {
	Report place.Report // when it was heard is not the talk's to say
	Kind   string       // of what the service says, each with times of its own
	Time   time.Time    // by the service's clock; zero: it does not say
	More   bool         // there is more to be asked for now
}

// ErrStranger: a service is not this bus's.
var ErrStranger = errors.New("the service is another bus's")

// errNone: no service is there.
var errNone = errors.New("no service of the bus's computer is there")

// Listen hears until ctx ends. A service that is lost is looked for again.
func (c *Client) Listen(ctx context.Context, hear func(place.Report),
	lost func(place.Source),
) error {
	for said := ""; ctx.Err() == nil; {
		err := c.once(ctx, func(r place.Report) {
			if said != "" {
				c.Log.Info("the bus's computer is heard again", "source", c.Source.String())
			}
			said = ""
			hear(r)
		})
		if ctx.Err() != nil {
			break
		}
		if text := fmt.Sprint(err); text != said {
			c.Log.Warn("the bus's computer is not heard, and is looked for again",
				"source", c.Source.String(), "error", err)
			said = text
		}
		lost(c.Source)
		select {
		case <-time.After(c.poll()):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

func (c *Client) poll() time.Duration  { return orElse(c.Poll, 5*time.Second) }
func (c *Client) renew() time.Duration { return orElse(c.Renew, time.Minute) }

func orElse(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// once hears the first service that answers, until it does not any more.
func (c *Client) once(ctx context.Context, hear func(place.Report)) error {
	offers, err := c.Find(ctx)
	if err != nil {
		return err
	}
	failed := []error{errNone}
	for _, offer := range offers {
		s, err := c.open(ctx, offer, hear)
		if err == nil {
			defer s.close()
			return s.run(ctx)
		}
		failed = append(failed[:len(failed):len(failed)], fmt.Errorf("%s: %w", offer.Base, err))
	}
	return errors.Join(failed...)
}

// still reports whether a service is where it was. One that is not found now may only not have been
// heard.
func (c *Client) still(ctx context.Context, offer Offer) bool {
	offers, _ := c.Find(ctx)
	n := slices.IndexFunc(offers, func(o Offer) bool { return o.Name == offer.Name })
	return n < 0 || offers[n].Base == offer.Base
}
