package console

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"leima/validator/api"
	"leima/validator/listener"
	"leima/validator/signon"
)

// An event is a message to the page.
type event struct {
	Device    string          `json:"device,omitempty"`
	Tap       *api.Tap        `json:"tap,omitempty"`
	State     *api.State      `json:"state,omitempty"`
	Link      *bool           `json:"link,omitempty"`
	Cause     *api.Words      `json:"cause,omitempty"`
	Session   *Session        `json:"session,omitempty"`
	Emulation *EmulationState `json:"emulated,omitempty"`

	sessions bool // each browser gets its own session
}

func linkEvent(l busLink) event {
	return event{Link: &l.up, Cause: l.why()}
}

// why is the cause in words; nil while the link is up.
func (l *busLink) why() *api.Words {
	if l.up || l.cause == nil {
		return nil
	}
	why := api.WordsOf(l.cause)
	return &why
}

// maxSubscribers is the number of browsers that may watch at once. A browser that is eventBacklog
// events behind is cut off, and begins again with the present state. If too many watch, the oldest
// unknown browser is dropped.
const (
	maxSubscribers = 16
	eventBacklog   = 64
)

// A subscriber is a browser that watches.
type subscriber struct {
	cookie  string // of its session when it began to watch
	browser string
	known   bool // a driver had signed on there before
	events  chan event
	end     context.CancelFunc
}

// subscribe adds a browser to the watchers.
func (c *Console) subscribe(r *http.Request, end context.CancelFunc) (*subscriber, error) {
	w := &subscriber{
		cookie: signon.Cookie(r, cookieName), browser: signon.Cookie(r, browserName),
		events: make(chan event, eventBacklog), end: end,
	}
	w.known = c.attempts.Known(w.browser)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subscribers = append(c.subscribers, w); len(c.subscribers) > maxSubscribers {
		last := c.leastImportant()
		c.drop(last)
		if last == w {
			return nil, api.Refuse(http.StatusTooManyRequests,
				"too many browsers watch already: close one")
		}
	}
	w.events <- linkEvent(c.link)
	if c.link.up {
		state := c.link.state
		w.events <- event{Device: bus, State: &state}
	}
	state := c.own
	w.events <- event{Device: own, State: &state}
	w.events <- event{sessions: true}
	return w, nil
}

func (c *Console) unsubscribe(w *subscriber) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscribers = slices.DeleteFunc(c.subscribers, func(o *subscriber) bool { return o == w })
}

// leastImportant is the watcher to be dropped: the oldest of the least important ones; c.mu is
// held.
func (c *Console) leastImportant() *subscriber {
	return slices.MinFunc(c.subscribers, func(a, b *subscriber) int {
		return cmp.Compare(c.rank(a), c.rank(b))
	})
}

// rank is the importance of a watcher: first the driver's page, then browsers at which a driver has
// signed on before; c.mu is held.
func (c *Console) rank(w *subscriber) int {
	switch s := c.session; {
	case c.sessionByCookie(w.cookie) != nil,
		s != nil && w.browser != "" && signon.Equal(s.browser, w.browser):
		return 2
	case w.known:
		return 1
	}
	return 0
}

// drop ends a watcher's stream; c.mu is held.
func (c *Console) drop(w *subscriber) {
	c.subscribers = slices.DeleteFunc(c.subscribers, func(o *subscriber) bool { return o == w })
	w.end()
}

// publish sends an event to all watchers, without waiting.
func (c *Console) publish(e event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broadcast(e)
}

// broadcast is publish; c.mu is held.
func (c *Console) broadcast(e event) {
	for _, w := range slices.Clone(c.subscribers) {
		select {
		case w.events <- e:
		default:
			c.drop(w)
		}
	}
}

// events streams the events.
func (c *Console) events(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	browser, err := c.subscribe(r, cancel)
	if err != nil {
		return err
	}
	defer c.unsubscribe(browser)
	listener.KeepOpen(r)
	w.Header().Set("Content-Type", "text/event-stream")
	api.Stream(ctx, w, func(_ context.Context, tell func([]byte) error) error {
		for {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case e := <-browser.events:
				text, err := json.Marshal(c.visibleTo(e, browser))
				if err == nil {
					err = tell(text)
				}
				if err != nil {
					return err
				}
			}
		}
	})
	return nil
}

// visibleTo is the part of an event that a browser may see: its own session, and the content of a
// card only with a session.
func (c *Console) visibleTo(e event, w *subscriber) event {
	if e.sessions {
		session := c.subscriberSession(w)
		return event{Session: &session}
	}
	if e.Tap == nil || e.Tap.Look == nil {
		return e
	}
	if s := c.subscriberSession(w); !s.SignedOn || s.Locked {
		tap := *e.Tap
		tap.Look = nil
		e.Tap = &tap
	}
	return e
}

// subscriberSession is the session at a browser. It may have begun after the watching did; the
// browser is then recognized, but not given the token.
func (c *Console) subscriberSession(w *subscriber) Session {
	if seen := c.sessionOf(w.cookie); seen.SignedOn {
		return seen
	}
	c.mu.Lock()
	cookie := ""
	if s := c.session; s != nil && w.browser != "" && signon.Equal(s.browser, w.browser) {
		cookie = s.cookie
	}
	c.mu.Unlock()
	seen := c.sessionOf(cookie)
	seen.Token = ""
	return seen
}
