// Package gpsd hears positions from gpsd (gpsd_json(5)), which speaks with all kinds of satellite
// receivers.
package gpsd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"time"

	"leima/validator/place"
)

// A Client hears a gpsd.
type Client struct {
	Address string               // host:port; gpsd's own is localhost:2947
	Elapsed func() time.Duration // since the machine started
	Log     *slog.Logger
}

const (
	watch   = `?WATCH={"enable":true,"json":true};` + "\n"
	longest = 64 << 10 // bytes of a report
	retry   = time.Second
	silence = time.Minute // and the connection is made anew: a receiver reports every second
)

// Listen hears gpsd until ctx ends, and connects again whenever the connection ends.
func (c *Client) Listen(ctx context.Context, hear func(place.Report),
	_ func(place.Source),
) error {
	down := false
	for ctx.Err() == nil {
		err := c.session(ctx, func(r place.Report) {
			if down {
				c.Log.Info("gpsd answers again", "address", c.Address)
			}
			down = false
			hear(r)
		})
		if ctx.Err() != nil {
			break
		}
		if !down {
			c.Log.Warn("gpsd does not answer: there is no position", "address", c.Address,
				"error", err)
		}
		down = true
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// session is one connection.
func (c *Client) session(ctx context.Context, hear func(place.Report)) error {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", c.Address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	if _, err := io.WriteString(conn, watch); err != nil {
		return err
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, longest)
	for {
		if err := conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return err
		}
		if !lines.Scan() {
			return errors.Join(lines.Err(), errEnded)
		}
		if r, ok := Decode(lines.Bytes()); ok {
			r.Heard = c.Elapsed()
			hear(r)
		}
	}
}

var errEnded = fmt.Errorf("the connection has ended")

// tpv is a report of time, position and velocity. Missing keys are the rule.
type tpv struct {
	Class     string    `json:"class"`
	Mode      int       `json:"mode"` // 0, 1: no fix; 2: without height; 3
	Time      time.Time `json:"time"`
	Latitude  *float64  `json:"lat"`
	Longitude *float64  `json:"lon"`
	Speed     float64   `json:"speed"` // m/s
	EPH       float64   `json:"eph"`   // horizontal error, metres
	EPX       float64   `json:"epx"`
	EPY       float64   `json:"epy"`
}

// Decode decodes one line of gpsd, and reports whether it is a position.
func Decode(line []byte) (place.Report, bool) {
	var t tpv
	if err := json.Unmarshal(line, &t); err != nil || t.Class != "TPV" || t.Mode < 2 ||
		t.Latitude == nil || t.Longitude == nil ||
		math.Abs(*t.Latitude) > 90 || math.Abs(*t.Longitude) > 180 {
		return place.Report{}, false
	}
	accuracy := t.EPH
	if accuracy == 0 {
		accuracy = math.Hypot(t.EPX, t.EPY)
	}
	return place.Report{Source: place.GNSS, Said: t.Time, Position: &place.Position{
		Latitude: *t.Latitude, Longitude: *t.Longitude,
		Speed: math.Max(t.Speed, 0), Accuracy: math.Max(accuracy, 0),
	}}, true
}
