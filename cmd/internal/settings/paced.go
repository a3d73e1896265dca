package settings

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// most lines of one message are logged a minute: what repeats itself, from a broken cable to a
// computer that says two places in turn, fills neither the disk nor the journal.
const most = 60

// paced leaves out the lines beyond most, and says with the next one how many there were.
type paced struct {
	slog.Handler
	messages *messages
}

// messages are what is remembered of each message. They are constants of the program: few.
type messages struct {
	sync.Mutex
	of map[string]*repeated
}

type repeated struct {
	since   time.Time // the minute that is counted
	lines   int       // in it
	leftOut int       // since the last line that was logged
}

func newPaced(to slog.Handler) paced {
	return paced{to, &messages{of: map[string]*repeated{}}}
}

// Handle implements slog.Handler.
func (p paced) Handle(ctx context.Context, r slog.Record) error {
	leftOut, logged := p.messages.count(r.Message, r.Time)
	if !logged {
		return nil
	}
	if leftOut > 0 {
		r.AddAttrs(slog.Int("left_out", leftOut))
	}
	return p.Handler.Handle(ctx, r)
}

// count counts a line of a message, and reports whether it is logged and how many before it were
// not. A clock that is set back begins a minute.
func (m *messages) count(text string, now time.Time) (leftOut int, logged bool) {
	m.Lock()
	defer m.Unlock()
	r := m.of[text]
	if r == nil {
		r = &repeated{}
		m.of[text] = r
	}
	if now.Sub(r.since).Abs() >= time.Minute {
		r.since, r.lines = now, 0
	}
	r.lines++
	if r.lines > most {
		r.leftOut++
		return 0, false
	}
	leftOut, r.leftOut = r.leftOut, 0
	return leftOut, true
}

// WithAttrs implements slog.Handler.
func (p paced) WithAttrs(attrs []slog.Attr) slog.Handler {
	return paced{p.Handler.WithAttrs(attrs), p.messages}
}

// WithGroup implements slog.Handler.
func (p paced) WithGroup(name string) slog.Handler {
	return paced{p.Handler.WithGroup(name), p.messages}
}
