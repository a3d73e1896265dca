package console

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	"leima/validator"
	"leima/validator/api"
)

// Session is what a browser is told of who drives.
type Session struct {
	SignedOn    bool       `json:"signed_on"` // here; elsewhere does not count
	Locked      bool       `json:"locked"`
	Driver      uint32     `json:"driver,omitempty"`
	Role        Role       `json:"role,omitempty"`
	Line        string     `json:"line,omitempty"`
	Token       string     `json:"token,omitempty"`
	Shift       *api.Shift `json:"shift,omitempty"`
	IdleSeconds int        `json:"idle_seconds"`
	Demo        bool       `json:"demo"`

	// Handed is the shift that was handed over, whose driver has not signed for it.
	Handed *api.Shift `json:"handed,omitempty"`
}

// A session is a driver at one browser, from signing on to signing off. There is one.
type session struct {
	cookie  string
	browser string // that the driver has signed on at
	token   string
	driver  uint32
	role    Role
	shift   api.Shift
	line    string
	used    time.Time // the machine's clock, at the last request
	locked  bool

	presses map[string]*press // by their ids, as long as the session lasts
}

// SigningOn is what a driver types.
type SigningOn struct {
	Driver    uint32 `json:"driver"`
	PIN       string `json:"pin"`
	Line      string `json:"line"`
	Departure uint16 `json:"departure"`
	Over      bool   `json:"over"`
}

// longestLine is that of a place (api.Place).
const longestLine = 40

// The refusals of whoever may not.
var (
	errNobody = &api.Refused{Code: http.StatusUnauthorized,
		Why: "nobody is signed on here: sign on"}
	errToken = &api.Refused{Code: http.StatusForbidden,
		Why: "the request does not come from the driver's page: load the page again"}
	errLocked = &api.Refused{Code: http.StatusForbidden, Why: "the page is locked: type the PIN"}
	errRole   = &api.Refused{Code: http.StatusForbidden, Why: "your role does not allow this"}
)

// equal compares secrets; how long it takes tells nothing of them.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// here is the session of a browser, if it has it; c.mu is held.
func (c *Console) here(cookie string) *session {
	if c.session == nil || cookie == "" || !equal(c.session.cookie, cookie) {
		return nil
	}
	return c.session
}

// sessionOf is what a browser may know.
func (c *Console) sessionOf(cookie string) Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := Session{IdleSeconds: int(c.Idle / time.Second), Demo: c.Street != nil}
	if s := c.here(cookie); s != nil {
		shift := s.shift
		seen.SignedOn, seen.Locked, seen.Driver, seen.Role = true, s.locked, s.driver, s.role
		seen.Line, seen.Token, seen.Shift = s.line, s.token, &shift
		seen.Handed = c.book.Handed
	}
	return seen
}

// signOn begins a session, and a shift if the driver's is not on already.
func (c *Console) signOn(ctx context.Context, asked SigningOn, cookie, browser string) (
	*session, error,
) {
	if asked.Driver == 0 || len(asked.Line) > longestLine {
		return nil, &api.Refused{Code: http.StatusBadRequest,
			Why: "signing on: want a driver's number, and a line of 40 characters at most"}
	}
	c.signing.Lock()
	defer c.signing.Unlock()
	driver, err := c.check(asked.Driver, asked.PIN, false)
	if err != nil {
		return nil, err
	}
	if err := c.taken(asked, cookie); err != nil {
		return nil, err
	}
	if err := c.departs(asked, driver.Role); err != nil {
		return nil, err
	}
	c.mu.Lock()
	shift := api.Shift{Driver: driver.Number}
	if on := c.book.Shift; on != nil && on.Driver == driver.Number {
		shift = *on
	}
	former := c.book.Shift
	c.mu.Unlock()
	if shift, err = c.begin(ctx, shift); err != nil {
		return nil, err
	}
	s := &session{cookie: c.newID() + c.newID(), browser: browser, token: c.newID() + c.newID(),
		driver: driver.Number, role: driver.Role, shift: shift, line: asked.Line, used: c.Now(),
		presses: map[string]*press{}}
	c.enter(s, asked.Over)
	c.depart(ctx, s, asked)
	if former != nil && shift != *former {
		c.close(context.WithoutCancel(ctx), *former)
		c.hand(former)
	}
	return s, nil
}

// check tries a PIN.
func (c *Console) check(number uint32, pin string, signedOn bool) (driver Driver, err error) {
	return driver, c.attempts.try(number, signedOn, func() (ok bool, err error) {
		register, err := c.Drivers()
		if err != nil {
			return false, err
		}
		driver, ok = known(register, number, pin)
		return ok, nil
	})
}

// wrongPIN leaves a trace of an attempt: in the log, and in the journal where it locks.
func (c *Console) wrongPIN(number uint32, wait time.Duration) {
	c.Log.Warn("a PIN was wrong", "driver", number, "locked", wait.Round(time.Second))
	if wait <= 0 {
		return
	}
	if err := c.Own.Validator.Do(validator.Locked{Driver: number, Wait: wait}); err != nil {
		c.Log.Error("the journal does not say that signing on was locked", "error", err)
	}
}

// taken tells who is signed on instead, and was not said to hand over.
func (c *Console) taken(asked SigningOn, cookie string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	other := uint32(0)
	switch on, theirs := c.book.Shift, c.links.state.Shift; {
	case asked.Over:
	case c.session != nil && c.here(cookie) == nil:
		other = c.session.driver
	case on != nil && on.Driver != asked.Driver:
		other = on.Driver
	case c.links.up && theirs != nil && theirs.Device != c.own.Device:
		other = theirs.Driver
	}
	if other == 0 {
		return nil
	}
	return &api.Refused{Code: http.StatusConflict, Why: fmt.Sprintf(
		"driver %d is signed on: take the shift over, or have them sign off", other)}
}

// departs tells whether the driver has said on which departure the bus is. The last one is not
// taken for a new one: whoever has just left it would be told to have stamped already. Only who
// signs on again in the shift, on the line that it is on, goes on where the bus is; an inspector
// moves no bus.
func (c *Console) departs(asked SigningOn, role Role) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	on := c.book.Shift
	again := on != nil && on.Driver == asked.Driver &&
		(asked.Line == "" || asked.Line == c.own.Place.Line)
	if asked.Departure != 0 || role == RoleInspector || again {
		return nil
	}
	return &api.Refused{Code: http.StatusBadRequest,
		Why: "signing on: want the number of the departure, which is another one for each"}
}

// begin begins a shift on the own device, or goes on with it.
func (c *Console) begin(ctx context.Context, shift api.Shift) (api.Shift, error) {
	l := c.ownLink()
	answer, err := c.Own.Do(ctx, l.order(c.Now(), c.newID(), nil, api.Command{Kind: "sign_on",
		SignOn: &api.SignOn{Shift: shift, Over: true}}))
	if err != nil {
		return shift, err
	}
	return *answer.Shift, nil
}

// enter makes a session the one there is.
func (c *Console) enter(s *session, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.book.Shift == nil || *c.book.Shift != s.shift {
		c.book.Shift, c.slips = &s.shift, c.reports()
	}
	if s.line == "" {
		s.line = c.own.Place.Line
	}
	c.session, c.book.Role, c.book.Line, c.book.Over = s, s.role, s.line, over
	c.keepBook()
	c.spread(event{sessions: true})
}

// depart registers the shift on the bus, and tells both devices of line and departure. An
// inspector moves no bus.
func (c *Console) depart(ctx context.Context, s *session, asked SigningOn) {
	c.mu.Lock()
	place := c.own.Place
	if c.links.up && !c.book.Ahead {
		place = c.links.state.Place
	}
	c.mu.Unlock()
	if asked.Line != "" {
		place.Line = asked.Line
	}
	if asked.Departure != 0 {
		place.Trip = asked.Departure
	}
	if s.role != RoleInspector {
		if err := c.moveOwn(ctx, s, place, c.newID()); err != nil {
			c.Log.Warn("the own device was not told of the departure", "error", err)
		}
	}
	c.register(ctx)
	c.place(ctx)
}

// moveOwn tells the own device where the bus is; the bus hears it from place.
func (c *Console) moveOwn(ctx context.Context, s *session, p api.Place, id string) error {
	l := c.ownLink()
	_, err := c.Own.Do(ctx, l.order(c.Now(), id, &s.shift,
		api.Command{Kind: "move", Move: &p}))
	if err == nil {
		c.at(p, true)
	}
	return err
}

// signOff ends the session and the shift, and says what it has added up to. Where the bus is
// down, the shift ends there when it is back, and a supplement follows.
func (c *Console) signOff(ctx context.Context, s *session) (report Report, err error) {
	c.signing.Lock()
	defer c.signing.Unlock()
	ctx = context.WithoutCancel(ctx) // a page that gives up takes no report with it
	l := c.ownLink()
	_, err = c.Own.Do(ctx, l.order(c.Now(), c.newID(), &s.shift, api.Command{Kind: "sign_off"}))
	if err != nil {
		return report, err
	}
	c.mu.Lock()
	c.session, c.book.Shift, c.book.Role, c.book.Line, c.book.Over = nil, nil, "", "", false
	c.book.Ahead = false
	c.keepBook()
	c.spread(event{sessions: true})
	c.mu.Unlock()
	c.register(ctx)
	return c.close(ctx, s.shift), nil
}

// lock locks the page, until its driver types the PIN.
func (c *Console) lock(s *session, locked bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.locked, s.used = locked, c.Now()
	c.spread(event{sessions: true})
}

// unlock lets the driver go on who is signed on, and nobody else.
func (c *Console) unlock(s *session, pin string) error {
	if _, err := c.check(s.driver, pin, true); err != nil {
		return err
	}
	c.lock(s, false)
	return nil
}

// lockIdle locks a page that nobody has touched for a while.
func (c *Console) lockIdle(ctx context.Context) {
	every(ctx, time.Second, nil, func() { c.idle() })
}

func (c *Console) idle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.session; s != nil && !s.locked && c.Idle > 0 && c.Now().Sub(s.used) >= c.Idle {
		s.locked = true
		c.spread(event{sessions: true})
	}
}
