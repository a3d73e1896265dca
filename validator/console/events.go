package console

import (
	"context"
	"encoding/json"
	"net/http"

	"leima/validator/api"
)

// An event is what the page is told as it happens.
type event struct {
	Device  string     `json:"device,omitempty"`
	Tap     *api.Tap   `json:"tap,omitempty"`
	State   *api.State `json:"state,omitempty"`
	Link    *bool      `json:"link,omitempty"`
	Cause   string     `json:"cause,omitempty"`
	Session *Session   `json:"session,omitempty"`
	Street  *Scene     `json:"street,omitempty"`

	sessions bool // each browser is told of its own
}

func linked(l link) event {
	if l.up {
		l.cause = ""
	}
	return event{Link: &l.up, Cause: l.cause}
}

// watchers is how many browsers may watch at once, and lag how many events one of them may
// be behind: then it is cut off, and begins anew with the present.
const (
	watchers = 16
	lag      = 64
)

// A watcher is a browser that watches.
type watcher struct {
	cookie  string // of the session that it had when it began to watch
	browser string
	events  chan event
	end     context.CancelFunc
}

// watch begins to tell a browser of everything.
func (c *Console) watch(r *http.Request, end context.CancelFunc) (*watcher, error) {
	w := &watcher{cookieOf(r, cookieName), cookieOf(r, browserName), make(chan event, lag), end}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.watchers) >= watchers {
		return nil, &api.Refused{Code: http.StatusTooManyRequests,
			Why: "too many browsers watch already: close one"}
	}
	c.watchers[w] = true
	w.events <- linked(c.links)
	if c.links.up {
		state := c.links.state
		w.events <- event{Device: bus, State: &state}
	}
	state := c.own
	w.events <- event{Device: own, State: &state}
	w.events <- event{sessions: true}
	return w, nil
}

func (c *Console) leave(w *watcher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.watchers, w)
}

// publish tells everybody, and waits for nobody.
func (c *Console) publish(e event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spread(e)
}

// spread is publish; c.mu is held.
func (c *Console) spread(e event) {
	for w := range c.watchers {
		select {
		case w.events <- e:
		default:
			delete(c.watchers, w)
			w.end()
		}
	}
}

// events streams what happens.
func (c *Console) events(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	browser, err := c.watch(r, cancel)
	if err != nil {
		return err
	}
	defer c.leave(browser)
	w.Header().Set("Content-Type", "text/event-stream")
	api.Stream(ctx, w, func(_ context.Context, tell func([]byte) error) error {
		for {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case e := <-browser.events:
				text, err := json.Marshal(c.seen(e, browser))
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

// seen is an event as a browser may see it: its own session, and what is on a card only where
// somebody is signed on.
func (c *Console) seen(e event, w *watcher) event {
	if e.sessions {
		session := c.watched(w)
		return event{Session: &session}
	}
	if e.Tap == nil || e.Tap.Look == nil {
		return e
	}
	if s := c.watched(w); !s.SignedOn || s.Locked {
		tap := *e.Tap
		tap.Look = nil
		e.Tap = &tap
	}
	return e
}

// watched is the session at a browser. It may have begun after the watching did, which then
// knows the browser, and is not told the token.
func (c *Console) watched(w *watcher) Session {
	if seen := c.sessionOf(w.cookie); seen.SignedOn {
		return seen
	}
	c.mu.Lock()
	cookie := ""
	if s := c.session; s != nil && w.browser != "" && equal(s.browser, w.browser) {
		cookie = s.cookie
	}
	c.mu.Unlock()
	seen := c.sessionOf(cookie)
	seen.Token = ""
	return seen
}
