package itxpt

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"leima/validator/place"
	"leima/validator/place/dnssd"
	"leima/validator/place/nmea"
	"leima/validator/place/subscription"
)

// Group is where positions are sent to. The address counts if the service does not say another
// (S02P03).
var Group = netip.MustParseAddrPort("239.255.42.21:14005")

// A Receiver hears gnsslocation.
type Receiver struct {
	Elapsed func() time.Duration // since the machine's start, sleep included
	Log     *slog.Logger
}

const (
	silence = 10 * time.Second // and the service is looked for again: it sends each second
	largest = 64 << 10         // bytes of a datagram
)

// Listen hears positions until ctx ends, or for as long as they come.
func (r *Receiver) Listen(ctx context.Context, hear func(place.Report),
	_ func(place.Source),
) error {
	for ctx.Err() == nil {
		from, to, err := find(ctx)
		if err == nil {
			err = r.hear(ctx, from, to, hear)
		}
		if ctx.Err() != nil {
			break
		}
		r.Log.Debug("no positions are sent by multicast", "group", to.String(), "error", err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// errNobody: no service is announced.
var errNobody = errors.New("nobody announces positions")

// find finds who sends positions, and where to.
func find(ctx context.Context) (from netip.Addr, to netip.AddrPort, err error) {
	found, err := dnssd.Browse(ctx, TypeMulticast)
	for _, one := range found {
		at, err := netip.ParseAddr(one.Text["multicast"])
		if err != nil {
			at = Group.Addr()
		}
		if named(one, GNSSLocation) && at.Is4() && at.IsMulticast() {
			return one.Address.Addr(), netip.AddrPortFrom(at, one.Address.Port()), nil
		}
	}
	return from, to, cmp.Or(err, errNobody)
}

// hear hears what one sends to a group.
func (r *Receiver) hear(ctx context.Context, from netip.Addr, to netip.AddrPort,
	hear func(place.Report),
) error {
	conn, err := dnssd.Join(from, to)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	heard := time.Now()
	for datagram := make([]byte, largest); ; {
		if err := conn.SetReadDeadline(heard.Add(silence)); err != nil {
			return err
		}
		n, sender, err := conn.ReadFromUDPAddrPort(datagram)
		if err != nil {
			return err
		}
		if sender.Addr().Unmap() != from {
			continue
		}
		report, err := Position(datagram[:n])
		switch heard = time.Now(); {
		case err != nil:
			r.Log.Debug("a position that cannot be used", "error", err)
		case report.Position != nil:
			report.Heard = r.Elapsed()
			hear(report)
		}
	}
}

// An angle is degrees with the side on which they are.
type angle struct {
	Degree    string `xml:"Degree"`
	Direction string `xml:"Direction"`
}

func (a angle) value(positive, negative string, most float64) (float64, error) {
	degree, err := strconv.ParseFloat(strings.TrimSpace(a.Degree), 64)
	side := strings.TrimSpace(a.Direction)
	switch {
	case err != nil || !(math.Abs(degree) <= most):
		return 0, errors.New("has no such angle")
	case side == negative:
		return -math.Abs(degree), nil // some give the sign, too
	case side != positive || degree < 0:
		return 0, errors.New("has an angle on no side, or on both")
	}
	return degree, nil
}

// Position reads a GNSSLocationDelivery: a position, nil if the receiver has none.
func Position(text []byte) (r place.Report, err error) {
	var d struct {
		Location *struct {
			Data      []string `xml:"Data"` // sentences of the receiver
			Latitude  angle    `xml:"Latitude"`
			Longitude angle    `xml:"Longitude"`
			Time      string   `xml:"Time"`
			Date      string   `xml:"Date"`
			Speed     string   `xml:"SpeedOverGround"`
			Quality   string   `xml:"SignalQuality"`
			Fix       string   `xml:"Fix"`
		} `xml:"GNSSLocation"`
	}
	r.Source = place.GNSS
	if err := subscription.Unmarshal(text, &d); err != nil {
		return r, err
	}
	l := d.Location
	if l == nil {
		return r, errors.New("has no GNSSLocation")
	}
	if strings.TrimSpace(l.Fix) == "NoFix" || strings.TrimSpace(l.Quality) == "NotValid" {
		return r, nil
	}
	for _, line := range strings.Fields(strings.Join(l.Data, "\n")) {
		if position, at, err := nmea.RMC(line); err == nil && position != nil {
			r.Position, r.Said = position, at
			return r, nil
		}
	}
	latitude, err1 := l.Latitude.value("N", "S", 90)
	longitude, err2 := l.Longitude.value("E", "W", 180)
	if err := errors.Join(err1, err2); err != nil {
		return r, err
	}
	r.Position = &place.Position{Latitude: latitude, Longitude: longitude, Speed: speed(l.Speed)}
	day, clock := strings.TrimSpace(l.Date), strings.TrimSuffix(strings.TrimSpace(l.Time), "Z")
	r.Said, _ = time.Parse("2006-01-02T15:04:05", day+"T"+clock)
	return r, nil
}

// speed is a speed of which the schema says no unit; "" is one that is not known. A bus of which it
// is not known counts as driving, and so does one whose speed is read as too great.
func speed(text string) float64 {
	if v, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil && v >= 0 && v < 1000 {
		return v
	}
	return unknownSpeed
}

// unknownSpeed is that of a bus in traffic, in m/s.
const unknownSpeed = 5
