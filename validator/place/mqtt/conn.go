package mqtt

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/packets"
)

// largest is the largest packet that is taken: a message of 64 KiB with its topic and properties.
const largest = 66 << 10

// dial connects with a broker, by TLS if its URL says so.
func (c *Client) dial(
	ctx context.Context, cfg autopaho.ClientConfig, broker *url.URL,
) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: cfg.ConnectTimeout}
	dial, port := dialer.DialContext, "1883"
	if broker.Scheme == "mqtts" {
		dial, port = (&tls.Dialer{NetDialer: dialer, Config: c.TLS}).DialContext, "8883"
	}
	address := net.JoinHostPort(broker.Hostname(), cmp.Or(broker.Port(), port))
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return packets.NewThreadSafeConn(&limited{Conn: conn}), nil
}

// limited is a connection that fails at the head of a packet that is larger than largest: the
// library takes as much memory as a head says, which may be 4 GiB.
type limited struct {
	net.Conn
	within bool // a head, behind its first byte
	length int  // of the packet, as far as the head was read
	shift  int
	body   int // bytes that are left of the packet
}

var errTooLarge = errors.New("a packet is too large")

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	for at := 0; at < n; {
		if l.body > 0 {
			skipped := min(l.body, n-at)
			l.body, at = l.body-skipped, at+skipped
			continue
		}
		if !l.head(p[at]) {
			return 0, errTooLarge
		}
		at++
	}
	return n, err
}

// head takes a byte of a packet's head: its type, then its length in groups of 7 bits, the lowest
// first (MQTT 5, 2.1.4). It reports whether the packet may be read.
func (l *limited) head(b byte) bool {
	if !l.within {
		l.within, l.length, l.shift = true, 0, 0
		return true
	}
	l.length |= int(b&0x7f) << l.shift
	l.shift += 7
	if b < 0x80 {
		l.within, l.body = false, l.length
	}
	return l.length <= largest && l.shift <= 28
}
