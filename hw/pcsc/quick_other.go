//go:build !linux

package pcsc

import "net"

// acknowledge has no meaning where there is no vpcd.
func acknowledge(*net.TCPConn) {}
