package panel

import (
	"errors"
	"io"
	"sync"
	"time"

	"leima/cardlayout/plain"
	"leima/hw"
)

// Style is how a terminal is written to.
type Style struct {
	Screen bool // draw a screen, or else a transcript
	Colour bool // ANSI colours; shape and word tell the lamps apart as well

	// Hold is how long a screen keeps a result if only the idle lamp follows: the card is taken
	// away before the passenger has read the text.
	Hold time.Duration
}

// A Terminal is a panel on a text terminal.
type Terminal struct {
	style Style
	out   io.Writer

	mu     sync.Mutex
	queue  []item // a screen needs only the newest item, a transcript all of them
	closed bool
	wake   chan struct{}
	done   chan struct{}
	err    error // of the terminal
}

// An item is a signal, or a note for spectators.
type item struct {
	signal hw.Signal
	note   string
}

// backlog is the number of items a transcript keeps for a slow terminal.
const backlog = 256

// ErrClosed means that the panel was closed.
var ErrClosed = errors.New("the panel is closed")

var _ hw.Panel = (*Terminal)(nil)

// New shows signals on out until Close.
func New(out io.Writer, style Style) *Terminal {
	t := &Terminal{
		style: style, out: out,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go t.write()
	return t
}

// Show implements hw.Panel. If the terminal is slow, the oldest items are dropped. An error of the
// terminal is returned by a later Show.
func (t *Terminal) Show(s hw.Signal) error { return t.put(item{signal: legible(s)}) }

// Note shows spectators a line of text.
func (t *Terminal) Note(text string) error { return t.put(item{note: plain.Text(text)}) }

// legible is a signal whose texts hold no control characters.
func legible(s hw.Signal) hw.Signal {
	for _, text := range []*string{&s.Lines[0], &s.Lines[1], &s.Charge, &s.Balance, &s.Until} {
		*text = plain.Text(*text)
	}
	return s
}

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

// Close shows what is left, and returns the terminal's error if any. It does not wait for a
// terminal that takes nothing more.
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

// closing is how long a terminal may take to show what is left.
const closing = 2 * time.Second

// write is the only goroutine that the terminal may keep waiting.
func (t *Terminal) write() {
	defer close(t.done)
	d := drawer{view: view{Style: t.style}}
	for open := true; open; {
		select {
		case _, open = <-t.wake:
			t.flush(&d)
		case <-d.hold:
			d.hold = nil
			if d.pending != nil {
				t.draw(d.add(*d.pending))
			}
		}
	}
	if t.style.Screen {
		t.draw("\n")
	}
}

// A drawer is a view with the items it holds back.
type drawer struct {
	view
	hold    <-chan time.Time // until then a result stays; nil if none does
	pending *item            // the idle lamp that waits for it
}

// holdsBack reports whether an item has to wait, and notes how long the new one stays.
func (d *drawer) holdsBack(i item) bool {
	switch {
	case !d.Screen || d.Hold == 0 || i.note != "":
		return false
	case i.signal.Lamp == hw.LampIdle && d.hold != nil:
		d.pending = &i
		return true
	case i.signal.Lamp != hw.LampIdle:
		d.hold, d.pending = time.After(d.Hold), nil
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
			text = d.add(i) // only the newest screen needs drawing
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
