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
		"GET /api/session": func(_ http.ResponseWriter, r *http.Request) (any, error) {
			return c.sessionOf(cookieOf(r)), nil
		},
		"GET /api/state":  func(http.ResponseWriter, *http.Request) (any, error) { return c.states(), nil },
		"GET /api/taps":   c.getTaps,
		"GET /api/events": func(w http.ResponseWriter, r *http.Request) (any, error) { return nil, c.events(w, r) },
		"GET /api/offer": func(_ http.ResponseWriter, r *http.Request) (any, error) {
			return asked(c, func(d api.Device) (api.Offer, error) { return d.Offer(r.Context()) })
		},
		"GET /api/receipts": c.seeing(func(r *http.Request, _ *session) (any, error) {
			return c.receipts(c.speak(r.URL.Query().Get("lang"))), nil
		}),
		"GET /api/report": c.seeing(c.getReport),
		"GET /api/street": func(_ http.ResponseWriter, r *http.Request) (any, error) {
			return c.scene(r.Context())
		},
		"POST /api/sign-on": c.postSignOn,
		"POST /api/sign-off": telling(c, unlocked, func(ctx context.Context, s *session, _ struct{}) (any, error) {
			report, err := c.signOff(ctx, s)
			return map[string]Report{"report": report}, err
		}),
		"POST /api/lock": telling(c, unlocked, func(_ context.Context, s *session, _ struct{}) (any, error) {
			c.lock(s, true)
			return c.sessionOf(s.cookie), nil
		}),
		"POST /api/unlock": telling(c, anyhow, func(_ context.Context, s *session, a pinned) (any, error) {
			if err := c.unlock(s, a.PIN); err != nil {
				return nil, err
			}
			return c.sessionOf(s.cookie), nil
		}),
		"POST /api/command": telling(c, unlocked, func(ctx context.Context, s *session, a Pressed) (any, error) {
			return c.do(ctx, s, a)
		}),
		"POST /api/question": telling(c, anyhow, func(ctx context.Context, _ *session, q api.Question) (any, error) {
			return asked(c, func(d api.Device) (api.Advice, error) { return d.Ask(ctx, q) })
		}),
		"POST /api/print": telling(c, unlocked, func(_ context.Context, _ *session, a named) (any, error) {
			return struct{}{}, c.print(a.ID)
		}),
		"POST /api/street": telling(c, anyhow, func(ctx context.Context, _ *session, a Act) (any, error) {
			return c.act(ctx, a)
		}),
	}
}

type (
	pinned struct {
		PIN string `json:"pin"`
	}
	named struct {
		ID string `json:"id"`
	}
)

// States is both devices.
type States struct {
	Bus   *api.State `json:"bus"` // nil while it is down
	Own   api.State  `json:"own"`
	Link  bool       `json:"link"`
	Cause string     `json:"cause,omitempty"`
}

func (c *Console) states() (s States) {
	s.Own = c.ownLink().state
	l, up := c.linked()
	if s.Link = up; up {
		s.Bus = &l.state
	} else {
		s.Cause = l.cause
	}
	return s
}

// asked asks the bus, or the own device when that is down.
func asked[A any](c *Console, ask func(api.Device) (A, error)) (A, error) {
	if _, up := c.linked(); up {
		if answer, err := ask(c.Bus); !errors.Is(err, api.ErrLost) {
			return answer, err
		}
	}
	return ask(c.Own)
}

func (c *Console) getTaps(_ http.ResponseWriter, r *http.Request) (any, error) {
	taps, err := c.taps(r.Context())
	if !c.sessionOf(cookieOf(r)).SignedOn {
		for n := range taps {
			taps[n].Look = nil
		}
	}
	return taps, err
}

func (c *Console) getReport(r *http.Request, s *session) (any, error) {
	report := c.report(r.Context(), s.shift)
	c.keep(slip{id: reportID(s.shift), at: c.Clock.Now(), kind: reportSlip, report: &report,
		shift: s.shift})
	return report, nil
}

func (c *Console) postSignOn(w http.ResponseWriter, r *http.Request) (any, error) {
	var typed SigningOn
	if err := api.Read(w, r, &typed); err != nil {
		return nil, err
	}
	s, err := c.signOn(r.Context(), typed, cookieOf(r))
	if err != nil {
		return nil, err
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.cookie, Path: "/", HttpOnly: true,
		Secure: c.Secure, SameSite: http.SameSiteStrictMode})
	return c.sessionOf(s.cookie), nil
}

// seeing answers those who are signed on, also while the page is locked.
func (c *Console) seeing(answer func(*http.Request, *session) (any, error)) path {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		c.mu.Lock()
		s := c.here(cookieOf(r))
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
	s := c.here(cookieOf(r))
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

func cookieOf(r *http.Request) string {
	cookie, err := r.Cookie(cookieName)
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
