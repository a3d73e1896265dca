package dnssd

import (
	"net"
	"net/netip"
)

// Join hears what is sent to a multicast group on the network where a host is.
func Join(host netip.Addr, group netip.AddrPort) (*net.UDPConn, error) {
	networks, err := Networks()
	if err != nil {
		return nil, err
	}
	for _, network := range networks {
		if network.Contains(host) {
			return join(network.Addr(), net.UDPAddrFromAddrPort(group))
		}
	}
	return nil, ErrNoNetwork
}

// join hears what is sent to a group on the network of an own address.
func join(own netip.Addr, group *net.UDPAddr) (*net.UDPConn, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, i := range interfaces {
		addresses, _ := i.Addrs()
		for _, address := range addresses {
			if p, err := netip.ParsePrefix(address.String()); err == nil && p.Addr() == own {
				return net.ListenMulticastUDP("udp4", &i, group)
			}
		}
	}
	return nil, ErrNoNetwork
}
