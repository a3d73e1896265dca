package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"leima/validator/listener"
	"leima/validator/place"
	"leima/validator/place/dnssd"
	"leima/validator/place/drive"
	"leima/validator/place/drive/computer"
	"leima/validator/place/itxpt"
	"leima/validator/place/vdv301"
)

// A httpPlayer is a bus's computer that answers over HTTP and is found by DNS-SD.
type httpPlayer struct {
	bus       *computer.Computer
	server    *http.Server
	says      func(m, last drive.Moment) []drive.Message
	silence   context.CancelFunc // ends the announcements
	announced chan error
}

// A manner is how a computer speaks that is heard over HTTP.
type manner struct {
	bare     bool
	services []dnssd.Announcement // their ports are the server's if they have none
	says     func(*driveCommand, place.Trip, drive.Moment, drive.Moment) []drive.Message
}

var (
	asVDV301 = manner{
		services: []dnssd.Announcement{
			{Name: "TicketValidationService", Type: vdv301.Type, Text: []string{"ver=2.2"}},
			{Name: "CustomerInformationService", Type: vdv301.Type, Text: []string{"ver=2.3"}},
		},
		says: func(c *driveCommand, t place.Trip, m, last drive.Moment) []drive.Message {
			return drive.VDV301(t, m, last, c.Vehicle, time.Now())
		},
	}
	asITxPT = manner{
		bare: true,
		services: []dnssd.Announcement{{
			Name: "leima_" + itxpt.AVMS, Type: itxpt.TypeHTTP, Text: []string{
				"txtvers=1", "version=2.2.1", "path=avms/",
				"operations=runmonitoring;journeymonitoring;vehiclemonitoring",
			},
		}, {
			Name: "leima_" + itxpt.GNSSLocation, Type: itxpt.TypeMulticast, Port: positions.Port(),
			Text: []string{"txtvers=1", "version=2.2.1", "multicast=" + positions.Addr().String()},
		}},
		says: func(_ *driveCommand, t place.Trip, m, last drive.Moment) []drive.Message {
			return drive.ITxPT(t, m, last, time.Now())
		},
	}
)

// positions is where positions are sent to (ITxPT S02P03).
var positions = itxpt.Group

// soon is how long a trip waits for somebody who asks.
const soon = 30 * time.Second

// overHTTP makes a player of a manner, which waits until somebody asks.
func overHTTP(as manner) func(context.Context, *bench, *driveCommand, place.Trip) (player, error) {
	return func(ctx context.Context, b *bench, c *driveCommand, trip place.Trip) (player, error) {
		address := cmp.Or(c.Listen, "127.0.0.1:8301")
		at, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err != nil {
			return nil, fmt.Errorf("answering at %s: %w", address, err)
		}
		b.remark("it answers at %s, and drives off when somebody asks, or after %v", at.Addr(),
			soon)
		bus := &computer.Computer{Bare: as.bare}
		asked := make(chan struct{})
		begin := sync.OnceFunc(func() { close(asked) })
		serve := func(w http.ResponseWriter, q *http.Request) {
			bus.ServeHTTP(w, q)
			begin()
		}
		says := func(m, last drive.Moment) []drive.Message { return as.says(c, trip, m, last) }
		p := &httpPlayer{
			bus: bus, server: listener.NewServer(http.HandlerFunc(serve)),
			announced: make(chan error, 1), says: says,
		}
		go func() { _ = p.server.Serve(at) }()
		services := as.at(at.Addr())
		announcing, silence := context.WithCancel(ctx)
		p.silence = silence
		go func() {
			p.announced <- dnssd.Announce(announcing,
				func() []dnssd.Announcement { return services })
		}()
		select {
		case <-asked:
			return p, nil
		case <-time.After(soon): // nobody may ever come, and a bus drives all the same
			return p, nil
		case <-ctx.Done():
			return nil, cmp.Or(p.close(), errStopped)
		}
	}
}

func (p *httpPlayer) say(ctx context.Context, m, last drive.Moment) error {
	for _, said := range p.says(m, last) {
		if said.Topic == drive.GNSSLocation {
			sendPosition(said.Payload)
		} else {
			p.bus.Say(ctx, said)
		}
	}
	return nil
}

// close reports why it could not be found, if it could not.
func (p *httpPlayer) close() error {
	p.silence()
	_ = p.server.Close()
	if failed := <-p.announced; !errors.Is(failed, context.Canceled) {
		return fmt.Errorf("it could not be found by DNS-SD: %w", failed)
	}
	return nil
}

// at are the services of a server.
func (m *manner) at(server net.Addr) (all []dnssd.Announcement) {
	for _, one := range m.services {
		if one.Port == 0 {
			one.Port = uint16(server.(*net.TCPAddr).Port)
		}
		all = append(all, one)
	}
	return all
}

// sendPosition sends to all networks of this machine. A position that is lost is followed by one.
func sendPosition(text []byte) {
	networks, _ := dnssd.Networks()
	for _, network := range networks {
		from := net.Dialer{LocalAddr: &net.UDPAddr{IP: network.Addr().AsSlice()}}
		if conn, err := from.Dial("udp4", positions.String()); err == nil {
			_, _ = conn.Write(text)
			_ = conn.Close()
		}
	}
}
