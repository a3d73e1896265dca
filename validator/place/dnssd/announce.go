package dnssd

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// An Announcement is a service of this machine. Nobody else on the bus may have its name, which
// therefore carries the device's number: it is not asked for beforehand (RFC 6762 8.1).
type Announcement struct {
	Name, Type string // as "_itxpt_http._tcp"
	Port       uint16
	Text       []string // pairs, as "version=2.1.1"
}

const (
	lives   = 120 // seconds that an answer holds for (RFC 6762 10)
	briefly = 10  // for one who asks from another port (RFC 6762 6.7)
	flush   = 1 << 15
	port    = 5353
)

// Announce answers for services, as they are then, on all networks of this machine until ctx ends,
// which it says to them. It ends at once if there is no network.
func Announce(ctx context.Context, services func() []Announcement) error {
	networks, err := Networks()
	if err != nil {
		return err
	}
	failed := make([]error, len(networks))
	var answering sync.WaitGroup
	for n, network := range networks {
		a := &announcer{services: services, own: network.Addr(), network: network.Masked()}
		answering.Go(func() { failed[n] = a.run(ctx) })
	}
	answering.Wait()
	return cmp.Or(ctx.Err(), errors.Join(failed...))
}

// An announcer answers on one network.
type announcer struct {
	services func() []Announcement
	own      netip.Addr
	network  netip.Prefix
	conn     *net.UDPConn
	said     time.Time // to everybody
}

func (a *announcer) run(ctx context.Context) (err error) {
	if a.conn, err = join(a.own, everybody); err == nil {
		err = loop(a.conn)
	}
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() {
		_, _ = a.conn.WriteTo(a.all(0, 0), everybody) // good-bye
		_ = a.conn.Close()
	})()
	defer a.conn.Close()
	for range 2 { // one may get lost (RFC 6762 8.3)
		if _, err := a.conn.WriteTo(a.all(lives, 0), everybody); err != nil {
			return err
		}
	}
	message := make([]byte, largest)
	for {
		n, from, err := a.conn.ReadFromUDPAddrPort(message)
		if err != nil {
			return err
		}
		if a.network.Contains(from.Addr().Unmap()) && a.asked(message[:n]) {
			a.answer(message[:n], from)
		}
	}
}

// asked reports whether a query is for one of the services, or for this machine's address.
func (a *announcer) asked(message []byte) bool {
	r := &reader{message: message}
	header := r.take(12)
	if header[2]&0x80 != 0 {
		return false
	}
	for range binary.BigEndian.Uint16(header[4:]) {
		key := r.name().key()
		if r.take(4); r.err != nil {
			return false
		}
		if key == a.host().key() {
			return true
		}
		for _, s := range a.services() {
			if key == s.kind().key() || key == s.name().key() {
				return true
			}
		}
	}
	return false
}

// answer answers everybody, or in the old way one who asks from another port: with its own number.
func (a *announcer) answer(message []byte, from netip.AddrPort) {
	if from.Port() == port {
		if now := time.Now(); now.Sub(a.said) >= time.Second { // RFC 6762 6
			a.said = now
			_, _ = a.conn.WriteTo(a.all(lives, 0), everybody)
		}
		return
	}
	number := binary.BigEndian.Uint16(message)
	_, _ = a.conn.WriteToUDPAddrPort(a.all(briefly, number), from)
	time.Sleep(time.Millisecond) // more than a thousand questions a second are a flood
}

func (s *Announcement) kind() name { return append(strings.Split(s.Type, "."), "local") }
func (s *Announcement) name() name { return append(name{s.Name}, s.kind()...) }

// host is this machine's name, after its address on this network.
func (a *announcer) host() name {
	return name{"leima-" + strings.ReplaceAll(a.own.String(), ".", "-"), "local"}
}

// all are all records, for so many seconds; those of a legacy answer belong to nobody alone.
func (a *announcer) all(ttl uint32, number uint16) []byte {
	message := binary.BigEndian.AppendUint16(nil, number)
	message = binary.BigEndian.AppendUint16(message, 0x8400) // an answer, by who knows it
	services := a.services()
	count := uint16(4 * len(services))
	for _, n := range []uint16{0, count, 0, 0} {
		message = binary.BigEndian.AppendUint16(message, n)
	}
	class := uint16(internet | flush)
	if ttl == briefly {
		class = internet
	}
	for _, s := range services {
		message = appendRecord(message, s.kind(), typePTR, internet, ttl, appendName(nil, s.name()))
		to := binary.BigEndian.AppendUint16(make([]byte, 4), s.Port) // priority 0, weight 0
		message = appendRecord(message, s.name(), typeSRV, class, ttl, appendName(to, a.host()))
		message = appendRecord(message, s.name(), typeTXT, class, ttl, pairs(s.Text))
		message = appendRecord(message, a.host(), typeA, class, ttl, a.own.AsSlice())
	}
	return message
}

// pairs is the text of a TXT record, which is never empty (RFC 6763 6.1).
func pairs(all []string) (text []byte) {
	for _, pair := range all {
		text = append(append(text, byte(len(pair))), pair...)
	}
	return append(text, make([]byte, max(0, 1-len(text)))...)
}

func appendRecord(message []byte, n name, of, class uint16, ttl uint32, content []byte) []byte {
	message = binary.BigEndian.AppendUint16(appendName(message, n), of)
	message = binary.BigEndian.AppendUint16(message, class)
	message = binary.BigEndian.AppendUint32(message, ttl)
	message = binary.BigEndian.AppendUint16(message, uint16(len(content)))
	return append(message, content...)
}
