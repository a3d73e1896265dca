package console

import (
	"context"
	"errors"
	"net/http"

	"leima/validator/api"
)

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

// asked asks the own device, which sells and judges, so that what is shown is what is done;
// or the bus, while the own has no tariff yet.
func asked[A any](c *Console, ask func(api.Device) (A, error)) (A, error) {
	answer, err := ask(c.Own)
	refusal := (*api.Refused)(nil)
	if _, up := c.linked(); !up || !errors.As(err, &refusal) ||
		refusal.Code != http.StatusServiceUnavailable {
		return answer, err
	}
	return ask(c.Bus)
}

func (c *Console) getTaps(_ http.ResponseWriter, r *http.Request) (any, error) {
	taps, err := c.taps(r.Context())
	if s := c.sessionOf(cookieOf(r, cookieName)); !s.SignedOn || s.Locked {
		for n := range taps {
			taps[n].Look = nil
		}
	}
	return taps, err
}

func (c *Console) getReport(r *http.Request, s *session) (any, error) {
	report := c.report(r.Context(), s.shift)
	c.keepReport(s.shift, report)
	return report, nil
}

func (c *Console) getHanded(r *http.Request, _ *session) (any, error) {
	_, report, err := c.handed(r.Context())
	return report, err
}

func (c *Console) postHanded(ctx context.Context, s *session, typed pinned) (any, error) {
	if _, err := c.signHanded(ctx, typed.PIN); err != nil {
		return nil, err
	}
	return c.sessionOf(s.cookie), nil
}

func (c *Console) postSignOn(w http.ResponseWriter, r *http.Request) (any, error) {
	var typed SigningOn
	if err := api.Read(w, r, &typed); err != nil {
		return nil, err
	}
	s, err := c.signOn(r.Context(), typed, cookieOf(r, cookieName), cookieOf(r, browserName))
	if err != nil {
		return nil, err
	}
	c.setCookie(w, cookieName, s.cookie)
	return c.sessionOf(s.cookie), nil
}

func (c *Console) getSession(_ http.ResponseWriter, r *http.Request) (any, error) {
	return c.sessionOf(cookieOf(r, cookieName)), nil
}

func (c *Console) getStates(http.ResponseWriter, *http.Request) (any, error) {
	return c.states(), nil
}

func (c *Console) getEvents(w http.ResponseWriter, r *http.Request) (any, error) {
	return nil, c.events(w, r)
}

func (c *Console) getOffer(_ http.ResponseWriter, r *http.Request) (any, error) {
	return asked(c, func(d api.Device) (api.Offer, error) { return d.Offer(r.Context()) })
}

func (c *Console) getReceipts(r *http.Request, _ *session) (any, error) {
	if c.sessionOf(cookieOf(r, cookieName)).Locked {
		return nil, errLocked
	}
	return c.receipts(c.speak(r.URL.Query().Get("lang"))), nil
}

func (c *Console) getStreet(_ http.ResponseWriter, r *http.Request) (any, error) {
	return c.scene(r.Context())
}

func (c *Console) postSignOff(ctx context.Context, s *session, _ struct{}) (any, error) {
	report, err := c.signOff(ctx, s)
	return map[string]Report{"report": report}, err
}

func (c *Console) postLock(_ context.Context, s *session, _ struct{}) (any, error) {
	c.lock(s, true)
	return c.sessionOf(s.cookie), nil
}

func (c *Console) postUnlock(_ context.Context, s *session, typed pinned) (any, error) {
	if err := c.unlock(s, typed.PIN); err != nil {
		return nil, err
	}
	return c.sessionOf(s.cookie), nil
}

// postCommand carries out a command; its receipt is in the language that the page says.
func (c *Console) postCommand(w http.ResponseWriter, r *http.Request) (any, error) {
	return telling(c, unlocked, func(ctx context.Context, s *session, p Pressed) (any, error) {
		c.speak(r.URL.Query().Get("lang"))
		return c.do(ctx, s, p)
	})(w, r)
}

func (c *Console) postQuestion(ctx context.Context, _ *session, q api.Question) (any, error) {
	return asked(c, func(d api.Device) (api.Advice, error) { return d.Ask(ctx, q) })
}

func (c *Console) postPrint(_ context.Context, _ *session, receipt named) (any, error) {
	return struct{}{}, c.print(receipt.ID)
}

func (c *Console) postStreet(ctx context.Context, _ *session, a Act) (any, error) {
	return c.act(ctx, a)
}
