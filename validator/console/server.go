package console

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"leima/validator/api"
	"leima/validator/listener"
	"leima/validator/messages"
	"leima/validator/signon"
)

// The header of the token, and the cookie of the session. A page of another origin can send the
// cookie, but neither read the token nor set a header.
const (
	tokenHeader = "X-Leima-Token"
	cookieName  = "leima"

	// browserName is the cookie that identifies a browser: for a stream of events that began before
	// its driver signed on, and for counting its wrong PINs apart from those of unknown browsers.
	// It grants nothing else.
	browserName = "leima-browser"
)

// NewServer serves the console over HTTP.
func (c *Console) NewServer() *http.Server {
	server := listener.NewServer(c.Handler())
	server.WriteTimeout = 30 * time.Second // a stream sets its own
	return server
}

// Handler serves the page with all its requests.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(c.Page))
	mux.HandleFunc("GET /messages.js", script)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		write(w, nil, api.Refuse(http.StatusNotFound, "there is no such path"))
	})
	for pattern, answer := range c.paths() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			found, err := answer(w, r)
			if found != nil || err != nil {
				write(w, found, err)
			}
		})
	}
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, nil, api.Refuse(http.StatusForbidden,
			"the request comes from another page"))
	}))
	return c.guarded(origin.Handler(mux))
}

// script is the table of messages as a script of the page.
func script(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	table, _ := json.Marshal(messages.Named()) // texts always can be marshalled
	_, _ = w.Write(append([]byte("export const messages = "), table...))
}

// guarded refuses requests under other host names, and sends the browser the policy of the page.
func (c *Console) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signon.Protect(w)
		if !slices.Contains(c.Hosts, hostOf(r.Host)) {
			write(w, nil, api.Refuse(http.StatusForbidden,
				"the console is not called by this name: use its address"))
			return
		}
		if signon.Cookie(r, browserName) == "" {
			c.setCookie(w, browserName, c.secret())
		}
		next.ServeHTTP(w, r)
	})
}

// hostOf is a host without its port.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// A path answers a request; nil without an error: it has answered itself.
type path func(w http.ResponseWriter, r *http.Request) (any, error)

func (c *Console) paths() map[string]path {
	return map[string]path{
		"GET /api/session":    c.getSession,
		"GET /api/state":      c.getStates,
		"GET /api/taps":       c.getTaps,
		"GET /api/events":     c.getEvents,
		"GET /api/offer":      c.getOffer,
		"GET /api/departures": c.getDepartures,
		"GET /api/receipts":   c.viewing(c.getReceipts),
		"GET /api/report":     c.viewing(c.getReport),
		"GET /api/handed":     c.viewing(c.getHanded),
		"GET /api/emulated":   c.getEmulation,
		"POST /api/sign-on":   c.postSignOn,
		"POST /api/sign-off":  authorized(c, unlocked, c.postSignOff),
		"POST /api/handed":    authorized(c, unlocked, c.postHanded),
		"POST /api/lock":      authorized(c, unlocked, c.postLock),
		"POST /api/unlock":    authorized(c, anyhow, c.postUnlock),
		"POST /api/command":   c.postCommand,
		"POST /api/question":  authorized(c, anyhow, c.postQuestion),
		"POST /api/print":     authorized(c, unlocked, c.postPrint),
		"POST /api/emulated":  authorized(c, anyhow, c.postEmulation),
	}
}

// viewing answers browsers with a session, also while it is locked.
func (c *Console) viewing(answer func(*http.Request, *session) (any, error)) path {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		c.mu.Lock()
		s := c.sessionByCookie(signon.Cookie(r, cookieName))
		c.mu.Unlock()
		if s == nil {
			return nil, errNobody
		}
		return answer(r, s)
	}
}

// Whether a locked session may send a request too.
const (
	unlocked = false
	anyhow   = true
)

// authorized answers the driver's page: with the session's cookie and token, and unlocked unless it
// may be locked.
func authorized[A any](
	c *Console, locked bool, answer func(context.Context, *session, A) (any, error),
) path {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		s, err := c.authorize(r, locked)
		if err != nil {
			return nil, err
		}
		var told A
		if err := api.Read(w, r, &told); err != nil {
			return nil, err
		}
		return answer(r.Context(), s, told)
	}
}

// authorize is the session of a request that may change something.
func (c *Console) authorize(r *http.Request, mayBeLocked bool) (*session, error) {
	c.idle()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sessionByCookie(signon.Cookie(r, cookieName))
	switch {
	case s == nil:
		return nil, errNobody
	case !signon.Equal(s.token, r.Header.Get(tokenHeader)):
		return nil, errToken
	case s.locked && !mayBeLocked:
		return nil, errLocked
	}
	if !s.locked {
		s.used = c.Now()
	}
	return s, nil
}

// setCookie gives a browser a secret, which no page can read. The cookie of the session ends with
// the browser's window, that of the browser does not.
func (c *Console) setCookie(w http.ResponseWriter, name, value string) {
	lasts := time.Duration(0)
	if name == browserName {
		lasts = signon.Remembered
	}
	signon.SetCookie(w, name, value, c.Secure, lasts)
}

// write answers a request.
func write(w http.ResponseWriter, answer any, err error) {
	var wait *signon.LockedError
	switch {
	case errors.As(err, &wait):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(wait.Code)
		_ = json.NewEncoder(w).Encode(wait)
	case errors.Is(err, api.ErrLost):
		api.Write(w, nil, api.Refuse(http.StatusServiceUnavailable, "%v", err))
	default:
		api.Write(w, answer, err)
	}
}
