package console

import (
	"context"
	"net/http"
	"slices"
	"time"

	"leima/validator/api"
	"leima/validator/signon"
	"leima/validator/terminal"
)

// Session is the session as a browser sees it.
type Session struct {
	SignedOn    bool        `json:"signed_on"` // here; a session elsewhere does not count
	Locked      bool        `json:"locked"`
	Driver      uint32      `json:"driver,omitempty"`
	Role        signon.Role `json:"role,omitempty"`
	Line        string      `json:"line,omitempty"`
	Token       string      `json:"token,omitempty"`
	Shift       *api.Shift  `json:"shift,omitempty"`
	IdleSeconds int         `json:"idle_seconds"`
	Demo        bool        `json:"demo"`

	// HandedOver is the shift that was handed over, whose driver has not signed for it.
	HandedOver *api.Shift `json:"handed,omitempty"`
}

// A session is a driver at one browser, from sign-on to sign-off. There is at most one.
type session struct {
	cookie  string
	browser string // its secret at the sign-on
	known   string // its secret from then on
	token   string
	driver  uint32
	role    signon.Role
	shift   api.Shift
	line    string
	used    time.Time // the machine's time of the last request
	locked  bool

	commands map[string]*pendingCommand // by id, during the session
}

// SignOnRequest is the driver's input at the sign-on.
type SignOnRequest struct {
	Driver    uint32 `json:"driver"`
	PIN       string `json:"pin"`
	Line      string `json:"line"`
	Departure uint16 `json:"departure"`
	TakeOver  bool   `json:"over"`
}

// longestLine is the longest line of a place (api.Place).
const longestLine = 40

// The refusals without a right.
var (
	errNobody = api.Refuse(http.StatusUnauthorized,
		"no driver is signed on here: sign on")
	errToken = api.Refuse(http.StatusForbidden,
		"the request does not come from the driver's page: load the page again")
	errLocked = api.Refuse(http.StatusForbidden, "the page is locked: type the PIN")
	errRole   = api.Refuse(http.StatusForbidden, "your role does not allow this")
)

// sessionByCookie is the session of a browser, if it has it; c.mu is held.
func (c *Console) sessionByCookie(cookie string) *session {
	if c.session == nil || cookie == "" || !signon.Equal(c.session.cookie, cookie) {
		return nil
	}
	return c.session
}

// sessionOf is the session as a browser may see it.
func (c *Console) sessionOf(cookie string) Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := Session{IdleSeconds: int(c.Idle / time.Second), Demo: c.Emulation != nil}
	if s := c.sessionByCookie(cookie); s != nil {
		shift := s.shift
		seen.SignedOn, seen.Locked, seen.Driver, seen.Role = true, s.locked, s.driver, s.role
		seen.Line, seen.Token, seen.Shift = s.line, s.token, &shift
		seen.HandedOver = c.saved.HandedOver
	}
	return seen
}

// signOn begins a session, and a shift unless the driver's is open.
func (c *Console) signOn(ctx context.Context, asked SignOnRequest, cookie, browser string) (
	*session, error,
) {
	if asked.Driver == 0 || len(asked.Line) > longestLine {
		return nil, api.Refuse(http.StatusBadRequest,
			"signing on: want a driver's number, and a line of 40 characters at most")
	}
	driver, err := c.check(asked.Driver, asked.PIN, browser)
	if err != nil {
		return nil, err
	}
	c.signing.Lock()
	defer c.signing.Unlock()
	if err := c.refuseIfTaken(asked, cookie); err != nil {
		return nil, err
	}
	if err := c.requireDeparture(asked, driver.Role); err != nil {
		return nil, err
	}
	c.mu.Lock()
	shift := api.Shift{Driver: driver.Number}
	if on := c.saved.Shift; on != nil && on.Driver == driver.Number {
		shift = *on
	}
	former := c.saved.Shift
	c.mu.Unlock()
	if shift, err = c.begin(ctx, shift); err != nil {
		return nil, err
	}
	s := &session{
		cookie: c.secret(), browser: browser, known: c.rememberBrowser(driver.Number,
			browser),
		token: c.secret(), driver: driver.Number, role: driver.Role, shift: shift,
		line: asked.Line, used: c.Now(), commands: map[string]*pendingCommand{},
	}
	c.startSession(s, asked.TakeOver)
	c.announceDeparture(ctx, s, asked)
	if former != nil && shift != *former {
		c.closeShift(context.WithoutCancel(ctx), *former)
		c.setHandedOver(former)
	}
	return s, nil
}

// rememberBrowser makes the browser of a sign-on known, by a new secret that nobody can have
// planted there.
func (c *Console) rememberBrowser(number uint32, browser string) string {
	if !c.attempts.Known(browser) {
		browser = c.secret()
	}
	if err := c.attempts.Remember(number, browser); err != nil {
		c.Log.Error("a browser would be forgotten: make room in the state folder", "error", err)
	}
	return browser
}

// check checks a PIN from a browser.
func (c *Console) check(number uint32, pin, browser string) (signon.Person, error) {
	return c.attempts.SignOn(c.Drivers, number, pin, browser)
}

// wrongPIN records an attempt: in the log, and in the journal if it locks. An unknown number is
// recorded nowhere, since it may be a PIN.
func (c *Console) wrongPIN(number uint32, wait time.Duration) {
	register, err := c.Drivers()
	if err != nil || !slices.ContainsFunc(register, func(d signon.Person) bool {
		return d.Number == number
	}) {
		number = 0
	}
	c.Log.Warn("a PIN was wrong", "driver", number, "locked", wait.Round(time.Second))
	if wait <= 0 {
		return
	}
	if _, err := c.Own.Terminal.Do(terminal.SignOnLocked{Driver: number, Wait: wait}); err != nil {
		c.Log.Error("the journal does not say that signing on was locked", "error", err)
	}
}

// refuseIfTaken is the error if another driver is signed on and the request is no takeover.
func (c *Console) refuseIfTaken(asked SignOnRequest, cookie string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	other := uint32(0)
	switch on, theirs := c.saved.Shift, c.link.state.Shift; {
	case asked.TakeOver:
	case c.session != nil && c.sessionByCookie(cookie) == nil:
		other = c.session.driver
	case on != nil && on.Driver != asked.Driver:
		other = on.Driver
	case c.link.up && theirs != nil && theirs.Device != c.own.Device:
		other = theirs.Driver
	}
	if other == 0 {
		return nil
	}
	return api.Refuse(http.StatusConflict,
		"driver %d is signed on: take the shift over, or have them sign off", other)
}

// requireDeparture reports whether the request names the departure. The last departure is not
// assumed for a new sign-on: a passenger who has just left it would be told to have stamped
// already. Only a driver who signs on again in the shift, on its line, continues at the bus's
// place; an inspector does not move the bus.
func (c *Console) requireDeparture(asked SignOnRequest, role signon.Role) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	on := c.saved.Shift
	again := on != nil && on.Driver == asked.Driver &&
		(asked.Line == "" || asked.Line == c.own.Place.Line)
	if asked.Departure != 0 || role == RoleInspector || again {
		return nil
	}
	return api.Refuse(http.StatusBadRequest,
		"signing on: want the number of the departure, which is another one for each")
}

// begin begins a shift on the own device, or continues it.
func (c *Console) begin(ctx context.Context, shift api.Shift) (api.Shift, error) {
	l := c.ownLink()
	answer, err := c.Own.Do(ctx, l.order(c.Now(), c.newID(), nil, api.Command{
		Kind:   "sign_on",
		SignOn: &api.SignOn{Shift: shift, TakeOver: true},
	}))
	if err != nil {
		return shift, err
	}
	return *answer.Shift, nil
}

// startSession makes a session the present one.
func (c *Console) startSession(s *session, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.saved.Shift == nil || *c.saved.Shift != s.shift {
		c.saved.Shift, c.receiptLog, c.forgottenOrder = &s.shift, c.reports(), nil
	}
	if s.line == "" {
		s.line = c.own.Place.Line
	}
	c.session, c.saved.Role, c.saved.Line, c.saved.TakeOver = s, s.role, s.line, over
	c.saveState()
	c.broadcast(event{sessions: true})
}

// announceDeparture registers the shift on the bus, and sends line and departure to both devices.
// An inspector does not move the bus.
func (c *Console) announceDeparture(ctx context.Context, s *session, asked SignOnRequest) {
	c.mu.Lock()
	place := c.own.Place
	if c.link.up && !c.saved.PlacePending {
		place = c.link.state.Place
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
	c.syncShift(ctx)
	c.syncPlace(ctx)
}

// moveOwn sends the place to the own device; syncPlace sends it to the bus.
func (c *Console) moveOwn(ctx context.Context, s *session, p api.Place, id string) error {
	l := c.ownLink()
	_, err := c.Own.Do(ctx, l.order(c.Now(), id, &s.shift,
		api.Command{Kind: "move", Move: &p}))
	if err == nil {
		c.setPlace(p, true)
	}
	return err
}

// signOff ends the session and the shift, and returns its report. If the bus is down, the shift
// ends there later, and a supplement follows.
func (c *Console) signOff(ctx context.Context, s *session) (report Report, err error) {
	c.signing.Lock()
	defer c.signing.Unlock()
	ctx = context.WithoutCancel(ctx) // the report is made even if the page gives up
	l := c.ownLink()
	_, err = c.Own.Do(ctx, l.order(c.Now(), c.newID(), &s.shift, api.Command{Kind: "sign_off"}))
	if err != nil {
		return report, err
	}
	c.mu.Lock()
	c.session, c.saved.Shift, c.saved.Role, c.saved.Line, c.saved.TakeOver = nil, nil, "", "", false
	c.saved.PlacePending, c.forgottenOrder = false, nil
	c.saveState()
	c.broadcast(event{sessions: true})
	c.mu.Unlock()
	c.syncShift(ctx)
	return c.closeShift(ctx, s.shift), nil
}

// lock locks the page, until its driver types the PIN.
func (c *Console) lock(s *session, locked bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.locked, s.used = locked, c.Now()
	c.broadcast(event{sessions: true})
}

// unlock lets the driver of the session continue.
func (c *Console) unlock(s *session, pin string) error {
	if _, err := c.check(s.driver, pin, s.known); err != nil {
		return err
	}
	c.lock(s, false)
	return nil
}

// lockIdle locks a page that was not used for a while.
func (c *Console) lockIdle(ctx context.Context) {
	every(ctx, time.Second, nil, func() { c.idle() })
}

func (c *Console) idle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.session; s != nil && !s.locked && c.Idle > 0 && c.Now().Sub(s.used) >= c.Idle {
		s.locked = true
		c.broadcast(event{sessions: true})
	}
}
