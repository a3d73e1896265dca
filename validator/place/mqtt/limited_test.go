package mqtt

import (
	"bytes"
	"io"
	"net"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/eclipse/paho.golang/packets"
	"github.com/stretchr/testify/require"
)

// wire is a connection from which bytes come.
type wire struct {
	net.Conn
	io.Reader
}

func (w wire) Read(p []byte) (int, error) { return w.Reader.Read(p) }

// Ensure that packets pass as they are, in whatever pieces they come, and that the head of one that
// is too large, or never ends, ends the connection before anything is taken for it.
func TestLimited(t *testing.T) {
	packet := func(size int) []byte {
		var b bytes.Buffer
		p := packets.NewControlPacket(packets.PUBLISH)
		p.Content.(*packets.Publish).Topic = "t"
		p.Content.(*packets.Publish).Payload = make([]byte, size)
		_, err := p.WriteTo(&b)
		require.NoError(t, err)
		return b.Bytes()
	}
	good := slices.Concat(packet(0), packet(1), packet(127), packet(128), packet(64<<10), packet(5))
	for name, bad := range map[string][]byte{
		"a packet that is too large":   packet(largest),
		"one of 256 MiB":               {0x30, 0xff, 0xff, 0xff, 0x7f},
		"one of more than there is":    {0x30, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"a head that does not end":     {0x30, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80},
		"a head of five bytes of zero": {0x30, 0x80, 0x80, 0x80, 0x80, 0x00},
	} {
		for _, from := range []io.Reader{
			bytes.NewReader(slices.Concat(good, bad)),
			iotest.OneByteReader(bytes.NewReader(slices.Concat(good, bad))),
			iotest.HalfReader(bytes.NewReader(slices.Concat(good, bad))),
		} {
			l := &limited{Conn: wire{Reader: from}}
			for _, size := range []int{0, 1, 127, 128, 64 << 10, 5} {
				p, err := packets.ReadPacket(l)
				require.NoError(t, err, name)
				require.Len(t, p.Content.(*packets.Publish).Payload, size, name)
			}
			_, err := packets.ReadPacket(l)
			require.ErrorIs(t, err, errTooLarge, name)
		}
	}
}

// Ensure that of each topic the last message waits, in the order in which they came, and that what
// the broker has kept does not take the place of news.
func TestMailbox(t *testing.T) {
	b := newMailbox()
	for _, m := range []message{
		{topic: "a", at: 1},
		{topic: "b", at: 2, retain: true},
		{topic: "a", at: 3},
		{topic: "", at: 4}, // the connection has ended
		{topic: "a", at: 5, retain: true},
		{topic: "b", at: 6, retain: true},
		{topic: "c", at: 7, retain: true},
		{topic: "c", at: 8},
	} {
		b.put(m)
	}
	for _, want := range []message{
		{topic: "a", at: 3},
		{topic: "", at: 4},
		{topic: "b", at: 6, retain: true},
		{topic: "c", at: 8},
	} {
		m, is := b.take(t.Context())
		require.True(t, is)
		require.Equal(t, want, m)
	}
}
