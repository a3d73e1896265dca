package pcsc

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/hw"
)

// A connection is the connection to one card. Its goroutine owns the context and the handle and
// makes every call to PC/SC, one after the other; callers wait no longer than the limit. The first
// error ends the connection: the goroutine releases the card as soon as its present call returns,
// however late.
type connection struct {
	limit    time.Duration
	opened   chan error
	commands chan []byte
	answers  chan answer
	quit     chan struct{} // closed when the connection ends
	done     chan struct{} // closed when everything is released

	exchanging sync.Mutex // held by the caller that waits for an answer
	command    []byte     // a copy: a call that was given up still reads it

	mu       sync.Mutex  // never held during a wait
	cause    error       // of the end; nil before
	began    time.Time   // of the call that is waited for; zero: none
	watchdog *time.Timer // nil: not set
}

type answer struct {
	data []byte
	err  error
}

var (
	errClosed    = fmt.Errorf("pcsc: the reader was closed: %w", hw.ErrReader)
	errEmpty     = fmt.Errorf("pcsc: an empty command")
	errShort     = fmt.Errorf("pcsc: an answer without a status word: %w", hw.ErrRemoved)
	errUnpowered = fmt.Errorf("pcsc: the card's power was cut: %w", hw.ErrRemoved)
	errOtherCard = fmt.Errorf("pcsc: another card is there: %w", hw.ErrRemoved)
)

// timeoutError is the error of a call that took too long.
func timeoutError(limit time.Duration) error {
	return fmt.Errorf("pcsc: no answer for %v: %w: whether the card has acted is not known; "+
		"unplug the reader if it stays so", limit, hw.ErrReader)
}

// startConnection starts to connect to the card in a reader.
func startConnection(d service, reader string, limit time.Duration) *connection {
	c := &connection{
		limit: limit, opened: make(chan error, 1),
		commands: make(chan []byte, 1), answers: make(chan answer, 1),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	_ = c.begin()
	go c.run(d, reader)
	return c
}

// run is the goroutine. It waits only for PC/SC and for the next command: its channels have room
// for results that no caller fetches.
func (c *connection) run(d service, reader string) {
	defer close(c.done)
	l, err := d.establishContext()
	if err != nil {
		c.opened <- contextError(err)
		return
	}
	defer l.release()
	k, err := l.connect(reader)
	c.opened <- err
	if err != nil {
		return
	}
	defer func() { k.disconnect(c.disposition()) }()
	for {
		select {
		case <-c.quit:
			return
		case command := <-c.commands:
			data, err := k.transmit(command)
			c.answers <- answer{bytes.Clone(data), err}
		}
	}
}

// connected waits until the card is connected.
func (c *connection) connected() error {
	select {
	case err := <-c.opened:
		return c.returned(err)
	case <-c.quit:
		return c.ended()
	}
}

// exchange sends a command and returns its answer, which belongs to the caller.
func (c *connection) exchange(command []byte) ([]byte, error) {
	if len(command) == 0 {
		return nil, errEmpty
	}
	c.exchanging.Lock()
	defer c.exchanging.Unlock()
	if err := c.begin(); err != nil {
		return nil, err
	}
	c.command = append(c.command[:0], command...)
	c.commands <- c.command
	select {
	case a := <-c.answers:
		return c.accept(a)
	case <-c.quit:
		return nil, c.ended()
	}
}

// begin begins a call, unless the connection has ended. A timer set and stopped for each call would
// wake a thread each time, so the watchdog runs on and looks when the call began.
func (c *connection) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began = time.Now()
	if c.watchdog == nil {
		c.watchdog = time.AfterFunc(c.limit, c.watch)
	}
	return c.cause
}

// watch is the watchdog. It ends the connection if the call that is waited for has had its time,
// and looks again when it will have.
func (c *connection) watch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch left := c.limit - time.Since(c.began); {
	case c.began.IsZero():
		c.watchdog = nil
	case left > 0:
		c.watchdog.Reset(left)
	default:
		_ = c.fail(timeoutError(c.limit))
	}
}

// accept returns the answer, and ends the connection if it is not the card's.
func (c *connection) accept(a answer) ([]byte, error) {
	if a.err == nil && len(a.data) < 2 {
		a.err = errShort
	}
	if err := c.returned(a.err); err != nil {
		return nil, err
	}
	return a.data, nil
}

// returned ends the call that is waited for, and with an error the connection.
func (c *connection) returned(why error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began = time.Time{}
	return c.fail(why)
}

// end ends the connection with the first cause given, and returns that. A nil cause ends nothing.
func (c *connection) end(why error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fail(why)
}

// fail is end for a caller that holds mu.
func (c *connection) fail(why error) error {
	if c.cause == nil && why != nil {
		c.cause = why
		close(c.quit)
	}
	return c.cause
}

// ended returns the cause of the end.
func (c *connection) ended() error { return c.end(nil) }

// disposition resets a card that may still be there, and any card in its place.
func (c *connection) disposition() disposition {
	switch why := c.ended(); {
	case why == errUnpowered:
		return unpowerCard
	case why != errOtherCard && errors.Is(why, hw.ErrRemoved):
		return leaveCard
	}
	return resetCard
}

// released reports whether everything is released.
func (c *connection) released() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}
