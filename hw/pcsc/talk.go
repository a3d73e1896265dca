package pcsc

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/hw"
)

// A talk is the connection to one card. Its goroutine owns the context and the handle
// and makes every call to PC/SC, one after the other; whoever asks it waits no longer
// than the limit. After the first error the talk is over: the goroutine lets the card
// go as soon as the call it is in returns, however late that is.
type talk struct {
	limit    time.Duration
	opened   chan error
	commands chan []byte
	answers  chan answer
	quit     chan struct{} // closed when the talk is over
	gone     chan struct{} // closed when nothing of it is left

	exchanging sync.Mutex // held by whoever waits for an answer
	command    []byte     // a copy: a call that was given up still reads it
	timer      *time.Timer

	mu  sync.Mutex // never held while anybody waits
	why error      // why it is over; nil while it lasts
}

type answer struct {
	data []byte
	err  error
}

var (
	errClosed = fmt.Errorf("pcsc: the reader was closed: %w", hw.ErrReader)
	errEmpty  = fmt.Errorf("pcsc: an empty command")
	errShort  = fmt.Errorf("pcsc: an answer without a status word: %w", hw.ErrRemoved)
	errCut    = fmt.Errorf("pcsc: the card's power was cut: %w", hw.ErrRemoved)
	errOther  = fmt.Errorf("pcsc: another card lies there: %w", hw.ErrRemoved)
)

// hung says that a call took too long.
func hung(limit time.Duration) error {
	return fmt.Errorf("pcsc: no answer for %v: %w: whether the card has acted is not known; "+
		"unplug the reader if it stays so", limit, hw.ErrReader)
}

// begin starts to connect to the card in a reader.
func begin(d daemon, reader string, limit time.Duration) *talk {
	t := &talk{
		limit: limit, opened: make(chan error, 1),
		commands: make(chan []byte, 1), answers: make(chan answer, 1),
		quit: make(chan struct{}), gone: make(chan struct{}),
		timer: time.NewTimer(limit),
	}
	go t.run(d, reader)
	return t
}

// run is the goroutine. It never waits for anybody but PC/SC and the next command: its
// channels have room for what nobody may come to fetch.
func (t *talk) run(d daemon, reader string) {
	defer close(t.gone)
	l, err := d.dial()
	if err != nil {
		t.opened <- err
		return
	}
	defer l.hangUp()
	k, err := l.connect(reader)
	t.opened <- err
	if err != nil {
		return
	}
	defer func() { k.disconnect(t.farewell()) }()
	for {
		select {
		case <-t.quit:
			return
		case command := <-t.commands:
			data, err := k.transmit(command)
			t.answers <- answer{bytes.Clone(data), err}
		}
	}
}

// connected waits until the card is connected, for the rest of the limit.
func (t *talk) connected() error {
	defer t.timer.Stop()
	select {
	case err := <-t.opened:
		return t.end(err)
	case <-t.quit:
	case <-t.timer.C:
		return t.end(hung(t.limit))
	}
	return t.over()
}

// exchange sends a command and returns its answer, which belongs to the caller.
func (t *talk) exchange(command []byte) ([]byte, error) {
	if len(command) == 0 {
		return nil, errEmpty
	}
	t.exchanging.Lock()
	defer t.exchanging.Unlock()
	if err := t.over(); err != nil {
		return nil, err
	}
	t.command = append(t.command[:0], command...)
	t.commands <- t.command
	t.timer.Reset(t.limit)
	defer t.timer.Stop()
	select {
	case a := <-t.answers:
		return t.judge(a)
	case <-t.quit:
	case <-t.timer.C:
		return nil, t.end(hung(t.limit))
	}
	return nil, t.over()
}

// judge ends the talk at everything that is not the answer of a card.
func (t *talk) judge(a answer) ([]byte, error) {
	if a.err == nil && len(a.data) < 2 {
		a.err = errShort
	}
	if err := t.end(a.err); err != nil {
		return nil, err
	}
	return a.data, nil
}

// end ends the talk with the first reason given, and returns it. No reason ends nothing.
func (t *talk) end(why error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.why == nil && why != nil {
		t.why = why
		close(t.quit)
	}
	return t.why
}

// over says why the talk is over.
func (t *talk) over() error { return t.end(nil) }

// farewell is what the card is left with: one that may still lie there is reset, and so is
// another in its place.
func (t *talk) farewell() farewell {
	switch why := t.over(); {
	case why == errCut:
		return powerDown
	case why != errOther && errors.Is(why, hw.ErrRemoved):
		return leaveAlone
	}
	return reset
}

// left says whether nothing is left of the talk.
func (t *talk) left() bool {
	select {
	case <-t.gone:
		return true
	default:
		return false
	}
}
