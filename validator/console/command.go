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

// CommandRequest is a command from the page. The id is that of the button press: a command without
// an answer is sent again with the same id.
type CommandRequest struct {
	ID      string      `json:"id"`
	Device  string      `json:"device"`
	Command api.Command `json:"command"`
}

// CommandResult is the result of a command.
type CommandResult struct {
	Answer  api.Answer `json:"answer"`
	Receipt *Receipt   `json:"receipt"`
}

// A pendingCommand is a command with its result.
type pendingCommand struct {
	digest string // as it was given

	mu      sync.Mutex // held while it is carried out
	orders  map[string]api.Order
	lost    bool // an order got no answer
	done    bool // the result is known
	answer  api.Answer
	receipt *receiptData
	err     error
}

// How long a command waits for the answer of a device, within the page's patience, and the interval
// of asking again.
const (
	patience = 3 * time.Second
	retry    = 200 * time.Millisecond
)

// maxCommands bounds the commands of a session: a driver gives some hundred a day.
const maxCommands = 20_000

// do carries out a driver's command once, however often it is sent.
func (c *Console) do(ctx context.Context, s *session, asked CommandRequest) (CommandResult, error) {
	if err := checkRole(s.role, &asked); err != nil {
		return CommandResult{}, err
	}
	p, err := c.findCommand(s, &asked)
	if err != nil {
		return CommandResult{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.done {
		// If the page goes away, the order continues.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		p.answer, p.receipt, p.err = c.execute(ctx, s, p, &asked)
		if p.done = !errors.Is(p.err, api.ErrLost); p.done {
			p.orders = nil // they may contain a birth date
		}
	}
	if errors.Is(p.err, api.ErrLost) {
		return CommandResult{}, errUnknown
	}
	if p.err != nil {
		return CommandResult{}, p.err
	}
	return CommandResult{p.answer, c.render(p.receipt)}, nil
}

// errUnknown means that the result is not known yet.
var errUnknown = api.Refuse(http.StatusGatewayTimeout, "the validator does not "+
	"answer, and it is not known whether it was done: look at the last taps before you try again")

// findCommand finds a command by its id, or adds a new one.
func (c *Console) findCommand(s *session, asked *CommandRequest) (*pendingCommand, error) {
	text, _ := json.Marshal(asked) // words and numbers always can be marshalled
	if len(asked.ID) < 8 || len(asked.ID) > 64 {
		return nil, api.Refuse(http.StatusBadRequest,
			"a command's id has 8 to 64 characters")
	}
	digest := sha256.Sum256(text)
	said := string(digest[:]) // not the text, which may hold a birth date
	c.mu.Lock()
	defer c.mu.Unlock()
	switch p := s.commands[asked.ID]; {
	case c.session != s:
		return nil, errNobody
	case p != nil && p.digest != said:
		return nil, api.Refuse(http.StatusConflict,
			"another command was given by this id: give each its own")
	case p != nil:
		return p, nil
	case len(s.commands) >= maxCommands:
		return nil, api.Refuse(http.StatusTooManyRequests,
			"too many commands: sign off and on again")
	}
	p := &pendingCommand{digest: said, orders: map[string]api.Order{}}
	s.commands[asked.ID] = p
	return p, nil
}

// execute gives a command to its device.
func (c *Console) execute(ctx context.Context, s *session, p *pendingCommand,
	asked *CommandRequest,
) (
	api.Answer, *receiptData, error,
) {
	switch asked.Device {
	case both:
		err := c.moveOwn(ctx, s, *asked.Command.Move, idOf(s, own, asked.ID))
		if err == nil {
			c.syncShift(ctx)
			c.syncPlace(ctx)
		}
		return api.Answer{}, nil, err
	case bus:
		l, up := c.busLink()
		if !up && !p.lost {
			return api.Answer{}, nil, l.down()
		}
		answer, err := c.send(ctx, s, p, asked, l, c.Bus)
		if kind := asked.Command.Kind; err == nil && nextTapCommands[kind] {
			c.clearForgotten()
		}
		return answer, nil, err
	}
	answer, err := c.send(ctx, s, p, asked, c.ownLink(), c.Own)
	if err != nil {
		return answer, nil, err
	}
	return answer, c.receiptOfSale(asked, answer), nil
}

// send sends an order until it is answered or ctx ends: each time the same order, with the same id,
// boot and expiry.
func (c *Console) send(
	ctx context.Context, s *session, p *pendingCommand, asked *CommandRequest, l busLink,
	device api.Device,
) (api.Answer, error) {
	order, given := p.orders[asked.Device]
	if !given {
		shift := s.shift
		order = l.order(c.Now(), idOf(s, asked.Device, asked.ID), &shift, asked.Command)
		p.orders[asked.Device] = order
	}
	for {
		answer, err := device.Do(ctx, order)
		if !p.unknown(err) {
			return answer, p.resultUnknown(err)
		}
		p.lost = true
		select {
		case <-ctx.Done():
			return answer, api.ErrLost
		case <-time.After(retry):
		}
	}
}

// unknown reports whether the result of an order is unknown: its answer was lost, and has not come
// since. A device that refuses the repetition as too late says nothing about the first time.
func (c *pendingCommand) unknown(err error) bool {
	var refused *api.Refused
	busy := errors.As(err, &refused) && refused.Code == http.StatusServiceUnavailable
	return errors.Is(err, api.ErrLost) || errors.Is(err, context.DeadlineExceeded) ||
		c.lost && busy
}

// resultUnknown distinguishes a refusal from one of the repetition only: too late, or by a
// validator that was restarted since.
func (c *pendingCommand) resultUnknown(err error) error {
	var refused *api.Refused
	if c.lost && errors.As(err, &refused) &&
		(refused.Code == http.StatusGone || refused.Code == http.StatusConflict) {
		return api.Refuse(refused.Code, "the answer was lost, and it is not known "+
			"whether it was done: look at the last taps before you try again")
	}
	return err
}

// idOf is the id of an order. It differs by device and shift, and does not reveal the page's id.
func idOf(s *session, device, id string) string {
	digest := sha256.Sum256(fmt.Appendf(nil, "%s %v %s", device, s.shift, id))
	return device + "-" + hex.EncodeToString(digest[:16])
}
