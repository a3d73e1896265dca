package pcsc

import (
	"context"
	"fmt"
	"net"
)

// VPCDAddress is where vpcd listens for the card of its first reader: port 35963; each further
// reader has the next port (vsmartcard, reader.conf). vpcd listens on all addresses and accepts a
// card from anyone, so it must not run on a bus.
const VPCDAddress = "127.0.0.1:35963"

// DialVPCD connects to a virtual reader, to offer it an emulated card. The connection acknowledges
// at once what it reads, as emu.Offer requires.
func DialVPCD(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the virtual reader does not answer at %s: is the package "+
			"vsmartcard-vpcd installed, and does pcscd run?", address)
	}
	return prompt{conn.(*net.TCPConn)}, nil
}

// A prompt connection acknowledges at once. The kernel forgets the option, so it is set before each
// Read.
type prompt struct{ *net.TCPConn }

func (p prompt) Read(b []byte) (int, error) {
	acknowledge(p.TCPConn)
	return p.TCPConn.Read(b)
}
