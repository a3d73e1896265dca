package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"leima/validator/place"
)

const (
	keepAlive = 10                     // seconds
	retry     = 500 * time.Millisecond // the network is the bus's own
	patience  = 5 * time.Second        // for the broker's answer
	unsaid    = time.Minute            // so long the same is not logged again
	inFlight  = 64                     // messages that the broker sends unacknowledged
	atLeast   = 1                      // quality of service: at least once
	andWill   = 4                      // reason of a disconnection with the will (MQTT 5, 3.14.2.1)
)

// A Dialect is what is said on a bus.
type Dialect interface {
	Source() place.Source
	Topics() []string

	// Decode reads a message. A report of no source says nothing.
	Decode(topic string, payload []byte) (place.Report, error)

	// Requests are the topics on which others ask how the validator is.
	Requests() []string

	// Absent is what the broker says when the validator has gone.
	Absent() (topic string, payload []byte, retain bool)
}

// A Config is how a validator finds its broker, and what is said there.
type Config struct {
	Broker   *url.URL // mqtt://host:1883, mqtts://host:8883
	User     string   // "": none
	Password []byte
	TLS      *tls.Config // nil: the machine's certificates

	Device  string // the validator's number: it is the client leima-<device>
	Dialect Dialect
	Asked   func()               // takes a request, and does not wait; nil: nobody answers
	Elapsed func() time.Duration // since the machine's start, sleep included (CLOCK_BOOTTIME)
	Log     *slog.Logger
}

// A Client is a validator's connection with a broker.
type Client struct {
	Config
	topics   []string
	requests []string // of the topics
	in, out  *mailbox
	hears    atomic.Bool // the broker has taken the topics

	mu     sync.Mutex
	states map[string]message       // what was published to be kept
	said   map[string]time.Duration // what was logged, and when
}

// New is a client that does not connect yet.
func New(c Config) *Client {
	requests := c.Dialect.Requests()
	return &Client{
		Config: c, topics: append(c.Dialect.Topics(), requests...), requests: requests,
		in: newMailbox(), out: newMailbox(),
		states: map[string]message{}, said: map[string]time.Duration{},
	}
}

// Listen connects, and hears until the context ends. hear gets what is said of the place, lost that
// the connection has ended; both are called from here alone.
func (c *Client) Listen(
	ctx context.Context, hear func(place.Report), lost func(place.Source),
) error {
	if c.Broker.Scheme != "mqtt" && c.Broker.Scheme != "mqtts" || c.Broker.User != nil {
		return fmt.Errorf("MQTT broker %s: want mqtt://host or mqtts://host, with no password",
			c.Broker.Redacted())
	}
	connection, err := autopaho.NewConnection(ctx, c.config(ctx))
	if err != nil {
		return fmt.Errorf("MQTT broker: %w", err)
	}
	go c.send(ctx, connection)
	for {
		m, is := c.in.take(ctx)
		switch {
		case !is:
			<-connection.Done()
			return ctx.Err()
		case m.topic == "":
			lost(c.Dialect.Source())
		default:
			c.decode(m, hear)
		}
	}
}

// Publish says something, and never waits. What is to be kept is a state, which is said again with
// each new connection; anything else is said now or never.
func (c *Client) Publish(topic string, payload []byte, retain bool) {
	m := message{topic: topic, payload: payload, retain: retain}
	if retain {
		c.mu.Lock()
		c.states[topic] = m
		c.mu.Unlock()
	}
	c.out.put(m)
}

func (c *Client) config(ctx context.Context) autopaho.ClientConfig {
	topic, payload, retain := c.Dialect.Absent()
	return autopaho.ClientConfig{
		ServerUrls:       []*url.URL{c.Broker},
		KeepAlive:        keepAlive,
		ConnectTimeout:   patience,
		ReconnectBackoff: func(int) time.Duration { return retry },
		ConnectUsername:  c.User,
		ConnectPassword:  c.Password,
		WillMessage: &paho.WillMessage{
			Topic: topic, Payload: payload, Retain: retain, QoS: atLeast,
		},
		AttemptConnection: c.dial,
		ConnectPacketBuilder: func(p *paho.Connect, _ *url.URL) (*paho.Connect, error) {
			most, flight := uint32(largest), uint16(inFlight)
			p.CleanStart = true
			p.Properties = &paho.ConnectProperties{
				MaximumPacketSize: &most, ReceiveMaximum: &flight,
			}
			return p, nil
		},
		DisconnectPacketBuilder: func() *paho.Disconnect {
			return &paho.Disconnect{ReasonCode: andWill}
		},
		OnConnectionUp: func(m *autopaho.ConnectionManager, _ *paho.Connack) {
			go c.begin(ctx, m)
		},
		OnConnectionDown: func() bool {
			c.hears.Store(false)
			c.in.put(message{})
			return true
		},
		OnConnectError: func(err error) { c.log("the MQTT broker is not to be reached", "", err) },
		ClientConfig: paho.ClientConfig{
			ClientID:          "leima-" + c.Device,
			PacketTimeout:     patience,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){c.receive},
		},
	}
}

// begin subscribes, until the broker has answered or the connection has ended, and says the states
// again. A broker may refuse some of the topics.
func (c *Client) begin(ctx context.Context, connection *autopaho.ConnectionManager) {
	var all []paho.SubscribeOptions
	for _, topic := range c.topics {
		all = append(all, paho.SubscribeOptions{Topic: topic, QoS: atLeast})
	}
	for answered := false; !answered; {
		answer, err := connection.Subscribe(ctx, &paho.Subscribe{Subscriptions: all})
		if ctx.Err() != nil || errors.Is(err, autopaho.ConnectionDownError) {
			return
		}
		if err != nil {
			c.log("the MQTT broker refuses to say where the bus is", "", err)
		}
		answered = answer != nil
	}
	c.hears.Store(true)
	c.mu.Lock()
	for _, m := range c.states {
		c.out.put(m)
	}
	c.mu.Unlock()
	c.log("the MQTT broker is connected", "", nil)
}

// receive takes a message from the broker.
func (c *Client) receive(r paho.PublishReceived) (bool, error) {
	switch p := r.Packet; {
	case slices.Contains(c.requests, p.Topic):
		if !p.Retain && c.Asked != nil {
			c.Asked()
		}
	case slices.Contains(c.topics, p.Topic):
		c.in.put(message{topic: p.Topic, payload: p.Payload, retain: p.Retain, at: c.Elapsed()})
	}
	return true, nil
}

func (c *Client) decode(m message, hear func(place.Report)) {
	report, err := c.Dialect.Decode(m.topic, m.payload)
	if err != nil {
		c.log("what the bus's network says is of no use", m.topic, err)
		return
	}
	if report.Source == place.NoSource {
		return
	}
	report.Heard, report.Kept = m.at, m.retain
	hear(report)
}

// send publishes what waits, as long as the context holds. Who hears the validator can count on
// being heard: before that nothing is said.
func (c *Client) send(ctx context.Context, connection *autopaho.ConnectionManager) {
	for {
		m, is := c.out.take(ctx)
		switch {
		case !is:
			return
		case !c.hears.Load():
			continue
		}
		_, err := connection.Publish(ctx, &paho.Publish{
			Topic: m.topic, Payload: m.payload, Retain: m.retain, QoS: atLeast,
		})
		if err != nil && !errors.Is(err, autopaho.ConnectionDownError) {
			c.log("the MQTT broker does not take a message", m.topic, err)
		}
	}
}

// log says something of a topic, or of the connection, at most once in unsaid.
func (c *Client) log(text, topic string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Elapsed()
	if last, said := c.said[text+topic]; said && now-last < unsaid {
		return
	}
	c.said[text+topic] = now
	if err == nil {
		c.Log.Info(text, "broker", c.Broker.String())
	} else {
		c.Log.Warn(text, "broker", c.Broker.String(), "error", err)
	}
}
