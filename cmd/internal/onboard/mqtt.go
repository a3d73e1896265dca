package onboard

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"leima/cmd/internal/private"
	"leima/cmd/internal/text"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/messages"
	"leima/validator/place"
	"leima/validator/place/mqtt"
)

// A busNetwork is the broker on the bus: what its computer says there is heard, and others hear how
// the validator is and what taps come to. No card's number is said: anybody on the bus may listen.
type busNetwork struct {
	*mqtt.Client
	speaker
	language messages.Language
	local    *api.Local
	asked    atomic.Bool // others ask how the validator is
}

// A speaker says things to others on the bus, in the words of its dialect. What it has no words for
// it does not say. tapped and doubt are called in the validator's turn, condition outside of it.
type speaker interface {
	mqtt.Dialect
	condition(say publish, now condition, asked bool) // says it if it is news, or if others ask
	tapped(say publish, o *validator.Outcome)
	doubt(say publish, title, why string)
}

// publish says a message, and does not wait.
type publish func(topic string, payload []byte, retain bool)

// A condition is how the validator is, as far as others on the bus may know.
type condition struct {
	now    time.Time
	ready  bool   // it takes cards
	cause  string // why it does not
	queue  int    // entries of the journal, unacknowledged
	driver bool   // somebody has a shift
	stop   string // by the bus's computer
}

// dialects are the words that a bus's computer may have, by their names in the configuration.
var dialects = map[string]func(*Config, *api.Local) speaker{
	"": (*Config).bob, "bob": (*Config).bob, "ruter": (*Config).ruter, "fram": (*Config).fram,
}

// network is the broker of the configuration; nil: none.
func (c *Config) network(local *api.Local, elapsed func() time.Duration, log *slog.Logger) (
	*busNetwork, error,
) {
	if c.Sources.MQTT == "" {
		return nil, nil
	}
	broker, err := url.Parse(c.Sources.MQTT)
	if err != nil {
		return nil, fmt.Errorf("place.mqtt is %q: want for example mqtt://localhost:1883",
			c.Sources.MQTT)
	}
	user, password, err := c.credentials()
	if err != nil {
		return nil, err
	}
	n := &busNetwork{
		speaker:  dialects[c.Sources.Dialect](c, local),
		language: messages.Language(c.Language), local: local,
	}
	n.Client = mqtt.New(mqtt.Config{
		Broker: broker, User: user, Password: []byte(password), Device: c.number(),
		Dialect: n.speaker, Elapsed: elapsed, Log: log,
		Asked: func() { n.asked.Store(true) },
	})
	return n, nil
}

// number is the device's, as others on the bus have it.
func (c *Config) number() string { return strconv.Itoa(int(c.Device)) }

// credentials are those for the broker, if it wants any.
func (c *Config) credentials() (user, password string, err error) {
	if c.Sources.Credentials == "" {
		return "", "", nil
	}
	path := c.File(c.Sources.Credentials)
	if err := private.Secret(path); err != nil {
		return "", "", fmt.Errorf("place.credentials: %w", err)
	}
	kept, err := text.Read(path)
	if err != nil {
		return "", "", fmt.Errorf("place.credentials: %w", err)
	}
	user, password, _ = strings.Cut(strings.TrimSpace(string(kept)), "\n")
	return strings.TrimSpace(user), strings.TrimSpace(password), nil
}

// Listen implements Listener. Beside it the validator's condition is said, whenever it has changed
// or others ask, within a second.
func (n *busNetwork) Listen(ctx context.Context, hear func(place.Report),
	lost func(place.Source),
) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go n.sayCondition(ctx)
	return n.Client.Listen(ctx, hear, lost)
}

func (n *busNetwork) sayCondition(ctx context.Context) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for n.asked.Store(true); ; {
		n.condition(n.Publish, n.now(ctx), n.asked.Swap(false))
		select {
		case <-ctx.Done():
			return
		case <-second.C:
		}
	}
}

// now is how the validator is.
func (n *busNetwork) now(ctx context.Context) condition {
	state, err := n.local.State(ctx)
	extent := n.local.Journal.Extent()
	c := condition{
		now:   state.Now,
		ready: err == nil && state.Healthy, queue: int(extent.Last - extent.Acknowledged),
		driver: state.Shift != nil,
	}
	if state.Cause != nil {
		c.cause = state.Cause.In(n.language)
	}
	if l := state.Located; l != nil && l.Source == n.Source().String() {
		c.stop = state.Place.Stop
	}
	return c
}

// said says what a tap has come to.
func (n *busNetwork) said(o *validator.Outcome) { n.tapped(n.Publish, o) }

// notify says to the driver's display why it is not sure where the bus is.
func (n *busNetwork) notify(l *api.Located) {
	why := n.language.Text("doubt."+l.Doubt, l.Minutes)
	n.doubt(n.Publish, n.language.Text("place.title"), n.language.Text("doubt", why, l.Question))
}
