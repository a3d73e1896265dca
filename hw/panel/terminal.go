package panel

import (
	"errors"
	"io"
	"sync"

	"leima/hw"
)

// Style is how a terminal is written to.
type Style struct {
	Screen bool // draw a screen; else a transcript
	Colour bool // ANSI colours; a lamp is told by shape and word as well
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
// one.
func (t *Terminal) Close() error {
	t.mu.Lock()
	if !t.closed {
		t.closed = true
		close(t.wake)
	}
	t.mu.Unlock()
	<-t.done
	return t.err
}

// write is the only goroutine that may be kept waiting by the terminal.
func (t *Terminal) write() {
	defer close(t.done)
	view := view{Style: t.style}
	for range t.wake {
		t.flush(&view)
	}
	t.flush(&view)
	if t.style.Screen {
		io.WriteString(t.out, "\n")
	}
}

func (t *Terminal) flush(v *view) {
	t.mu.Lock()
	items := t.queue
	t.queue = nil
	t.mu.Unlock()
	for n, i := range items {
		text := v.add(i)
		if t.style.Screen && n < len(items)-1 {
			continue // only the newest screen is worth drawing
		}
		if _, err := io.WriteString(t.out, text); err != nil {
			t.mu.Lock()
			t.err = errors.Join(hw.ErrPanel, err)
			t.mu.Unlock()
		}
	}
}
