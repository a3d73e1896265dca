package api

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"leima/fare"
)

// A Client is a device over a network.
type Client struct {
	http  *http.Client
	base  string
	token string
}

var _ Device = (*Client)(nil)

// ErrLost means that the device does not answer. Whether it has carried out the running order is
// not known until the same order is given again.
var ErrLost error = fare.Say("the validator does not answer")

// NewClient makes a client of the device at an address: "unix:/run/leima.sock", or
// "https://10.0.0.5:8443" with a token and the trusted certificates.
func NewClient(address, token string, trust *tls.Config) *Client {
	transport := &http.Transport{TLSClientConfig: trust, MaxIdleConns: 4}
	base := strings.TrimSuffix(address, "/")
	if path, local := strings.CutPrefix(address, "unix:"); local {
		base = "http://validator"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: answerTime}).DialContext(ctx, "unix", path)
		}
	} else {
		transport.DialContext = (&net.Dialer{Timeout: answerTime}).DialContext
	}
	return &Client{&http.Client{Transport: transport}, base, token}
}

// A device that does not answer within answerTime is lost. A report reads all of a journal.
const (
	answerTime = 1500 * time.Millisecond
	tallyTime  = 30 * time.Second
)

// State implements Device.
func (c *Client) State(ctx context.Context) (s State, err error) {
	return s, c.call(ctx, http.MethodGet, "/v1/state", nil, &s)
}

// Offer implements Device.
func (c *Client) Offer(ctx context.Context) (o Offer, err error) {
	return o, c.call(ctx, http.MethodGet, "/v1/offer", nil, &o)
}

// Departures implements Device.
func (c *Client) Departures(ctx context.Context, line string) (d Departures, err error) {
	return d, c.call(ctx, http.MethodGet, "/v1/departures?line="+url.QueryEscape(line), nil, &d)
}

// Taps implements Device.
func (c *Client) Taps(ctx context.Context) (taps []Tap, err error) {
	return taps, c.call(ctx, http.MethodGet, "/v1/taps", nil, &taps)
}

// Do implements Device.
func (c *Client) Do(ctx context.Context, o Order) (a Answer, err error) {
	return a, c.call(ctx, http.MethodPost, "/v1/orders", o, &a)
}

// Ask implements Device.
func (c *Client) Ask(ctx context.Context, q Question) (a Advice, err error) {
	return a, c.call(ctx, http.MethodPost, "/v1/questions", q, &a)
}

// Tally implements Device.
func (c *Client) Tally(ctx context.Context, s Shift) (t Tally, err error) {
	path := fmt.Sprintf("/v1/shifts/%d/%d/%d", s.Driver, s.Device, s.Number)
	return t, c.callWithin(ctx, tallyTime, http.MethodGet, path, nil, &t)
}

// Mirror implements Device.
func (c *Client) Mirror(ctx context.Context, what string) (io.ReadCloser, error) {
	response, err := c.send(ctx, http.MethodGet, "/v1/mirror/"+what, nil)
	if r := (*Refused)(nil); errors.As(err, &r) && r.Code == http.StatusNotFound {
		return nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// Watch implements Device.
func (c *Client) Watch(ctx context.Context, tell func(Message)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(answerTime+pulse/4, cancel)
	defer silence.Stop()
	response, err := c.send(ctx, http.MethodGet, "/v1/events", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, largestMessage)
	for lines.Scan() {
		silence.Reset(answerTime + pulse/4)
		data, is := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !is {
			continue
		}
		var m Message
		if err := json.Unmarshal(data, &m); err != nil {
			return fare.Say("%v: it sends what is no event", ErrLost)
		}
		tell(m)
	}
	return ErrLost
}

const largestMessage = 256 << 10

// call sends a request and reads the answer.
func (c *Client) call(ctx context.Context, method, path string, request, answer any) error {
	return c.callWithin(ctx, answerTime, method, path, request, answer)
}

func (c *Client) callWithin(
	ctx context.Context, limit time.Duration, method, path string, request, answer any,
) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	response, err := c.send(ctx, method, path, request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	limited := io.LimitReader(response.Body, largestMessage*8)
	if err := json.NewDecoder(limited).Decode(answer); err != nil {
		return fare.Say("%v: its answer was cut short, or is no validator's", ErrLost)
	}
	return nil
}

// send sends a request; a refusal is a *Refused.
func (c *Client) send(ctx context.Context, method, path string, request any) (
	*http.Response, error,
) {
	var body io.Reader
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	response, err := c.Send(ctx, method, path, body)
	if err != nil || response.StatusCode == http.StatusOK {
		return response, err
	}
	defer response.Body.Close()
	refused := &Refused{Code: response.StatusCode}
	if err := json.NewDecoder(io.LimitReader(response.Body, largest)).Decode(refused); err != nil {
		return nil, fare.Say("%v: it answers %s", ErrLost, response.Status)
	}
	return nil, refused
}

// Send sends a request to any path at the device's address. Its error wraps ErrLost.
func (c *Client) Send(ctx context.Context, method, path string, body io.Reader) (
	*http.Response, error,
) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/v1/") {
		// http may send an order again if the device has closed the connection: it is carried out
		// once. A nil header is not sent.
		r.Header["Idempotency-Key"] = nil
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, fare.Say("%v: %v", ErrLost, reason(err))
	}
	return response, nil
}

// reason is why a request was not answered, in our own words.
func reason(err error) error {
	var number syscall.Errno
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &number):
		return number
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return fare.Say("it took too long")
	case errors.Is(err, context.Canceled):
		return fare.Say("it was not waited for")
	case errors.As(err, &untrusted):
		return fare.Say(
			"its certificate is not one of those that are trusted (ca), or of another name")
	}
	return fare.Say("the connection has ended, or what listens there is no validator")
}
