package dnssd

import (
	"errors"
	"net"
	"syscall"
)

// loop makes programs of this machine hear what is said, too, which Go's own listener prevents.
func loop(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_LOOP, 1)
	})
	return errors.Join(err, failed)
}
