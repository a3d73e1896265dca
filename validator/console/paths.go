package console

import (
	"context"
	"errors"
	"net/http"

	"leima/validator/api"
	"leima/validator/signon"
)

type (
	pinRequest struct {
		PIN string `json:"pin"`
	}
	receiptRequest struct {
		ID string `json:"id"`
	}
)

// States are the states of both devices.
type States struct {
	Bus   *api.State `json:"bus"` // nil while it is down
	Own   api.State  `json:"own"`
	Link  bool       `json:"link"`
	Cause *api.Words `json:"cause,omitempty"`
}

func (c *Console) states() (s States) {
	s.Own = c.ownLink().state
	l, up := c.busLink()
	if s.Link = up; up {
		s.Bus = &l.state
	} else {
		s.Cause = l.why()
	}
	return s
}

// asked queries the own device, which sells and decides, so that the page shows what will be done;
// or the bus, while the own device has no tariff yet.
func asked[A any](c *Console, ask func(api.Device) (A, error)) (A, error) {
	answer, err := ask(c.Own)
	refusal := (*api.Refused)(nil)
	if _, up := c.busLink(); !up || !errors.As(err, &refusal) ||
		refusal.Code != http.StatusServiceUnavailable {
		return answer, err
	}
	return ask(c.Bus)
}

func (c *Console) getTaps(_ http.ResponseWriter, r *http.Request) (any, error) {
	taps, err := c.taps(r.Context())
	if s := c.sessionOf(signon.Cookie(r, cookieName)); !s.SignedOn || s.Locked {
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
	_, report, err := c.handedOverReport(r.Context())
	return report, err
}

func (c *Console) postHanded(ctx context.Context, s *session, typed pinRequest) (any, error) {
	if _, err := c.signForCash(ctx, typed.PIN, s.known); err != nil {
		return nil, err
	}
	return c.sessionOf(s.cookie), nil
}

func (c *Console) postSignOn(w http.ResponseWriter, r *http.Request) (any, error) {
	var typed SignOnRequest
	if err := api.Read(w, r, &typed); err != nil {
		return nil, err
	}
	s, err := c.signOn(r.Context(), typed, signon.Cookie(r, cookieName),
		signon.Cookie(r, browserName))
	if err != nil {
		return nil, err
	}
	w.Header().Del("Set-Cookie") // of the browser, which gets its secret now
	c.setCookie(w, browserName, s.known)
	c.setCookie(w, cookieName, s.cookie)
	return c.sessionOf(s.cookie), nil
}

func (c *Console) getSession(_ http.ResponseWriter, r *http.Request) (any, error) {
	return c.sessionOf(signon.Cookie(r, cookieName)), nil
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
	if c.sessionOf(signon.Cookie(r, cookieName)).Locked {
		return nil, errLocked
	}
	return c.receipts(c.setLanguage(r.URL.Query().Get("lang"))), nil
}

func (c *Console) getEmulation(_ http.ResponseWriter, r *http.Request) (any, error) {
	return c.emulationState(r.Context())
}

func (c *Console) postSignOff(ctx context.Context, s *session, _ struct{}) (any, error) {
	report, err := c.signOff(ctx, s)
	return map[string]Report{"report": report}, err
}

func (c *Console) postLock(_ context.Context, s *session, _ struct{}) (any, error) {
	c.lock(s, true)
	return c.sessionOf(s.cookie), nil
}

func (c *Console) postUnlock(_ context.Context, s *session, typed pinRequest) (any, error) {
	if err := c.unlock(s, typed.PIN); err != nil {
		return nil, err
	}
	return c.sessionOf(s.cookie), nil
}

// postCommand carries out a command; its receipt is in the language of the page.
func (c *Console) postCommand(w http.ResponseWriter, r *http.Request) (any, error) {
	return authorized(c, unlocked, func(ctx context.Context, s *session, p CommandRequest) (any,
		error,
	) {
		c.setLanguage(r.URL.Query().Get("lang"))
		return c.do(ctx, s, p)
	})(w, r)
}

func (c *Console) postQuestion(ctx context.Context, _ *session, q api.Question) (any, error) {
	return asked(c, func(d api.Device) (api.Advice, error) { return d.Ask(ctx, q) })
}

func (c *Console) postPrint(_ context.Context, _ *session, receipt receiptRequest) (any, error) {
	return struct{}{}, c.print(receipt.ID)
}

func (c *Console) postEmulation(ctx context.Context, _ *session, a Operation) (any, error) {
	return c.operate(ctx, a)
}

// getDepartures are the next departures by the timetable on the bus; none while it is down.
func (c *Console) getDepartures(_ http.ResponseWriter, r *http.Request) (any, error) {
	if _, up := c.busLink(); !up {
		return api.Departures{}, nil
	}
	return c.Bus.Departures(r.Context(), r.FormValue("line"))
}
