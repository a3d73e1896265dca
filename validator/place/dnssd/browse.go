package dnssd

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Anywhere, in the place of an address, is wherever a service announces itself.
const Anywhere = "dns-sd"

// everybody is whom questions are sent to (RFC 6762 3).
var everybody = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

const (
	patience = 500 * time.Millisecond // for answers, which come within 120 ms (RFC 6762 6)
	rounds   = 3                      // of questions: some answer one thing at a time
	largest  = 9000                   // bytes of a message (RFC 6762 17)
)

// ErrNoNetwork: this machine has no network on which it could ask.
var ErrNoNetwork = errors.New("no network with IPv4 and multicast is up, to look for a service on")

// Browse asks all networks of this machine for the services of a type, as "_ibisip_http._tcp". It
// takes half a second to one and a half.
func Browse(ctx context.Context, service string) ([]Instance, error) {
	networks, err := Networks()
	if err != nil {
		return nil, err
	}
	found := make([][]Instance, len(networks))
	failed := make([]error, len(networks))
	var asking sync.WaitGroup
	for n, network := range networks {
		asking.Go(func() { found[n], failed[n] = browse(ctx, service, network) })
	}
	asking.Wait()
	var all []Instance
	for _, some := range found {
		all = append(all, some...)
	}
	if len(all) == 0 {
		return nil, errors.Join(failed...)
	}
	return all, nil
}

// Networks are the networks on which multicast is possible, with this machine's own address.
func Networks() (all []netip.Prefix, err error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, i := range interfaces {
		if i.Flags&(net.FlagUp|net.FlagMulticast) != net.FlagUp|net.FlagMulticast {
			continue
		}
		addresses, _ := i.Addrs()
		for _, a := range addresses {
			if own, err := netip.ParsePrefix(a.String()); err == nil && own.Addr().Is4() {
				all = append(all, own)
			}
		}
	}
	if len(all) == 0 {
		return nil, ErrNoNetwork
	}
	return all, nil
}

// browse asks one network. A socket that has the network's own address sends there.
func browse(ctx context.Context, service string, own netip.Prefix) ([]Instance, error) {
	conn, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp4",
		netip.AddrPortFrom(own.Addr(), 0).String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	r := newRecords(service, own.Masked())
	ask := []question{{r.service, typePTR}}
	for n := 0; n < rounds && len(ask) > 0; n++ {
		for _, q := range ask {
			if _, err := conn.WriteTo(query(q), everybody); err != nil {
				return nil, err
			}
		}
		if err := r.hear(conn); err != nil {
			return nil, err
		}
		ask = r.missing()
	}
	return r.instances(), nil
}

// hear takes what is answered while patience lasts.
func (r *records) hear(conn net.PacketConn) error {
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	message := make([]byte, largest)
	for {
		n, from, err := conn.ReadFrom(message)
		switch timeout, is := errors.AsType[net.Error](err); {
		case is && timeout.Timeout():
			return nil
		case err != nil:
			return err
		}
		if at, is := from.(*net.UDPAddr); is && r.network.Contains(at.AddrPort().Addr().Unmap()) {
			r.take(message[:n])
		}
	}
}
