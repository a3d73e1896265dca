//go:build !linux

package pcsc

import "net"

// acknowledge does nothing where there is no vpcd.
func acknowledge(*net.TCPConn) {}
