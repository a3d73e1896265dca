package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"leima/validator/place"
	"leima/validator/place/drive"
)

// mqttPlayer is a bus's computer that speaks over a broker. What it says while the broker is gone
// is lost.
type mqttPlayer struct {
	broker  *autopaho.ConnectionManager
	command *driveCommand
	trip    place.Trip
	words   words
}

// words are the messages of a dialect at a moment of a trip after another.
type words func(t place.Trip, m, last drive.Moment, now time.Time) []drive.Message

// refused is the first reason code of what a broker does not take (MQTT 5.0, 2.4).
const refused = 0x80

// near is how long a broker may take that is on the bus.
const near = 5 * time.Second

// overMQTT makes a player of a dialect.
func overMQTT(w words) func(context.Context, *bench, *driveCommand, place.Trip) (player, error) {
	return func(ctx context.Context, _ *bench, c *driveCommand, trip place.Trip) (player, error) {
		broker, err := c.connect(ctx)
		if err != nil {
			return nil, fmt.Errorf("the MQTT broker %s: %w", c.Broker.Redacted(), err)
		}
		return &mqttPlayer{broker, c, trip, w}, nil
	}
}

func (p *mqttPlayer) say(ctx context.Context, m, last drive.Moment) error {
	ctx, cancel := context.WithTimeout(ctx, near)
	defer cancel()
	for _, said := range p.words(p.trip, m, last, time.Now()) {
		answer, err := p.broker.Publish(ctx, &paho.Publish{
			Topic: said.Topic, Payload: said.Payload, Retain: said.Keep || p.command.Retain, QoS: 1,
		})
		if answer != nil && answer.ReasonCode >= refused {
			return fmt.Errorf("the MQTT broker %s refuses %s: %w", p.command.Broker.Redacted(),
				said.Topic, err)
		}
	}
	return nil
}

func (p *mqttPlayer) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), near)
	defer cancel()
	_ = p.broker.Disconnect(ctx)
	return nil
}

// connect connects with the broker, and with it again when it has gone.
func (c *driveCommand) connect(ctx context.Context) (*autopaho.ConnectionManager, error) {
	broker := *c.Broker
	if broker.Port() == "" {
		broker.Host = net.JoinHostPort(broker.Hostname(), "1883")
	}
	failed := make(chan error, 1)
	connection, err := autopaho.NewConnection(ctx, autopaho.ClientConfig{
		ServerUrls: []*url.URL{&broker}, KeepAlive: 10, CleanStartOnInitialConnection: true,
		ConnectTimeout:   near,
		ReconnectBackoff: autopaho.NewConstantBackoff(time.Second / 2),
		AttemptConnection: func(ctx context.Context, _ autopaho.ClientConfig, to *url.URL) (
			net.Conn, error,
		) {
			conn, err := (&net.Dialer{Timeout: near}).DialContext(ctx, "tcp", to.Host)
			if err != nil {
				return nil, err
			}
			return packets.NewThreadSafeConn(conn), nil
		},
		OnConnectError: func(err error) {
			select {
			case failed <- err:
			default: // it is tried again
			}
		},
	})
	if err != nil {
		return nil, err
	}
	up := make(chan error, 1)
	go func() { up <- connection.AwaitConnection(ctx) }()
	select {
	case err = <-failed:
		_ = connection.Disconnect(ctx)
	case err = <-up:
	}
	return connection, err
}
