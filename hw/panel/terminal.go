package panel

import (
	"errors"
	"io"
	"sync"
	"time"

	"leima/hw"
)

// Style is how a terminal is written to.
type Style struct {
	Screen bool // draw a screen; else a transcript
	Colour bool // ANSI colours; a lamp is told by shape and word as well

	// Hold is how long a screen keeps a result that nothing but an idle lamp follows:
	// a card is gone sooner than its holder has read.
	Hold time.Duration
}

// A Terminal is a panel on a text terminal.
type Terminal struct {
	style Style
	out   io.Writer

	mu     sync.Mutex
	queue  []item // a screen needs only the newest signal, a transcript all of them
	closed bool
	wake   chan struct{}
	done   chan struct{}
	err    error // of the terminal
}

// An item is something to be shown: a signal, or a note for spectators.
type item struct {
	signal hw.Signal
	note   string
}

// backlog is how much a transcript keeps for a terminal that is slow.
const backlog = 256

// ErrClosed says that the panel was closed.
var ErrClosed = errors.New("the panel is closed")

var _ hw.Panel = (*Terminal)(nil)

// New shows signals on out until Close.
func New(out io.Writer, style Style) *Terminal {
	t := &Terminal{style: style, out: out,
		wake: make(chan struct{}, 1), done: make(chan struct{})}
	go t.write()
	return t
}

// Show implements hw.Panel. What the terminal has not shown when more comes is
// dropped, the oldest first. An error of the terminal comes back at a later Show.
func (t *Terminal) Show(s hw.Signal) error { return t.put(item{signal: s}) }

// Note tells spectators what is going on.
func (t *Terminal) Note(text string) error { return t.put(item{note: text}) }

func (t *Terminal) put(i item) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return ErrClosed
	}
	if len(t.queue) == backlog {
		t.queue = t.queue[1:]
	}
	t.queue = append(t.queue, i)
	select {
	case t.wake <- struct{}{}:
	default:
	}
	return t.err
}

// Close shows what is still to be shown, and returns the terminal's error if it had
// one. It does not wait for ever for a terminal that takes nothing more.
func (t *Terminal) Close() error {
	t.mu.Lock()
	if !t.closed {
		t.closed = true
		close(t.wake)
	}
	t.mu.Unlock()
	select {
	case <-t.done:
	case <-time.After(closing):
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// closing is how long a terminal may take for what is still to be shown.
const closing = 2 * time.Second

// write is the only goroutine that may be kept waiting by the terminal.
func (t *Terminal) write() {
	defer close(t.done)
	d := drawer{view: view{Style: t.style}}
	for open := true; open; {
		select {
		case _, open = <-t.wake:
			t.flush(&d)
		case <-d.held:
			d.held = nil
			if d.later != nil {
				t.draw(d.add(*d.later))
			}
		}
	}
	if t.style.Screen {
		t.draw("\n")
	}
}

// A drawer is a view with what it holds back.
type drawer struct {
	view
	held  <-chan time.Time // a result is to stay until then; nil: none is
	later *item            // the idle lamp that waits for it
}

// holdsBack tells whether an item has to wait, and notes what is to stay now.
func (d *drawer) holdsBack(i item) bool {
	switch {
	case !d.Screen || d.Hold == 0 || i.note != "":
		return false
	case i.signal.Lamp == hw.LampIdle && d.held != nil:
		d.later = &i
		return true
	case i.signal.Lamp != hw.LampIdle:
		d.held, d.later = time.After(d.Hold), nil
	}
	return false
}

func (t *Terminal) flush(d *drawer) {
	t.mu.Lock()
	items := t.queue
	t.queue = nil
	t.mu.Unlock()
	text := ""
	for _, i := range items {
		switch {
		case d.holdsBack(i):
		case t.style.Screen:
			text = d.add(i) // only the newest screen is worth drawing
		default:
			text += d.add(i)
		}
	}
	t.draw(text)
}

func (t *Terminal) draw(text string) {
	if text == "" {
		return
	}
	if _, err := io.WriteString(t.out, text); err != nil {
		t.mu.Lock()
		t.err = errors.Join(hw.ErrPanel, err)
		t.mu.Unlock()
	}
}
