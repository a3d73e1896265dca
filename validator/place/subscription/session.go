package subscription

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"leima/validator/place"
)

// A session is one service that is heard.
type session struct {
	*Client
	offer   Offer
	talk    Talk
	replies *replies
	hear    func(place.Report)

	active    bool                 // it has taken the subscription …
	heartbeat time.Duration        // … and sends at least so often
	heard     time.Duration        // it sent last
	times     map[string]time.Time // by its clock, of each kind
	due       bool                 // it is to be subscribed to again
	failed    int                  // questions in a row that it did not answer at all
	useless   int                  // times in a row that no answer of any was of use
	stranger  error                // why it is not this bus's; nil: it is
	problem   string               // that was logged last
}

const (
	spacing = 50 * time.Millisecond // between two texts: more than twenty a second are a flood
	knock   = time.Second           // for a service to accept, as there may be many that do not
	mostly  = 3                     // times without an answer, or one of use, and it is lost
)

// errGone: the service does not answer.
var errGone = errors.New("the service does not answer any more")

// errMoved: it has announced another address.
var errMoved = errors.New("the service has moved")

// open asks a service and subscribes to it. It fails if the service says nothing of use.
func (c *Client) open(ctx context.Context, offer Offer, hear func(place.Report)) (*session, error) {
	own, host, err := reach(ctx, offer.Base)
	if err != nil {
		return nil, err
	}
	r, err := listen(ctx, netip.AddrPortFrom(own, c.port), host)
	if err != nil {
		r, err = listen(ctx, netip.AddrPortFrom(own, 0), host)
	}
	if err != nil {
		return nil, err
	}
	c.port = r.at.Port()
	s := &session{
		Client: c, offer: offer, talk: offer.Talk(), replies: r, hear: hear,
		times: map[string]time.Time{}, heard: c.Elapsed(),
	}
	answered := s.ask(ctx, true)
	if s.stranger == nil {
		s.subscribe(ctx)
	}
	switch {
	case s.stranger != nil:
		err = s.stranger
	case answered == 0 && !s.active:
		err = errors.New("says nothing of where the bus is: " + s.problem)
	default:
		return s, nil
	}
	s.close()
	return nil, err
}

// reach connects to a service: by which of its own addresses this machine does, and which is the
// service's.
func reach(ctx context.Context, base string) (own, host netip.Addr, err error) {
	at, err := url.Parse(base)
	if err != nil {
		return own, host, err
	}
	conn, err := (&net.Dialer{Timeout: knock}).DialContext(ctx, "tcp4", at.Host)
	if err != nil {
		return own, host, err
	}
	defer conn.Close()
	from, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	to, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
	return from.Addr().Unmap(), to.Addr().Unmap(), nil
}

// run hears the service until it is lost.
func (s *session) run(ctx context.Context) error {
	poll, renew := time.NewTicker(s.poll()), time.NewTicker(s.renew())
	defer poll.Stop()
	defer renew.Stop()
	for s.failed < mostly && s.useless < mostly && s.stranger == nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.replies.some:
			s.heard = s.Elapsed()
			if heard, ok := s.take(s.replies.take()); ok && heard.More {
				s.ask(ctx, false)
			}
			select {
			case <-time.After(spacing):
			case <-ctx.Done():
			}
		case <-poll.C:
			s.keepUp(ctx)
		case <-renew.C:
			if !s.still(ctx, s.offer) {
				return errMoved
			}
			s.due = true
			s.keepUp(ctx)
		}
	}
	return cmp.Or(s.stranger, errGone)
}

// keepUp asks for what is not sent, and subscribes again if the service may have forgotten it.
func (s *session) keepUp(ctx context.Context) {
	silent := s.Elapsed()-s.heard > 2*s.heartbeat
	if s.due || s.active && silent {
		s.due, s.heard = false, s.Elapsed()
		s.subscribe(ctx)
		silent = true
	}
	answered := s.ask(ctx, silent || !s.active)
	if s.useless++; s.active || answered > 0 {
		s.useless = 0
	}
}

// ask asks for everything, or for what cannot be subscribed to, and returns how many answers were
// of use.
func (s *session) ask(ctx context.Context, all bool) (answered int) {
	asked := s.talk.Ask(all)
	for _, request := range asked {
		text, err := s.send(ctx, request)
		if err != nil {
			s.log(request.Path, err)
		} else if _, ok := s.take(text); ok {
			answered++
		}
		if s.stranger != nil {
			return 0
		}
	}
	if all {
		answered += s.ask(ctx, false)
	}
	return answered
}

// take hears what the service says, and reports whether that is of use.
func (s *session) take(text []byte) (Heard, bool) {
	if len(text) == 0 {
		return Heard{}, false
	}
	heard, err := s.talk.Hear(text)
	if errors.Is(err, ErrStranger) {
		s.stranger = err
	}
	if err != nil {
		s.log("what the service says", err)
		return Heard{}, false
	}
	if !heard.Time.IsZero() {
		s.due = s.due || heard.Time.Before(s.times[heard.Kind])
		s.times[heard.Kind] = heard.Time
	}
	heard.Report.Heard, heard.Report.Source = s.Elapsed(), cmp.Or(heard.Report.Source, s.Source)
	s.hear(heard.Report)
	return heard, true
}

// subscribe subscribes to all operations. It counts if one of them is taken.
func (s *session) subscribe(ctx context.Context) {
	s.active, s.heartbeat = false, s.renew()
	for _, operation := range s.talk.Operations() {
		answer, err := s.send(ctx, s.talk.Subscribe(operation, s.replies.at, operation))
		var heartbeat time.Duration
		if err == nil {
			heartbeat, err = s.talk.Subscribed(answer)
		}
		if err != nil {
			s.log(operation, err)
			continue
		}
		s.active = true
		if heartbeat > 0 {
			s.heartbeat = min(s.heartbeat, max(heartbeat, s.poll()))
		}
	}
}

// close ends the subscription, so that a service that keeps it does not send to nobody.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.failed < mostly && s.active {
		for _, operation := range s.talk.Operations() {
			_, _ = s.send(ctx, s.talk.Unsubscribe(operation, s.replies.at, operation))
		}
	}
	_ = s.replies.server.Close()
}

// log says what is wrong, once until it is something else.
func (s *session) log(what string, err error) {
	problem := fmt.Sprintf("%s: %v", what, err)
	if problem != s.problem {
		s.Log.Debug("a service of the bus's computer says what cannot be used", "what", what,
			"error", err)
	}
	s.problem = problem
}

// patience is how long an answer may take.
const patience = 5 * time.Second

// direct asks services themselves: through no proxy, and never elsewhere, wherever they point to.
var direct = &http.Client{
	Timeout: patience,
	Transport: &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 16 << 10,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send sends a request and returns what is answered.
func (s *session) send(ctx context.Context, request Request) ([]byte, error) {
	method := http.MethodGet
	if request.Body != nil {
		method = http.MethodPost
	}
	q, err := http.NewRequestWithContext(ctx, method, s.offer.Base+request.Path,
		bytes.NewReader(request.Body))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Content-Type", "text/xml; charset=utf-8")
	s.failed++ // until it has answered
	answer, err := direct.Do(q)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, largest+1))
	if err != nil {
		return nil, err
	}
	s.failed = 0
	switch {
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("it answers with status %d", answer.StatusCode)
	case len(text) > largest:
		return nil, errors.New("its answer is larger than 256 KiB")
	}
	return text, nil
}
