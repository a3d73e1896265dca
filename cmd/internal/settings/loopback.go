package settings

import "net"

// Loopback reports whether an address, host:port, is reachable only from this machine.
func Loopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
