package pcsc

import (
	"context"
	"fmt"
	"net"
)

// VPCDAddress is where vpcd listens for the card of its first reader: port 35963, the
// next reader on the next port (vsmartcard, reader.conf). vpcd listens on all addresses
// and lets anybody lay a card in, so it has no place on a bus.
const VPCDAddress = "127.0.0.1:35963"

// DialVPCD reaches a virtual reader, for an emulated card to be offered to it. The
// connection acknowledges what it reads at once, as emu.Offer asks for.
func DialVPCD(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("reaching the virtual reader: %w: is the package "+
			"vsmartcard-vpcd installed, and does pcscd run?", err)
	}
	return prompt{conn.(*net.TCPConn)}, nil
}

// A prompt connection does not let the other side wait for an acknowledgement. The
// kernel forgets the wish, so it is told before each Read.
type prompt struct{ *net.TCPConn }

func (p prompt) Read(b []byte) (int, error) {
	acknowledge(p.TCPConn)
	return p.TCPConn.Read(b)
}
