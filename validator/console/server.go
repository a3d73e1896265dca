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
)

// The header of the token, and the cookie of the session. A page of another origin can send
// the cookie, but neither read the token nor set a header.
const (
	tokenHeader = "X-Leima-Token"
	cookieName  = "leima"

	// browserName is the cookie by which a stream of events is known again that began
	// before its driver signed on. It allows nothing.
	browserName = "leima-browser"
)

// policy lets the page load what the console serves, and nothing else.
const policy = "default-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// NewServer serves the console over HTTP.
func (c *Console) NewServer() *http.Server {
	return &http.Server{
		Handler:           c.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second, // a stream sets its own
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

// Handler is the page, and everything that it asks for.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(c.Page))
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		write(w, nil, &api.Refused{Code: http.StatusNotFound, Why: "there is no such path"})
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
		write(w, nil, &api.Refused{Code: http.StatusForbidden,
			Why: "the request comes from another page"})
	}))
	return c.guarded(origin.Handler(mux))
}

// guarded keeps pages of other names out, however a name server resolves them, and tells the
// browser what the page may do.
func (c *Console) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !slices.Contains(c.Hosts, hostOf(r.Host)) {
			write(w, nil, &api.Refused{Code: http.StatusForbidden,
				Why: "the console is not called by this name: use its address"})
			return
		}
		if cookieOf(r, browserName) == "" {
			c.setCookie(w, browserName, c.newID()+c.newID())
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

// A path answers a request; nil and no error: it has answered itself.
type path func(w http.ResponseWriter, r *http.Request) (any, error)

func (c *Console) paths() map[string]path {
	return map[string]path{
		"GET /api/session":   c.getSession,
		"GET /api/state":     c.getStates,
		"GET /api/taps":      c.getTaps,
		"GET /api/events":    c.getEvents,
		"GET /api/offer":     c.getOffer,
		"GET /api/receipts":  c.seeing(c.getReceipts),
		"GET /api/report":    c.seeing(c.getReport),
		"GET /api/handed":    c.seeing(c.getHanded),
		"GET /api/street":    c.getStreet,
		"POST /api/sign-on":  c.postSignOn,
		"POST /api/sign-off": telling(c, unlocked, c.postSignOff),
		"POST /api/handed":   telling(c, unlocked, c.postHanded),
		"POST /api/lock":     telling(c, unlocked, c.postLock),
		"POST /api/unlock":   telling(c, anyhow, c.postUnlock),
		"POST /api/command":  c.postCommand,
		"POST /api/question": telling(c, anyhow, c.postQuestion),
		"POST /api/print":    telling(c, unlocked, c.postPrint),
		"POST /api/street":   telling(c, anyhow, c.postStreet),
	}
}

// seeing answers those who are signed on, also while the page is locked.
func (c *Console) seeing(answer func(*http.Request, *session) (any, error)) path {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		c.mu.Lock()
		s := c.here(cookieOf(r, cookieName))
		c.mu.Unlock()
		if s == nil {
			return nil, errNobody
		}
		return answer(r, s)
	}
}

// Whether a page that is locked may tell something, too.
const (
	unlocked = false
	anyhow   = true
)

// telling answers the driver's page: with the session's cookie and token, and unlocked unless
// it may be locked.
func telling[A any](
	c *Console, locked bool, answer func(context.Context, *session, A) (any, error),
) path {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		s, err := c.teller(r, locked)
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

// teller is the session of a request that may tell something.
func (c *Console) teller(r *http.Request, mayBeLocked bool) (*session, error) {
	c.idle()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.here(cookieOf(r, cookieName))
	switch {
	case s == nil:
		return nil, errNobody
	case !equal(s.token, r.Header.Get(tokenHeader)):
		return nil, errToken
	case s.locked && !mayBeLocked:
		return nil, errLocked
	}
	if !s.locked {
		s.used = c.Now()
	}
	return s, nil
}

// setCookie gives a browser a secret, which no page can read.
func (c *Console) setCookie(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true,
		Secure: c.Secure, SameSite: http.SameSiteStrictMode})
}

func cookieOf(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// write answers a request.
func write(w http.ResponseWriter, answer any, err error) {
	var wait *waiting
	switch {
	case errors.As(err, &wait):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_ = json.NewEncoder(w).Encode(wait)
	case errors.Is(err, api.ErrLost):
		api.Write(w, nil, &api.Refused{Code: http.StatusServiceUnavailable, Why: err.Error()})
	default:
		api.Write(w, answer, err)
	}
}
