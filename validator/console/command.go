package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"leima/validator/api"
)

// Pressed is a command as the page sends it. The id is that of the press: what gets no
// answer is sent again with the same.
type Pressed struct {
	ID      string      `json:"id"`
	Device  string      `json:"device"`
	Command api.Command `json:"command"`
}

// Done is what came of it.
type Done struct {
	Answer  api.Answer `json:"answer"`
	Receipt *Receipt   `json:"receipt"`
}

// A press is a command that was given, with what came of it.
type press struct {
	said string // as it was given

	mu     sync.Mutex // held while it is carried out
	orders map[string]api.Order
	lost   bool // an order got no answer
	over   bool // it is known what came of it
	answer api.Answer
	slip   *slip
	err    error
}

// How long a press waits for the answer of a device, which the page's patience bounds, and
// after how long a lost answer is asked for again.
const (
	patience = 3 * time.Second
	retry    = 200 * time.Millisecond
)

// mostPresses is how many commands a session may give: a driver gives some hundred a day.
const mostPresses = 20_000

// do carries out what the driver has pressed, once, however often it is sent.
func (c *Console) do(ctx context.Context, s *session, asked Pressed) (Done, error) {
	if err := allowed(s.role, &asked); err != nil {
		return Done{}, err
	}
	p, err := c.pressed(s, &asked)
	if err != nil {
		return Done{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		// A page that goes away does not leave an order half asked for.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		p.answer, p.slip, p.err = c.carryOut(ctx, s, p, &asked)
		if p.over = !errors.Is(p.err, api.ErrLost); p.over {
			p.orders = nil // they may name a birth date
		}
	}
	if errors.Is(p.err, api.ErrLost) {
		return Done{}, errUnknown
	}
	if p.err != nil {
		return Done{}, p.err
	}
	return Done{p.answer, c.written(p.slip)}, nil
}

// errUnknown says that nobody knows yet.
var errUnknown = &api.Refused{Code: http.StatusGatewayTimeout, Why: "the validator does not " +
	"answer, and it is not known whether it was done: look at the last taps before you try again"}

// pressed finds a press by its id, or notes a new one.
func (c *Console) pressed(s *session, asked *Pressed) (*press, error) {
	text, _ := json.Marshal(asked) // words and numbers, which always can be
	if len(asked.ID) < 8 || len(asked.ID) > 64 {
		return nil, &api.Refused{Code: http.StatusBadRequest,
			Why: "a command's id has 8 to 64 characters"}
	}
	digest := sha256.Sum256(text)
	said := string(digest[:]) // it may hold a birth date, which is kept nowhere
	c.mu.Lock()
	defer c.mu.Unlock()
	switch p := s.presses[asked.ID]; {
	case c.session != s:
		return nil, errNobody
	case p != nil && p.said != said:
		return nil, &api.Refused{Code: http.StatusConflict,
			Why: "another command was given by this id: give each its own"}
	case p != nil:
		return p, nil
	case len(s.presses) >= mostPresses:
		return nil, &api.Refused{Code: http.StatusTooManyRequests,
			Why: "too many commands: sign off and on again"}
	}
	p := &press{said: said, orders: map[string]api.Order{}}
	s.presses[asked.ID] = p
	return p, nil
}

// carryOut gives a press to its device.
func (c *Console) carryOut(ctx context.Context, s *session, p *press, asked *Pressed) (
	api.Answer, *slip, error,
) {
	switch asked.Device {
	case both:
		err := c.moveOwn(ctx, s, *asked.Command.Move, idOf(s, own, asked.ID))
		if err == nil {
			c.register(ctx)
			c.place(ctx)
		}
		return api.Answer{}, nil, err
	case bus:
		l, up := c.linked()
		if !up && !p.lost {
			return api.Answer{}, nil, l.down()
		}
		answer, err := c.give(ctx, s, p, asked, l, c.Bus)
		return answer, nil, err
	}
	answer, err := c.give(ctx, s, p, asked, c.ownLink(), c.Own)
	if err != nil {
		return answer, nil, err
	}
	return answer, c.sold(asked, answer), nil
}

// give gives an order until it is answered or ctx ends. It is the same order, with the same
// id, boot and expiry, whenever it is given.
func (c *Console) give(
	ctx context.Context, s *session, p *press, asked *Pressed, l link, device api.Device,
) (api.Answer, error) {
	order, given := p.orders[asked.Device]
	if !given {
		shift := s.shift
		order = l.order(c.Now(), idOf(s, asked.Device, asked.ID), &shift, asked.Command)
		p.orders[asked.Device] = order
	}
	for {
		answer, err := device.Do(ctx, order)
		if !errors.Is(err, api.ErrLost) && !errors.Is(err, context.DeadlineExceeded) {
			return answer, p.unclear(err)
		}
		p.lost = true
		select {
		case <-ctx.Done():
			return answer, api.ErrLost
		case <-time.After(retry):
		}
	}
}

// unclear tells apart what was refused, and what was refused only when it was asked for
// again: too late, or by a validator that was restarted since.
func (p *press) unclear(err error) error {
	var refused *api.Refused
	if p.lost && errors.As(err, &refused) &&
		(refused.Code == http.StatusGone || refused.Code == http.StatusConflict) {
		return &api.Refused{Code: refused.Code, Why: "the answer was lost, and it is not known " +
			"whether it was done: look at the last taps before you try again"}
	}
	return err
}

// idOf is the id of an order. It differs by device and shift, and tells nothing of the page's.
func idOf(s *session, device, id string) string {
	digest := sha256.Sum256(fmt.Appendf(nil, "%s %v %s", device, s.shift, id))
	return device + "-" + hex.EncodeToString(digest[:16])
}
