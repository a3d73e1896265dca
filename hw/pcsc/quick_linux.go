package pcsc

import (
	"net"
	"syscall"
)

// acknowledge asks the kernel to acknowledge at once (tcp(7), TCP_QUICKACK). Without it the card is
// only slower.
func acknowledge(conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
